"""Models as folders in MLflow's format: complete, quick to load, needing nothing that only this kernel has.

MLflow takes seconds to import. It is needed to write a model; the models written here are read without it.
"""

from __future__ import annotations

import logging
import os
import pickle
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assetbook.errors import SessionError
from assetbook.session.pickling import requirements, workspace_by_value

EXAMPLE_ROWS = 5
_WRAPPED = "assetbook_wrapped"  # metadata key: the pickled object is a function around the author's model
_ORIGINAL = "model"  # the attribute of that function which holds it


@dataclass(frozen=True)
class SavedModel:
    """What was written.

    Attributes:
        path: the folder.
        kind: class of the model, ``sklearn.pipeline.Pipeline``.
        answers: the method that predictions come from: ``predict_proba`` where the model has one.
        sample_rows: how many rows `sample` had.
        signature: MLflow's, as JSON-ready data; None without a sample.
    """

    path: Path
    kind: str
    answers: str
    sample_rows: int
    signature: dict[str, Any] | None


def write_model(name: str, model: Any, *, sample: Any, to: Path, root: Path) -> SavedModel:
    """Write a fitted model as an MLflow model folder.

    A scikit-learn estimator gets that flavor; any other object with a ``predict`` method is wrapped as a
    Python function. Code of the workspace goes into the folder by value, so that it loads anywhere.

    Args:
        name: the asset, for messages.
        model: the fitted model.
        sample: some rows of its input, for the signature and the input example; may be None.
        to: the folder, which must not exist yet.
        root: the workspace folder.

    Raises:
        SessionError: no model, not fitted, not picklable, or it cannot predict the sample.
    """
    answers = _answering_method(name, model)
    predictions = None if sample is None else _predict(name, model, answers, sample)
    with workspace_by_value(root), quiet(), _as_our_errors(name):
        from mlflow.models import infer_signature

        plain = _plain(sample)
        signature = None if sample is None else infer_signature(plain, predictions)
        _write(
            model,
            answers,
            path=str(to),
            pip_requirements=requirements(name, model),
            signature=signature,
            input_example=None if sample is None else plain[:EXAMPLE_ROWS],
        )
    return SavedModel(
        path=to,
        kind=f"{type(model).__module__}.{type(model).__qualname__}",
        answers=answers,
        sample_rows=0 if sample is None else len(sample),
        signature=None if signature is None else signature.to_dict(),
    )


def replace_model(name: str, model: Any, *, sample: Any, to: Path, root: Path) -> SavedModel:
    """Write a model over one that may be there; the old one stays until the new one is complete."""
    fresh = to.with_name(f".{to.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    saved = write_model(name, model, sample=sample, to=fresh, root=root)
    shutil.rmtree(to, ignore_errors=True)
    fresh.rename(to)
    return replace(saved, path=to)


def read_model(name: str, folder: Path) -> Any:
    """Return the fitted model of an MLflow model folder: the object that was saved.

    Models that other tools wrote are loaded by MLflow: scikit-learn's as themselves, others as its generic
    Python model.

    Raises:
        SessionError: the folder is not a model, or cannot be loaded here.
    """
    import yaml

    try:
        description = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
        flavors = description["flavors"]
        sklearn = flavors.get("sklearn", {})
        if sklearn.get("serialization_format") in ("cloudpickle", "pickle"):
            return pickle.loads((folder / sklearn["pickled_model"]).read_bytes())
        if (description.get("metadata") or {}).get(_WRAPPED):
            wrapper = pickle.loads((folder / flavors["python_function"]["python_model"]).read_bytes())
            return getattr(wrapper.func, _ORIGINAL)
        return _read_with_mlflow(folder, "sklearn" if sklearn else "pyfunc")
    except (OSError, KeyError, TypeError, ImportError, AttributeError, EOFError) as error:
        raise _unreadable(name, folder, error) from error
    except (yaml.YAMLError, pickle.UnpicklingError) as error:
        raise _unreadable(name, folder, error) from error


def _unreadable(name: str, folder: Path, error: Exception) -> SessionError:
    return SessionError(
        f"The model {name!r} in {folder} cannot be loaded: {type(error).__name__}: {error}. "
        f"Train it again with `assetbook run {name} --force`, or install what it needs."
    )


def _read_with_mlflow(folder: Path, flavor: str) -> Any:
    import importlib

    return importlib.import_module(f"mlflow.{flavor}").load_model(str(folder))


def _answering_method(name: str, model: Any) -> str:
    if isinstance(model, type):
        raise SessionError(
            f"save_model({name!r}, …): {model.__name__} is a class. Give a fitted object of it."
        )
    for method in ("predict_proba", "predict"):
        if callable(getattr(model, method, None)):
            break
    else:
        raise SessionError(
            f"save_model({name!r}, …): a model needs a predict method, found {type(model).__name__}. "
            "Save the fitted estimator or pipeline itself."
        )
    if not _is_sklearn(model):
        return method
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError:
        raise SessionError(
            f"save_model({name!r}, …): this {type(model).__name__} is not fitted. Call fit before saving it."
        ) from None
    return method


def _is_sklearn(model: Any) -> bool:
    """Tell without importing scikit-learn: an estimator's kernel has done so."""
    base = sys.modules.get("sklearn.base")
    return base is not None and isinstance(model, base.BaseEstimator)


def _predict(name: str, model: Any, method: str, sample: Any) -> Any:
    try:
        return getattr(model, method)(sample)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise SessionError(
            f"save_model({name!r}, …): the model cannot predict its own sample "
            f"({type(error).__name__}: {error}). Give rows of the table that it was fitted on."
        ) from error


@contextmanager
def _as_our_errors(name: str) -> Iterator[None]:
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, TypeError) as error:
        raise SessionError(
            f"save_model({name!r}, …): MLflow cannot describe this model and its sample ({error}). "
            "Give as sample a DataFrame or an array of numbers, texts, bools and times."
        ) from error


def _plain(sample: Any) -> Any:
    """Return the sample as MLflow understands it: a Polars frame becomes a pandas one."""
    return sample.to_pandas() if type(sample).__module__.startswith("polars") else sample


def _write(model: Any, answers: str, **arguments: Any) -> None:
    import mlflow.pyfunc
    import mlflow.sklearn

    if _is_sklearn(model):
        mlflow.sklearn.save_model(
            model, serialization_format="cloudpickle", pyfunc_predict_fn=answers, **arguments
        )
        return

    # A function in a function is pickled by value: a server of the model need not have assetbook.
    # MLflow would take type hints for a schema.
    def predict(model_input):  # type: ignore[no-untyped-def]
        return getattr(model, answers)(model_input)

    predict.__dict__[_ORIGINAL] = model
    mlflow.pyfunc.save_model(python_model=predict, metadata={_WRAPPED: True}, **arguments)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence what MLflow says to everybody: its advice on pickles, integers, type hints; its telemetry."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(record=True):  # MLflow overrules the filter, but not the recorder
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
