# ---
# about: data from sklearn.datasets and inline text by StringIO; no file is read; PCA; to_csv without a path prints
# style: course
# notebook: pca-iris.ipynb
# outputs:
#   - {table: ".*(pca|scores|components).*", file: iris_pca.csv, tolerance: 0.000001}
# parameters: {should: [n_components]}
# ---
# %%
from io import StringIO
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
# %%
iris = load_iris(as_frame=True)
names = pd.read_csv(StringIO("""code,latin
0,Iris setosa
1,Iris versicolor
2,Iris virginica
"""), index_col="code")["latin"]
names
# %%
n_components = 2
scores = PCA(n_components=n_components).fit_transform(StandardScaler().fit_transform(iris.data))
pca = pd.DataFrame(scores, columns=[f"PC{i+1}" for i in range(n_components)])
pca["species"] = iris.target.map(names)
print(pca.head().to_csv(index=False))
# %%
pca.plot.scatter("PC1", "PC2", c=iris.target, cmap="viridis")
# %%
pca.to_csv("iris_pca.csv", index=False, float_format="%.6f")
