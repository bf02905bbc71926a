"""Catalogues of small workspaces, and their pages as trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from bs4 import BeautifulSoup, Tag

from assetbook.catalogue import build
from assetbook.catalogue.entries import read_catalogue
from assetbook.catalogue.model import Entry
from assetbook.catalogue.space import Space as Opened
from assetbook.settings import Settings
from tests.browser import chromium  # noqa: F401 - a fixture
from tests.cli.conftest import cli  # noqa: F401 - another
from tests.platform.space import Space

PEOPLE = '''
import pandas as pd
import pandera.pandas as pa
import assetbook as ab

class People(pa.DataFrameModel):
    """One row for each *person*.

    Since 1900.
    """

    name: str = pa.Field(metadata={"sensitive": True}, description="As in the passport")
    age: int = pa.Field(ge=0, le=150, description="In `years`")
    town: str = pa.Field(isin=["Rome", "Oslo"], nullable=True)

    class Config:
        unique = ["name", "town"]

@ab.table(schema=People, owners=["team:people", "anna@example.org"], tags={"domain": "hr"}, freshness="2d")
def people() -> pd.DataFrame:
    """Read who there is.

    And more.
    """
    return pd.DataFrame({"name": ["Anna", "Bob"], "age": [31, 4], "town": ["Rome", None]})
'''
AGES = [
    "# Ages\n\nHow old people are, on **average**.",
    "import assetbook as ab",
    "people = ab.load('people')",
    "ab.metric('mean_age', float(people['age'].mean()) + shift)\nab.check('adults', False, blocking=False, "
    "description='Everybody is of age.', metadata={'children': 1})",
    "ab.save('ages', people[['age']])",
]
REPORT = ["# A report\n\nOf what there is.", "import assetbook as ab", "ab.load('ages').describe()"]


@dataclass(frozen=True)
class Site:
    """The pages of a catalogue on disk."""

    folder: Path

    @property
    def index(self) -> BeautifulSoup:
        """The first page."""
        return self.page("index.html")

    def page(self, path: str) -> BeautifulSoup:
        """Return a page."""
        return BeautifulSoup((self.folder / path).read_text("utf-8"), "html.parser")

    def asset(self, name: str) -> BeautifulSoup:
        """Return the page of an asset whose name needs no quoting."""
        return self.page(f"assets/{name}.html")


def section(page: BeautifulSoup, heading: str) -> Tag | None:
    """Return what follows a heading of an asset's page: the first table or list of facts."""
    found = page.find("h2", string=heading)
    return found.find_next(["table", "dl"]) if found else None


def rows(table: Tag | None) -> list[list[str]]:
    """Return the texts of the cells of a table's body."""
    assert table is not None
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in table.find("tbody").find_all("tr")
    ]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance with files of its own."""
    home = tmp_path / "dagster"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as found:
        yield found


@pytest.fixture
def open_space(workspace: Any, instance: dg.DagsterInstance) -> Callable[[], Space]:
    """Open the workspace that the test has written, to run something."""
    return lambda: Space(workspace.root, instance)


@pytest.fixture
def site(workspace: Any, instance: dg.DagsterInstance) -> Callable[[], Site]:
    """Build the catalogue of the workspace."""
    return lambda: Site(build(Settings.load(workspace.root), instance).index.parent)


@pytest.fixture
def entries(workspace: Any, instance: dg.DagsterInstance) -> Callable[[], dict[str, Entry]]:
    """Read the catalogue of the workspace."""

    def read() -> dict[str, Entry]:
        found = read_catalogue(Opened.open(Settings.load(workspace.root), instance))
        return {entry.name: entry for entry in found.entries}

    return read


@pytest.fixture
def people(workspace: Any) -> Any:
    """A workspace with a table, a notebook that reads it, and a report."""
    workspace.write("assets/people.py", PEOPLE)
    workspace.notebook("hr/ages", AGES, parameters="shift: float = 0.0  # years to add")
    workspace.notebook("hr/report", REPORT)
    return workspace
