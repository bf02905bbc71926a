"""Which calls of scikit-learn and pandas draw at random unless ``random_state`` is set."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject

_ALWAYS_TEXT = """
    train_test_split ShuffleSplit StratifiedShuffleSplit GroupShuffleSplit RepeatedKFold RepeatedStratifiedKFold
    RandomizedSearchCV HalvingRandomSearchCV RandomForestClassifier RandomForestRegressor ExtraTreesClassifier
    ExtraTreesRegressor RandomTreesEmbedding GradientBoostingClassifier GradientBoostingRegressor
    DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor
    HistGradientBoostingClassifier HistGradientBoostingRegressor BaggingClassifier BaggingRegressor
    AdaBoostClassifier AdaBoostRegressor IsolationForest SGDClassifier SGDRegressor PassiveAggressiveClassifier
    PassiveAggressiveRegressor MLPClassifier MLPRegressor BernoulliRBM KMeans MiniBatchKMeans BisectingKMeans
    SpectralClustering SpectralCoclustering GaussianMixture BayesianGaussianMixture TSNE MDS TruncatedSVD FastICA
    LatentDirichletAllocation DictionaryLearning MiniBatchDictionaryLearning GaussianRandomProjection
    SparseRandomProjection RANSACRegressor TheilSenRegressor RBFSampler Nystroem QuantileTransformer
    permutation_importance permutation_test_score shuffle resample make_classification make_regression make_blobs
    make_moons make_circles make_friedman1 make_friedman2 make_friedman3 make_gaussian_quantiles
    make_multilabel_classification make_swiss_roll make_s_curve make_low_rank_matrix make_sparse_coded_signal
    make_hastie_10_2 MinCovDet EllipticEnvelope TargetEncoder k_means kmeans_plusplus randomized_svd
"""
_ALWAYS = frozenset(_ALWAYS_TEXT.split())
_SHUFFLED = frozenset({"KFold", "StratifiedKFold", "StratifiedGroupKFold", "GroupKFold"})
_IMBALANCED = (
    "SMOTE",
    "ADASYN",
    "Random",
    "Borderline",
    "KMeansSMOTE",
    "SVMSMOTE",
    "NearMiss",
    "Easy",
    "Balanced",
    "RUS",
)
_WITH: dict[str, tuple[str, Collection[object]]] = {  # keyword and values with which a class draws
    "LogisticRegression": ("solver", {"sag", "saga", "liblinear"}),
    "PCA": ("svd_solver", {"randomized", "arpack"}),
    "NMF": ("init", {"random"}),
    "Ridge": ("solver", {"sag", "saga"}),
    "RidgeClassifier": ("solver", {"sag", "saga"}),
    "SVC": ("probability", {True}),
    "NuSVC": ("probability", {True}),
    "Lasso": ("selection", {"random"}),
    "ElasticNet": ("selection", {"random"}),
}
_WITHOUT: dict[str, tuple[str, Collection[object]]] = {"train_test_split": ("shuffle", {False})}


def needs_random_state(call: ast.Call, subject: Subject) -> str:
    """Return what a call is called if it draws at random and ``random_state`` is not set; "" otherwise."""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in keywords or any(isinstance(item, ast.Starred) for item in call.args):
        return ""  # what it passes on may have it
    state = keywords.get("random_state", keywords.get("seed"))
    if state is not None and not (isinstance(state, ast.Constant) and state.value is None):
        return ""
    origin = subject.origin(call.func)
    library, _, _ = origin.partition(".")
    name = origin.rpartition(".")[2]
    if library in ("sklearn", "imblearn", "umap"):
        return name if _draws(library, name, keywords) else ""
    return "sample" if _is_sample(call, keywords, subject) else ""


def _draws(library: str, name: str, keywords: dict[str | None, ast.expr]) -> bool:
    if library == "imblearn":
        return name.startswith(_IMBALANCED) and name[:1].isupper()
    if library == "umap":
        return name == "UMAP"
    if name in _WITHOUT and _is_one_of(keywords, *_WITHOUT[name]):
        return False
    if name in _SHUFFLED:
        return _is_one_of(keywords, "shuffle", {True})
    return name in _ALWAYS or (name in _WITH and _is_one_of(keywords, *_WITH[name]))


def _is_one_of(keywords: dict[str | None, ast.expr], name: str, values: Collection[object]) -> bool:
    given = keywords.get(name)
    return isinstance(given, ast.Constant) and given.value in values


def _is_sample(call: ast.Call, keywords: dict[str | None, ast.expr], subject: Subject) -> bool:
    """Whether a call is ``DataFrame.sample``: rows of a table, not draws from a distribution."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr != "sample" or subject.origin(function):
        return False
    if not subject.imported & {"pandas", "polars", "geopandas", "assetbook"} or subject.imported & {
        "torch",
        "pymc",
        "pyspark",
    }:
        return False
    if not call.args and not set(keywords) & {"n", "frac", "fraction"} and keywords:
        return False
    owner = subject.definition(function.value)
    library = subject.origin(owner.func).partition(".")[0] if isinstance(owner, ast.Call) else ""
    return library in ("", "pandas", "polars", "geopandas", "assetbook", "seaborn", "sklearn")
