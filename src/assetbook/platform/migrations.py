"""Dagster's database migrations, read once: it reads all their files again for each database that it looks at.

That is three times to open an instance on SQLite, and once for each run, which has a database of its own: a tenth of
a second where little else is left to do.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from alembic.script import ScriptDirectory
from dagster._core.storage import sql

_STORAGES = (
    "runs.sqlite.sqlite_run_storage",
    "event_log.sqlite.sqlite_event_log",
    "schedules.sqlite.sqlite_schedule_storage",
)


class _Kept(ScriptDirectory):
    """Those of a configuration, of which Dagster has one for each kind of storage; they are files of its package."""

    from_config = staticmethod(cache(ScriptDirectory.from_config))


def read_once() -> None:
    """Have Dagster keep the migrations that it has read, in this process and its copies."""
    sql.ScriptDirectory = _Kept  # type: ignore[attr-defined]


def read_now() -> None:
    """Read those of SQLite's storages."""
    for storage in _STORAGES:
        module = import_module(f"dagster._core.storage.{storage}")
        _Kept.from_config(sql.get_alembic_config(str(module.__file__))).as_revision_number("head")
