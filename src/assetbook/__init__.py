"""Turn Jupyter notebooks into production Dagster assets, without rewriting them.

In a notebook: ``import assetbook as ab``. Every function means the same in Jupyter and in production; where
the two must differ (``save`` publishes in production only), it prints a line that says so. Names are literal
texts: the platform reads them from the notebook without running it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from assetbook.declare import table
from assetbook.errors import AssetbookError

if TYPE_CHECKING:
    from datetime import date

    from assetbook.component import NotebookAssets as NotebookAssets
    from assetbook.session import Session

    __version__: str

__all__ = [
    "AssetbookError",
    "__version__",
    "asset",
    "check",
    "load",
    "metric",
    "path",
    "save",
    "save_model",
    "sql",
    "table",
]

_COMPONENT = "NotebookAssets"  # for `dg`, which asks `dir`; where no Dagster is, it is not shown
_P = ParamSpec("_P")
_T = TypeVar("_T")


def __getattr__(name: str) -> Any:
    if name == "__version__":  # looked up when asked for: the metadata reader is slow to import
        from importlib.metadata import version

        return version("assetbook")
    if name == _COMPONENT:  # on the platform side only: it imports Dagster
        from assetbook.component import NotebookAssets

        return NotebookAssets
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    import sys

    return sorted([*globals(), *([_COMPONENT] if "dagster" in sys.modules else [])])


def _own_errors_without_traceback(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let an error that the caller can mend point at the caller's line, not into this library."""

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        __tracebackhide__ = True  # pytest leaves this frame out
        try:
            return function(*args, **kwargs)
        except AssetbookError as error:
            raise error.with_traceback(None) from error.__cause__

    return call


@_own_errors_without_traceback
def asset(
    *,
    group: str | None = None,
    description: str | None = None,
    owners: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    kinds: Sequence[str] | None = None,
    partitions: Mapping[str, str | Sequence[str]] | None = None,
    freshness: str | float | Mapping[str, Any] | None = None,
    automation: str | None = None,
    retries: int | Mapping[str, Any] | None = None,
    pool: str | None = None,
    timeout: str | float | None = None,
    memory: str | int | None = None,
    secrets: Sequence[str] | None = None,
) -> None:
    """Declare how the platform treats this notebook's assets; optional, at most once, literal arguments.

    The platform reads the call without running it. When the cell runs, the arguments are checked and nothing
    else happens.

    Args:
        group: group in the UI and folder in the lake; by default after what the notebook gives.
        description: Markdown; the notebook's first heading and paragraph by default.
        owners: e-mail addresses, or teams as ``"team:ops"``.
        tags: labels to search and select by.
        kinds: technologies to show as icons, such as ``["sklearn"]``.
        partitions: the parameter that receives the key, and the keys:
            ``{"month": "monthly from 2013-01"}``; also ``hourly``, ``daily``, ``weekly``; ``… to 2013-12``,
            a list of keys, ``"dynamic NAME"``, or ``"like flights"`` for those of another asset.
        freshness: how old is too old: ``"1d"``, ``{"fail": "1d", "warn": "12h"}``, or
            ``{"cron": "0 9 * * *", "lower_bound": "2h", "timezone": "UTC"}``.
        automation: when to run by itself: ``"eager"``, ``"on_missing"`` or ``"on_cron 0 9 * * *"``.
        retries: how often to try again: a number, or ``{"max": 2, "delay": "10s"}``.
        pool: the Dagster concurrency pool that limits how many run at once.
        timeout: the longest a whole run may take: ``"10m"``, or seconds.
        memory: the most memory its kernel may use: ``"2GB"``, or bytes.
        secrets: parameters whose values are never written down.

    Example:
        >>> ab.asset(owners=["team:ops"], freshness="1d", partitions={"month": "monthly from 2013-01"})
    """
    given = dict(locals())
    from assetbook.contract.options import parse_options

    parse_options(given)


@_own_errors_without_traceback
def load(
    name: str,
    *,
    columns: Sequence[str] | None = None,
    version: int | None = None,
    partition: str | date | Sequence[str] | None = None,
    as_: Literal["pandas", "polars", "arrow", "relation"] = "pandas",
) -> Any:
    """Load an upstream asset: a table as a DataFrame, or a fitted model.

    In Jupyter you get what is in the lake now; a run gets the versions that were current when it began.

    Args:
        name: the asset, as a literal text: ``"flights"``. ``"flights@3"`` is its version 3, and in Jupyter
            ``"flights@scratch"`` what you saved there yourself.
        columns: the columns to read; all by default. Naming them reads less.
        version: a version of the table, counted from 0; the newest by default.
        partition: a partition key, the date that it begins with, or a list of keys; the whole table by default.
        as_: ``"pandas"``, ``"polars"``, ``"arrow"`` (a ``pyarrow.Table``) or ``"relation"`` (a DuckDB
            relation, which reads only what you ask of it).

    Returns:
        The table in that form, or the model object that ``save_model`` was given.

    Raises:
        SessionError: an unknown name, partition or column form, or an asset without data.
        LakeError: an unknown version or column.

    Example:
        >>> flights = ab.load("flights", columns=["origin", "arr_delay"])
        >>> march = ab.load("flights", partition="2013-03", as_="polars")
    """
    return _session().load(name, columns=columns, version=version, partition=partition, as_=as_)


