"""Checking notebooks: from a file, or from what has been read of it, to a `Report`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from assetbook import forms
from assetbook.checking.environment import Environment
from assetbook.checking.model import Finding, Report
from assetbook.checking.rules import RULES
from assetbook.checking.rules.reading import Unreadable
from assetbook.checking.rules.secrets import secret_texts
from assetbook.checking.rules.workspace import WorkspaceRule
from assetbook.checking.selection import Selection
from assetbook.checking.subject import Subject
from assetbook.checking.suppressions import Suppressions
from assetbook.errors import ContractError, WorkspaceError
from assetbook.notebook import Notebook, parse_notebook, read_bytes
from assetbook.settings import find_import_root

MASK = "***"  # stands for a secret in what is shown
LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})


class Checker:
    """Checks the notebooks of one workspace: what is found out of the environment is found out once.

    Args:
        root: the workspace, or the folder of notebooks that are in none: where their imports and runs start.
        selection: the rules that count; those of the workspace's ``pyproject.toml`` by default.
    """

    def __init__(self, root: Path, *, selection: Selection | None = None) -> None:
        self.environment = Environment(root)
        self.selection = selection or Selection.of_workspace(root)

    def check_file(self, path: Path, *, shown: Path | None = None) -> Report:
        """Check a notebook file; whatever is wrong with it is a finding, nothing is raised.

        Args:
            path: the file.
            shown: what the findings call it; the path as it is by default.
        """
        shown = shown or path
        try:
            content = read_bytes(path, shown=shown)
            return self.check_content(content, path=path, shown=shown)
        except ContractError as error:
            return _unreadable(shown, str(error))

    def check_content(self, content: bytes, *, path: Path, shown: Path | None = None) -> Report:
        """Check a notebook from the bytes of its file, which need not be written yet."""
        shown = shown or path
        try:
            notebook = parse_notebook(content, path=shown, suffix=path.suffix)
        except ContractError as error:
            return _unreadable(shown, str(error))
        return self.check_notebook(notebook, folder=path.parent.absolute(), content=content)

    def check_notebook(self, notebook: Notebook, *, folder: Path, content: bytes = b"") -> Report:
        """Check a notebook that has been read.

        Args:
            notebook: what was read; its path is what the findings call it.
            folder: the folder that it stands in.
            content: of the file, kept in the report for who mends it.
        """
        try:
            subject = Subject(notebook, folder=folder, environment=self.environment, selection=self.selection)
            found = sorted(dict.fromkeys(_masked(self._findings(subject), secret_texts(subject))), key=_order)
        except RecursionError:
            return _unreadable(notebook.path, "a cell nests expressions too deeply to be read. Simplify it.")
        found = [_in_file(finding, notebook) for finding in found]
        hidden = Suppressions.of(notebook)
        own = self.selection.ignored_in(self._in_workspace(folder / notebook.path.name))
        kept = tuple(f for f in found if not hidden.cover(f) and not (own and f.code.startswith(own)))
        return Report(notebook.path, kept, ignored=len(found) - len(kept), content=content)

    def check_workspace(self, notebooks: Sequence[Path], *, shown: Path | None = None) -> Report:
        """Check what is around these notebooks.

        Args:
            notebooks: the files.
            shown: a folder; paths below it are shown relative to it.
        """
        found = (
            finding
            for rule in RULES
            if issubclass(rule, WorkspaceRule) and self.selection.wants(rule.code)
            for finding in rule().check_workspace(self.environment, notebooks)
        )
        root = self.environment.root
        here = [replace(f, path=relative(f.path, shown)) for f in found] if shown else list(found)
        return Report(relative(root, shown) if shown else root, tuple(here))

    def _findings(self, subject: Subject) -> Iterator[Finding]:
        for rule in RULES:
            if self.selection.wants(rule.code) and (subject.is_python or not rule.reads_code):
                yield from rule().check(subject)

    def _in_workspace(self, path: Path) -> Path:
        root = self.environment.root
        return path.relative_to(root) if path.is_relative_to(root) else path

    def excludes(self, path: Path) -> bool:
        """Whether the workspace leaves this notebook out."""
        return self.selection.excludes(self._in_workspace(path.absolute()))


def relative(path: Path, folder: Path) -> Path:
    """Return a path as seen from a folder, if it is below it."""
    return path.relative_to(folder) if path.is_relative_to(folder) else path


def root_of(path: Path) -> Path:
    """Return where a run of a notebook starts: its workspace or project, else the folder that it stands in."""
    folder = path.absolute() if path.is_dir() else path.absolute().parent
    try:
        return find_import_root(folder)
    except WorkspaceError:
        return folder


def find_notebooks(paths: Iterator[Path] | list[Path]) -> Iterator[Path]:
    """Give the notebooks that paths name: files as they are, of folders those below, sorted.

    Folders that begin with ``.`` and those of installed packages are left out; of a pair of forms the text counts.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        yield from forms.find_notebooks(path, leave_out=_is_left_out)


def _is_left_out(name: str) -> bool:
    return name.startswith(".") or name in LEFT_OUT


def _unreadable(path: Path, message: str) -> Report:
    return Report(path, (Unreadable().says(path, message.removeprefix(f"{path}: ")),))


def _in_file(finding: Finding, notebook: Notebook) -> Finding:
    """Return a finding with its line in the file, where the notebook is text."""
    first = None if finding.index is None else notebook.cells[finding.index].line
    return finding if first is None else replace(finding, file_line=first + (finding.line or 1) - 1)


def _masked(findings: Iterable[Finding], secrets: Collection[str]) -> Iterator[Finding]:
    """Give findings in which no secret of the notebook can be read."""
    for finding in findings:
        message, source = (_without(text, secrets) for text in (finding.message, finding.source))
        yield replace(finding, message=message, source=source) if secrets else finding


def _without(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _order(finding: Finding) -> tuple[int, int, int, str, str]:
    index = -1 if finding.index is None else finding.index
    return (index, finding.line or 0, finding.column or 0, finding.code, finding.message)
