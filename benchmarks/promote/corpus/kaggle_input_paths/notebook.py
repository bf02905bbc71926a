# ---
# about: absolute paths of a competition's machine; the files lie beside the notebook
# style: kaggle
# notebook: house-prices-ridge-lasso.ipynb
# runs: false
# promote: "yes"
# leftovers: false
# elsewhere: {"/kaggle/input/house-prices-advanced-regression-techniques": ".", "/kaggle/working": "."}
# metadata: {kernelspec: {language: python, display_name: Python 3, name: python3}, kaggle: {accelerator: none, isGpuEnabled: false}}
# inputs: [train.csv, test.csv]
# outputs:
#   - {table: "submission.*", file: submission.csv}
# parameters: {should: [N_FOLDS, SEED], must_not: [TARGET]}
# ---
# %% [markdown]
# ## House Prices – Ridge
# %%
import warnings
warnings.filterwarnings('ignore')
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_score
%matplotlib inline

pd.set_option('display.float_format', lambda x: '{:.3f}'.format(x))
SEED = 42
N_FOLDS = 5
TARGET = 'SalePrice'
# %%
train = pd.read_csv('/kaggle/input/house-prices-advanced-regression-techniques/train.csv')
test = pd.read_csv('/kaggle/input/house-prices-advanced-regression-techniques/test.csv')
train_ID = train['Id']
test_ID = test['Id']
train.drop("Id", axis = 1, inplace = True)
test.drop("Id", axis = 1, inplace = True)
# %%
fig, ax = plt.subplots()
ax.scatter(x = train['GrLivArea'], y = train['SalePrice'])
plt.ylabel('SalePrice', fontsize=13)
plt.xlabel('GrLivArea', fontsize=13)
plt.show()
# %%
ntrain = train.shape[0]
y_train = np.log1p(train[TARGET].values)
all_data = pd.concat((train, test)).reset_index(drop=True)
all_data.drop([TARGET], axis=1, inplace=True)
all_data["LotFrontage"] = all_data.groupby("Neighborhood")["LotFrontage"].transform(lambda x: x.fillna(x.median()))
all_data = pd.get_dummies(all_data)
train, test = all_data[:ntrain], all_data[ntrain:]
# %%
def rmsle_cv(model):
    kf = KFold(N_FOLDS, shuffle=True, random_state=SEED).get_n_splits(train.values)
    rmse = np.sqrt(-cross_val_score(model, train.values, y_train, scoring="neg_mean_squared_error", cv=kf))
    return rmse

ridge = RidgeCV(alphas=[0.1, 1, 10, 30])
score = rmsle_cv(ridge)
print("Ridge score: {:.4f} ({:.4f})\n".format(score.mean(), score.std()))
# %%
ridge.fit(train.values, y_train)
sub = pd.DataFrame()
sub['Id'] = test_ID
sub['SalePrice'] = np.expm1(ridge.predict(test.values))
sub.to_csv('/kaggle/working/submission.csv', index=False)
