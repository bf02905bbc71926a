"""What Dagster's SQLite storages do once in a process, however many instances and runs it has."""

from __future__ import annotations

import sqlalchemy
from alembic.script import ScriptDirectory
from dagster import DagsterRun, DagsterRunStatus
from dagster._core.storage import sql

from assetbook.platform import storages
from assetbook.platform.instance import open_instance
from assetbook.settings import Settings

STORAGES = 3  # runs, events, schedules


def test_migrations_are_read_once(workspace, monkeypatch):
    read = []
    load = ScriptDirectory._load_revisions
    monkeypatch.setattr(ScriptDirectory, "_load_revisions", lambda self: read.append(self) or load(self))

    for folder in ("one", "two", "one"):
        monkeypatch.setenv("DAGSTER_HOME", str(workspace.root / folder))
        open_instance(Settings.load(workspace.root)).dispose()

    assert len(read) <= STORAGES


def test_the_engine_of_a_database_is_made_once(workspace, monkeypatch):
    made = []
    create = sqlalchemy.create_engine
    monkeypatch.setattr(sql, "create_engine", lambda url, **kw: made.append(url) or create(url, **kw))
    storages._engine.cache_clear()

    runs = ["one", "two", "three"]
    with open_instance(Settings.load(workspace.root)) as instance:
        for run_id in runs:
            instance.add_run(DagsterRun("job", run_id=run_id, status=DagsterRunStatus.STARTED))
        made.clear()
        for run_id in runs * 4:
            instance.report_engine_event("event", job_name="job", run_id=run_id)
            instance.get_run_by_id(run_id)
        assert [len(instance.all_logs(run_id)) for run_id in runs] == [4, 4, 4]

    assert sorted(url.rsplit("/", 1)[1] for url in made) == ["one.db", "three.db", "two.db"]
