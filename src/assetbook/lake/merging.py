"""One schema for the partitions of a table: a partition may add a column or widen a type, not take one away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetbook.errors import LakeError, did_you_mean
from assetbook.lake.columns import (
    INDEX,
    PANDAS,
    categories,
    stored_schema,
    type_name,
    with_categories,
    with_note,
)
from assetbook.lake.objects import together
from assetbook.lake.types import stored_type

if TYPE_CHECKING:
    import pyarrow as pa


def merge(
    table: pa.Schema,
    partition: pa.Schema,
    *,
    name: str,
    key: str,
    optional: frozenset[str] = frozenset(),
) -> pa.Schema:
    """Return the schema of a table after one more partition: its columns first, then the new ones.

    Numbers widen (whole numbers to floating point where one partition has gaps), an all-null column takes
    the type of the others, categories without an order are united.

    Args:
        table: the exact schema of the other partitions.
        partition: the exact schema of the new one.
        name: the table, for messages.
        key: the new partition's key, for messages.
        optional: columns of the table that the partition may lack; they are null there.

    Raises:
        LakeError: the partition lacks a column of the table, or has it with a type that does not go with it.
    """
    import pyarrow as pa

    where = f"Table {name!r}, partition {key!r}"
    whole = (
        "To change the table itself, drop it (`Lake.drop`) and materialize every partition again, or save "
        "under another name."
    )
    fields = []
    for field in table:
        if field.name in partition.names:
            fields.append(_merge_field(field, partition.field(field.name), where=where, whole=whole))
        elif field.name in optional:
            fields.append(field.with_nullable(True))
        else:
            raise LakeError(
                f"{where}: column {field.name!r} is missing, which the table's other partitions have. "
                f"Found: {', '.join(partition.names)}. Save it, with nulls where there is nothing. {whole}"
            )
    added = [partition.field(column) for column in partition.names if column not in table.names]
    _check_case(table, added, where=where)
    merged = pa.schema(fields + [field.with_nullable(True) for field in added])
    return merged if _levels(table) == _levels(partition) else _without_index(merged)


def _check_case(table: pa.Schema, added: list[pa.Field], *, where: str) -> None:
    known = {column.casefold() for column in table.names}
    for field in added:
        if field.name.casefold() in known:
            raise LakeError(
                f"{where}: column {field.name!r} differs only in case from one of the other partitions. "
                f"{did_you_mean(field.name, table.names)} Rename it."
            )


def _merge_field(old: pa.Field, new: pa.Field, *, where: str, whole: str) -> pa.Field:
    import pyarrow as pa

    if old.equals(new, check_metadata=True):
        return old
    if pa.types.is_dictionary(old.type) and pa.types.is_dictionary(new.type):
        merged = _merge_categories(old, new)
    else:
        merged = _wider(old, new)
    if merged is None:
        raise LakeError(
            f"{where}: column {new.name!r} does not go with the table's other partitions. Found "
            f"{_described(new)}, expected {_described(old)}. Convert it before saving. {whole}"
        )
    return with_note(merged, PANDAS, _pandas_note(old, new, merged))


def _described(field: pa.Field) -> str:
    import pyarrow as pa

    if not pa.types.is_dictionary(field.type):
        return type_name(field.type)
    order = "ordered categories" if field.type.ordered else "categories"
    return f"{order} of {field.type.value_type}"


def _wider(old: pa.Field, new: pa.Field) -> pa.Field | None:
    """Return the field that holds both, or None: text and bytes, or two time zones, are not one thing."""
    import pyarrow as pa

    if _family(old.type) != _family(new.type) and not {"null"} & {_family(old.type), _family(new.type)}:
        return None
    if pa.types.is_null(new.type) or pa.types.is_null(old.type):
        kept = old if pa.types.is_null(new.type) else new
        return kept.with_nullable(True)
    try:
        pair = [pa.schema([old.remove_metadata()]), pa.schema([new.remove_metadata()])]
        merged = pa.unify_schemas(pair, promote_options="permissive").field(0)
        stored_type(merged.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    return merged.with_metadata(old.metadata if old.metadata == new.metadata else None)


def _family(type_: pa.DataType) -> str:
    import pyarrow as pa

    is_ = pa.types
    if is_.is_integer(type_) or is_.is_floating(type_):
        return "number"
    if is_.is_string(type_) or is_.is_large_string(type_) or is_.is_string_view(type_):
        return "text"
    return (
        "bytes"
        if "binary" in str(type_)
        else str(type_).partition("[")[0].partition("(")[0].partition("<")[0]
    )


def _merge_categories(old: pa.Field, new: pa.Field) -> pa.Field | None:
    import pyarrow as pa

    before, after = categories(old), categories(new)
    ordered = old.type.ordered or new.type.ordered
    if old.type.value_type != new.type.value_type or old.type.ordered != new.type.ordered:
        return None
    if ordered and not before.equals(after):
        return None
    united = pa.chunked_array([before, after]).unique()
    widest = max(old.type.index_type, new.type.index_type, key=lambda index: index.bit_width)
    index = widest if len(united) < 2 ** (widest.bit_width - 1) else pa.int32()
    field = old.with_type(pa.dictionary(index, old.type.value_type, ordered)).with_nullable(True)
    return with_categories(
        field.with_metadata(old.metadata if old.metadata == new.metadata else None), united
    )


def _pandas_note(old: pa.Field, new: pa.Field, merged: pa.Field) -> bytes | None:
    """Return the note on the pandas dtype that still holds for both."""
    import pyarrow as pa

    typed = [field for field in (old, new) if not pa.types.is_null(field.type)]
    notes = {(field.metadata or {}).get(PANDAS) for field in typed}
    same_type = merged.type in (old.type, new.type) or pa.types.is_dictionary(merged.type)
    if len(notes) == 1:
        return notes.pop() if same_type else None
    given = {note for note in notes if note is not None}
    if len(given) > 1:
        common = together(note.decode() for note in given)
        return common.encode() if common and same_type else None
    noted = next((field for field in typed if (field.metadata or {}).get(PANDAS)), None)
    return noted.metadata[PANDAS] if noted is not None and noted.type == merged.type else None


def _levels(schema: pa.Schema) -> dict[str, bytes]:
    return {f.name: f.metadata[INDEX] for f in schema if f.metadata and INDEX in f.metadata}


def _without_index(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([with_note(field, INDEX, None) for field in schema])


def same_storage(file: pa.Schema, table: pa.Schema) -> bool:
    """Whether a file written with the schema `file` can stand in a table of the schema `table` as it is."""
    from deltalake import Schema as DeltaSchema

    wanted = {field.name: field.type for field in DeltaSchema.from_arrow(stored_schema(table)).fields}
    return all(
        field.type == wanted[field.name] for field in DeltaSchema.from_arrow(stored_schema(file)).fields
    )
