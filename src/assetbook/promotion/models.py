"""Fitted models in a notebook: which names stand for one, and what each was fitted on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from assetbook.checking.subject import Subject
from assetbook.promotion.work import Work

_LIBRARIES = frozenset(
    {"sklearn", "xgboost", "lightgbm", "catboost", "imblearn", "statsmodels", "pygam", "ngboost", "interpret"}
)
_MAKERS = frozenset({"sklearn.pipeline.make_pipeline", "imblearn.pipeline.make_pipeline"})
_PREDICTS = re.compile(
    r"(Classifier|Regressor|Regression|SVC|SVR|NB|Ridge|RidgeCV|Lasso|LassoCV|ElasticNet|ElasticNetCV|Pipeline|"
    r"SearchCV|KMeans|Mixture|Perceptron|Forest|Discriminant\w+|Lars|RegressionCV|OneClassSVM|Booster|CatBoost|XGB\w+|LGBM\w+|"
    r"Huber\w+|LogisticRegressionCV|DBSCAN|Birch|MeanShift|AffinityPropagation)$"
)
_BEST = frozenset({"best_estimator_"})


def predictors(subject: Subject) -> frozenset[str]:
    """Return the names, outside of functions, that stand for an estimator which predicts."""
    return frozenset(name for name, made in _assigned(subject) if made in _BEST or _PREDICTS.search(made))


def _assigned(subject: Subject) -> Iterator[tuple[str, str]]:
    """Give names with the last part of what made them."""
    for node in subject.nodes(ast.Assign):
        if subject.scopes.scope(node) is not None:
            continue
        made = _made_by(node.value, subject)
        if made:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, made


def _made_by(value: ast.expr, subject: Subject) -> str:
    match value:
        case ast.Call(func=ast.Attribute(value=inner, attr="fit")):
            return _made_by(inner, subject)
        case ast.Attribute(attr=attr) if attr in _BEST:
            return attr
        case ast.Call(func=function):
            origin = subject.origin(function)
            name = origin.rpartition(".")[2]
            if origin in _MAKERS:
                return "Pipeline"
            if origin.partition(".")[0] in _LIBRARIES and name[:1].isupper():
                return name
        case ast.Name():
            definition = subject.definition(value)
            return _made_by(definition, subject) if definition is not value else ""
    return ""


def fits(name: str, subject: Subject) -> list[ast.Call]:
    """Return the calls that fit the estimator of a name, those of a search included for its best."""
    names = {name}
    for node in subject.nodes(ast.Assign):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=target)], value=ast.Attribute(value=ast.Name(id=search), attr=attr)
            ):
                if target == name and attr in _BEST:
                    names.add(search)
    found = []
    for call in subject.calls:
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="fit" | "fit_predict")) if (
                owner in names
            ):
                found.append(call)
            case ast.Call(func=ast.Attribute(value=ast.Call(), attr="fit")):
                parent = subject.scopes.parent(call)
                if isinstance(parent, ast.Assign) and any(
                    isinstance(t, ast.Name) and t.id in names for t in parent.targets
                ):
                    found.append(call)
    return found


def sample_of(name: str, work: Work) -> str | None:
    """Return an expression for some rows of what a model was fitted on; None where that cannot be told."""
    for call in reversed(fits(name, work.subject)):
        first = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "X"), None)
        if first is None or work.subject.scopes.scope(call) is not None:
            continue
        match first:
            case ast.Name(id=rows):
                return f"{rows}[:5]"
            case ast.Subscript(value=ast.Name()):
                return f"{ast.unparse(first)}[:5]"
    return None
