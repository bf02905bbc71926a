"""`--fix`: what it mends, and what it never touches."""

# ruff: noqa: E501 - one case to a line

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assetbook.checking import RULES, Checker, Selection
from assetbook.checking.example import parse_example
from assetbook.checking.fixing import mend, source_diff, write_whole
from tests.checking.corpus import SAMPLES
from tests.checking.corpus.writing import write, write_data

MENDED = {
    "AB104": ("import numpy as np\nx = np.zeros(2, dtype=np.int)", "import numpy as np\nx = np.zeros(2, dtype=int)"),
    "AB104 by another name": ("import numpy\nx = [numpy.NaN, 1]", "import numpy\nx = [numpy.nan, 1]"),
    "AB121": ("import click\n!pip install click\nclick.echo()", "import click\nclick.echo()"),
    "AB126": ("%matplotlib notebook\nx = 1", "%matplotlib inline\nx = 1"),
    "AB201": ("print(np.pi)", "import numpy as np\nprint(np.pi)"),
    "AB405": ("import os\nfor f in os.listdir('.'):\n    print(f)", "import os\nfor f in sorted(os.listdir('.')):\n    print(f)"),
    "AB711": ("import json\nimport math\nprint(math.pi)", "import math\nprint(math.pi)"),
    "AB711 of several": ("from math import pi, e, tau\nprint(pi)", "from math import pi\nprint(pi)"),
    "AB711 at the end": ("x = 1\nimport json", "x = 1"),
}  # fmt: skip
LEFT = {
    "a package that is not there": "!pip install nothing-of-that-name",
    "a version": "!pip install click==1.0",
    "a block": "if True:\n    !pip install click",
    "an import for what it does": "import swifter",
    "an import of the workspace": "import my_module",
    "a seed": "import numpy as np\nnp.random.rand()",
    "a path": "open('/home/ada/x.txt')",
}


@pytest.fixture
def mended(tmp_path):
    def text_of(text: str) -> str:
        path = tmp_path / "n.ipynb"
        path.write_text(json.dumps(parse_example(text)), "utf-8")
        content = mend(Checker(tmp_path, selection=Selection()), path).content
        return "".join(json.loads(content)["cells"][0]["source"])

    return text_of


@pytest.mark.parametrize(("before", "after"), MENDED.values(), ids=MENDED)
def test_what_is_mended(mended, before, after):
    assert mended(before) == after


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_what_is_left(mended, text):
    assert mended(text) == text


def test_every_rule_that_says_so_is_mended():
    assert {rule.code for rule in RULES if rule.mends} == {name.split()[0] for name in MENDED} | {"AB701"}


def test_an_empty_cell_is_deleted(tmp_path):
    path = tmp_path / "n.ipynb"
    document = parse_example("# In [1]:\nx = 1\n# In [ ]:\n\n# In [ ]: markdown\n\n# In [2]:\nprint(x)")
    path.write_text(json.dumps(document, indent=1), "utf-8")
    done = mend(Checker(tmp_path, selection=Selection()), path)
    del document["cells"][1:3]
    assert done.content.decode() == json.dumps(document, indent=1)
    assert source_diff(path.read_bytes(), done.content, path=Path("n.ipynb"))[0].startswith(
        "--- n.ipynb, cell 2"
    )


@pytest.mark.parametrize("sample", SAMPLES[::3], ids=lambda sample: sample.name)
def test_a_clean_notebook_stays_as_it_is(sample, tmp_path):
    write_data(tmp_path)
    path = write(sample.notebook(), tmp_path / "n.ipynb")
    selection = Selection(ignore=("AB711",))  # notes are mended too
    assert mend(Checker(tmp_path, selection=selection), path).content == path.read_bytes()


def test_an_unreadable_file_stays_as_it_is(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_bytes(b"{")
    assert mend(Checker(tmp_path), path).done == ()


def test_a_file_is_written_at_once_and_keeps_its_mode(tmp_path):
    path, link = tmp_path / "n.ipynb", tmp_path / "link.ipynb"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.ipynb", "n.ipynb"]
