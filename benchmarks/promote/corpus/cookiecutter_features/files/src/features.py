"""Build features for customers."""
import pandas as pd

from .settings import PLANS


def add_plan_rank(df: pd.DataFrame) -> pd.DataFrame:
    df = df.copy()
    df["plan_rank"] = df["plan"].map(PLANS)
    return df


def ticket_counts(tickets: pd.DataFrame, since) -> pd.DataFrame:
    recent = tickets[tickets["opened"] >= pd.Timestamp(since)]
    return recent.groupby("customer_id").agg(
        n_tickets=("severity", "size"), n_high=("severity", lambda s: (s == "high").sum())
    )
