# ---
# about: Japanese names of file, columns and variables, shift_jis; parquet out
# style: student
# notebook: 気温の分析.ipynb
# inputs: [気温.csv]
# outputs:
#   - {table: ".*", file: 都市別.parquet}
# ---
# %% [markdown]
# # 気温の分析
# %%
import pandas as pd

データ = pd.read_csv("気温.csv", encoding="shift_jis", parse_dates=["日付"])
データ.head()
# %%
都市別 = データ.groupby("都市").気温.agg(["mean", "max", "count"]).reset_index()
都市別
# %%
都市別.to_parquet("都市別.parquet")
