"""Which package provides a module whose name is another one, and how modules are usually called."""

from __future__ import annotations

import re

PACKAGES = {
    "Bio": "biopython", "Crypto": "pycryptodome", "IPython": "ipython", "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL", "PIL": "Pillow", "PyPDF2": "PyPDF2", "Xlib": "python-xlib", "accelerate": "accelerate",
    "attr": "attrs", "azure": "azure-core", "bidi": "python-bidi", "bs4": "beautifulsoup4", "cairo": "pycairo",
    "category_encoders": "category-encoders", "cv2": "opencv-python", "dateutil": "python-dateutil",
    "deap": "deap", "discord": "discord.py", "docx": "python-docx", "dotenv": "python-dotenv",
    "faiss": "faiss-cpu", "fitz": "PyMuPDF", "fpdf": "fpdf2", "git": "GitPython", "github": "PyGithub",
    "googleapiclient": "google-api-python-client", "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage", "google.generativeai": "google-generativeai",
    "grpc": "grpcio", "hdbscan": "hdbscan", "igraph": "igraph", "imblearn": "imbalanced-learn",
    "implicit": "implicit", "jose": "python-jose", "jwt": "PyJWT", "kaggle": "kaggle", "keras": "keras",
    "kneed": "kneed", "langchain_openai": "langchain-openai", "ldap": "python-ldap", "lxml": "lxml",
    "magic": "python-magic", "markdown": "Markdown", "matplotlib_venn": "matplotlib-venn",
    "mpl_toolkits.basemap": "basemap", "mpl_toolkits": "matplotlib", "mysql": "mysql-connector-python",
    "nacl": "PyNaCl", "netCDF4": "netCDF4", "osgeo": "GDAL", "osmnx": "osmnx", "pandas_datareader": "pandas-datareader",
    "pkg_resources": "setuptools", "plotly_express": "plotly", "pptx": "python-pptx", "prophet": "prophet",
    "psycopg2": "psycopg2-binary", "pyLDAvis": "pyLDAvis", "pydub": "pydub", "pylab": "matplotlib",
    "pymc3": "pymc3", "pyodbc": "pyodbc", "pytesseract": "pytesseract", "pywt": "PyWavelets",
    "rest_framework": "djangorestframework", "ruamel": "ruamel.yaml", "sentence_transformers": "sentence-transformers",
    "serial": "pyserial", "shapefile": "pyshp", "skimage": "scikit-image", "sklearn": "scikit-learn",
    "sklearn_pandas": "sklearn-pandas", "skopt": "scikit-optimize", "slugify": "python-slugify",
    "snowflake.connector": "snowflake-connector-python", "sksurv": "scikit-survival", "socks": "PySocks",
    "speech_recognition": "SpeechRecognition", "surprise": "scikit-surprise", "talib": "TA-Lib",
    "telegram": "python-telegram-bot",
    "tensorflow_addons": "tensorflow-addons", "tensorflow_datasets": "tensorflow-datasets",
    "tensorflow_hub": "tensorflow-hub", "tflearn": "tflearn", "torchtext": "torchtext", "umap": "umap-learn",
    "usb": "pyusb", "win32com": "pywin32", "wx": "wxPython", "xgboost": "xgboost", "yaml": "PyYAML",
    "yfinance": "yfinance", "zmq": "pyzmq", "jupyter_dash": "jupyter-dash", "dash_bootstrap_components":
    "dash-bootstrap-components", "dns": "dnspython", "flask_sqlalchemy": "Flask-SQLAlchemy", "graphviz": "graphviz",
    "pgmpy": "pgmpy", "pyproj": "pyproj", "sqlalchemy": "SQLAlchemy", "flask": "Flask", "jinja2": "Jinja2",
    "gym": "gym", "mlxtend": "mlxtend", "feather": "feather-format", "fuzzywuzzy": "fuzzywuzzy",
    "Levenshtein": "python-Levenshtein", "haversine": "haversine", "tabula": "tabula-py", "camelot": "camelot-py",
    "rasterio": "rasterio", "wordcloud": "wordcloud", "openpyxl": "openpyxl", "_mysql": "mysqlclient",
}  # fmt: skip
"""Module to the package that provides it, where the two differ or are easily confused."""

