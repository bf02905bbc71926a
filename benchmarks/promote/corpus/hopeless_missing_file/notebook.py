# ---
# about: the file was never in the repository
# style: kaggle
# notebook: churn-eda.ipynb
# runs: false
# promote: "no"
# why: WA_Fn-UseC
# ---
# %%
import pandas as pd
df = pd.read_csv('WA_Fn-UseC_-Telco-Customer-Churn.csv')
df.head()
# %%
df['Churn'].value_counts(normalize=True)
# %%
df.groupby('Contract')['MonthlyCharges'].mean().to_csv('charges.csv')
