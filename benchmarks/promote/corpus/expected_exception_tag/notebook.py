# ---
# about: a course shows errors on purpose, in a cell tagged raises-exception; read_json of records
# style: course
# notebook: 05-errors-and-frames.ipynb
# inputs: [books.json]
# outputs:
#   - {table: ".*old.*", file: old_books.csv}
# parameters: {}
# ---
# %% [markdown]
# # Lesson 5: When things go wrong
#
# Errors are *information*. Read them from the bottom.
# %%
import pandas as pd
books = pd.read_json("books.json")
books.head(3)
# %% [markdown]
# A column that does not exist raises a `KeyError`:
# %% {"tags": ["raises-exception"]}
books["author"]
# %% [markdown]
# We can catch it:
# %%
try:
    books["author"]
except KeyError as e:
    print("no such column:", e)
# %%
old = books.query("year < 1980 and copies > 0").sort_values(["year", "id"]).reset_index(drop=True)
old.to_csv("old_books.csv", index=False)
# %% [markdown]
# ### Exercise
# How many copies are there of books from the fifties?
# %% {"unexecuted": true}
# your code here
