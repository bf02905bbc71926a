import pandas as pd


def clean_names(df):
    df.columns = [c.strip().lower().replace(" ", "_") for c in df.columns]
    return df


def seconds(text):
    return pd.to_timedelta(text).total_seconds()
