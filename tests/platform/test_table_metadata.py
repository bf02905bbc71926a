"""Tables as Dagster's pages show them."""

from __future__ import annotations

import subprocess
import sys

import dagster as dg

from assetbook.platform.table_metadata import sensitive, table_column, table_metadata

COLUMN = {"type": "str", "nullable": False, "checks": []}


def test_rows_are_shown_with_the_types_of_their_columns():
    table = table_metadata([{"a": 1, "b": None, "c": None}, {"a": 2, "b": 0.5, "c": None}])

    assert [record.data for record in table.records] == [
        {"a": 1, "b": None, "c": None},
        {"a": 2, "b": 0.5, "c": None},
    ]
    assert {c.name: c.type for c in table.schema.columns} == {"a": "int", "b": "float", "c": "string"}


def test_a_table_without_rows_has_columns():
    assert [c.name for c in table_metadata([], columns=["a", "b"]).schema.columns] == ["a", "b"]


def test_sensitive_columns_are_known_by_name_or_by_pattern():
    schema = dg.TableSchema(
        [
            table_column({"name": "email", "sensitive": True, **COLUMN}),
            table_column({"name": "secret_.*", "sensitive": True, "pattern": True, **COLUMN}),
            table_column({"name": "id", **COLUMN}),
        ]
    )

    assert sensitive(schema, ["id", "email", "email_sent", "secret_a", "a_secret_b"]) == {"email", "secret_a"}
    assert sensitive(None, ["id"]) == set()


def test_the_first_table_of_a_process_can_be_shown():
    show = "from assetbook.platform.table_metadata import table_metadata; table_metadata([{'a': 1}])"
    assert subprocess.run([sys.executable, "-c", show], check=False).returncode == 0
