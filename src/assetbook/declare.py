"""Python assets: a plain function that returns a table, declared where it stands.

The decorator only notes the declaration on the function; the platform makes a Dagster asset of it. So the
code of a workspace imports no Dagster, and its functions are called in tests like any other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from string import Formatter
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, overload

from assetbook.errors import ContractError

if TYPE_CHECKING:
    from typing import Unpack

    from assetbook.contract.model import Options
    from assetbook.lake import Form

F = TypeVar("F", bound=Callable[..., Any])

LANDING = "landing"
NOTEBOOK_OPTIONS = frozenset({"timeout", "memory", "secrets"})
_LIBRARIES: Mapping[str, Form] = {
    "pandas": "pandas",
    "pd": "pandas",
    "DataFrame": "pandas",
    "pandera": "pandas",
    "polars": "polars",
    "pl": "polars",
    "pyarrow": "arrow",
    "pa": "arrow",
    "duckdb": "relation",
    "_duckdb": "relation",
    "DuckDBPyRelation": "relation",
}


class AssetOptions(TypedDict, total=False):
    """The options of ``ab.asset``, which documents them."""

    description: str
    owners: Sequence[str]
    tags: Mapping[str, str]
    kinds: Sequence[str]
    partitions: Mapping[str, str | Sequence[str]]
    freshness: str | float | Mapping[str, Any]
    automation: str
    retries: int | Mapping[str, Any]
    pool: str


@dataclass(frozen=True)
class TableDeclaration:
    """A function that gives a table, as ``fn.__assetbook__`` holds it.

    Attributes:
        name: the asset: the function's name.
        function: the function itself.
        schema: a pandera model or schema, or None.
        group: folder in the lake and group in the UI.
        landing: the pattern of its file below the landing folder, or None.
        options: everything else.
        description: from the options, or the first paragraph of the docstring.
        source: the file that defines it.
        inputs: upstream assets, by parameter name, and the form in which each is loaded.
    """

    name: str
    function: Callable[..., Any]
    schema: Any
    group: str
    landing: str | None
    options: Options
    description: str | None
    source: Path
    inputs: Mapping[str, Form] = field(default_factory=dict)

    @property
    def partition_parameter(self) -> str | None:
        """The parameter that receives the partition key; the function may leave it out."""
        return self.options.partitions.parameter if self.options.partitions else None

    @property
    def takes(self) -> frozenset[str]:
        """The names of the function's parameters."""
        return frozenset(inspect.signature(self.function).parameters)


@overload
def table(function: F, /) -> F: ...


@overload
def table(
    *,
    schema: Any = None,
    group: str = "raw",
    landing: str | None = None,
    **options: Unpack[AssetOptions],
) -> Callable[[F], F]: ...


def table(
    function: F | None = None,
    /,
    *,
    schema: Any = None,
    group: str = "raw",
    landing: str | None = None,
    **options: Unpack[AssetOptions],
) -> F | Callable[[F], F]:
    """Declare a plain function in ``assets/`` as a table asset named after it.

    The function returns a DataFrame of pandas or Polars, a ``pyarrow.Table`` or a DuckDB relation. Its
    parameters are what it needs: ``landing`` (the path of its file), the partition parameter (the key), and
    upstream assets by name, loaded as the annotation says (``pd.DataFrame`` by default). It stays a plain
    function that can be called and tested.

    Args:
        function: the function, where the decorator stands without parentheses.
        schema: a pandera model or schema that the table must meet.
        group: folder in the lake and group in the UI.
        landing: the file that it reads, below the landing folder. The partition parameter stands in braces:
            ``"flights/flights-{month}.csv"``.
        options: as for ``ab.asset``: owners, tags, partitions, freshness, automation, retries, …

    Raises:
        ContractError: options, pattern and parameters do not fit together.

    Example:
        >>> @ab.table(landing="flights/{month}.csv", partitions={"month": "monthly from 2013-01"})
        ... def flights(landing: Path) -> pd.DataFrame:
        ...     return pd.read_csv(landing)
    """

    def declare(function: F) -> F:
        function.__dict__["__assetbook__"] = _declaration(function, schema, group, landing, options)
        return function

    return declare if function is None else declare(function)


