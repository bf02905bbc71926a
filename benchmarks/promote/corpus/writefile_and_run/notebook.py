# ---
# about: "%run of a script beside the notebook gives the imports; %%writefile makes a module that a later cell imports"
# style: analyst
# notebook: rivers.ipynb
# inputs: [rivers.csv]
# outputs:
#   - {table: ".*(level|river).*", file: levels.csv}
# ---
# %%
%run setup_env.py
# %%
%%writefile rivertools.py
def metres(cm):
    return cm / 100
# %%
from rivertools import metres
rivers = pd.read_csv("rivers.csv")
rivers["level"] = metres(rivers.level_cm)
# %%
levels = rivers.groupby("river")["level"].agg(["min", "median", "max"])
levels.to_csv("levels.csv")
levels
