# ---
# about: Colab with a mounted Drive; its module is not there, its file lies beside the notebook
# style: colab
# notebook: Copy of sentiment_tfidf.ipynb
# runs: false
# promote: maybe
# leftovers: false
# elsewhere: {"/content/drive/MyDrive/Colab Notebooks/data": ".", "/content/drive/MyDrive/Colab Notebooks": "."}
# stand_in: {"from google.colab import drive": "class drive: mount = print"}
# metadata: {colab: {provenance: [], toc_visible: true}, kernelspec: {name: python3, display_name: Python 3}, accelerator: GPU}
# inputs: [reviews.csv]
# outputs:
#   - {model: ".*(model|clf|pipe|sentiment|classifier).*"}
# ---
# %% [markdown]
# <a href="https://colab.research.google.com/github/someone/nlp/blob/main/sentiment_tfidf.ipynb" target="_parent"><img src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open In Colab"/></a>
# %%
from google.colab import drive
drive.mount('/content/drive')
# %%
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.model_selection import train_test_split
from sklearn.metrics import classification_report
import pickle
# %%
df = pd.read_csv('/content/drive/MyDrive/Colab Notebooks/data/reviews.csv')
df.sample(5, random_state=1)
# %%
#@title Training { run: "auto" }
C = 1.0 #@param {type:"slider", min:0.1, max:10, step:0.1}
max_features = 500 #@param {type:"integer"}
X_tr, X_te, y_tr, y_te = train_test_split(df.review, df.label, test_size=.25, random_state=7, stratify=df.label)
clf = Pipeline([('tfidf', TfidfVectorizer(max_features=max_features)), ('lr', LogisticRegression(C=C))])
clf.fit(X_tr, y_tr)
print(classification_report(y_te, clf.predict(X_te)))
# %%
with open('/content/drive/MyDrive/Colab Notebooks/sentiment.pkl', 'wb') as f:
    pickle.dump(clf, f)
