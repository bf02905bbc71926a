"""AB52: models that see in training what they are tested on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject

_LEARNING_TEXT = """
    StandardScaler MinMaxScaler MaxAbsScaler RobustScaler PowerTransformer QuantileTransformer KBinsDiscretizer
    SimpleImputer KNNImputer IterativeImputer PCA KernelPCA IncrementalPCA SparsePCA TruncatedSVD FastICA
    FactorAnalysis NMF LinearDiscriminantAnalysis SelectKBest SelectPercentile SelectFromModel RFE RFECV
    SequentialFeatureSelector VarianceThreshold TfidfVectorizer TfidfTransformer CountVectorizer TargetEncoder
    ColumnTransformer Pipeline make_pipeline make_column_transformer SMOTE SMOTENC ADASYN RandomOverSampler
    RandomUnderSampler BorderlineSMOTE UMAP LatentDirichletAllocation SplineTransformer
"""
_LEARNING = frozenset(_LEARNING_TEXT.split())
_FITS = frozenset({"fit", "fit_transform", "fit_resample", "partial_fit"})
_TESTS = frozenset({"score", "predict", "predict_proba", "decision_function"})
_TEST_NAME = re.compile(
    r"(?:[Xxy]_?|data_|df_|features_|labels_)test(?:_\w+)?|test_(?:[Xxy]|data|df|set|features|labels)|[Xy]te"
)
_IS_TEST = re.compile(r"test|hold|(?:^|_|[Xxy])te$", re.IGNORECASE)
_SPLIT = "sklearn.model_selection.train_test_split"


class FitBeforeSplit(Rule):
    """A transformer is fitted on all rows, before they are split into those to train and to test on.

    Means, scales, selected columns or words then come from the test rows too: the measured quality is better than what
    production will see. Fit on the training rows, best in one Pipeline with the model.
    """

    code = "AB521"
    name = "fit-before-split"
    severity = "warning"
    example = (
        "from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import StandardScaler\n"
        "X, y = [[1.0], [2.0], [3.0]], [0, 1, 0]\nX = StandardScaler().fit_transform(X)\n"
        "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)"
    )
    better = (
        "from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import StandardScaler\n"
        "X, y = [[1.0], [2.0], [3.0]], [0, 1, 0]\n"
        "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
        "scaler = StandardScaler().fit(X_train)"
    )

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Follow what is fitted to the split that comes after it."""
        flow = _Split(subject)
        for call in flow.fits:
            name = flow.kind(call)
            if name in _LEARNING and flow.is_split_later(call):
                yield self.at(
                    subject,
                    call,
                    f"{name} is fitted on all rows, those that the model is later tested on included.",
                    hint="Split first, and fit on the training rows; or make it a step of a Pipeline.",
                )


