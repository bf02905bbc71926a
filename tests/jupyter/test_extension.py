"""``%load_ext assetbook`` in a real kernel, and in a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from assetbook import jupyter
from tests.platform.runs import record_of

PATIENCE = 60

Run = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def run(doubles: Path) -> Iterator[Run]:
    """Run a cell in the kernel of the notebook; what is shown below it comes back, by type of content."""
    manager, client = start_new_kernel(
        cwd=str(doubles.parent), env={**os.environ, "JPY_SESSION_NAME": str(doubles)}
    )

    def run_cell(code: str) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = []
        answer = client.execute_interactive(
            code, timeout=PATIENCE, output_hook=lambda message: shown.append(message["content"])
        )
        assert answer["content"]["status"] == "ok", shown
        return [content for content in shown if "data" in content or "text" in content]

    try:
        yield run_cell
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_plan_is_shown_below_the_cell(run: Run, doubles: Path) -> None:
    (shown,) = run("%load_ext assetbook")
    assert "doubles  notebooks/maths/doubles.ipynb, as saved at" in shown["data"]["text/plain"]
    assert 'class="assetbook-plan"' in shown["data"]["text/html"]
    doubles.write_text(doubles.read_text().replace("'doubles'", "'twice'"))
    (again,) = run("%assetbook")
    assert again["data"]["text/plain"].startswith("twice  ")
    (other,) = run("%assetbook numbers.ipynb")
    assert other["data"]["text/plain"].startswith("numbers  ")


def test_what_goes_wrong_is_a_line_of_text(run: Run, doubles: Path) -> None:
    run("%load_ext assetbook")
    (missing,) = run("%assetbook nowhere.ipynb")
    assert missing["text"].startswith("assetbook: There is no file ")
    run(
        "import assetbook.jupyter.shown as shown\ndef fail(path): raise KeyError('x')\nshown.read_plan = fail"
    )
    (failed,) = run("%assetbook")
    assert failed["text"].startswith(
        "assetbook: what this notebook is as an asset cannot be shown (KeyError: "
    )
    doubles.unlink()
    (gone,) = run("%assetbook")
    assert "Name its file: %assetbook path/to/notebook.ipynb" in gone["text"]


class Shell:
    """What the extension asks of IPython."""

    def __init__(self) -> None:
        self.magics: dict[str, Callable[[str], None]] = {}

    def register_magic_function(self, function: Callable[[str], None], kind: str, name: str) -> None:
        self.magics[f"{kind} {name}"] = function


def test_in_a_run_it_does_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSETBOOK_RUN", "context.json")
    shell = Shell()
    jupyter.load(shell)
    assert shell.magics["line assetbook"]("") is None
    assert capsys.readouterr().out == ""


def test_a_notebook_with_it_is_an_asset(workspace: Any, open_space: Callable[[], Any]) -> None:
    cells = ["%load_ext assetbook\n%assetbook", "import assetbook as ab\nab.metric('n', 1)"]
    workspace.notebook("told", cells)
    space = open_space()
    assert space.run("told").success
    assert record_of(space, "told").metrics == {"n": 1.0}
    executed = next(space.settings.records.rglob("notebook.ipynb")).read_text()
    assert "assetbook-plan" not in executed


def test_the_linter_has_nothing_against_it(workspace: Any) -> None:
    from assetbook.checking import Checker

    path = workspace.notebook("told", ["# # Told\n\nWhat it is.", "%load_ext assetbook", "print(1)"])
    assert not Checker(workspace.root).check_file(path).at_least("warning")
