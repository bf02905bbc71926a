"""What tests of real runs ask of a workspace: its records, its log while it runs, waiting for something."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg

from assetbook.record import Record, run_folders
from tests.platform.space import Space

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "record.schema.json"
PATIENCE = 60.0  # seconds; only a test that fails waits so long

# A cell that says that it is there, and goes on when the test says so.
PAUSE = """
import time
from pathlib import Path
Path('waiting').touch()
until = time.monotonic() + 60
while not Path('go').exists() and time.monotonic() < until:
    time.sleep(0.02)
"""


def wait_for(condition: Callable[[], Any], *, what: str) -> Any:
    """Return the first true value of `condition`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {PATIENCE:.0f} s for {what}")


def record_of(space: Space, name: str) -> Record:
    """Return the newest record of a notebook, after holding it against the schema."""
    import jsonschema

    folder = folder_of(space, name)
    record = json.loads((folder / "record.json").read_text("utf-8"))
    jsonschema.validate(
        record,
        json.loads(SCHEMA.read_text("utf-8")),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    return Record.read(folder / "record.json")


def folder_of(space: Space, name: str) -> Path:
    """Return the folder of the newest run of a notebook."""
    return next(run_folders(space.settings.records, name))


def messages(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return what the log of a run says up to now."""
    return "\n".join(entry.user_message for entry in instance.all_logs(run_id))


def left_in_lake(space: Space) -> list[str]:
    """Return the data files of the lake that no version of any table names."""
    root = Path(space.settings.lake)
    names = {
        f for name in space.lake.names() for v in space.lake.history(name) for f in _files(space, name, v)
    }
    return sorted(str(p.relative_to(root)) for p in root.rglob("*.parquet") if str(p) not in names)


def _files(space: Space, name: str, commit: dict[str, Any]) -> tuple[str, ...]:
    return space.lake.version(name, commit["version"]).files
