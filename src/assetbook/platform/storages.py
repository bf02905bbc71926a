"""Dagster's SQLite storages, spared what they do again each time.

For each database that it looks at it reads the files of all migrations: three times to open an instance, and once for
each run, which has a database of its own. For each event it makes a new engine, which has not compiled any statement
yet. Together that is more than half of what it takes to record a run.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

import alembic.command
from alembic.script import ScriptDirectory
from dagster._core.storage import sql
from sqlalchemy import Engine, Pool
from sqlalchemy.pool import NullPool

_STORAGES = (
    "runs.sqlite.sqlite_run_storage",
    "event_log.sqlite.sqlite_event_log",
    "schedules.sqlite.sqlite_schedule_storage",
)
_CONFIGURATIONS = 8  # three are Dagster's; MLflow makes others, and uses each once
_ENGINES = 16  # databases at a time: those of an instance, and of the runs under way


class _Kept(ScriptDirectory):
    """Those of a configuration, of which Dagster has one for each kind of storage; they are files of its package."""

    from_config = staticmethod(lru_cache(_CONFIGURATIONS)(ScriptDirectory.from_config))


class _Nothing(NullPool):
    """Keeps no connection open; so there is nothing to end, and nothing to begin again, with each event."""

    def recreate(self) -> _Nothing:
        return self


def keep() -> None:
    """Have Dagster keep the migrations and engines that it has, in this process and its copies."""
    sql.ScriptDirectory = alembic.command.ScriptDirectory = _Kept  # type: ignore[attr-defined]
    for storage in _STORAGES:
        import_module(f"dagster._core.storage.{storage}").create_engine = create_engine  # type: ignore[attr-defined]


def read_migrations() -> None:
    """Read the migrations of SQLite's storages."""
    for storage in _STORAGES:
        module = import_module(f"dagster._core.storage.{storage}")
        _Kept.from_config(sql.get_alembic_config(str(module.__file__))).as_revision_number("head")


def create_engine(url: str, *, poolclass: type[Pool] | None = None, **settings: Any) -> Engine:
    """Return the engine of a database: the same one again, where it keeps no connection open between its uses."""
    if poolclass is NullPool and url.startswith("sqlite:///"):
        arguments = settings.pop("connect_args", {})
        if not settings:
            return _engine(url, tuple(sorted(arguments.items())))
        settings["connect_args"] = arguments
    return sql.create_engine(url, poolclass=poolclass, **settings)


@lru_cache(_ENGINES)
def _engine(url: str, arguments: tuple[tuple[str, Any], ...]) -> Engine:
    return sql.create_engine(url, poolclass=_Nothing, connect_args=dict(arguments))
