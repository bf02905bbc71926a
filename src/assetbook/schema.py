"""Schemas: a table held against a pandera schema, and what the schema says of its columns.

pandera's models and schema objects are accepted, those for pandas and those for Polars, with tables of either
library. The coerced table is the result; a row that fails is reported, not raised.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Literal

from assetbook.coercion import watched
from assetbook.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

FAILURE_COLUMNS = ("column", "check", "value", "row")
SENSITIVE = "sensitive"  # in the metadata of a pandera field: its values are shown to nobody
MASK = "•••"  # what is shown instead
_SHOWN = 10  # checks listed in a summary
_WORDS = {
    "not_nullable": "not null",
    "field_uniqueness": "unique",
    "multiple_fields_uniqueness": "unique together",
    "column_in_dataframe": "column is there",
    "column_in_schema": "column is in the schema",
    "column_ordered": "column is in its place",
}
_TYPE_CHECK = re.compile(r"(?:coerce_)?dtype\('(\w+(?:\[[^\]]*\])?)'\)")


@dataclass(frozen=True)
class ValidatedTable:
    """A table after validation.

    Attributes:
        frame: the table as the schema coerces it, in the library that it was given in (Arrow becomes the
            schema's library); the table as it was given where it fails.
        failures: column, check, value and row of each failing case; None where there is none.
        summary: what to tell a reader.
    """

    frame: Any
    failures: pd.DataFrame | None
    summary: str


def validate(frame: Any, schema: Any, *, name: str) -> ValidatedTable:
    """Hold a table against a schema; every check is evaluated, also after the first has failed.

    Args:
        frame: a pandas or Polars frame, an Arrow table or a DuckDB relation.
        schema: a pandera ``DataFrameModel`` class or ``DataFrameSchema``.
        name: the table's name, for the summary.

    Raises:
        SchemaError: `schema` is no schema, or cannot be built.
        LakeError: `frame` is no table.
    """
    wanted = _schema_object(schema)
    library = _library(wanted)
    given = _in_library(frame, library, name=name)
    coerced, cases = _validated(wanted, given)
    _hide(cases, wanted, given)
    title = _title(schema, wanted)
    if not cases:
        rows, columns = coerced.shape
        summary = f"Table {name!r} meets {title}: {rows:,} rows, {columns} columns."
        return ValidatedTable(_back(coerced, like=frame), None, summary)
    failures = _failures(cases)
    return ValidatedTable(frame, failures, _summary(failures, name=name, title=title))


def column_schema(schema: Any) -> list[dict[str, Any]]:
    """Return what a schema says of each column: name, type, description, nullable, unique, sensitive, pattern, checks.

    `pattern` says that the name is one, which stands for several columns. Levels of a named index come first:
    the lake keeps them as columns.

    Raises:
        SchemaError: `schema` is no schema, or cannot be built.
    """
    wanted = _schema_object(schema)
    columns = [*_index_levels(wanted), *wanted.columns.items()]
    return [
        {
            "name": str(name),
            "type": str(column.dtype) if column.dtype is not None else "any",
            "description": column.description,
            "nullable": bool(column.nullable),
            "unique": bool(column.unique),
            "sensitive": bool((column.metadata or {}).get(SENSITIVE)),
            "pattern": bool(getattr(column, "regex", False)),
            "checks": [_check_name(check) for check in column.checks],
        }
        for name, column in columns
    ]


def sensitive_columns(schema: Any, columns: Iterable[str]) -> frozenset[str]:
    """Return those of a table's columns that the schema declares sensitive: ``pa.Field(metadata={"sensitive": True})``.

    Args:
        schema: a pandera model or schema; None declares nothing.
        columns: of the table; a field of the schema may stand for several.

    Raises:
        SchemaError: `schema` is no schema, or cannot be built.
    """
    if schema is None:
        return frozenset()
    wanted = _schema_object(schema)
    declared = [
        (str(name), bool(getattr(column, "regex", False)))
        for name, column in [*_index_levels(wanted), *wanted.columns.items()]
        if (column.metadata or {}).get(SENSITIVE)
    ]
    return frozenset(
        column
        for column in columns
        if any(re.match(name, str(column)) if is_pattern else name == column for name, is_pattern in declared)
    )


def table_notes(schema: Any) -> tuple[str, list[str]]:
    """Return what a schema says of a row of the table, and what must hold for all of its rows, in words.

    Raises:
        SchemaError: `schema` is no schema, or cannot be built.
    """
    wanted = _schema_object(schema)
    unique = [f"unique together: {', '.join(map(str, wanted.unique))}"] if wanted.unique else []
    checks = [str(check.description or check.title or _check_name(check)) for check in wanted.checks]
    return cleandoc(wanted.description or ""), unique + checks


def _index_levels(schema: Any) -> list[tuple[str, Any]]:
    index = getattr(schema, "index", None)
    levels = [] if index is None else getattr(index, "indexes", [index])
    return [(level.name, level) for level in levels if level.name]


def _check_name(check: Any) -> str:
    return str(check.error or check.name or "check")


# ---- the schema


def _schema_object(schema: Any) -> Any:
    """Return the pandera schema object of a model class or of itself."""
    kind = schema if isinstance(schema, type) else type(schema)
    bases = {base.__name__ for base in kind.__mro__ if base.__module__.startswith("pandera.")}
    is_model = isinstance(schema, type) and "DataFrameModel" in bases
    if not is_model and "DataFrameSchema" not in bases:
        found = f"the class {schema.__name__}" if isinstance(schema, type) else kind.__name__
        raise SchemaError(
            f"Found {found} as schema. Expected a pandera DataFrameModel class or a DataFrameSchema, such as "
            "`class Flights(pandera.pandas.DataFrameModel): delay: float`."
        )
    if not is_model:
        return schema
    try:
        return schema.to_schema()
    except Exception as error:  # whatever the model's own annotations lead to
        raise SchemaError(f"The schema {schema.__name__} cannot be built: {error}") from error


def _library(schema: Any) -> Literal["pandas", "polars"]:
    modules = {base.__module__ for base in type(schema).__mro__}
    if any(module.startswith("pandera.api.polars") for module in modules):
        return "polars"
    if any(module.startswith("pandera.api.pandas") for module in modules):
        return "pandas"
    raise SchemaError(
        f"Found a schema of {type(schema).__module__}. Expected one of pandera.pandas or pandera.polars."
    )


def _title(schema: Any, wanted: Any) -> str:
    if isinstance(schema, type):
        return schema.__name__
    return f"its schema {wanted.name}" if wanted.name else "its schema"


# ---- the table in the schema's library, and back


def _in_library(frame: Any, library: Literal["pandas", "polars"], *, name: str) -> Any:
    if _is_frame(frame, library):
        return frame
    from assetbook.lake.incoming import to_arrow
    from assetbook.lake.outgoing import convert

    return convert(to_arrow(frame, name=name), library)


def _back(frame: Any, *, like: Any) -> Any:
    other: Literal["pandas", "polars"] = "pandas" if _is_frame(frame, "polars") else "polars"
    return _in_library(frame, other, name="the validated table") if _is_frame(like, other) else frame


def _is_frame(frame: Any, library: str) -> bool:
    kind = type(frame)
    return kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] == library


# ---- validation


def _validated(schema: Any, frame: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Return the coerced frame and the failing cases; a value that the coercion changes is one."""
    from pandera.errors import SchemaDefinitionError, SchemaErrors, SchemaInitError

    schema, changed = watched(schema)
    try:
        with warnings.catch_warnings():
            # pandera joins its reports in a way that pandas is about to change; ours do not depend on it.
            warnings.filterwarnings("ignore", "The behavior of DataFrame concatenation", FutureWarning)
            return schema.validate(frame, lazy=True), _plainly(changed)
    except SchemaErrors as errors:
        return frame, [*(_case(row) for row in _rows(errors.failure_cases)), *_plainly(changed)]
    except (SchemaDefinitionError, SchemaInitError) as error:
        raise SchemaError(f"The schema cannot be used: {error}") from error
    except Exception as error:  # noqa: BLE001 - parsers and checks are user code: what they raise is a failure
        missing = [_missing(column) for column in _missing_columns(schema, frame)]
        raised = {
            "column": None,
            "check": "validation",
            "value": f"{type(error).__name__}: {error}",
            "row": None,
        }
        return frame, [*(missing or [raised]), *_plainly(changed)]


def _plainly(cases: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{key: _plain(value) for key, value in case.items()} for case in cases]


def _hide(cases: Iterable[dict[str, Any]], schema: Any, frame: Any) -> None:
    """Mask the values of sensitive columns, and values of which it cannot be told what columns they are of."""
    levels = [name for name, _ in _index_levels(schema)]
    known = {*levels, *frame.columns}
    sensitive = sensitive_columns(schema, known)
    for case in cases if sensitive else ():
        if case["value"] is not None and (case["column"] in sensitive or case["column"] not in known):
            case["value"] = MASK
        if case["row"] is not None and not sensitive.isdisjoint(levels):  # what pandas calls the row
            case["row"] = MASK


def _missing_columns(schema: Any, frame: Any) -> list[str]:
    required = (name for name, column in schema.columns.items() if column.required and not column.regex)
    return [name for name in required if name not in frame.columns]


def _missing(column: str) -> dict[str, Any]:
    return {"column": column, "check": _WORDS["column_in_dataframe"], "value": None, "row": None}


def _rows(failure_cases: Any) -> Iterator[Mapping[str, Any]]:
    if _is_frame(failure_cases, "polars"):
        yield from failure_cases.iter_rows(named=True)
        return
    names = list(failure_cases.columns)
    for values in failure_cases.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))


