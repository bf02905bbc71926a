# ---
# about: "!pip, %pip, !head, !wc into a variable, %%bash, %env; the packages are there already"
# style: colab
# notebook: fruit_prices.ipynb
# inputs: [data/fruit.csv]
# outputs:
#   - {table: ".*fruit.*|.*median.*", file: median_price.csv}
# ---
# %%
!pip install -q pandas matplotlib
%pip install numpy --quiet
# %%
!head -n 3 data/fruit.csv
n_lines = !wc -l < data/fruit.csv
n_lines
# %%
%%bash
mkdir -p tmp_out
ls data | wc -l
# %%
%env MODE=dev
%matplotlib inline
import pandas as pd
fruit = pd.read_csv("data/fruit.csv")
# %%
fruit.groupby("fruit").price.median().reset_index().to_csv("median_price.csv", index=False)
