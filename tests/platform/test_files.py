"""Files that are no tables, from the landing folder to the notebook that reads them."""

from __future__ import annotations

import pytest

LETTERS = """
from pathlib import Path

import pandas as pd

import assetbook as ab
from assetbook.landing import read_files


@ab.table(landing="letters")
def letters(landing: Path) -> pd.DataFrame:
    return read_files(landing)
"""


@pytest.mark.timeout(300)
def test_a_landing_folder_is_an_asset_that_notebooks_read(workspace, open_space):
    workspace.write("assets/letters.py", LETTERS)
    workspace.write("data/landing/letters/a.txt", "Dear Ada\n")
    workspace.write("data/landing/letters/more/b.txt", "Dear Bob\n")
    workspace.notebook(
        "reading",
        [
            "import assetbook as ab\nfrom pathlib import Path",
            'found = sorted(Path(ab.path("letters")).rglob("*.txt"))',
            "import pandas as pd\nwords = pd.DataFrame({'n': [len(path.read_text().split()) for path in found]})",
            'ab.save("words", words)',
        ],
    )
    space = open_space()
    assert space.run("letters", "words").success
    assert space.lake.read("words")["n"].tolist() == [2, 2]
    assert space.lake.read("letters")["path"].tolist() == ["letters/a.txt", "letters/more/b.txt"]
    graph = space.defs.resolve_asset_graph()
    assert [key.to_user_string() for key in graph.get(space.latest("words").asset_key).parent_keys] == [
        "letters"
    ]


def test_an_empty_landing_folder_says_so(workspace, open_space):
    workspace.write("assets/letters.py", LETTERS)
    (workspace.root / "data/landing/letters").mkdir(parents=True)
    result = open_space().run("letters")
    assert not result.success
