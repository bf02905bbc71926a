"""Tables in Dagster's metadata: columns as a schema describes them, rows that are shown, and what nobody is to see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

SENSITIVE = "sensitive"  # tag of a column whose values are not shown
_PATTERN = "pattern"  # the tag where a column of the schema stands for several
_TYPES = {bool: "bool", int: "int", float: "float"}


def table_column(column: Mapping[str, Any]) -> dg.TableColumn:
    """Return Dagster's column for one of `assetbook.schema.column_schema` or of a staged table."""
    return dg.TableColumn(
        name=column["name"],
        type=str(column["type"]),
        description=column.get("description") or None,
        constraints=dg.TableColumnConstraints(
            nullable=bool(column.get("nullable", True)),
            unique=bool(column.get("unique", False)),
            other=[str(check) for check in column.get("checks", [])],
        ),
        tags={SENSITIVE: _PATTERN if column.get("pattern") else ""} if column.get("sensitive") else None,
    )


def sensitive(declared: Any, columns: Iterable[str]) -> set[str]:
    """Return those of a table's columns whose values are not to be shown.

    Args:
        declared: the schema in an asset's metadata, made of `table_column`; None declares nothing.
        columns: of the table.
    """
    schema = getattr(declared, "value", declared)
    flagged = [c for c in schema.columns if SENSITIVE in (c.tags or {})] if schema else []
    exact = {c.name for c in flagged if c.tags[SENSITIVE] != _PATTERN}
    patterns = [re.compile(c.name) for c in flagged if c.name not in exact]
    return {column for column in columns if column in exact or any(p.match(column) for p in patterns)}


def table_metadata(
    rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str] = ()
) -> dg.MetadataValue[Any]:
    """Return rows as a table that Dagster shows at once.

    Args:
        rows: with texts, numbers and None.
        columns: what it has where there are no rows.
    """
    names = list(dict.fromkeys(name for row in rows for name in row)) or list(columns)
    schema = dg.TableSchema([dg.TableColumn(name, _type_of(name, rows)) for name in names])
    return dg.MetadataValue.table([dg.TableRecord(dict(row)) for row in rows], schema=schema)


def _type_of(column: str, rows: Iterable[Mapping[str, Any]]) -> str:
    # not within `table_metadata`, whose frame Dagster looks at: Python 3.13.0 crashes where a comprehension has cells
    values = (row[column] for row in rows if row.get(column) is not None)
    return next((_TYPES.get(type(value), "string") for value in values), "string")
