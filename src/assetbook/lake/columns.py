"""How columns are kept: the exact Arrow type of a column, and the type that Delta stores for it.

A table has an *exact* schema: Arrow types as they arrived, with notes in the field metadata for what Arrow
itself does not know (the pandas dtype, the place in the index, the list of categories). From it follows the
*stored* schema, made of types that every reader of Delta and Parquet understands. The exact schema travels in
the metadata of the Delta columns, so that it changes in the same commit as the data.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from assetbook.errors import LakeError
from assetbook.lake.casting import recast
from assetbook.lake.types import stored_type

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import Schema as DeltaSchema

PARTITION = "_partition"  # the hidden Delta column that holds the partition key
PANDAS = b"assetbook.pandas"  # the pandas dtype, where the Arrow type alone does not tell it
INDEX = b"assetbook.index"  # the level of the pandas index that this column is
CATEGORIES = b"assetbook.categories"  # all categories in their order, used or not

_EXACT = "assetbook"  # key of the Delta column metadata (and of the Parquet footer) that holds the exact type


def stored_schema(exact: pa.Schema) -> pa.Schema:
    """Return the stored schema, without notes; every type is known to be one that can be kept."""
    import pyarrow as pa

    return pa.schema([pa.field(field.name, stored_type(field.type)) for field in exact])


def encode(table: pa.Table, exact: pa.Schema, *, name: str) -> pa.Table:
    """Return `table` with the columns and stored types of `exact`; columns that it lacks are null.

    Raises:
        LakeError: a value that the stored type cannot hold without loss.
    """
    import pyarrow as pa

    stored = stored_schema(exact)
    held = set(table.column_names)
    columns = [
        _encode_column(table.column(field.name), field.type, table=name, column=field.name)
        if field.name in held
        else pa.nulls(table.num_rows, field.type)
        for field in stored
    ]
    return pa.table(columns, schema=stored)


def _encode_column(
    values: pa.ChunkedArray, stored: pa.DataType, *, table: str, column: str
) -> pa.ChunkedArray:
    import pyarrow as pa

    if values.type == stored:
        return values
    if pa.types.is_null(values.type):
        return pa.chunked_array([pa.nulls(len(values), stored)])
    try:
        if not pa.types.is_dictionary(values.type):
            return recast(values, stored)
        if pa.types.is_dictionary(stored):
            chunks = [_codes(chunk, chunk.dictionary.cast(stored.value_type)) for chunk in values.chunks]
        else:
            chunks = [chunk.dictionary_decode().cast(stored) for chunk in values.chunks]
        return pa.chunked_array(chunks, type=stored)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        fix = "Make the values fit."
        if pa.types.is_timestamp(values.type) and values.type.unit == "ns":
            fix = f"Delta keeps microseconds: round first, `df[{column!r}].dt.floor('us')`."
        raise LakeError(
            f"Table {table!r}, column {column!r}: {values.type} cannot be stored as {stored} without loss "
            f"({error}). {fix}"
        ) from error


def _codes(chunk: pa.DictionaryArray, dictionary: pa.Array) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), dictionary)


def decode(table: pa.Table, exact: pa.Schema) -> pa.Table:
    """Return a stored `table` with its exact types; it has the columns of `exact`, in that order."""
    import pyarrow as pa

    columns = [_decode_column(table.column(i), field) for i, field in enumerate(exact)]
    return pa.table(columns, schema=exact)


def _decode_column(values: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    import pyarrow as pa

    if pa.types.is_null(field.type):
        return pa.chunked_array([pa.nulls(len(values))])
    if pa.types.is_dictionary(field.type):
        listed = categories(field)
        chunks = [recode(chunk, field.type, listed) for chunk in values.chunks]
        return pa.chunked_array(chunks, type=field.type)
    return recast(values, field.type)


def recode(chunk: pa.Array, exact: pa.DictionaryType, listed: pa.Array) -> pa.DictionaryArray:
    """Number the values of one chunk by a list of categories."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_null(exact.value_type):  # categories of which there are none
        indices = pa.nulls(len(chunk), exact.index_type)
    elif pa.types.is_dictionary(chunk.type):
        place = pc.index_in(chunk.dictionary.cast(exact.value_type), value_set=listed)
        indices = place.take(chunk.indices)
    else:
        indices = pc.index_in(chunk.cast(exact.value_type), value_set=listed)
    return pa.DictionaryArray.from_arrays(indices.cast(exact.index_type), listed, ordered=exact.ordered)


