# ---
# about: a kernel of another's conda environment in the metadata; the file has an unnamed index column; deprecated-free decision tree; cross_val_score
# style: student
# notebook: penguins_tree.ipynb
# metadata: {kernelspec: {display_name: "Python [conda env:ml-course]", language: python, name: conda-env-ml-course-py}, language_info: {name: python, version: 3.8.10}, toc: {base_numbering: 1}}
# nbformat: "4.4"
# inputs: [penguins.csv]
# outputs:
#   - {model: ".*(tree|model|penguin|clf).*", file: tree.joblib}
# parameters: {should: [max_depth]}
# ---
# %%
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, plot_tree
from sklearn.model_selection import cross_val_score
from joblib import dump, load
import matplotlib.pyplot as plt
# %%
penguins = pd.read_csv('penguins.csv', index_col=0)
max_depth = 3
tree = DecisionTreeClassifier(max_depth=max_depth, random_state=0)
X = penguins[['bill_length', 'mass']]
cross_val_score(tree, X, penguins.species, cv=5).mean()
# %%
tree.fit(X, penguins.species)
plt.figure(figsize=(8, 5))
plot_tree(tree, feature_names=list(X.columns), class_names=list(tree.classes_), filled=True)
plt.show()
# %%
dump(tree, 'tree.joblib')
