"""A small workspace whose notebooks have run, and the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium as chromium
from tests.platform.conftest import instance as instance
from tests.platform.conftest import open_space as open_space

UNKNOWN = "missing, model = ab.load('missing'), ab.load('guess')"
CELLS = [
    "# Doubles\n\nTwice the numbers.",
    "import pandas as pd\n\nimport assetbook as ab\n\nab.asset(secrets=['token'])",
    f"numbers = ab.load('numbers')\n{UNKNOWN}",
    "some = numbers.sample(size)\nab.save('doubles', some * 2)",
]
PARAMETERS = "size: int = 2  # how many rows\ntoken: str = 'hush-hush'"
NUMBERS = [
    "import assetbook as ab\nimport pandas as pd",
    "ab.save('numbers', pd.DataFrame({'n': [1, 2, 3]}))",
]


@pytest.fixture
def doubles(workspace: Any) -> Path:
    """A notebook of a workspace in which nothing has run."""
    workspace.notebook("maths/numbers", NUMBERS)
    document: Path = workspace.notebook("maths/doubles", CELLS, parameters=PARAMETERS)
    return document


@pytest.fixture
def made(doubles: Path, open_space: Callable[[], Any]) -> Any:
    """The workspace, with everything made; the notebook loads the numbers only."""
    doubles.write_text(doubles.read_text().replace(UNKNOWN, ""))
    space = open_space()
    assert space.run().success
    return space
