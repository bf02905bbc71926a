"""Schemas of tables as they were seen: types, missing values, keys. Ranges and values stand beside them as remarks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_KEY = re.compile(r"(^|_)(id|key|uuid|nr|no|number)$", re.IGNORECASE)
_LISTED = 6  # values that a remark spells out
_LONG = 60  # characters of a remark
_CHECKED = "strict=True"


def schema_text(name: str, frame: pd.DataFrame) -> str | None:
    """Return the Python of a pandera schema that a table meets; None where pandera has none for it.

    Columns have the dtype that was seen. They may be null only where one was missing, and are unique only where they
    are named like a key and no value comes twice. Other columns than these are refused.

    Args:
        name: the variable that the schema is assigned to.
        frame: the table; rows of it must be there.
    """
    if frame.empty or not frame.columns.is_unique or not all(isinstance(c, str) for c in frame.columns):
        return None
    types = {str(column): dtype_text(frame[column]) for column in frame.columns}
    text = _text(name, frame, types)
    if _meets(text, name, frame):
        return text
    for column in types:  # a dtype that pandera has no name for is not checked
        if not _meets(
            _text(name, frame[[column]], {column: types[column]}, index=False), name, frame[[column]]
        ):
            types[column] = None
    text = _text(name, frame, types)
    return text if _meets(text, name, frame) else None


def _text(name: str, frame: pd.DataFrame, types: dict[str, str | None], *, index: bool = True) -> str:
    lines = [f"{name} = pa.DataFrameSchema(", "    {"]
    for column, dtype in types.items():
        given = _given(frame[column], dtype, column)
        remark = remark_on(frame[column])
        lines.append(
            f"        {_literal(column)}: pa.Column({', '.join(given)}),{f'  # {remark}' if remark else ''}"
        )
    lines.append("    },")
    if index:
        lines += [f"    {line}" for line in _index(frame)]
    lines += [f"    {_CHECKED},", ")"]
    return "\n".join(lines)


def _index(frame: pd.DataFrame) -> Iterator[str]:
    """Give the lines for a named index, which is part of the table."""
    names = list(frame.index.names)
    if any(name is None for name in names):
        return
    levels = []
    for place, name in enumerate(names):
        values = frame.index.get_level_values(place).to_series()
        dtype = dtype_text(values)
        levels.append(f"pa.Index({_literal(dtype) if dtype else None}, name={_literal(str(name))})")
    if len(levels) == 1:
        yield f"index={levels[0]},"
        return
    yield "index=pa.MultiIndex(["
    yield from (f"    {level}," for level in levels)
    yield "]),"


def _given(values: pd.Series[Any], dtype: str | None, column: str) -> list[str]:
    given = [_literal(dtype)] if dtype else []
    if bool(values.isna().any()):
        given.append("nullable=True")
    elif _KEY.search(column) and len(values) > 1 and values.is_unique:
        given.append("unique=True")
    return given


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dtype_text(values: pd.Series[Any]) -> str | None:
    """Return the name that pandera has for the dtype of a column; None for objects that are not all texts."""
    if values.dtype == object:
        there = values.dropna()
        return "str" if len(there) and all(type(value) is str for value in there) else "object"
    return str(values.dtype)


def remark_on(values: pd.Series[Any]) -> str:
    """Return what was seen of a column: its range, or its values, and how many are missing."""
    import pandas as pd

    there = values.dropna()
    missing = f"{len(values) - len(there)} of {len(values)} missing" if len(there) < len(values) else ""
    if there.empty:
        return missing
    seen = ""
    if pd.api.types.is_bool_dtype(there.dtype):
        seen = ""
    elif pd.api.types.is_numeric_dtype(there.dtype) or pd.api.types.is_datetime64_any_dtype(there.dtype):
        first, last = _shown(there.min()), _shown(there.max())
        seen = f"always {first}" if first == last else f"{first} to {last}"
    elif _are_texts(there):
        seen = _values_seen(there)
    remark = ", ".join(part for part in (seen, missing) if part)
    return " ".join(remark.split())[:_LONG]


def _are_texts(values: pd.Series[Any]) -> bool:
    return all(isinstance(value, str) for value in values.head(1000))


def _values_seen(values: pd.Series[Any]) -> str:
    found = sorted(set(map(str, values)))
    if len(found) <= _LISTED and sum(map(len, found)) < _LONG:
        return ", ".join(found)
    return "all different" if len(found) == len(values) else f"{len(found):,} different"


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return text.removesuffix(" 00:00:00")


def _meets(text: str, name: str, frame: pd.DataFrame) -> bool:
    """Whether a table meets a schema; one that cannot be built is met by none."""
    import pandas as pd
    import pandera.pandas as pa

    from assetbook.errors import AssetbookError
    from assetbook.schema import validate

    namespace: dict[str, Any] = {"pa": pa, "pd": pd}
    try:
        exec(text, namespace)
        return validate(frame, namespace[name], name=name).failures is None
    except (AssetbookError, TypeError, ValueError, pa.errors.SchemaDefinitionError):
        return False
