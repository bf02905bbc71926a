"""What a table consists of: the columns that are stored, with what the schema says of them; and its first rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetNode

from assetbook.catalogue.model import Column, Example, Structure
from assetbook.catalogue.wording import cell, rules
from assetbook.lake import Lake, TableVersion
from assetbook.lake.columns import describe, schema_from_text
from assetbook.platform.latest import Made
from assetbook.platform.units import Unit
from assetbook.schema import MASK, SENSITIVE, column_schema, sensitive_columns, table_notes

ROWS = 8  # that are shown
SCHEMA = "dagster/column_schema"


def schema_of(unit: Unit, name: str) -> tuple[Any, bool]:
    """Return the schema of a table, and whether there is another that only a run knows: a notebook may make its own."""
    if unit.declaration is not None:
        return unit.declaration.schema, False
    for output in unit.node.contract.outputs if unit.node else ():
        if output.name == name and output.schema_ref:
            module, _, attribute = output.schema_ref.partition(":")
            return getattr(import_module(module), attribute), False
        if output.name == name:
            return None, output.has_schema
    return None, False


def table_structure(
    schema: Any, *, declared: dg.TableSchema | None, version: TableVersion | None
) -> Structure:
    """Return the columns of a table.

    Args:
        schema: a pandera model or schema, or None.
        declared: what Dagster was told of the columns, where there is no schema.
        version: the newest version in the lake; None if there is none.
    """
    said = list(column_schema(schema) if schema is not None else _of_dagster(declared))
    described = {column["name"]: column for column in said}
    stored = (
        {c["name"]: c["type"] for c in describe(schema_from_text(version.schema))}
        if version
        else dict[str, str]()
    )
    for pattern in (column for column in said if column.get("pattern") and stored):
        described.pop(pattern["name"])
        described |= {
            name: pattern for name in stored if name not in described and re.match(pattern["name"], name)
        }
    names = list(dict.fromkeys([*stored, *described]))
    tagged = {name for name, column in described.items() if column.get(SENSITIVE)}
    sensitive = sensitive_columns(schema, names) | tagged
    about, rules = table_notes(schema) if schema is not None else ("", [])
    columns = tuple(
        Column(
            name=name,
            type=stored.get(name) or str(described[name]["type"]),
            description=str(described.get(name, {}).get("description") or ""),
            rules=tuple(_rules(described.get(name, {}))),
            sensitive=name in sensitive,
            stored=not stored or name in stored,
        )
        for name in names
    )
    return Structure(columns, about, tuple(rules))


def columns_known(node: AssetNode, made: Made | None) -> dg.TableSchema | None:
    """Return the columns as Dagster knows them: declared, or from the last materialization."""
    for found in (node.metadata.get(SCHEMA), made.metadata.get(SCHEMA) if made else None):
        schema = found.value if isinstance(found, dg.TableSchemaMetadataValue) else found
        if isinstance(schema, dg.TableSchema):
            return schema
    return None


def _rules(described: Mapping[str, Any]) -> Iterable[str]:
    if not described.get("nullable", True):
        yield "never missing"
    if described.get("unique"):
        yield "unique"
    yield from rules(map(str, described.get("checks", ())))


def _of_dagster(declared: dg.TableSchema | None) -> Iterable[dict[str, Any]]:
    for column in declared.columns if declared else ():
        yield {
            "name": column.name,
            "type": column.type,
            "description": column.description,
            "nullable": column.constraints.nullable,
            "unique": column.constraints.unique,
            "checks": column.constraints.other,
            SENSITIVE: SENSITIVE in column.tags,
        }


def example(lake: Lake, version: TableVersion, columns: Sequence[Column], *, known: bool) -> Example:
    """Return the first rows of a table; sensitive columns are not even read.

    Args:
        lake: where it is.
        version: the one to read.
        columns: of the table.
        known: whether it is known which columns are sensitive.

    Raises:
        LakeError: it cannot be read.
    """
    if not known:
        return Example(
            hidden="No rows are shown: the schema of this table is made in the notebook itself, so that only its next "
            "run tells which columns are sensitive."
        )
    stored = [column for column in columns if column.stored]
    shown = [column.name for column in stored if not column.sensitive]
    count = min(version.rows, ROWS)
    read = lake.read(version, columns=shown, limit=ROWS, as_="arrow") if shown and count else None
    values = {name: _texts(read.column(name)) for name in shown} if read is not None else {}
    masks = [MASK] * count
    rows = zip(*(values.get(c.name, masks if c.sensitive else []) for c in stored), strict=True)
    numeric = frozenset(
        name for name in shown if read is not None and _is_number(read.schema.field(name).type)
    )
    return Example(tuple(column.name for column in stored), numeric, tuple(rows))


def _texts(values: Any) -> list[str | None]:
    import pyarrow as pa

    try:
        found = values.to_pylist()
    except (ValueError, OverflowError):  # a moment that Python's own types cannot hold
        found = values.cast(pa.string()).to_pylist()
    return [cell(value) for value in found]


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return bool(is_number)
