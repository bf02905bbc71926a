"""Columns of Python objects in a pandas frame: kept where each value comes back as it was, refused otherwise.

Arrow is generous with them: it makes a float of the whole number among floats, bytes of the text among bytes,
a date of the datetime among dates, a list of a tuple, and gives every dict the keys of all. Each of these would
be a silent change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from assetbook.errors import LakeError
from assetbook.lake.columns import type_name

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

OBJECTS = "objects"  # note: pandas would make something else of the Arrow values
NAN, NA, NAT = "nan", "NA", "NaT"  # notes: what stands for the missing values, unless it is None


def kept(series: pd.Series[Any], values: pa.ChunkedArray, *, name: str) -> tuple[pa.ChunkedArray, str | None]:
    """Return the column as Arrow has to hold it, and the note that gives back the objects.

    Args:
        series: the column.
        values: what Arrow made of it.
        name: the table's name, for messages.

    Raises:
        LakeError: the values would not come back as they are.
    """
    import pandas as pd
    import pyarrow as pa

    given: Any = series.to_numpy()
    notes: list[str] = []
    text = pa.types.is_string(values.type) and pd.api.types.infer_dtype(given, skipna=True) == "string"
    if not text:  # as most are, and seeing it is quick
        where = f"Table {name!r}, column {series.name!r}"
        values, notes = _checked(series, values, where=where)
    if values.null_count:
        notes += _missing(given[values.is_null().to_numpy(zero_copy_only=False)])
    return values, " ".join(notes) or None


def _checked(
    series: pd.Series[Any], values: pa.ChunkedArray, *, where: str
) -> tuple[pa.ChunkedArray, list[str]]:
    import numpy as np

    _refuse_moments(series.name, values.type, where=where)
    present: Any = series.to_numpy()[values.is_valid().to_numpy(zero_copy_only=False)]
    if set(map(type, present)) == {np.ndarray}:
        misfit, notes = _misfit_of_arrays(present, values.type), []
    else:
        values = _with_nan(series, values, where=where)
        misfit, notes = _misfit(present, values.type), [OBJECTS] if _changed_by_pandas(values.type) else []
    if misfit:
        raise _refused(series.name, misfit, values.type, where=where)
    return values, notes


def _refuse_moments(column: Any, arrow: pa.DataType, *, where: str) -> None:
    import pyarrow as pa

    is_ = pa.types
    if is_.is_timestamp(arrow) or is_.is_duration(arrow):
        fix = "pd.to_datetime" if is_.is_timestamp(arrow) else "pd.to_timedelta"
        raise LakeError(
            f"{where}: found {arrow} values as Python objects, whose unit and time zone are not certain. "
            f"Convert the column: `{fix}(df[{column!r}])`."
        )


def _with_nan(series: pd.Series[Any], values: pa.ChunkedArray, *, where: str) -> pa.ChunkedArray:
    """Return lists and dicts converted once more: inside of them NaN is a number, and no missing value."""
    import pyarrow as pa

    if not pa.types.is_nested(values.type):
        return values
    missing_is_none: Any = series.where(series.notna(), other=cast(Any, None))
    try:
        return pa.chunked_array([pa.array(missing_is_none, from_pandas=False)])
    except (pa.ArrowException, TypeError, ValueError) as error:
        misfit = _misfit(series.dropna().to_list(), values.type)
        raise _refused(series.name, misfit or str(error), values.type, where=where) from error


def _changed_by_pandas(arrow: pa.DataType) -> bool:
    """Whether pandas makes a dtype of its own, or arrays, of a column of this type."""
    import pyarrow as pa

    is_ = pa.types
    return bool(
        is_.is_integer(arrow) or is_.is_floating(arrow) or is_.is_boolean(arrow) or is_.is_nested(arrow)
    )


def _missing(values: Iterable[Any]) -> list[str]:
    """Return the note on what stands for missing values: none for None, or where they are of several kinds."""
    import pandas as pd

    kinds = {type(value) for value in values}
    if kinds == {type(pd.NA)}:
        return [NA]
    if kinds == {type(pd.NaT)}:
        return [NAT]
    return [NAN] if kinds and all(issubclass(kind, float) for kind in kinds) else []


# ---- what would not come back


def _misfit(values: Sequence[Any], arrow: pa.DataType) -> str | None:
    """Return in words what among the values this type would change; None where it gives all of them back.

    Level by level: the values in all lists of a column at once.
    """
    import pyarrow as pa

    kinds = set(map(type, values)) - {type(None)}
    if pa.types.is_list(arrow):
        if all(issubclass(kind, list) for kind in kinds):
            return _misfit(list(chain.from_iterable(filter(None, values))), arrow.value_type)
    elif pa.types.is_struct(arrow):
        if all(issubclass(kind, dict) for kind in kinds):
            return _misfit_of_dicts([value for value in values if value is not None], arrow)
    elif _holds(kinds, values, arrow):
        return None
    found = ", ".join(sorted(kind.__name__ for kind in kinds))
    alike = len(kinds) == 1 and pa.types.is_temporal(arrow)
    return f"{found} with a time zone or nanoseconds" if alike else found


def _misfit_of_arrays(values: Sequence[Any], arrow: pa.ListType) -> str | None:
    """The same for NumPy arrays, which have to have the one dtype that pandas gives back for such lists."""
    import pyarrow as pa

    back = pa.array([[]], arrow).to_pandas()[0].dtype
    found = {value.dtype for value in values}
    if found != {back}:
        return f"arrays of {', '.join(sorted(map(str, found)))}"
    return _misfit(list(chain.from_iterable(values)), arrow.value_type) if back.hasobject else None


def _misfit_of_dicts(values: Sequence[dict[Any, Any]], arrow: pa.StructType) -> str | None:
    names = {field.name for field in arrow}
    if any(value.keys() != names for value in values):
        return "dicts of different keys"
    found = (_misfit([value[field.name] for value in values], field.type) for field in arrow)
    return next(filter(None, found), None)


def _holds(kinds: set[type], values: Iterable[Any], arrow: pa.DataType) -> bool:
    """Whether each single value is of the kind that this type gives back."""
    import pyarrow as pa

    is_ = pa.types
    allowed = next((kinds for known, kinds in _kinds() if known(arrow)), None)
    if allowed is None:
        return True  # a type of no Python objects that we know: whether it can be stored is seen later
    if not all(issubclass(kind, allowed) for kind in kinds):
        return False
    if is_.is_date(arrow):
        return not any(issubclass(kind, dt.datetime) for kind in kinds)
    if not is_.is_temporal(arrow) and not is_.is_decimal(arrow):
        return True
    zone = str(getattr(arrow, "tz", None))
    return all(_is_whole(value, zone=zone) for value in values if value is not None)


def _is_whole(value: Any, *, zone: str) -> bool:
    """Whether Arrow leaves nothing out of a decimal, a time or a duration."""
    if isinstance(value, Decimal):
        return value.is_finite()
    finer = getattr(value, "nanosecond", 0) or getattr(value, "nanoseconds", 0)
    return not finer and str(getattr(value, "tzinfo", None)) == zone


def _kinds() -> list[tuple[Callable[[pa.DataType], bool], tuple[type, ...]]]:
    """Return what Python objects each Arrow type gives back, or equals; NumPy's scalars equal Python's."""
    import numpy as np
    from pyarrow import types as is_

    return [
        (is_.is_null, ()),
        (is_.is_integer, (int, np.integer)),  # Arrow itself refuses a bool among them
        (is_.is_floating, (float, np.floating)),
        (is_.is_boolean, (bool, np.bool_)),
        (is_.is_string, (str,)),
        (is_.is_binary, (bytes,)),
        (is_.is_decimal, (Decimal,)),
        (is_.is_date, (dt.date,)),
        (is_.is_time, (dt.time,)),
        (is_.is_timestamp, (dt.datetime,)),
        (is_.is_duration, (dt.timedelta,)),
    ]


def _refused(column: Any, misfit: str, arrow: pa.DataType, *, where: str) -> LakeError:
    import pyarrow as pa

    series, is_ = f"df[{column!r}]", pa.types
    if misfit.startswith("dicts"):
        fix = f"Give each the same keys, or save text: `{series}.map(json.dumps)`."
    elif is_.is_nested(arrow):
        fix = f"Convert them, for example to lists of one kind of values, `{series}.map(list)`, or to text."
    elif is_.is_floating(arrow):
        fix = f"Make them of one kind: `{series}.astype(float)`."
    else:
        fix = f"Make them of one kind, or text: `{series}.astype(str)`."
    back = "lists" if is_.is_list(arrow) else type_name(arrow)
    return LakeError(f"{where}: found {misfit}, which would come back as {back}. {fix}")


# ---- back


def restored(values: pa.ChunkedArray, *, notes: Sequence[str]) -> pd.Series[Any]:
    """Return the objects of a column with these notes."""
    import pandas as pd

    back = pd.Series(values.to_pylist(), dtype=object) if OBJECTS in notes else values.to_pandas()
    marks: dict[str, Any] = {NAN: float("nan"), NA: pd.NA, NAT: pd.NaT}
    for note in marks.keys() & set(notes):
        back = back.where(values.is_valid().to_numpy(zero_copy_only=False), other=marks[note])
    return back


def together(notes: Iterable[str]) -> str | None:
    """Return the note for columns with these notes as one; None where one of them is not about objects."""
    words = {word for note in notes for word in note.split()}
    if not words <= {OBJECTS, NAN, NA, NAT}:
        return None
    marks = words - {OBJECTS}
    return " ".join([*(words & {OBJECTS}), *(marks if len(marks) == 1 else ())]) or None
