"""The pytest plugin: with ``pytest --assetbook``, or ``assetbook = true`` in its settings, each notebook is a test.

Every run of pytest imports this module where assetbook is installed. So it imports nothing; what tries notebooks comes
with the first notebook that is collected.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from assetbook.testing.items import NotebookFile

MARKER = "workspace.yaml"
FOLDER = "notebooks"
FORMS = (".ipynb", ".py", ".md")
REMARKS: pytest.StashKey[list[str]] = pytest.StashKey()  # on notebooks that passed


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what chooses notebooks and how they are tried."""
    group = parser.getgroup("assetbook", "notebooks of an Assetbook workspace")
    group.addoption("--assetbook", action="store_true", help="Test each notebook of the workspace.")
    group.addoption(
        "--assetbook-rows", type=int, metavar="N", help="Rows of each input of a notebook. [1000]"
    )
    group.addoption(
        "--assetbook-once", action="store_true", help="Run each notebook once only, and compare nothing."
    )
    group.addoption(
        "--assetbook-strict", action="store_true", help="Fail where a blocking check of a notebook fails."
    )
    parser.addini("assetbook", "Test each notebook of the workspace.", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Look for notebooks beside the test paths of the settings, too, where no path is named."""
    folder = config.rootpath / FOLDER
    from_settings = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if _is_on(config) and from_settings and (config.rootpath / MARKER).is_file() and folder.is_dir():
        config.args.append(str(folder))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> NotebookFile | None:
    """Take a notebook of the workspace: where that is asked for, or the file itself is named."""
    if file_path.suffix not in FORMS or not (_is_on(parent.config) or parent.session.isinitpath(file_path)):
        return None
    root = _root_of(file_path)
    if root is None or not _counts(file_path):
        return None
    from assetbook.testing.items import NotebookFile

    return NotebookFile.from_parent(parent, path=file_path, root=root)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what should be known of notebooks though they passed."""
    if remarks := config.stash.get(REMARKS, []):
        terminalreporter.section("notebooks")
        for remark in remarks:
            terminalreporter.line(remark)


def _is_on(config: pytest.Config) -> bool:
    return bool(config.getoption("--assetbook") or config.getini("assetbook"))


def _root_of(notebook: Path) -> Path | None:
    """Return the workspace of a notebook that is one of its assets; None of any other."""
    for root in notebook.parents:
        if (root / MARKER).is_file():
            parts = notebook.relative_to(root).parts
            hidden = any(part.startswith((".", "_")) for part in parts[1:])
            return root if parts[0] == FOLDER and not hidden else None
    return None


def _counts(path: Path) -> bool:
    """Whether a file is a notebook, and not the other form of one that counts."""
    from assetbook.forms import is_notebook, without_pairs

    forms = [form for form in map(path.with_suffix, FORMS) if form.is_file() and is_notebook(form)]
    return path in without_pairs(forms)
