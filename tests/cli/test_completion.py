from __future__ import annotations

import subprocess

import pytest

from tests.cli.conftest import COMMAND, environment


def completed(space, *words):
    """Ask as bash does after TAB behind the last word."""
    variables = {
        "_ASSETBOOK_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["assetbook", *words]),
        "COMP_CWORD": str(len(words)),
    }
    found = subprocess.run(
        COMMAND, cwd=space.root, env=environment(**variables), capture_output=True, text=True, check=True
    )
    assert found.stderr == ""
    return [line.removeprefix("plain,") for line in found.stdout.split()]


@pytest.fixture
def space(workspace, cli):
    workspace.notebook("numbers", ["import assetbook as ab", "ab.save('numbers', None)"])
    workspace.notebook("nothing", ["1"])
    workspace.notebook("odd", ["import assetbook as ab", "ab.save(input(), None)"])
    assert completed(workspace, "run", "n") == []  # no command has looked yet
    assert cli("ls").code == 0
    return workspace


def test_names_of_assets_are_completed(space):
    assert completed(space, "run", "nu") == ["numbers"]
    assert completed(space, "run", "numbers", "+n") == ["+nothing", "+numbers"]
    assert completed(space, "run", "2+no") == ["2+nothing"]
    assert completed(space, "show", "o") == ["odd"]
    assert completed(space, "ls", "x") == []
    assert completed(space, "sh") == ["show"]


def test_names_are_those_of_the_last_command(space, cli):
    (space.root / "notebooks" / "nothing.ipynb").unlink()
    space.notebook("new", ["1"])
    assert cli("ls").code == 0

    assert completed(space, "run", "n") == ["new", "numbers"]


def test_outside_a_workspace_nothing_is_completed(space):
    (space.root / "workspace.yaml").unlink()

    assert completed(space, "run", "n") == []


def test_help_says_how(cli):
    assert 'eval "$(_ASSETBOOK_COMPLETE=bash_source assetbook)"' in cli("--help").out
