# ---
# about: only a report with altair charts and markdown from IPython.display; try/except ImportError around seaborn
# style: published
# notebook: museum-dashboard.ipynb
# keeps: [import seaborn]
# inputs: [visits.csv]
# outputs:
#   - {report: ".*"}
# ---
# %%
import pandas as pd
import altair as alt
from IPython.display import display, Markdown
try:
    import seaborn as sns
    sns.set_theme()
except ImportError:
    sns = None
# %%
visits = pd.read_csv("visits.csv", parse_dates=["month"])
total = visits.visits.sum()
display(Markdown(f"**{total:,}** visits in total"))
# %%
alt.Chart(visits).mark_line().encode(x="month:T", y="visits:Q", color="museum:N").properties(width=500)
# %%
if sns is not None:
    sns.boxplot(data=visits, x="museum", y="visits")
else:
    display(visits.boxplot(column="visits", by="museum").figure)
