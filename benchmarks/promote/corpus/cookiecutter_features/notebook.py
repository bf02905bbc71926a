# ---
# about: cookiecutter layout; sys.path.append("..") for a package beside, autoreload, PROJECT_DIR by pathlib, a date knob, parquet out
# style: engineering
# project: churn
# notebook: notebooks/1.0-jqp-build-features.ipynb
# inputs: [data/raw/customers.csv, data/raw/tickets.parquet]
# outputs:
#   - {table: ".*features.*", file: ../data/processed/features.parquet}
# parameters: {should: [SINCE], must_not: [PROJECT_DIR]}
# ---
# %%
%load_ext autoreload
%autoreload 2
# %%
import sys
from pathlib import Path

sys.path.append("..")
import pandas as pd
from src.features import add_plan_rank, ticket_counts

PROJECT_DIR = Path.cwd().parent
RAW = PROJECT_DIR / "data" / "raw"
PROCESSED = PROJECT_DIR / "data" / "processed"
SINCE = "2021-09-01"
# %%
customers = pd.read_csv(RAW / "customers.csv", parse_dates=["signup"])
tickets = pd.read_parquet(RAW / "tickets.parquet")
assert customers.customer_id.is_unique
# %%
features = (
    customers.pipe(add_plan_rank)
    .merge(ticket_counts(tickets, SINCE), left_on="customer_id", right_index=True, how="left")
    .fillna({"n_tickets": 0, "n_high": 0})
)
features["tenure_days"] = (pd.Timestamp(SINCE) - features["signup"]).dt.days
features.describe()
# %%
features.to_parquet(PROCESSED / "features.parquet", index=False)