def _case(row: Mapping[str, Any]) -> dict[str, Any]:
    check = str(row["check"])
    typed = _TYPE_CHECK.fullmatch(check)
    about_columns = check in ("column_in_dataframe", "column_in_schema", "column_ordered")
    return {
        "column": _plain(row["failure_case"] if about_columns else row["column"]),
        "check": f"type {typed[1]}" if typed else _WORDS.get(check, check.splitlines()[0][:200]),
        "value": None if about_columns else _plain(row["failure_case"]),
        "row": _plain(row["index"]),
    }


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: numbers and text as they are, anything else as text."""
    item = getattr(value, "item", None)
    value = item() if callable(item) else value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        whole = math.isfinite(value) and value.is_integer()
        return None if math.isnan(value) else int(value) if whole else value
    return str(value)


def _failures(cases: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    rows = [[case[column] for column in FAILURE_COLUMNS] for case in cases]
    return pd.DataFrame(rows, columns=list(FAILURE_COLUMNS), dtype=object)


def _summary(failures: pd.DataFrame, *, name: str, title: str) -> str:
    groups = list(failures.groupby(["column", "check"], dropna=False, sort=False))
    lines = [_group_line(column, check, group) for (column, check), group in groups[:_SHOWN]]
    if len(groups) > _SHOWN:
        lines.append(f"- and {len(groups) - _SHOWN} more")
    cases = "case" if len(failures) == 1 else "cases"
    return f"Table {name!r} does not meet {title}: {len(failures):,} failing {cases}.\n" + "\n".join(lines)


def _group_line(column: Any, check: Any, group: pd.DataFrame) -> str:
    where = column if isinstance(column, str) else "the table"
    first = group.iloc[0]
    found = "" if first["value"] is None else f", found {first['value']!r}"
    row = "" if first["row"] is None else f" in row {first['row']}"
    more = f" and {len(group) - 1:,} more" if len(group) > 1 else ""
    return f"- {where}: {check}{found}{row}{more}"
