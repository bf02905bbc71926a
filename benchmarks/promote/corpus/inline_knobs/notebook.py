# ---
# about: all knobs stand in the calls; the model is in a list of models in a loop, the best is chosen; nothing saved
# style: course
# notebook: classification-comparison.ipynb
# inputs: [cells.csv]
# outputs:
#   - {table: ".*(results|comparison|scores).*", variable: results, proposed: true}
# parameters: {must_not: [models, name]}
# ---
# %%
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.model_selection import train_test_split
from sklearn.metrics import accuracy_score, confusion_matrix, ConfusionMatrixDisplay
import matplotlib.pyplot as plt
# %%
df = pd.read_csv("cells.csv")
X_train, X_test, y_train, y_test = train_test_split(df.drop(columns="malignant"), df["malignant"], test_size=0.3, random_state=101)
# %%
models = {"logreg": LogisticRegression(C=0.5), "knn": KNeighborsClassifier(n_neighbors=9), "nb": GaussianNB()}
rows = []
for name, m in models.items():
    m.fit(X_train, y_train)
    rows.append((name, accuracy_score(y_test, m.predict(X_test))))
results = pd.DataFrame(rows, columns=["model", "accuracy"]).sort_values("accuracy", ascending=False)
results
# %%
best = models[results.iloc[0]["model"]]
ConfusionMatrixDisplay(confusion_matrix(y_test, best.predict(X_test))).plot()
plt.show()
