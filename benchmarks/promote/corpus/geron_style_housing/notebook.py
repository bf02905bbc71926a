# ---
# about: a book's chapter; a function with default arguments unpacks an archive and reads what was in it; custom transformer class; ColumnTransformer; GridSearchCV; joblib
# style: book
# notebook: 02_end_to_end_project.ipynb
# inputs: [datasets/housing/housing.tgz]
# outputs:
#   - {model: ".*(model|housing|search|forest|best).*", file: my_model.pkl}
# parameters: {must_not: [HOUSING_PATH, num_attribs, cat_attribs, rooms_ix]}
# ---
# %% [markdown]
# **Chapter 2 – End-to-end Project**
#
# *This notebook contains all the sample code in chapter 2.*
# %% [markdown]
# # Setup
# %%
# Python ≥3.5 is required
import sys
assert sys.version_info >= (3, 5)

# Common imports
import numpy as np
import os

# To plot pretty figures
%matplotlib inline
import matplotlib as mpl
import matplotlib.pyplot as plt
mpl.rc('axes', labelsize=14)
mpl.rc('xtick', labelsize=12)

# Where to save the figures
PROJECT_ROOT_DIR = "."
CHAPTER_ID = "end_to_end_project"
IMAGES_PATH = os.path.join(PROJECT_ROOT_DIR, "images", CHAPTER_ID)
os.makedirs(IMAGES_PATH, exist_ok=True)

def save_fig(fig_id, tight_layout=True, fig_extension="png", resolution=80):
    path = os.path.join(IMAGES_PATH, fig_id + "." + fig_extension)
    print("Saving figure", fig_id)
    if tight_layout:
        plt.tight_layout()
    plt.savefig(path, format=fig_extension, dpi=resolution)
# %% [markdown]
# # Get the Data
# %%
import tarfile

HOUSING_PATH = os.path.join("datasets", "housing")

def fetch_housing_data(housing_path=HOUSING_PATH):
    tgz_path = os.path.join(housing_path, "housing.tgz")
    housing_tgz = tarfile.open(tgz_path)
    housing_tgz.extractall(path=housing_path, filter="data")
    housing_tgz.close()
# %%
fetch_housing_data()
# %%
import pandas as pd

def load_housing_data(housing_path=HOUSING_PATH):
    csv_path = os.path.join(housing_path, "housing.csv")
    return pd.read_csv(csv_path)
# %%
housing = load_housing_data()
housing.head()
# %%
housing["ocean_proximity"].value_counts()
# %%
housing.hist(bins=30, figsize=(10,6))
save_fig("attribute_histogram_plots")
plt.show()
# %%
from sklearn.model_selection import train_test_split
housing["income_cat"] = pd.cut(housing["median_income"], bins=[0., 2.0, 4.0, 6., np.inf], labels=[1, 2, 3, 4])
strat_train_set, strat_test_set = train_test_split(housing, test_size=0.2, stratify=housing["income_cat"], random_state=42)
for set_ in (strat_train_set, strat_test_set):
    set_.drop("income_cat", axis=1, inplace=True)
# %% [markdown]
# # Prepare the Data
# %%
housing = strat_train_set.drop("median_house_value", axis=1)
housing_labels = strat_train_set["median_house_value"].copy()
housing_num = housing.drop("ocean_proximity", axis=1)
# %%
from sklearn.base import BaseEstimator, TransformerMixin
rooms_ix, bedrooms_ix = 3, 4

class CombinedAttributesAdder(BaseEstimator, TransformerMixin):
    def __init__(self, add_ratio=True):
        self.add_ratio = add_ratio
    def fit(self, X, y=None):
        return self
    def transform(self, X):
        if self.add_ratio:
            return np.c_[X, X[:, bedrooms_ix] / X[:, rooms_ix]]
        return X
# %%
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler, OneHotEncoder
from sklearn.impute import SimpleImputer
from sklearn.compose import ColumnTransformer

num_pipeline = Pipeline([
        ('imputer', SimpleImputer(strategy="median")),
        ('attribs_adder', CombinedAttributesAdder()),
        ('std_scaler', StandardScaler()),
    ])
num_attribs = list(housing_num)
cat_attribs = ["ocean_proximity"]

full_pipeline = ColumnTransformer([
        ("num", num_pipeline, num_attribs),
        ("cat", OneHotEncoder(), cat_attribs),
    ])
# %%
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GridSearchCV

full_pipeline_with_predictor = Pipeline([
        ("preparation", full_pipeline),
        ("forest", RandomForestRegressor(n_estimators=10, random_state=42)),
    ])
param_grid = [{'forest__max_features': [2, 4]}]
grid_search = GridSearchCV(full_pipeline_with_predictor, param_grid, cv=3, scoring='neg_mean_squared_error')
grid_search.fit(housing, housing_labels)
grid_search.best_params_
# %%
from sklearn.metrics import mean_squared_error
final_model = grid_search.best_estimator_
X_test = strat_test_set.drop("median_house_value", axis=1)
y_test = strat_test_set["median_house_value"].copy()
final_rmse = np.sqrt(mean_squared_error(y_test, final_model.predict(X_test)))
final_rmse
# %%
my_model = final_model
import joblib
joblib.dump(my_model, "my_model.pkl") # DIFF
#...
my_model_loaded = joblib.load("my_model.pkl") # DIFF
# %%
some_data = housing.iloc[:5]
print("Predictions:", my_model_loaded.predict(some_data))
