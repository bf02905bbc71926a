# ---
# about: two odd formats, pivot to a matrix, TruncatedSVD, functions, recommendations for a user as a knob; integer column names
# style: course
# notebook: week-4/Recommender systems.ipynb
# leftovers: false
# inputs: [ml-mini/u.data, ml-mini/u.item]
# outputs:
#   - {table: ".*recommend.*", file: recommendations.csv}
# parameters: {should: [USER, N_FACTORS]}
# ---
# %%
import os
import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD

DIR = os.path.join(os.pardir, "ml-mini")
USER = 7
N_FACTORS = 5
# %%
def read_ratings():
    return pd.read_csv(os.path.join(DIR, "u.data"), sep="\t", names=["user", "movie", "rating", "ts"])

def read_movies():
    return pd.read_csv(os.path.join(DIR, "u.item"), sep="|", encoding="latin-1", names=["movie", "title", "genre"])

ratings, movies = read_ratings(), read_movies()
ratings.ts = pd.to_datetime(ratings.ts, unit="s")
# %%
matrix = ratings.pivot(index="user", columns="movie", values="rating").fillna(0)
svd = TruncatedSVD(n_components=N_FACTORS, random_state=0)
scores = pd.DataFrame(svd.fit_transform(matrix) @ svd.components_, index=matrix.index, columns=matrix.columns)
svd.explained_variance_ratio_.sum().round(3)
# %%
def recommend(user, n=5):
    seen = set(ratings.loc[ratings.user == user, "movie"])
    s = scores.loc[user].drop(list(seen)).nlargest(n).rename("score").round(6)
    return movies.merge(s, left_on="movie", right_index=True).sort_values("score", ascending=False)

recommend(USER)
# %%
recommend(USER, n=8).to_csv("recommendations.csv", index=False)