def categories(field: pa.Field) -> pa.Array:
    """Return the categories of a dictionary column, in their order."""
    import pyarrow as pa

    text = (field.metadata or {}).get(CATEGORIES)
    if text is None:
        return pa.array([], field.type.value_type)
    with pa.ipc.open_stream(base64.b64decode(text)) as reader:
        return reader.read_all().column(0).combine_chunks().flatten().cast(field.type.value_type)


def with_categories(field: pa.Field, listed: pa.Array) -> pa.Field:
    """Return `field` with the list of categories noted."""
    import pyarrow as pa

    row = pa.ListArray.from_arrays(pa.array([0, len(listed)], pa.int32()), listed)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([pa.field("categories", row.type)])) as writer:
        writer.write_batch(pa.record_batch([row], names=["categories"]))
    return with_note(field, CATEGORIES, base64.b64encode(sink.getvalue().to_pybytes()))


def with_note(field: pa.Field, key: bytes, value: bytes | None) -> pa.Field:
    """Return `field` with a note in its metadata; None takes the note away."""
    notes = {k: v for k, v in (field.metadata or {}).items() if k != key}
    if value is not None:
        notes[key] = value
    return field.with_metadata(notes or None)


def schema_to_text(schema: pa.Schema) -> str:
    """Return an Arrow schema as text (base64 of its IPC message), without metadata of the whole."""
    return base64.b64encode(schema.remove_metadata().serialize().to_pybytes()).decode("ascii")


def schema_from_text(text: str | bytes) -> pa.Schema:
    """Return the schema that `schema_to_text` gave."""
    import pyarrow as pa

    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))


def footer(exact: pa.Schema) -> dict[bytes, bytes]:
    """Return the metadata of a Parquet file of ours: it makes the file, and so its hash, complete in itself."""
    return {_EXACT.encode(): schema_to_text(exact).encode()}


def to_delta(exact: pa.Schema, *, partitioned: bool) -> DeltaSchema:
    """Return the Delta schema: stored types, and in the metadata of a column its exact type where it differs."""
    import pyarrow as pa
    from deltalake import Schema as DeltaSchema

    stored = stored_schema(exact)
    plain = pa.schema(DeltaSchema.from_arrow(stored).to_arrow())
    fields = [
        before
        if after.equals(wanted, check_metadata=True)
        else before.with_metadata({_EXACT: schema_to_text(pa.schema([wanted]))})
        for before, after, wanted in zip(stored, plain, exact, strict=True)
    ]
    key = [pa.field(PARTITION, pa.string())] if partitioned else []
    return DeltaSchema.from_arrow(pa.schema(fields + key))


def from_delta(schema: DeltaSchema) -> pa.Schema:
    """Return the exact schema of a Delta table, also of one that another tool has written."""
    import pyarrow as pa

    fields = []
    for field in pa.schema(schema.to_arrow()):
        if field.name == PARTITION:
            continue
        noted = (field.metadata or {}).get(_EXACT.encode())
        fields.append(schema_from_text(noted).field(0) if noted else field)
    return pa.schema(fields)


def describe(exact: pa.Schema) -> tuple[dict[str, str], ...]:
    """Return name and type of each column, in words to show."""
    return tuple({"name": field.name, "type": type_name(field.type)} for field in exact)


def type_name(exact: Any) -> str:
    """Return a short name of an Arrow type: ``category`` instead of what Arrow spells out."""
    import pyarrow as pa

    return "category" if pa.types.is_dictionary(exact) else str(exact)
