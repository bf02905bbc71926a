# ---
# about: Colab's module behind try/except ImportError, np.load, KNN, no save; arrays as input
# style: colab
# notebook: mini_digits.ipynb
# keeps: [import google.colab]
# inputs: [data/images.npy, data/labels.npy]
# outputs:
#   - {model: ".*(knn|model|digits).*", variable: knn, proposed: true}
# parameters: {should: [K], must_not: [IN_COLAB, DATA]}
# ---
# %%
try:
    import google.colab
    IN_COLAB = True
except ImportError:
    IN_COLAB = False

if IN_COLAB:
    !pip install -q some-colab-helper
    DATA = '/content/data'
else:
    DATA = 'data'
# %%
import numpy as np, matplotlib.pyplot as plt
from sklearn.neighbors import KNeighborsClassifier
X = np.load(f'{DATA}/images.npy')
y = np.load(f'{DATA}/labels.npy')
X.shape, y.shape
# %%
fig, axes = plt.subplots(2, 5, figsize=(8, 4))
for ax, im, lab in zip(axes.flat, X, y):
    ax.imshow(im, cmap='gray_r'); ax.set_title(lab); ax.axis('off')
# %%
K = 5
n = 180
Xf = X.reshape(len(X), -1) / 255.0
knn = KNeighborsClassifier(n_neighbors=K).fit(Xf[:n], y[:n])
knn.score(Xf[n:], y[n:])
