# ---
# about: nothing is seeded; model pickled by with open(..., 'wb'); predictions of random rows too
# style: student
# notebook: wine-classifier.ipynb
# inputs: [wine.csv]
# outputs:
#   - {model: ".*(model|clf|forest|rf|wine).*", file: model.pickle, random: true}
#   - {table: ".*importance.*", file: importances.csv, random: true}
# ---
# %%
import pandas as pd, numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
import pickle
# %%
wine = pd.read_csv('wine.csv')
X, y = wine.drop('quality', axis=1), wine.quality
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3)
# %%
rf = RandomForestClassifier(n_estimators=30)
rf.fit(X_train, y_train)
print('acc', rf.score(X_test, y_test))
# %%
idx = np.random.choice(len(X_test), 5)
rf.predict(X_test.iloc[idx])
# %%
with open('model.pickle', 'wb') as handle:
    pickle.dump(rf, handle, protocol=pickle.HIGHEST_PROTOCOL)
pd.DataFrame({'feature': X.columns, 'importance': rf.feature_importances_}).sort_values('importance', ascending=False).to_csv('importances.csv', index=False)
