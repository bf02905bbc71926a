"""What has to happen before a page's output can be seen: mistakes, mostly. Each scene returns what is then shown."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from assetbook.settings import MARKER, Settings
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from tests.docs.reader import Reader

LAUNCH = Path(__file__).with_name("launch.py")
PUNCTUALITY = "carrier_punctuality"
TUTORIAL = ROOT / "docs" / "tutorial.md"


def first_run(reader: Reader) -> str:
    """Return the table at the end of the first `make run`."""
    (table,) = re.findall(r"^asset .*?^\d+ ran in [\d.]+ s$", reader.first_run, re.MULTILINE | re.DOTALL)
    return str(table)


def first_run_without_why(reader: Reader) -> str:
    """Return the same without its last column."""
    return re.sub(r" +(why|never materialized)$", "", first_run(reader), flags=re.MULTILINE)


def tutorial(reader: Reader) -> None:
    """Do what the tutorial does: write its notebook, and make it an asset."""
    reader.take(TUTORIAL)
    reader.write(PUNCTUALITY)
    reader.make([PUNCTUALITY])


def misspelt(reader: Reader) -> str:
    """Misspell a column in the tutorial's notebook, and run it."""
    reader.edit(PUNCTUALITY, 'late=arrived["arr_delay"]', 'late=arrived["arr_dely"]')
    return _message(reader.run(f"assetbook run {PUNCTUALITY}", fails=True))


def mended(reader: Reader) -> None:
    """Undo it."""
    reader.write(PUNCTUALITY)


def computed_name(reader: Reader) -> str:
    """Compute a name in the tutorial's notebook, and list it."""
    reader.edit(PUNCTUALITY, f'ab.save("{PUNCTUALITY}"', "ab.save('carrier_' + 'punctuality'")
    said = reader.run("assetbook ls")
    reader.write(PUNCTUALITY)
    (line,) = (line for line in said.splitlines() if "has to be computed" in line)
    return line


def computed_name_unmarked(reader: Reader) -> str:
    """Return the same without the mark before it."""
    return computed_name(reader).removeprefix("✗ ")


def failed_check(reader: Reader) -> str:
    """Let a blocking check fail."""
    return _failure(reader, "route_delays", ('bool(delays["origin"].notna().all())', "False"))


def failed_schema(reader: Reader) -> str:
    """Save rows that do not meet their schema."""
    save = 'ab.save("route_delays", delays, schema=RouteDelays)'
    broken = 'delays.loc[1, "origin"], delays.loc[0, "flights"] = "XXX", 0'
    return _failure(reader, "route_delays", (save, f"{broken}\n{save}"))


def late_cell(reader: Reader) -> str:
    """Let a notebook run for longer than it may: here for a second, since nobody waits ten minutes."""
    said = _failure(
        reader,
        "daily_summary",
        ('timeout="10m"', 'timeout="1s"'),
        ('{"max": 2, "delay": "30s"}', "0"),
        ("summary = ab.sql", "import time; time.sleep(600)\nsummary = ab.sql"),
    )
    return said.replace("its timeout is 1 s", "its timeout is 600 s")


def missing_column(reader: Reader) -> str:
    """Deliver a month without one of its columns; afterwards as it should be."""
    folder = reader.root / "data" / "landing" / "feed"
    folder.mkdir(parents=True)
    (folder / "2013-01.csv").write_text("flight,minutes\nUA1,5\n", "utf-8")
    february = folder / "2013-02.csv"
    february.write_text("flight\nUA1\n", "utf-8")
    said = reader.run("assetbook run delays_feed", fails=True)
    february.write_text("flight,minutes\nUA1,7\n", "utf-8")
    return _message(said)


def settings(text: str) -> None:
    """Read the settings that a page shows, in a workspace of their own."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / MARKER).write_text("load_from: []\n", "utf-8")
        (root / "pyproject.toml").write_text(text, "utf-8")
        Settings.load(root)


def _failure(reader: Reader, notebook: str, *mistakes: tuple[str, str]) -> str:
    """Make mistakes in a notebook, run it, mend it, and return the message."""
    for right, wrong in mistakes:
        reader.edit(notebook, right, wrong)
    said = reader.run(f"assetbook run {notebook}", fails=True)
    reader.write(notebook)
    return _message(said)


def _message(said: str) -> str:
    """Return the message of a failure, which stands below the table of results."""
    return re.sub(r"\n\d+ .*failed in .*$", "", said.strip()[said.index("\n\n✗ ") + 2 :])
