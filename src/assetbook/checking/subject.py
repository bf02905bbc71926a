"""A notebook as rules see it: its code read once, and what several rules ask of it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, overload

from assetbook.checking.bound import bound_names
from assetbook.checking.commands import Command, find_commands
from assetbook.checking.environment import Environment
from assetbook.checking.files import FileUse, find_files
from assetbook.checking.flow import Flow, Missing
from assetbook.checking.selection import Selection
from assetbook.contract.bindings import Bindings
from assetbook.contract.calls import FUNCTIONS
from assetbook.contract.imports import Imports
from assetbook.contract.model import Place
from assetbook.contract.names import Names
from assetbook.contract.problems import Problems
from assetbook.contract.reader import notebook_language
from assetbook.contract.scopes import Scopes
from assetbook.contract.source import CellCode, read_code
from assetbook.notebook import Cell, Notebook

Node = TypeVar("Node", bound=ast.AST)
Other = TypeVar("Other", bound=ast.AST)
SKIPPED = "skip-execution"  # nbclient's tag of cells that are not run


@dataclass(frozen=True)
class Spot:
    """Where a node stands in the author's text; see `Finding`."""

    cell: int
    line: int
    column: int
    end: tuple[int, int] | None


class Subject:
    """One notebook under check.

    Args:
        notebook: as read from its file.
        folder: the folder that it stands in.
        environment: what can be imported, and from where.
        selection: the workspace's choices, thresholds among them.
    """

    def __init__(
        self, notebook: Notebook, *, folder: Path, environment: Environment, selection: Selection
    ) -> None:
        self.notebook = notebook
        self.path = notebook.path
        self.folder = folder
        self.environment = environment
        self.selection = selection
        self.is_python = notebook_language(notebook).lower() in ("", "python", "ipython")
        problems = Problems(notebook.path)
        self.cells: tuple[CellCode, ...] = read_code(notebook, problems=problems) if self.is_python else ()
        self.broken: dict[int, tuple[Place, str]] = {
            problem.place.cell: (problem.place, problem.message.partition(": ")[2])
            for problem in problems.found
            if problem.place
        }
        self._by_number = {cell.number: cell for cell in notebook.code_cells}

    @property
    def root(self) -> Path:
        """Where a run of the notebook starts: the workspace, or the notebook's own folder."""
        return self.environment.root

    @cached_property
    def scopes(self) -> Scopes:
        """Where the nodes stand."""
        return Scopes(self.cells)

    @cached_property
    def imports(self) -> Imports:
        """What imported names stand for."""
        return Imports(self.cells, scopes=self.scopes, star=tuple(FUNCTIONS))

    @cached_property
    def names(self) -> Names:
        """What names stand for, as far as that is literal."""
        return Names(self.cells, scopes=self.scopes)

    @cached_property
    def bindings(self) -> Bindings:
        """What binds names."""
        return Bindings(self.cells, scopes=self.scopes)

    @cached_property
    def commands(self) -> tuple[Command, ...]:
        """The magics and shell commands, in order."""
        return tuple(find_commands(self))

    @cached_property
    def files(self) -> tuple[FileUse, ...]:
        """The reads and writes of files, in order."""
        return tuple(find_files(self))

    @cached_property
    def _nodes(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for cell in self.cells:
            for node in cell.nodes:
                found[type(node)].append(node)
        return found

    @overload
    def nodes(self, kind: type[Node], /) -> Iterator[Node]: ...
    @overload
    def nodes(self, kind: type[Node], other: type[Other], /) -> Iterator[Node | Other]: ...
    def nodes(self, *kinds: type[Any]) -> Iterator[Any]:
        """Give the nodes of these types, in the order of the cells."""
        for kind in kinds:
            yield from self._nodes.get(kind, ())

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """All calls, in the order of the text."""
        return tuple(sorted(self.nodes(ast.Call), key=self.scopes.start))

    def origin(self, node: ast.AST) -> str:
        """Return the dotted name of an imported object, "" for anything else."""
        return self.imports.origin(node) or ""

    def definition(self, node: ast.expr) -> ast.expr:
        """Return the expression that a name stands for where it can be told; any other expression as it is."""
        return self.names.definition(node)

    @cached_property
    def missing_names(self) -> tuple[Missing, ...]:
        """The names that are not there when they are used."""
        return Flow(self).missing()

    @cached_property
    def defined_names(self) -> frozenset[str]:
        """The names that the cells define."""
        return frozenset(name for code in self.cells for name in bound_names(code.tree.body))

    @cached_property
    def imported(self) -> frozenset[str]:
        """The packages that the notebook imports."""
        modules = [alias.name for node in self.nodes(ast.Import) for alias in node.names]
        modules += [node.module for node in self.nodes(ast.ImportFrom) if node.module and not node.level]
        return frozenset(name.partition(".")[0] for name in modules)

    def cell(self, number: int) -> Cell:
        """Return a code cell by its number."""
        return self._by_number[number]

    def line(self, cell: int, line: int) -> str:
        """Return a line of a code cell, as its author wrote it."""
        lines = self._source_lines[cell]
        return lines[line - 1] if 0 < line <= len(lines) else ""

    def number(self, node: ast.AST) -> int:
        """Return the number of the cell that a node stands in."""
        return self.scopes.start(node)[0]

    def spot(self, node: ast.AST) -> Spot:
        """Return where a node stands in the author's text."""
        number = self.number(node)
        line = getattr(node, "lineno", 1)
        start = self._column(number, line, getattr(node, "col_offset", 0))
        last = getattr(node, "end_lineno", None)
        if last is None:
            return Spot(number, line, start + 1, None)
        return Spot(
            number,
            line,
            start + 1,
            (last, self._column(number, last, getattr(node, "end_col_offset", 0)) + 1),
        )

    def _column(self, number: int, line: int, offset: int) -> int:
        """Return the characters before an offset in bytes of the line that was parsed."""
        written = self.line(number, line)
        parsed = self._parsed_lines(number)
        text = parsed[line - 1] if line <= len(parsed) else ""
        before = len(text.encode("utf-8")[:offset].decode("utf-8", "ignore"))
        if written == text:
            return before
        if written.endswith(text):  # an indented cell, which IPython moves to the left
            return len(written) - len(text) + before
        return min(before, len(written))

    def _parsed_lines(self, number: int) -> Sequence[str]:
        return self._text_lines[number]

    @cached_property
    def _source_lines(self) -> dict[int, list[str]]:
        return {code.number: self.cell(code.number).source.split("\n") for code in self.cells}

    @cached_property
    def _text_lines(self) -> dict[int, list[str]]:
        return {code.number: code.text.split("\n") for code in self.cells}

    def is_translated(self, node: ast.AST) -> bool:
        """Whether a node's line is not as its author wrote it, because it holds IPython's own syntax."""
        number, line = self.number(node), getattr(node, "lineno", 1)
        parsed = self._parsed_lines(number)
        return line <= len(parsed) and parsed[line - 1] != self.line(number, line)

    def raw(self, cell: Cell) -> dict[str, Any]:
        """Return the JSON of a cell: its outputs and its execution count."""
        found: dict[str, Any] = self.notebook.raw["cells"][cell.index]
        return found

    def is_skipped(self, cell: Cell) -> bool:
        """Whether a run leaves out this cell."""
        return SKIPPED in cell.tags
