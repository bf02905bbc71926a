# ---
# about: the first submission of everybody; two files, a forest, submission.csv without index
# style: kaggle
# notebook: titanic-starter.ipynb
# leftovers: false
# inputs: [train.csv, test.csv]
# outputs:
#   - {table: "submission.*", file: submission.csv}
# parameters: {must_not: [features, women, men]}
# ---
# %% [markdown]
# # Titanic: my first notebook 🚢
# If you like it please **upvote**!
# %%
import numpy as np # linear algebra
import pandas as pd # data processing, CSV file I/O (e.g. pd.read_csv)

import os
for dirname, _, filenames in os.walk('/kaggle/input'):
    for filename in filenames:
        print(os.path.join(dirname, filename))
# %%
train_data = pd.read_csv("train.csv")
train_data.head()
# %%
test_data = pd.read_csv("test.csv")
test_data.head()
# %%
women = train_data.loc[train_data.Sex == 'female']["Survived"]
rate_women = sum(women)/len(women)

print("% of women who survived:", rate_women)
# %%
men = train_data.loc[train_data.Sex == 'male']["Survived"]
rate_men = sum(men)/len(men)

print("% of men who survived:", rate_men)
# %%
from sklearn.ensemble import RandomForestClassifier

y = train_data["Survived"]

features = ["Pclass", "Sex", "SibSp", "Parch"]
X = pd.get_dummies(train_data[features])
X_test = pd.get_dummies(test_data[features])

model = RandomForestClassifier(n_estimators=50, max_depth=5, random_state=1)
model.fit(X, y)
predictions = model.predict(X_test)

output = pd.DataFrame({'PassengerId': test_data.PassengerId, 'Survived': predictions})
output.to_csv('submission.csv', index=False)
print("Your submission was successfully saved!")