def _declaration(
    function: Callable[..., Any], schema: Any, group: str, landing: str | None, options: AssetOptions
) -> TableDeclaration:
    source = Path(function.__code__.co_filename)
    where = f"{source.parent.name}/{source.name}, {function.__name__}()"
    parsed = _options({**options, "group": group}, where)
    partition = parsed.partitions.parameter if parsed.partitions else None
    if landing is not None:
        _check_landing(landing, partition, where)
    docstring = inspect.getdoc(function)
    return TableDeclaration(
        name=function.__name__,
        function=function,
        schema=schema,
        group=group,
        landing=landing,
        options=parsed,
        description=parsed.description or (docstring.split("\n\n")[0] if docstring else None),
        source=source,
        inputs=_inputs(function, landing is not None, partition, where),
    )


def _options(options: Mapping[str, Any], where: str) -> Options:
    from assetbook.contract.options import read_options

    limits = sorted(NOTEBOOK_OPTIONS & options.keys())
    if limits:
        raise ContractError(
            f"{where}: {limits[0]}=… is for notebooks, which run in a kernel that can be watched; a function "
            "runs inside the step. Remove it."
        )
    wrong: list[str] = []
    parsed = read_options(options, complain=wrong.append)
    if wrong:
        raise ContractError("\n".join(f"{where}: {message}" for message in wrong))
    return parsed


def _check_landing(pattern: str, partition: str | None, where: str) -> None:
    """Refuse a pattern that leaves the landing folder or whose braces are not the partition parameter."""
    if not isinstance(pattern, str):
        raise ContractError(f"{where}: landing={pattern!r} must be a text, as in 'flights/{{month}}.csv'.")
    path = PurePosixPath(pattern)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ContractError(
            f"{where}: landing={pattern!r} must be a path below the landing folder, without '..'."
        )
    try:
        fields = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
    except ValueError as error:
        raise ContractError(f"{where}: landing={pattern!r}: {error}.") from None
    expected = {partition} if partition else set()
    if fields != expected:
        found = ", ".join(f"{{{name}}}" for name in sorted(fields)) or "none"
        wanted = f"{{{partition}}}, the partition parameter" if partition else "none: it has no partitions"
        raise ContractError(f"{where}: landing={pattern!r} has the braces {found}; expected {wanted}.")


def _inputs(
    function: Callable[..., Any], reads_landing: bool, partition: str | None, where: str
) -> dict[str, Form]:
    parameters = inspect.signature(function).parameters
    for parameter in parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise ContractError(
                f"{where}: the parameter {parameter} has no name to load an asset by. Name each asset."
            )
    if reads_landing != (LANDING in parameters):
        fix = "Add the parameter." if reads_landing else "Give landing=… to the decorator, or remove it."
        said = "landing=… is given but there is no parameter" if reads_landing else "has a parameter"
        raise ContractError(f"{where}: {said} `landing: Path`. {fix}")
    annotations = _annotations(function)
    own = {LANDING, partition}
    return {name: _form(name, annotations.get(name), where) for name in parameters if name not in own}


def _annotations(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return inspect.get_annotations(function, eval_str=True)
    except NameError:  # imported for type checkers only: go by what is written
        return inspect.get_annotations(function)


def _form(name: str, annotation: Any, where: str) -> Form:
    """Tell from an annotation how an upstream table is wanted."""
    if annotation is None:
        return "pandas"
    written = annotation if isinstance(annotation, str) else getattr(annotation, "__module__", "")
    known = _LIBRARIES.get(written.partition(".")[0].partition("[")[0])
    if known is None:
        raise ContractError(
            f"{where}: the parameter {name!r} is annotated {annotation!r}. It is taken as the upstream asset "
            f"of that name: annotate pd.DataFrame, pl.DataFrame, pa.Table or duckdb.DuckDBPyRelation."
        )
    return known