class FitOnTest(Rule):
    """Something is fitted on test rows.

    What is measured on these rows afterwards says nothing of rows that are really new. Test rows are transformed, never
    fitted.
    """

    code = "AB522"
    name = "fit-on-test-rows"
    severity = "warning"
    example = (
        "from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import StandardScaler\n"
        "X_train, X_test = train_test_split([[1.0], [2.0], [3.0]], random_state=0)\nscaler = StandardScaler()\n"
        "X_train = scaler.fit_transform(X_train)\nX_test = scaler.fit_transform(X_test)"
    )
    better = (
        "from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import StandardScaler\n"
        "X_train, X_test = train_test_split([[1.0], [2.0], [3.0]], random_state=0)\nscaler = StandardScaler()\n"
        "X_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)"
    )

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for test rows among what is fitted, and for models that are tested on what they have seen."""
        flow = _Split(subject)
        for call in flow.fits:
            if test := flow.test_rows_in(call):
                yield self.at(
                    subject,
                    call,
                    f"{ast.unparse(call.func)} is fitted on test rows: {test}.",
                    hint="Fit on the training rows, and only transform or predict the test rows.",
                )
            elif flow.is_tested_on_seen(call):
                yield self.at(
                    subject,
                    call,
                    f"{ast.unparse(call.func)} is fitted on all rows, and then tested on a part of them.",
                    hint="Fit on the training rows.",
                )


class _Split:
    """The splits of a notebook, and what is fitted before and after them."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    @cached_property
    def fits(self) -> list[ast.Call]:
        """The calls that fit something on data."""
        if not self._subject.imported & {"sklearn", "imblearn", "umap", "xgboost", "lightgbm", "catboost"}:
            return []
        return [
            call
            for call in self._subject.calls
            if isinstance(call.func, ast.Attribute) and call.func.attr in _FITS and _data(call)
        ]

    @cached_property
    def _splits(self) -> list[ast.Call]:
        return [call for call in self._subject.calls if self._subject.origin(call.func) == _SPLIT]

    @cached_property
    def _test_names(self) -> set[str]:
        """The names that splits give to test rows: every second one."""
        found: set[str] = set()
        for split in self._splits:
            parent = self._subject.scopes.parent(split)
            if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Tuple | ast.List):
                names = parent.targets[0].elts
                found.update(name.id for name in names[1::2] if isinstance(name, ast.Name))
        return found

    @cached_property
    def _whole_names(self) -> set[str]:
        """The names of what is split."""
        return {name for split in self._splits for item in split.args for name in _names(item)}

    def kind(self, call: ast.Call) -> str:
        """Return the class of what is fitted, "" where the code does not tell."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        made = self._subject.definition(owner)
        origin = self._subject.origin(made.func) if isinstance(made, ast.Call) else ""
        return origin.rpartition(".")[2] if origin.startswith(("sklearn", "imblearn", "umap")) else ""

    def is_split_later(self, call: ast.Call) -> bool:
        """Whether what a call fits on is split by a later statement, or what it gives is."""
        start = self._subject.scopes.start
        if self._subject.scopes.deferred(call):
            return False
        for split in self._splits:
            if self._subject.scopes.deferred(split) or start(call) > start(split) or not split.args:
                continue
            if self._is_split_before(call):
                continue
            if self._results(call) & self._sources(split, after=call) or self._is_applied(call, split):
                return True
        return False

    def _is_applied(self, call: ast.Call, split: ast.Call) -> bool:
        """Whether what is fitted transforms rows that are split later, or have been split."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if not isinstance(owner, ast.Name):
            return False
        parts = self._results(split)
        for other in self._subject.calls:
            function = other.func
            if not isinstance(function, ast.Attribute) or function.attr != "transform" or not other.args:
                continue
            if isinstance(function.value, ast.Name) and function.value.id == owner.id:
                sources = self._sources(split, after=other)
                if self._results(other) & sources or parts & _names(other.args[0]) or _inside(other, split):
                    return True
        return False

    def _is_split_before(self, call: ast.Call) -> bool:
        """Whether the rows are the training part of an earlier split, which is split once more to validate."""
        parts: set[str] = set()
        for split in self._splits:
            parent = self._subject.scopes.parent(split)
            if isinstance(parent, ast.Assign) and self._subject.scopes.start(
                split
            ) < self._subject.scopes.start(call):
                parts |= {name for target in parent.targets for name in _names(target)}
        return bool(parts & _names(call.args[0]))

    def _results(self, call: ast.Call) -> set[str]:
        """Return the names that the result of a call is given to."""
        for parent in self._subject.scopes.ancestors(call):
            if isinstance(parent, ast.Assign):
                return {name for target in parent.targets for name in _names(target)}
            if isinstance(parent, ast.stmt):
                break
        return set()

    def _sources(self, split: ast.Call, *, after: ast.Call) -> set[str]:
        """Return the names that what is split is made of, back to a call."""
        found = {name for item in split.args for name in _names(item)}
        start = self._subject.scopes.start
        between = [
            node
            for node in self._subject.nodes(ast.Assign)
            if start(after) < start(node) < start(split) or after in ast.walk(node)
        ]
        for node in reversed(between):
            targets = {name for target in node.targets for name in _names(target)}
            if targets & found and after not in ast.walk(node):
                found |= _names(node.value)
        return found

    def test_rows_in(self, call: ast.Call) -> str:
        """Return the name of test rows that something is fitted on, "" where there is none."""
        for item in _data(call):
            for name in sorted(_names(item)):
                if name in self._test_names and (_IS_TEST.search(name) or _is_transform(call, name)):
                    return name
                if _TEST_NAME.fullmatch(name) and not self._splits:
                    return name
        return ""

    def is_tested_on_seen(self, call: ast.Call) -> bool:
        """Whether a model is fitted on all rows of a split, and then tested on its test part."""
        model = self._model(call)
        if not model or not isinstance(call.func, ast.Attribute):
            return False
        if call.func.attr != "fit" or self.kind(call) in _LEARNING or not self._splits:
            return False
        names = {item.id for item in call.args if isinstance(item, ast.Name)}
        start = self._subject.scopes.start
        first = min(map(start, self._splits))
        if not names or not names <= self._whole_names or start(call) < first or names & self._renewed(first):
            return False
        return self._is_tested_after(call, model)

    def _model(self, call: ast.Call) -> str:
        """Return the name of what a call fits: ``m.fit(X)``, or ``m = Model().fit(X)``."""
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        if isinstance(owner, ast.Name):
            return owner.id
        results = self._results(call)
        return results.pop() if len(results) == 1 else ""

    def _renewed(self, first: tuple[int, int, int]) -> set[str]:
        """Return the names that are given to other rows after the first split."""
        start = self._subject.scopes.start
        return {
            node.id
            for node in self._subject.nodes(ast.Name)
            if isinstance(node.ctx, ast.Store) and start(node) > first
        } | {name for split in self._splits for name in self._results(split)}

    def _is_tested_after(self, fit: ast.Call, model: str) -> bool:
        start = self._subject.scopes.start
        for call in self._subject.calls:
            if start(call) <= start(fit) or not isinstance(call.func, ast.Attribute):
                continue
            if not isinstance(call.func.value, ast.Name) or call.func.value.id != model:
                continue
            if call.func.attr in _FITS:
                return False
            if (
                call.func.attr in _TESTS
                and {n for item in call.args for n in _names(item)} & self._test_names
            ):
                return True
        return False


def _data(call: ast.Call) -> list[ast.expr]:
    """Return what is fitted on: the rows, and the labels."""
    named = [keyword.value for keyword in call.keywords if keyword.arg in ("X", "y")]
    return [*call.args[:2], *named] if call.args else []


def _inside(node: ast.AST, around: ast.AST) -> bool:
    return any(inner is node for inner in ast.walk(around))


def _is_transform(call: ast.Call, name: str) -> bool:
    """Whether rows that are no training rows are transformed by what is fitted on them; models are calibrated so."""
    return getattr(call.func, "attr", "") == "fit_transform" and "cal" not in name.lower()


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
