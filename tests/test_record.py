from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import jsonschema
import pytest

from assetbook.errors import RunError
from assetbook.platform.trigger import reason_tag, trigger
from assetbook.record import FILE, Record, environment, git_commit, run_folders

SCHEMA = json.loads((Path(__file__).parents[1] / "docs/reference/record.schema.json").read_text("utf-8"))


def record(**facts):
    told = trigger({}, "delays")
    return Record(
        **{
            "name": "flights/späte flüge",
            "notebook": "notebooks/flights/späte flüge.ipynb",
            "status": "success",
            "started": "2026-03-01T08:15:02.114+00:00",
            "finished": "2026-03-01T08:15:04.000+00:00",
            "seconds": 1.886,
            "code_version": "abc",
            "assets": ("delays",),
            "dagster": {"run_id": "r", "step": "delays", "retry": 0, "trigger": told},
            "environment": {**environment(), "kernel": "python3", "kernel_python": None},
            **facts,
        }
    )


def test_a_record_is_read_as_it_was_written_and_follows_its_schema(tmp_path):
    written = record(
        metrics={"auc": 0.83}, cells=({"number": 1, "seconds": 0.1, "memory_mb": 80.0, "status": "ok"},)
    )

    written.write(tmp_path / FILE)

    assert Record.read(tmp_path / FILE) == written
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads((tmp_path / FILE).read_text("utf-8")), SCHEMA)
    assert not list(tmp_path.glob("*.part"))


def test_what_json_or_utf8_cannot_hold_is_written_all_the_same(tmp_path):
    record(metrics={"auc": math.nan}, parameters={"text": "half \ud83d a pair"}).write(tmp_path / FILE)

    text = (tmp_path / FILE).read_text("utf-8")
    found = Record.read(tmp_path / FILE)

    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert math.isnan(found.metrics["auc"])
    assert found.parameters["text"] == "half \ud83d a pair"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not JSON", "no readable record"),
        ("[]", "no readable record"),
        ("{}", "schema_version"),
        ('{"schema_version": 7}', "record schema 7; this version of Assetbook reads 1"),
        ('{"schema_version": 1, "colour": "red"}', "colour.*Fields of a record: name, notebook"),
    ],
)
def test_a_file_that_is_no_record_is_refused(tmp_path, text, message):
    (tmp_path / FILE).write_text(text, "utf-8")

    with pytest.raises(RunError, match=message):
        Record.read(tmp_path / FILE)


def test_a_record_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(RunError, match=r"record\.json cannot be written: No such file or directory"):
        record().write(tmp_path / "gone" / FILE)


def test_the_newest_run_comes_first_and_unfinished_ones_not_at_all(tmp_path):
    for run in ("20260101T000000.000-a", "20260102T000000.000-b", "20260103T000000.000-c"):
        (tmp_path / "flights/delays" / run).mkdir(parents=True)
    for run in ("20260101T000000.000-a", "20260102T000000.000-b"):
        record().write(tmp_path / "flights/delays" / run / FILE)

    assert [f.name[-1] for f in run_folders(tmp_path, "flights/delays")] == ["b", "a"]
    assert list(run_folders(tmp_path, "flights")) == []
    assert list(run_folders(tmp_path, "unknown")) == []


def git(folder, *command):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *command], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_the_commit_is_read_wherever_git_keeps_it(tmp_path):
    repository, inside = tmp_path / "repo", tmp_path / "repo" / "space"
    inside.mkdir(parents=True)
    assert git_commit(tmp_path) is None
    git(repository, "init")
    assert git_commit(inside) is None  # nothing committed yet
    git(repository, "commit", "--allow-empty", "-m", "first")
    commit = {"commit": git(repository, "rev-parse", "HEAD")}

    assert git_commit(inside) == commit
    git(repository, "pack-refs", "--all")
    assert git_commit(inside) == commit
    git(repository, "worktree", "add", str(tmp_path / "other"))
    assert git_commit(tmp_path / "other") == commit
    git(repository, "checkout", "--detach")
    assert git_commit(inside) == commit


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ({}, "user launched by hand"),
        ({"user": "ann"}, "user ann"),
        (
            {"assetbook/user": "ann", **reason_tag({"a": "x changed; y changed", "b": "new"})},
            "command line ann: x changed; y changed",
        ),
        ({"dagster/schedule_name": "nightly"}, "schedule nightly"),
        ({"dagster/sensor_name": "drift", "assetbook/reason": "PSI 0.3"}, "sensor drift: PSI 0.3"),
        (
            {"dagster/sensor_name": "automation", "dagster/from_automation_condition": "true"},
            "automation condition automation",
        ),
        ({"dagster/backfill": "q7"}, "backfill q7"),
        ({"dagster/parent_run_id": "r1", "assetbook/user": "ann"}, "re-execution of r1"),
    ],
)
def test_why_a_run_happened_is_told_in_one_sentence(tags, sentence):
    assert trigger(tags, "a")["sentence"] == sentence


def test_the_evidence_of_a_sensor_is_kept():
    tags = {"dagster/sensor_name": "drift", "assetbook/reason": "PSI", "assetbook/psi": "0.31"}

    assert trigger(tags, "a")["evidence"] == {"assetbook/psi": "0.31"}
