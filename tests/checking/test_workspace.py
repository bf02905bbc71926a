"""What is said of the workspace around the notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from assetbook.checking import Checker, Selection, find_notebooks, root_of


@pytest.fixture
def space(tmp_path):
    """A workspace of which there is nothing to say."""
    (tmp_path / "workspace.yaml").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "requirements.lock").write_text("click==8.1\n")
    (tmp_path / "notebooks" / "a").mkdir(parents=True)
    return tmp_path


def codes(root: Path, *names: str) -> list[str]:
    notebooks = [root / "notebooks" / name for name in names]
    return [
        finding.code for finding in Checker(root, selection=Selection()).check_workspace(notebooks).findings
    ]


def test_nothing_is_said(space):
    assert codes(space, "one.ipynb", "two.ipynb", "_draft.ipynb", "a/_draft.ipynb") == []


def test_two_notebooks_of_one_name(space):
    report = Checker(space).check_workspace([space / "a/x.ipynb", space / "b/X.ipynb"], shown=space)
    (finding,) = report.findings
    assert (finding.code, finding.path) == ("AB801", Path("b/X.ipynb"))


@pytest.mark.parametrize(
    ("gone", "code"), [("requirements.lock", "AB802"), (".git", "AB803"), ("tests", "AB805")]
)
def test_what_a_workspace_lacks(space, gone, code):
    path = space / gone
    path.unlink() if path.is_file() else path.rmdir()
    assert codes(space, "one.ipynb") == [code]


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml", "setup.py"])
def test_other_ways_to_declare_packages(space, name):
    (space / "requirements.lock").unlink()
    (space / name).touch()
    assert codes(space, "one.ipynb") == []


def test_a_large_file(space):
    with (space / "notebooks" / "big.csv").open("wb") as file:
        file.truncate(11_000_000)
    assert codes(space, "one.ipynb") == ["AB804"]


def test_the_root_is_the_workspace_or_the_folder(space, tmp_path_factory):
    assert root_of(space / "notebooks" / "a" / "x.ipynb") == space
    alone = tmp_path_factory.mktemp("alone")
    assert root_of(alone / "x.ipynb") == alone


def test_notebooks_below_a_folder(space):
    for name in (
        "b.ipynb",
        "a/c.ipynb",
        ".ipynb_checkpoints/b.ipynb",
        "venv/x.ipynb",
        "b.txt",
        "a/.hidden/x.ipynb",
    ):
        path = space / "notebooks" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = [path.relative_to(space).as_posix() for path in find_notebooks([space])]
    assert found == ["notebooks/a/c.ipynb", "notebooks/b.ipynb"]
    assert list(find_notebooks([space / "notebooks" / "b.txt"])) == [space / "notebooks" / "b.txt"]
