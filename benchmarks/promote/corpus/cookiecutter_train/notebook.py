# ---
# about: train a churn model; config from JSON by open(), knobs at the top, model by joblib, metrics by json.dump
# style: engineering
# project: churn-train
# notebook: notebooks/2.0-jqp-train-model.ipynb
# leftovers: false
# inputs: [features.parquet]
# outputs:
#   - {model: ".*(model|churn|clf).*", file: ../models/churn.joblib}
# parameters: {should: [TEST_SIZE, RANDOM_STATE, LEARNING_RATE, MAX_ITER]}
# ---
# %%
import json
import os

import joblib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score, accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
# %%
TEST_SIZE = 0.25
RANDOM_STATE = 13
LEARNING_RATE = 0.1
MAX_ITER = 40
MODEL_DIR = "../models"
# %%
with open("../config.json") as f:
    config = json.load(f)
df = pd.read_parquet("../data/processed/features.parquet")
X, y = df[config["numeric"] + config["categorical"]], df[config["target"]]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=TEST_SIZE, random_state=RANDOM_STATE)
# %%
prep = make_column_transformer((OrdinalEncoder(), config["categorical"]), remainder="passthrough")
model = make_pipeline(prep, HistGradientBoostingClassifier(learning_rate=LEARNING_RATE, max_iter=MAX_ITER, random_state=RANDOM_STATE))
model.fit(X_train, y_train)
# %%
metrics = {
    "auc": roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]),
    "accuracy": accuracy_score(y_test, model.predict(X_test)),
}
metrics
# %%
os.makedirs(MODEL_DIR, exist_ok=True)
joblib.dump(model, os.path.join(MODEL_DIR, "churn.joblib"))
with open(os.path.join(MODEL_DIR, "metrics.json"), "w") as f:
    json.dump(metrics, f, indent=2)
