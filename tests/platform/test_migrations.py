"""Dagster's migrations are read once in a process, however many instances it opens."""

from __future__ import annotations

from alembic.script import ScriptDirectory

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
    stamped = 2 * STORAGES  # alembic itself reads them when a database is made

    assert len(read) <= STORAGES + stamped
