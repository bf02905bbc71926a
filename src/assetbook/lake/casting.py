"""Arrow values in another type, level by level: what Arrow's own cast does not know inside lists and structs.

That is categories, columns of nothing but nulls, and arrays in structs that are null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def recast(values: pa.ChunkedArray, to: pa.DataType) -> pa.ChunkedArray:
    """Return the values in the type `to`.

    Raises:
        ArrowInvalid: a value that the type cannot hold without loss.
    """
    import pyarrow as pa

    if values.type == to:
        return values
    if not pa.types.is_nested(to):
        return values.cast(to)
    return pa.chunked_array([_array(chunk, to) for chunk in values.chunks], to)


def _array(values: pa.Array, to: pa.DataType) -> pa.Array:
    import pyarrow as pa

    is_, given = pa.types, values.type
    if given == to:
        return values
    if is_.is_null(to) or is_.is_null(given):
        return pa.nulls(len(values), to)
    if is_.is_dictionary(given):
        plain = (
            values.dictionary_decode() if len(values.dictionary) else pa.nulls(len(values), given.value_type)
        )
        return _array(plain, to)
    if is_.is_dictionary(to):
        found = _array(values, to.value_type).dictionary_encode()
        indices = found.indices.cast(to.index_type)
        return pa.DictionaryArray.from_arrays(indices, found.dictionary, ordered=to.ordered)
    if is_.is_fixed_size_list(given):
        return _array(values.cast(pa.list_(given.value_field)), to)
    if is_.is_fixed_size_list(to):
        return _array(values, pa.list_(to.value_field)).cast(to)
    return _nested(values, to) if is_.is_nested(to) else values.cast(to)


def _nested(values: pa.Array, to: pa.DataType) -> pa.Array:
    import pyarrow as pa

    nulls = values.is_null() if values.null_count else None
    if pa.types.is_struct(to):
        # Flattened, so that what is in a struct that is null is null itself.
        children = [_array(child, field.type) for child, field in zip(values.flatten(), to, strict=True)]
        return pa.StructArray.from_arrays(children, fields=list(to), mask=nulls)
    if values.offset:
        values = pa.concat_arrays([values])  # the same from its own beginning
    if pa.types.is_map(to):
        keys, items = _array(values.keys, to.key_type), _array(values.items, to.item_type)
        return pa.MapArray.from_arrays(values.offsets, keys, items, type=to, mask=nulls)
    return type(values).from_arrays(values.offsets, _array(values.values, to.value_type), type=to, mask=nulls)
