"""What libraries have removed, with the version that no longer has it and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Removal:
    """A name that a library no longer has.

    Attributes:
        package: that had it.
        version: the first one without it.
        instead: what to use, for people.
        write: what means the same, where there is such a thing; after a point only the last part of the name.
    """

    package: str
    version: str
    instead: str
    write: str = ""


REMOVED: dict[str, Removal] = {
    "numpy.int": Removal("numpy", "1.24", "int", "int"),
    "numpy.float": Removal("numpy", "1.24", "float", "float"),
    "numpy.complex": Removal("numpy", "1.24", "complex", "complex"),
    "numpy.object": Removal("numpy", "1.24", "object", "object"),
    "numpy.str": Removal("numpy", "1.24", "str", "str"),
    "numpy.unicode": Removal("numpy", "1.24", "str", "str"),
    "numpy.Inf": Removal("numpy", "2.0", "np.inf", ".inf"),
    "numpy.Infinity": Removal("numpy", "2.0", "np.inf", ".inf"),
    "numpy.NaN": Removal("numpy", "2.0", "np.nan", ".nan"),
    "numpy.NAN": Removal("numpy", "2.0", "np.nan", ".nan"),
    "numpy.float_": Removal("numpy", "2.0", "np.float64", ".float64"),
    "numpy.unicode_": Removal("numpy", "2.0", "np.str_", ".str_"),
    "numpy.product": Removal("numpy", "2.0", "np.prod", ".prod"),
    "numpy.cumproduct": Removal("numpy", "2.0", "np.cumprod", ".cumprod"),
    "numpy.alltrue": Removal("numpy", "2.0", "np.all", ".all"),
    "numpy.sometrue": Removal("numpy", "2.0", "np.any", ".any"),
    "numpy.asfarray": Removal("numpy", "2.0", "np.asarray(…, dtype=float)"),
    "numpy.msort": Removal("numpy", "2.0", "np.sort(…, axis=0)"),
    "pandas.np": Removal("pandas", "2.0", "numpy itself"),
    "pandas.datetime": Removal("pandas", "2.0", "datetime.datetime"),
    "pandas.Panel": Removal("pandas", "0.25", "a DataFrame with a MultiIndex"),
    "pandas.TimeGrouper": Removal("pandas", "1.0", "pd.Grouper(freq=…)"),
    "pandas.rolling_mean": Removal("pandas", "0.25", ".rolling(…).mean()"),
    "pandas.rolling_std": Removal("pandas", "0.25", ".rolling(…).std()"),
    "pandas.ewma": Removal("pandas", "0.25", ".ewm(…).mean()"),
    "pandas.scatter_matrix": Removal("pandas", "0.25", "pd.plotting.scatter_matrix"),
    "pandas.Int64Index": Removal("pandas", "2.0", "pd.Index"),
    "pandas.Float64Index": Removal("pandas", "2.0", "pd.Index"),
    "sklearn.datasets.load_boston": Removal(
        "scikit-learn", "1.2", "fetch_california_housing, or another data set"
    ),
    "sklearn.metrics.plot_confusion_matrix": Removal(
        "scikit-learn", "1.2", "ConfusionMatrixDisplay.from_estimator"
    ),
    "sklearn.metrics.plot_roc_curve": Removal("scikit-learn", "1.2", "RocCurveDisplay.from_estimator"),
    "sklearn.metrics.plot_precision_recall_curve": Removal(
        "scikit-learn", "1.2", "PrecisionRecallDisplay.from_estimator"
    ),
    "sklearn.metrics.jaccard_similarity_score": Removal("scikit-learn", "0.23", "jaccard_score"),
    "sklearn.inspection.plot_partial_dependence": Removal(
        "scikit-learn", "1.2", "PartialDependenceDisplay.from_estimator"
    ),
    "sklearn.preprocessing.Imputer": Removal("scikit-learn", "0.22", "sklearn.impute.SimpleImputer"),
    "sklearn.preprocessing.CategoricalEncoder": Removal(
        "scikit-learn", "0.22", "OneHotEncoder or OrdinalEncoder"
    ),
    "sklearn.externals.joblib": Removal("scikit-learn", "0.23", "import joblib"),
    "sklearn.externals.six": Removal("scikit-learn", "0.23", "import six"),
    "sklearn.mixture.GMM": Removal("scikit-learn", "0.20", "GaussianMixture"),
    "sklearn.decomposition.RandomizedPCA": Removal("scikit-learn", "0.20", 'PCA(svd_solver="randomized")'),
    "sklearn.datasets.fetch_mldata": Removal("scikit-learn", "0.22", "fetch_openml"),
    "sklearn.datasets.samples_generator": Removal("scikit-learn", "0.24", "sklearn.datasets"),
    "sklearn.utils.testing": Removal("scikit-learn", "0.24", "sklearn.utils._testing"),
    "scipy.misc.imread": Removal("scipy", "1.2", "imageio.imread"),
    "scipy.misc.imresize": Removal("scipy", "1.3", "skimage.transform.resize"),
    "scipy.misc.comb": Removal("scipy", "1.3", "scipy.special.comb"),
    "scipy.misc.factorial": Removal("scipy", "1.3", "scipy.special.factorial"),
    "scipy.integrate.trapz": Removal("scipy", "1.14", "scipy.integrate.trapezoid"),
    "scipy.integrate.simps": Removal("scipy", "1.14", "scipy.integrate.simpson"),
    "scipy.stats.binom_test": Removal("scipy", "1.12", "scipy.stats.binomtest"),
    "scipy.interp": Removal("scipy", "1.4", "np.interp"),
    "scipy.randn": Removal("scipy", "1.8", "np.random.randn"),
    "matplotlib.pyplot.hold": Removal("matplotlib", "3.0", "nothing: it is always so"),
    "matplotlib.mlab.normpdf": Removal("matplotlib", "3.1", "scipy.stats.norm.pdf"),
    "matplotlib.cm.get_cmap": Removal("matplotlib", "3.9", "matplotlib.colormaps[…]"),
    "seaborn.factorplot": Removal("seaborn", "0.12", "sns.catplot"),
    "seaborn.tsplot": Removal("seaborn", "0.10", "sns.lineplot"),
    "statsmodels.tsa.arima_model.ARIMA": Removal("statsmodels", "0.13", "statsmodels.tsa.arima.model.ARIMA"),
    "tensorflow.Session": Removal("tensorflow", "2.0", "eager execution"),
    "tensorflow.placeholder": Removal("tensorflow", "2.0", "arguments of a tf.function"),
    "tensorflow.set_random_seed": Removal("tensorflow", "2.0", "tf.random.set_seed"),
    "networkx.info": Removal("networkx", "3.0", "print(graph)"),
    "networkx.write_gpickle": Removal("networkx", "3.0", "pickle.dump"),
    "networkx.read_gpickle": Removal("networkx", "3.0", "pickle.load"),
    "gensim.summarization": Removal("gensim", "4.0", "another library"),
}
"""Dotted name of a function, class or module."""

TABLE_METHODS: dict[str, Removal] = {
    "append": Removal("pandas", "2.0", "pd.concat([table, more])"),
    "ix": Removal("pandas", "1.0", ".loc or .iloc"),
    "iteritems": Removal("pandas", "2.0", ".items()"),
    "as_matrix": Removal("pandas", "1.0", ".to_numpy()"),
    "get_value": Removal("pandas", "1.0", ".at[…]"),
    "set_value": Removal("pandas", "1.0", ".at[…]"),
    "lookup": Removal("pandas", "2.0", ".melt and .loc, or NumPy"),
    "mad": Removal("pandas", "2.0", "(table - table.mean()).abs().mean()"),
    "to_sparse": Removal("pandas", "1.0", "sparse dtypes"),
    "tshift": Removal("pandas", "2.0", ".shift(freq=…)"),
    "slice_shift": Removal("pandas", "2.0", ".shift(…)"),
    "convert_objects": Removal("pandas", "1.0", "pd.to_numeric, pd.to_datetime"),
    "from_csv": Removal("pandas", "1.0", "pd.read_csv"),
    "sort": Removal("pandas", "0.20", ".sort_values(…)"),
    "order": Removal("pandas", "0.20", ".sort_values(…)"),
    "swaplevels": Removal("pandas", "2.0", ".swaplevel(…)"),
}
"""Method of a DataFrame or Series."""

METHODS: dict[str, tuple[str, Removal]] = {
    "get_feature_names": ("sklearn", Removal("scikit-learn", "1.2", "get_feature_names_out()")),
}
"""Method that no other library has: the module that is imported where it is meant, and what it is."""

KEYWORDS: dict[tuple[str, str], tuple[str, Removal]] = {
    ("OneHotEncoder", "sparse"): ("sklearn", Removal("scikit-learn", "1.4", "sparse_output")),
    ("mean_squared_error", "squared"): ("sklearn", Removal("scikit-learn", "1.6", "root_mean_squared_error")),
    ("AdaBoostClassifier", "base_estimator"): ("sklearn", Removal("scikit-learn", "1.4", "estimator")),
    ("AdaBoostRegressor", "base_estimator"): ("sklearn", Removal("scikit-learn", "1.4", "estimator")),
    ("BaggingClassifier", "base_estimator"): ("sklearn", Removal("scikit-learn", "1.4", "estimator")),
    ("BaggingRegressor", "base_estimator"): ("sklearn", Removal("scikit-learn", "1.4", "estimator")),
    ("CalibratedClassifierCV", "base_estimator"): ("sklearn", Removal("scikit-learn", "1.4", "estimator")),
    ("AgglomerativeClustering", "affinity"): ("sklearn", Removal("scikit-learn", "1.4", "metric")),
    ("LinearRegression", "normalize"): (
        "sklearn",
        Removal("scikit-learn", "1.2", "a StandardScaler before it"),
    ),
    ("Ridge", "normalize"): ("sklearn", Removal("scikit-learn", "1.2", "a StandardScaler before it")),
    ("Lasso", "normalize"): ("sklearn", Removal("scikit-learn", "1.2", "a StandardScaler before it")),
    ("ElasticNet", "normalize"): ("sklearn", Removal("scikit-learn", "1.2", "a StandardScaler before it")),
    ("GridSearchCV", "iid"): ("sklearn", Removal("scikit-learn", "0.24", "nothing in its place")),
    ("KMeans", "n_jobs"): ("sklearn", Removal("scikit-learn", "1.0", "nothing in its place")),
    ("TSNE", "n_iter"): ("sklearn", Removal("scikit-learn", "1.7", "max_iter")),
    ("SGDClassifier", "n_iter"): ("sklearn", Removal("scikit-learn", "0.21", "max_iter")),
    ("SGDRegressor", "n_iter"): ("sklearn", Removal("scikit-learn", "0.21", "max_iter")),
    ("SimpleImputer", "verbose"): ("sklearn", Removal("scikit-learn", "1.3", "nothing in its place")),
    ("CountVectorizer", "charset"): ("sklearn", Removal("scikit-learn", "0.16", "encoding")),
    ("read_csv", "error_bad_lines"): ("pandas", Removal("pandas", "2.0", 'on_bad_lines="skip"')),
    ("read_csv", "warn_bad_lines"): ("pandas", Removal("pandas", "2.0", 'on_bad_lines="warn"')),
    ("read_csv", "squeeze"): ("pandas", Removal("pandas", "2.0", '.squeeze("columns")')),
    ("read_csv", "prefix"): ("pandas", Removal("pandas", "2.0", ".add_prefix(…)")),
    ("read_csv", "mangle_dupe_cols"): ("pandas", Removal("pandas", "2.0", "nothing in its place")),
    ("read_excel", "sheetname"): ("pandas", Removal("pandas", "0.25", "sheet_name")),
    ("read_excel", "squeeze"): ("pandas", Removal("pandas", "2.0", '.squeeze("columns")')),
    ("to_csv", "line_terminator"): ("pandas", Removal("pandas", "2.0", "lineterminator")),
    ("concat", "join_axes"): ("pandas", Removal("pandas", "1.0", ".reindex(…) of the result")),
    ("date_range", "closed"): ("pandas", Removal("pandas", "2.0", "inclusive")),
    ("hist", "normed"): ("matplotlib", Removal("matplotlib", "3.1", "density")),
    ("lmplot", "size"): ("seaborn", Removal("seaborn", "0.12", "height")),
    ("pairplot", "size"): ("seaborn", Removal("seaborn", "0.13", "height")),
    ("FacetGrid", "size"): ("seaborn", Removal("seaborn", "0.12", "height")),
}
"""Function and argument: the library of the function, and what it is."""


def as_versions(text: str) -> tuple[int, ...]:
    """Return a version as numbers that compare."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
