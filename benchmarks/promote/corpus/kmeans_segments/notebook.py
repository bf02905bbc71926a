# ---
# about: elbow loop, KMeans, scatter with centres; the labelled frame and the model are the result, nothing saved
# style: kaggle
# notebook: Customer Segmentation (K-Means).ipynb
# inputs: [Mall_Customers.csv]
# outputs:
#   - {model: ".*(kmeans|model|segment|km).*", variable: kmeans, proposed: true}
# parameters: {must_not: [wcss]}
# ---
# %%
import os
os.environ["OMP_NUM_THREADS"] = "1"
import matplotlib.pyplot as plt
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_score
# %%
df = pd.read_csv('./Mall_Customers.csv')
X = df[['Annual Income (k$)', 'Spending Score (1-100)']].values
# %%
wcss = []
for i in range(1, 8):
    km = KMeans(n_clusters=i, init='k-means++', n_init=3, random_state=42)
    km.fit(X)
    wcss.append(km.inertia_)
plt.plot(range(1, 8), wcss)
plt.title('The Elbow Method')
plt.show()
# %%
n_clusters = 4
kmeans = KMeans(n_clusters=n_clusters, n_init=3, random_state=42)
df['cluster'] = kmeans.fit_predict(X)
silhouette_score(X, df['cluster'])
# %%
colors = ['red', 'blue', 'green', 'cyan']
for c in range(n_clusters):
    plt.scatter(X[df.cluster == c, 0], X[df.cluster == c, 1], s=20, c=colors[c], label=f'Cluster {c}')
plt.scatter(*kmeans.cluster_centers_.T, s=120, c='yellow')
plt.legend();
