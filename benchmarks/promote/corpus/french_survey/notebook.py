# ---
# about: French; na_values, ordered categories, weighted cross table with two index levels to a CSV, outputs cleared
# style: analyst
# notebook: analyses/enquête.ipynb
# saved: cleared
# leftovers: false
# inputs: [../donnees/brutes/enquete.tsv]
# outputs:
#   - {table: ".*croise.*|.*tableau.*", file: ../donnees/tableau_croise.csv}
# parameters: {must_not: [ordre]}
# ---
# %% [markdown]
# # Enquête de satisfaction
# ## Chargement
# %%
import pandas as pd
import numpy as np
from pathlib import Path

DONNEES = Path("..") / "donnees"
enquete = pd.read_csv(DONNEES / "brutes" / "enquete.tsv", sep="\t", na_values=["NSP"], index_col="identifiant")
# %%
ordre = ["insatisfait", "satisfait", "très satisfait"]
enquete["satisfaction"] = pd.Categorical(enquete["satisfaction"], categories=ordre, ordered=True)
enquete["tranche"] = pd.cut(enquete["âge"], [0, 25, 45, 65, 120], labels=["-25", "25-45", "45-65", "65+"])
enquete.dtypes
# %%
# tableau croisé pondéré
tableau = (
    enquete.dropna(subset=["satisfaction"])
    .groupby(["région", "tranche"], observed=True)
    .apply(lambda g: pd.Series({"n": len(g), "part_satisfaits": np.average(g["satisfaction"] >= "satisfait", weights=g["poids"])}), include_groups=False)
)
tableau
# %%
tableau.to_csv(DONNEES / "tableau_croise.csv")