@_own_errors_without_traceback
def path(name: str) -> str:
    """Return the path of a file, or folder of files, that is an upstream asset.

    For what is read otherwise than as a table: text, images, a workbook, a database file. Such an asset is a table
    with a row for each file, which `assetbook.landing.read_files` makes. The files are written where the notebook
    can read them; changes made to them there are lost.

    Args:
        name: the asset, as a literal text.

    Returns:
        The path: of the file, or of the folder.

    Raises:
        SessionError: an unknown name, an asset without data, or a table that holds no files.

    Example:
        >>> text = open(ab.path("handbook"), encoding="utf-8").read()
    """
    return _session().path(name)


@_own_errors_without_traceback
def sql(
    query: str,
    *,
    params: Mapping[str, Any] | Sequence[Any] | None = None,
    frames: Mapping[str, Any] | None = None,
    as_: Literal["pandas", "polars", "arrow", "relation"] = "pandas",
) -> Any:
    """Query upstream tables with DuckDB's SQL; assets are tables by their names.

    Args:
        query: the SQL, as a literal text: the tables in it are dependencies.
        params: values for ``$name`` (a dict) or ``?`` (a list) in the query.
        frames: DataFrames of yours to use as tables too, by name.
        as_: the form of the result, as for `load`.

    Returns:
        The result as a pandas DataFrame, or in the form that was asked for.

    Raises:
        SessionError: a table that is no upstream asset, or has no data.
        LakeError: a query that DuckDB refuses.

    Example:
        >>> late = ab.sql("select origin, avg(arr_delay) as delay from flights group by origin")
        >>> ab.sql("select * from flights where origin = $origin", params={"origin": "JFK"})
    """
    return _session().sql(query, params=params, frames=frames, as_=as_)


@_own_errors_without_traceback
def save(name: str, data: Any, *, schema: Any = None) -> None:
    """Save a table as an asset.

    In a run it is published when the whole notebook has succeeded and its blocking checks hold. In Jupyter it
    goes to your scratch area, where ``ab.load("name@scratch")`` finds it; production is never touched.

    Args:
        name: the asset, as a literal text; once per run.
        data: a DataFrame of pandas or Polars, a series of pandas, a ``pyarrow.Table`` or a DuckDB relation.
        schema: a pandera model or schema. Its coerced result is what is stored; rows that violate it are
            an error that shows them.

    Raises:
        SchemaError: with the failing cases.
        LakeError: no table, or columns that a table cannot keep.
        SessionError: in a run, a name that was not read from the notebook or is saved twice.

    Example:
        >>> ab.save("flight_features", features, schema=FlightFeatures)
    """
    _session().save(name, data, schema=schema)


@_own_errors_without_traceback
def save_model(
    name: str, model: Any, *, sample: Any = None, metrics: Mapping[str, Any] | None = None
) -> None:
    """Save a fitted model as an asset, in MLflow's format.

    In a run it is registered as a new version when the whole notebook has succeeded; in Jupyter it goes to
    your scratch area.

    Args:
        name: the asset, as a literal text; once per run.
        model: a fitted scikit-learn estimator or pipeline, or any object with a ``predict`` method.
            Predictions are its ``predict_proba`` where it has one.
        sample: some rows of its input, ``X.head()``: the signature and the example of the prediction
            service come from it.
        metrics: numbers that belong to this model, such as ``{"auc": 0.83}``.

    Raises:
        SessionError: no model, not fitted, or it cannot predict `sample`.

    Example:
        >>> ab.save_model("delay_model", pipeline, sample=X.head(), metrics={"auc": auc})
    """
    _session().save_model(name, model, sample=sample, metrics=metrics)


@_own_errors_without_traceback
def check(
    name: str,
    passed: bool,
    *,
    asset: str | None = None,
    blocking: bool = True,
    description: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Report whether a check of this notebook's output holds.

    A blocking check that fails does not stop the notebook; it stops the outputs from being published.

    Args:
        name: the check, as a literal text; once per run.
        passed: the outcome, one bool: ``bool(features.origin.notna().all())``.
        asset: the output it is about; needed only where the notebook has several.
        blocking: whether a failure keeps the outputs unpublished; True or False itself, not an expression.
        description: what the check means.
        metadata: facts to show with the outcome, such as ``{"empty": 3}``.

    Raises:
        SessionError: an outcome that is not a bool, or a check that was not read from the notebook.

    Example:
        >>> ab.check("no_empty_origin", bool(features.origin.notna().all()))
    """
    _session().check(name, passed, asset=asset, blocking=blocking, description=description, metadata=metadata)


@_own_errors_without_traceback
def metric(name: str, value: float) -> None:
    """Report a number of this run; Dagster plots it over time and MLflow logs it.

    Args:
        name: the metric. Of one name the last value counts.
        value: a number of Python or NumPy; nan is allowed, the infinities are not.

    Raises:
        SessionError: a value that is no number.

    Example:
        >>> ab.metric("auc", 0.83)
    """
    _session().metric(name, value)


def load_ipython_extension(ipython: Any) -> None:
    """Show what the notebook is as an asset: ``%load_ext assetbook`` in Jupyter."""
    from assetbook.jupyter import load

    load(ipython)


def _session() -> Session:
    from assetbook.session import current

    return current()


def _let_jupyter_find_the_workspace() -> None:
    """Make the workspace's modules importable in Jupyter, whose folder is the notebook's; in a run they are."""
    import os
    import sys

    if "IPython" not in sys.modules or sys.modules["IPython"].get_ipython() is None:
        return
    from assetbook.session.context import VARIABLE
    from assetbook.settings import find_import_root

    if VARIABLE in os.environ:
        return
    with suppress(AssetbookError):  # no workspace here: the first call says so
        root = str(find_import_root())
        if root not in sys.path:
            sys.path.insert(0, root)


_let_jupyter_find_the_workspace()  # at import, since it is the only line before `from assets.flights import …`
