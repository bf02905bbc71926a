# ---
# about: course on reshaping; gz input, MultiIndex columns flattened by a comprehension, stack, results never saved
# style: course
# notebook: Lesson 07 - Reshaping.ipynb
# nbformat: "4.2"
# inputs: [datasets/marks.csv.gz]
# outputs:
#   - {table: ".*(wide|marks|means).*", variable: wide, proposed: true}
# parameters: {must_not: [names]}
# ---
# %% [markdown]
# # Reshaping data
# In this lesson we use `pivot_table`, `stack` and `melt`.
# %%
import pandas as pd
# %%
marks = pd.read_csv("datasets/marks.csv.gz", dtype={"cohort": str})
marks.shape
# %%
wide = marks.pivot_table(index="student", columns=["cohort", "subject"], values="mark")
wide.columns = ["_".join(c) for c in wide.columns]
wide.head()
# %%
names = {"art": "Art", "maths": "Mathematics", "physics": "Physics"}
means = marks.assign(subject=marks.subject.map(names)).groupby(["cohort", "subject"]).mark.mean()
means.unstack()
# %%
wide["passed"] = (wide.filter(like="maths") >= 50).all(axis=1)
wide["passed"].value_counts()
