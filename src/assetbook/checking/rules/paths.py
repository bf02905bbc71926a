"""AB11: files that are not where a run looks for them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from assetbook.checking.guards import is_elsewhere
from assetbook.checking.missing import missing_files
from assetbook.checking.model import Edit, Finding, Fix
from assetbook.checking.paths import PERSONAL, exists_in, is_absolute, is_url
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject
from assetbook.contract.names import HOLE


class AbsolutePath(Rule):
    """A path begins at the root of a disk, in somebody's home, or in a hosted notebook service.

    It holds on one machine. In production, or at a colleague's, the file is not there.
    """

    code = "AB111"
    name = "absolute-path"
    severity = "error"
    example = 'import pandas as pd\nsales = pd.read_csv("/home/ada/sales.csv")'
    better = 'import assetbook as ab\nsales = ab.load("sales")'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look at the texts of the code, the arguments of calls that open files, and commands."""
        told: set[tuple[int, int]] = set()
        for use in subject.files:
            if not use.path or use.argument is None:
                continue
            if is_absolute(use.path) or _below(subject.root, use.path):
                spot = subject.spot(use.argument)
                told.add((spot.cell, spot.line))
                yield self._say(subject, use.argument, use.path)
                told.update(_lines_of(subject, use.argument))
        for node in subject.nodes(ast.Constant):
            if isinstance(node.value, str) and PERSONAL.match(node.value) and _is_code(subject, node):
                spot = subject.spot(node)
                if (spot.cell, spot.line) not in told and len(node.value.strip()) > 2:
                    told.add((spot.cell, spot.line))
                    yield self._say(subject, node, node.value)
        for command in subject.commands:
            for word in command.words[1:]:
                if PERSONAL.match(word.strip("\"'")):
                    yield self._say(subject, command.node, word.strip("\"'"))
                    break

    def _say(self, subject: Subject, node: ast.AST, path: str) -> Finding:
        shown = path.replace(HOLE, "…")
        inside = _below(subject.root, shown)
        hint = "Load it as an asset, with ab.load, or write a path relative to the workspace folder."
        if inside:
            hint = f'Write it relative to the workspace folder: "{inside}".'
        known = not PERSONAL.match(path) and exists_in(Path("/"), path)
        return self.at(
            subject,
            node,
            f"The path {shown!r} holds on one machine only.",
            hint=hint,
            severity="warning" if known else None,
            fix=_relative(subject, node, inside),
        )


class MissingFile(Rule):
    """A file is read that is not there.

    Neither the workspace folder, where a run starts, nor the notebook's own folder has it, and no cell makes it. One
    of eight failures of published notebooks is such a file (Samuel and Mietchen, 2024).
    """

    code = "AB112"
    name = "missing-file"
    severity = "error"
    example = 'import pandas as pd\nsales = pd.read_csv("sales_2013.csv")'
    better = 'import assetbook as ab\nsales = ab.load("sales")'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for the files that are read by a path that is written out."""
        for use in missing_files(subject):
            if not exists_in(subject.folder, use.path or ""):
                node = use.argument or use.call
                yield self.at(
                    subject,
                    node,
                    f"There is no file {use.path!r} in the workspace folder, nor beside the notebook.",
                    hint="Put it into the landing folder and load it as an asset, or mend the path.",
                )


class FileBesideNotebook(Rule):
    """A file is read that is found from the notebook's folder only.

    Jupyter starts in the notebook's folder, a run in the workspace folder: there the path leads nowhere.
    """

    code = "AB113"
    name = "file-beside-notebook"
    severity = "warning"
    example = ""
    better = ""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for the files that only the notebook's folder has."""
        for use in missing_files(subject):
            if exists_in(subject.folder, use.path or ""):
                found = (subject.folder / (use.path or "")).resolve()
                inside = _below(subject.root, str(found))
                node = use.argument or use.call
                yield self.at(
                    subject,
                    node,
                    f"{use.path!r} is found from the notebook's folder, but a run starts in the workspace folder.",
                    hint=f'Load it as an asset, or write "{inside}".' if inside else "Load it as an asset.",
                    fix=_relative(subject, node, inside),
                )


def _is_code(subject: Subject, node: ast.Constant) -> bool:
    """Whether a text is used as one, and does not only stand there as a remark."""
    parent = subject.scopes.parent(node)
    return (
        not isinstance(parent, ast.Expr)
        and not is_elsewhere(subject.scopes, node)
        and "\n" not in str(node.value)
        and not is_url(str(node.value))
        and not (subject.is_translated(node))
    )


def _lines_of(subject: Subject, node: ast.expr) -> Iterator[tuple[int, int]]:
    """Give the places of the texts that an argument is made of, which need not be told again."""
    definition = subject.definition(node)
    for inner in ast.walk(definition):
        if isinstance(inner, ast.Constant):
            spot = subject.spot(inner)
            yield spot.cell, spot.line
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and subject.definition(inner) is not inner:
            yield from _lines_of(subject, subject.definition(inner))


def _below(root: Path, path: str) -> str:
    """Return a path relative to a folder, "" where it is not below it."""
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return ""


def _relative(subject: Subject, node: ast.AST, inside: str) -> Fix | None:
    """Return the fix that writes a path relative to the workspace folder."""
    spot = subject.spot(node)
    if not inside or not isinstance(node, ast.Constant) or not spot.end or subject.is_translated(node):
        return None
    start, end = (spot.line, spot.column - 1), (spot.end[0], spot.end[1] - 1)
    text = '"' + inside.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return Fix(f"Write {text}.", (Edit(subject.cell(spot.cell).index, start, end, text),))