NOT_INSTALLABLE = {
    "google.colab": "It exists in Google Colab only.",
    "kaggle_secrets": "It exists in Kaggle's notebooks only.",
    "kaggle_datasets": "It exists in Kaggle's notebooks only.",
    "dbutils": "It exists in Databricks only.",
    "cStringIO": "It is of Python 2: use io.",
    "StringIO": "It is of Python 2: use io.",
    "urllib2": "It is of Python 2: use urllib.request.",
    "urlparse": "It is of Python 2: use urllib.parse.",
    "cPickle": "It is of Python 2: use pickle.",
    "ConfigParser": "It is of Python 2: use configparser.",
    "Queue": "It is of Python 2: use queue.",
    "Tkinter": "It is of Python 2, and a run has no display.",
    "__builtin__": "It is of Python 2: use builtins.",
    "imp": "Python 3.12 has removed it: use importlib.",
    "sklearn.cross_validation": "scikit-learn 0.20 has moved it: use sklearn.model_selection.",
    "sklearn.grid_search": "scikit-learn 0.20 has moved it: use sklearn.model_selection.",
    "sklearn.learning_curve": "scikit-learn 0.20 has moved it: use sklearn.model_selection.",
    "sklearn.lda": "scikit-learn 0.19 has moved it: use sklearn.discriminant_analysis.",
    "sklearn.externals.joblib": "Import joblib itself.",
    "sklearn.externals.six": "Import six itself.",
    "pandas.io.data": "It is the package pandas-datareader now.",
    "pandas.tools.plotting": "pandas 0.25 has moved it: use pandas.plotting.",
    "scipy.misc": "SciPy has removed it: use imageio for images, scipy.datasets for examples.",
    "matplotlib.mlab.bivariate_normal": "Use scipy.stats.multivariate_normal.",
    "keras.utils.np_utils": "Use keras.utils.",
    "keras.layers.core": "Use keras.layers.",
    "keras.layers.convolutional": "Use keras.layers.",
    "keras.wrappers.scikit_learn": "Use the package scikeras.",
    "tensorflow.contrib": "TensorFlow 2 has removed it.",
    "pandas_profiling": "The package is called ydata-profiling now.",
}
"""Modules that no package of today provides under this name, and what to do."""

USUAL_NAMES = {
    "np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "sns": "seaborn", "pl": "polars", "px": "plotly.express",
    "go": "plotly.graph_objects", "sp": "scipy", "tf": "tensorflow", "mpl": "matplotlib", "sm": "statsmodels.api",
    "smf": "statsmodels.formula.api", "alt": "altair", "xr": "xarray", "gpd": "geopandas", "nx": "networkx",
    "xgb": "xgboost", "lgb": "lightgbm", "dd": "dask.dataframe",
    "ab": "assetbook", "pa": "pyarrow", "pq": "pyarrow.parquet",
    "dt": "datetime", "mdates": "matplotlib.dates", "cb": "catboost", "la": "numpy.linalg", "stats": "scipy.stats",
}  # fmt: skip
"""Name to the module that everybody imports under it."""


def package_of(module: str) -> str:
    """Return the package that provides a module: the known one, else the one of the same name."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if (found := PACKAGES.get(".".join(parts[:length]))) is not None:
            return found
    return parts[0].replace("_", "-")


def gone(module: str) -> str:
    """Return why a module cannot be installed, "" for any other."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((NOT_INSTALLABLE[name] for name in names if name in NOT_INSTALLABLE), "")


def normalized(package: str) -> str:
    """Return the name of a package as all spellings of it compare (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()
