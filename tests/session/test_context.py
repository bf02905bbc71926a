from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assetbook.errors import SessionError
from assetbook.lake import TableVersion
from assetbook.session.context import (
    DeclaredCheck,
    DeclaredOutput,
    MissingPin,
    ModelPin,
    RunContext,
    TablePin,
)

TABLE = TableVersion(
    name="flights",
    group="raw",
    uri="/lake/raw/flights",
    version=3,
    data_version="abc",
    rows=7,
    partitions={"2013-01": "def"},
    files=("/lake/raw/flights/def.parquet",),
    partition_files={"2013-01": ("/lake/raw/flights/def.parquet",)},
    timestamp="2026-11-21T08:40:00+00:00",
    schema="",
)
CONTEXT = RunContext(
    run_id="1",
    asset="delay_report",
    notebook="notebooks/delay_report.ipynb",
    root="/w",
    lake="s3://bucket/lake",
    events="/r/events.jsonl",
    artifacts="/r/artifacts",
    group="reports",
    partition="2013-01",
    pins={"flights": TablePin(TABLE), "delay_model": ModelPin("/m", "2"), "weather": MissingPin()},
    outputs={"delays": DeclaredOutput("table", "reports", "2013-01"), "m": DeclaredOutput("model", "models")},
    checks=(DeclaredCheck("delays", "no_empty_origin", blocking=False),),
    storage_options={"AWS_SECRET_ACCESS_KEY": "hush"},
)


def test_json_there_and_back_is_the_same_context() -> None:
    assert RunContext.from_json(json.loads(json.dumps(CONTEXT.to_json()))) == CONTEXT


def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    CONTEXT.write(tmp_path / "context.json")
    assert RunContext.read(tmp_path / "context.json") == CONTEXT
    assert (tmp_path / "context.json").stat().st_mode & 0o077 == 0


def test_storage_options_are_not_shown() -> None:
    assert "hush" not in repr(CONTEXT)


@pytest.mark.parametrize(
    "content", [None, "{", "[]", "{}", json.dumps(replace(CONTEXT, pins={}).to_json())[:-1]]
)
def test_a_file_that_is_no_context_is_an_error_that_names_it(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "context.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SessionError, match=r"ASSETBOOK_RUN names .*context\.json.*Unset ASSETBOOK_RUN"):
        RunContext.read(path)
