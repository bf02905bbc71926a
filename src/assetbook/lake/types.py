"""Which Arrow type is stored for a column of any other: types that every reader of Delta and Parquet knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_DECIMAL = 38  # digits that Delta can store


class NotKept(Exception):  # noqa: N818 - says what it is; never leaves the package
    """A type that the lake cannot keep; `fix` says what to do."""

    def __init__(self, fix: str) -> None:
        super().__init__(fix)
        self.fix = fix


def stored_type(exact: pa.DataType) -> pa.DataType:
    """Return the Arrow type that is written for a column of type `exact`.

    Raises:
        NotKept: no stored type can hold it.
    """
    import pyarrow as pa

    simple = _simple_types().get(exact)
    if simple is not None:
        return simple
    is_ = pa.types
    if is_.is_timestamp(exact):
        return pa.timestamp("us", "UTC" if exact.tz else None)
    if is_.is_duration(exact):
        return pa.int64()
    if is_.is_decimal(exact):
        return _stored_decimal(exact)
    if is_.is_dictionary(exact):
        if is_.is_nested(exact.value_type) or exact.value_type in (pa.string_view(), pa.binary_view()):
            raise NotKept("Make the categories strings.")
        text = is_.is_string(exact.value_type) or is_.is_large_string(exact.value_type)
        return pa.dictionary(pa.int32(), pa.string()) if text else stored_type(exact.value_type)
    if is_.is_nested(exact):
        return _stored_nested(exact)
    if is_.is_fixed_size_binary(exact):
        return pa.binary()
    raise NotKept(_fix(exact))


def _simple_types() -> dict[pa.DataType, pa.DataType]:
    import pyarrow as pa

    same = [
        pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64(), pa.date32(),
        pa.string(), pa.large_string(), pa.binary(), pa.large_binary(),
    ]  # fmt: skip
    return {type_: type_ for type_ in same} | {
        pa.null(): pa.string(),
        pa.string_view(): pa.string(),
        pa.binary_view(): pa.binary(),
        pa.uint8(): pa.int16(),
        pa.uint16(): pa.int32(),
        pa.uint32(): pa.int64(),
        pa.uint64(): pa.decimal128(20, 0),
        pa.float16(): pa.float32(),
        pa.date64(): pa.date32(),
        pa.time32("s"): pa.int32(),
        pa.time32("ms"): pa.int32(),
        pa.time64("us"): pa.int64(),
        pa.time64("ns"): pa.int64(),
    }


def _stored_decimal(exact: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if exact.precision > _MAX_DECIMAL or not 0 <= exact.scale <= exact.precision:
        raise NotKept(
            f"Round it to at most {_MAX_DECIMAL} digits with a scale of 0 or more, or make it text."
        )
    return pa.decimal128(exact.precision, exact.scale)


def _stored_nested(exact: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    def inner(field: pa.Field) -> pa.Field:
        # Dictionaries inside lists and structs are stored as plain values: Parquet readers differ on them.
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        return field.with_type(stored_type(plain))

    is_ = pa.types
    if is_.is_struct(exact) and exact.num_fields:
        return pa.struct([inner(exact.field(i)) for i in range(exact.num_fields)])
    if is_.is_map(exact):
        return pa.map_(inner(exact.key_field), inner(exact.item_field))
    if is_.is_fixed_size_list(exact) and exact.list_size:
        return pa.list_(inner(exact.value_field))  # of fixed size, Parquet cannot have a null among them
    if is_.is_large_list(exact):
        return pa.large_list(inner(exact.value_field))
    if is_.is_list(exact):
        return pa.list_(inner(exact.value_field))
    raise NotKept(_fix(exact))


def _fix(exact: pa.DataType) -> str:
    import pyarrow as pa

    name = getattr(exact, "extension_name", str(exact))
    known = {
        "pandas.period": "Save its start instead, `.dt.to_timestamp()`, or text, `.astype(str)`.",
        "pandas.interval": "Save its bounds as two columns, or text, `.astype(str)`.",
        "arrow.uuid": "Save it as text, `.astype(str)`.",
        "month_day_nano_interval": "Save a number, in SQL `epoch(...)` for seconds.",
    }
    if pa.types.is_struct(exact):
        return "Its dictionaries have no keys: drop the column, or give it a field."
    if pa.types.is_fixed_size_list(exact):
        return "Its arrays have no elements: drop the column."
    return known.get(name, "Make it numbers, text or a list.")
