"""Competition notebooks: features, models, validation, often with a long list of imports."""

NOTEBOOKS = {
    "churn_baseline": """
# %% [markdown]
# # Churn baseline
# A logistic regression that anything else has to beat.
# %%
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 2023
# %%
train = pd.read_csv("data/customers.csv")
y = train.pop("churned")
X = train.drop(columns=["id"])
# %%
numeric = X.select_dtypes("number").columns.tolist()
categorical = [c for c in X.columns if c not in numeric]
prepare = ColumnTransformer([
    ("num", Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())]), numeric),
    ("cat", OneHotEncoder(handle_unknown="ignore"), categorical),
])
model = Pipeline([("prepare", prepare), ("classify", LogisticRegression(max_iter=500))])
# %%
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.25, stratify=y, random_state=SEED)
model.fit(X_train, y_train)
accuracy_score(y_valid, model.predict(X_valid))
# %%
folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
scores = cross_val_score(model, X, y, cv=folds, scoring="roc_auc")
print(f"AUC {scores.mean():.3f} ± {scores.std():.3f}")
# %%
roc_auc_score(y_valid, model.predict_proba(X_valid)[:, 1]), np.mean(y_valid)
""",
    "forest_and_boosting": """
# %% [markdown]
# # Forests against boosting
# %%
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV, train_test_split
from sklearn.metrics import classification_report, ConfusionMatrixDisplay
import matplotlib.pyplot as plt
# %%
data = pd.get_dummies(pd.read_csv('data/customers.csv').dropna(), columns=['city'])
features = [c for c in data if c not in ('id', 'churned')]
X_train, X_test, y_train, y_test = train_test_split(data[features], data['churned'], test_size=.3, random_state=0)
# %%
models = {
    'forest': RandomForestClassifier(n_estimators=50, max_depth=5, random_state=0),
    'boosting': GradientBoostingClassifier(n_estimators=30, random_state=0),
    'histogram': HistGradientBoostingClassifier(max_iter=30, random_state=0),
}
results = {}
for name, clf in models.items():
    clf.fit(X_train, y_train)
    results[name] = clf.score(X_test, y_test)
pd.Series(results).sort_values()
# %%
grid = GridSearchCV(models['forest'], {'max_depth': [2, 4]}, cv=KFold(3), n_jobs=1)
grid.fit(X_train, y_train)
print(grid.best_params_)
print(classification_report(y_test, grid.predict(X_test), zero_division=0))
# %%
search = RandomizedSearchCV(models['boosting'], {'learning_rate': [0.05, 0.1, 0.2]}, n_iter=2, cv=3, random_state=0)
search.fit(X_train, y_train).best_score_
# %%
ConfusionMatrixDisplay.from_estimator(grid, X_test, y_test)
plt.show()
""",
    "feature_engineering": """
# %% [markdown]
# # Features from sales
# %%
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
# %%
def load(path="data/sales.csv"):
    frame = pd.read_csv(path, parse_dates=["date"])
    frame["revenue"] = frame["units"].mul(frame["price"])
    return frame

def add_calendar(frame):
    date = frame["date"].dt
    return frame.assign(weekday=date.dayofweek, month=date.month, is_weekend=date.dayofweek.isin([5, 6]).astype(int))

def add_lags(frame, *, lags=(1, 7)):
    frame = frame.sort_values(["store", "date"])
    for lag in lags:
        frame[f"lag_{lag}"] = frame.groupby("store")["revenue"].shift(lag)
    return frame
# %%
table = load().pipe(add_calendar).pipe(add_lags, lags=(1, 2, 7)).dropna()
table.shape
# %%
cutoff = pd.Timestamp("2023-10-01")
past, future = table[table.date < cutoff], table[table.date >= cutoff]
columns = ["weekday", "month", "is_weekend", "lag_1", "lag_2", "lag_7"]
model = Ridge(alpha=1.0).fit(past[columns], past["revenue"])
error = mean_absolute_error(future["revenue"], model.predict(future[columns]))
naive = mean_absolute_error(future["revenue"], future["lag_7"])
print(f"{error:.1f} against {naive:.1f}")
# %%
pd.Series(model.coef_, index=columns).abs().sort_values(ascending=False).head(np.minimum(3, len(columns)))
""",
    "text_classification": """
# %% [markdown]
# # Stars from words
# %%
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.model_selection import train_test_split
# %%
df = pd.read_csv('data/reviews.csv')
df['good'] = (df.stars > 3).astype(int)
train_text, test_text, train_y, test_y = train_test_split(df.text, df.good, random_state=3)
# %%
vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
Xtr = vectorizer.fit_transform(train_text)
Xte = vectorizer.transform(test_text)
nb = MultinomialNB().fit(Xtr, train_y)
nb.score(Xte, test_y)
# %%
pipe = make_pipeline(TfidfVectorizer(), SGDClassifier(loss='log_loss', random_state=0))
pipe.fit(train_text, train_y).score(test_text, test_y)
# %%
names = vectorizer.get_feature_names_out()
sorted(zip(nb.feature_log_prob_[1] - nb.feature_log_prob_[0], names))[-3:]
""",
    "clustering_customers": """
# %% [markdown]
# # Segments
# %%
import pandas as pd
import matplotlib.pyplot as plt
from sklearn.cluster import KMeans, AgglomerativeClustering, DBSCAN
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler
# %%
customers = pd.read_csv("data/customers.csv").dropna()
X = StandardScaler().fit_transform(customers[["age", "income", "visits"]])
# %%
inertias = []
for k in range(2, 6):
    km = KMeans(n_clusters=k, n_init=5, random_state=10)
    labels = km.fit_predict(X)
    inertias.append(km.inertia_)
    print(k, round(silhouette_score(X, labels), 3))
plt.plot(range(2, 6), inertias, "o-");
# %%
pca = PCA(n_components=2)
points = pca.fit_transform(X)
fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True)
for ax, method in zip(axes, (AgglomerativeClustering(3), DBSCAN(eps=.6))):
    ax.scatter(*points.T, c=method.fit_predict(X), s=8)
    ax.set_title(type(method).__name__)
# %%
print("explained:", pca.explained_variance_ratio_)
""",
    "cross_validation_scores": """
# %% [markdown]
# # Which depth?
# %%
import warnings
warnings.filterwarnings('ignore')
import numpy as np
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.model_selection import cross_validate, learning_curve
from sklearn.tree import DecisionTreeClassifier, plot_tree
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.pipeline import make_pipeline
# %%
X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X.shape, y.mean()
# %%
best = None
for depth in (1, 2, 3):
    result = cross_validate(DecisionTreeClassifier(max_depth=depth, random_state=0), X, y, cv=3)
    score = np.mean(result['test_score'])
    if best is None or score > best[1]:
        best = depth, score
best
# %%
svm = make_pipeline(StandardScaler(), SVC(C=1.0))
sizes, train_scores, test_scores = learning_curve(svm, X, y, cv=3, train_sizes=[.3, 1.0])
for size, scores in zip(sizes, test_scores):
    print(size, scores.mean())
# %%
Xs, ys = make_classification(n_samples=200, n_informative=3, random_state=5)
tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(Xs, ys)
plot_tree(tree, filled=True);
""",
}
