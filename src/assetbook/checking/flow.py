"""Which names of a notebook are missing when its cells run once, from top to bottom, in a fresh kernel.

In doubt a name is there: what a branch may define counts as defined, and what a star import, ``exec`` or ``%run``
of something unknown gives ends the search.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assetbook.checking.bound import bound_names
from assetbook.checking.commands import SHELL_CELLS, Command
from assetbook.checking.event_scopes import Body, Event
from assetbook.checking.events import EventReader
from assetbook.checking.module_names import names_of_module, names_of_source
from assetbook.contract.source import CellCode, parse_cell, to_python
from assetbook.forms import IPYNB
from assetbook.notebook import Cell, parse_notebook

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject

MissingKind = Literal["never", "later", "deleted", "skipped"]

OF_IPYTHON_TEXT = """
    get_ipython display In Out _ __ ___ _i _ii _iii _ih _oh _dh exit quit open __name__ __doc__ __builtin__
    __builtins__ __session__ __vsc_ipynb_file__
"""
OF_IPYTHON = frozenset(OF_IPYTHON_TEXT.split())
_HISTORY = re.compile(r"_i?\d+")
_KNOWN = (
    frozenset(dir(builtins))
    | OF_IPYTHON
    | {"WindowsError", "__annotations__", "__spec__", "__loader__", "__package__"}
)
_NO_NAMES = SHELL_CELLS | {
    "pip",
    "conda",
    "writefile",
    "file",
    "html",
    "HTML",
    "latex",
    "markdown",
    "svg",
    "cd",
    "env",
    "load_ext",
}
_WORD = re.compile(r"[A-Za-z_]\w*")
_FENCED = re.compile(r"^```[\w ]*\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Missing:
    """A name that is not there when it is used.

    Attributes:
        name: as it is written.
        node: its first use that fails.
        kind: ``never`` defined; defined only ``later``; ``deleted`` before; defined only in a ``skipped`` cell.
        defined: where it is defined later, was deleted, or is defined without ever being run: for people.
        called: where the function is called that the use stands in; None of a use in a cell itself.
    """

    name: str
    node: ast.Name
    kind: MissingKind
    defined: str = ""
    called: ast.AST | None = None


class Flow:
    """The names of one notebook, cell after cell."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._commands = {command.node: command for command in subject.commands}
        self._events = list(self._read_events())
        self._places = self._first_places()
        self._defined: set[str] = set()
        self._deleted: dict[str, ast.AST] = {}
        self._functions: dict[str, tuple[Body, ...]] = {}
        self._bodies: dict[int, Body] = {}
        self._called: set[int] = set()
        self._cell = 0
        self._timed: set[str] = set()  # names that a cell under %%timeit has while it runs
        self._anything = False
        self._missing: dict[str, Missing] = {}

    def missing(self) -> tuple[Missing, ...]:
        """Return the names that are missing, each once, at its first use."""
        for event, cell in self._events:
            if cell.number != self._cell:
                self._cell, self._timed = cell.number, set()
            self._follow(event, cell)
            if self._anything:
                return tuple(self._missing.values())
        for body in self._bodies.values():
            self._check_ever(body)
        return tuple(self._missing.values())

    # ---- events

    def _read_events(self) -> Iterator[tuple[Event, CellCode]]:
        reader = EventReader()
        for code in self._subject.cells:
            cell = self._subject.cell(code.number)
            if self._subject.is_skipped(cell):
                continue
            if code.number in self._subject.broken:
                for word in dict.fromkeys(_WORD.findall(cell.source)):
                    yield Event("define", word, code.tree), code
                continue
            expected = "raises-exception" in cell.tags
            for event in reader.read(code.tree):
                if not (expected and event.kind == "use"):
                    yield event, code

    def _first_places(self) -> dict[str, ast.AST]:
        """Return where each name is first defined, wherever that is."""
        found: dict[str, ast.AST] = {}
        for event, cell in self._events:
            if isinstance(event.node, ast.AugAssign):
                continue
            if event.kind == "define" and not self._is_timed(cell):
                for name in (event.name, *(name for body in event.bodies for name in body.defines)):
                    found.setdefault(name, event.node)
            elif event.kind in ("command", "star"):
                names, _all = self._names_of(event)
                for name in names:
                    found.setdefault(name, event.node)
        return found

    def _follow(self, event: Event, cell: CellCode) -> None:
        match event.kind:
            case "define" if self._is_timed(cell):
                self._timed.add(event.name)
            case "define":
                self._define(event)
            case "use" if isinstance(event.node, ast.Name) and not event.guarded:
                self._use(event.node)
            case "delete" if event.sure and not event.guarded:
                self._defined.discard(event.name)
                self._deleted[event.name] = event.node
            case "call":
                self._call(event.name, event.node)
            case "anything":
                self._anything = True
            case "command" | "star":
                names, everything = self._names_of(event)
                self._defined |= names
                self._anything = self._anything or everything

    def _is_timed(self, cell: CellCode) -> bool:
        return self._subject.cell(cell.number).source.lstrip().startswith("%%timeit")

    def _define(self, event: Event) -> None:
        for body in event.bodies:
            self._bodies[id(body)] = body
            self._defined.update(body.defines)
        if event.name:
            self._defined.add(event.name)
            self._deleted.pop(event.name, None)
            self._functions[event.name] = event.bodies

    def _names_of(self, event: Event) -> tuple[set[str], bool]:
        """Return the names that a star import or a command gives, and whether it may give any."""
        if event.kind == "star":
            found = names_of_module(event.name, self._subject.environment)
            return (set(), True) if found is None else (set(found), False)
        command = self._commands.get(event.node)
        return (set(), True) if command is None else self._names_of_command(command)

    def _names_of_command(self, command: Command) -> tuple[set[str], bool]:
        if command.kind in ("shell", "help") or command.name in _NO_NAMES:
            return set(), False
        if command.name == "pylab":
            return set(), True
        if command.name == "run":
            names = self._names_of_script(command.text)
            return (set(), True) if names is None else (names, False)
        return set(_WORD.findall(f"{command.text}\n{command.body}")), False

    def _names_of_script(self, text: str) -> set[str] | None:
        """Return the names that ``%run`` leaves; None where the file cannot be read."""
        words = [word.strip("\"'") for word in text.split() if not word.startswith("-")]
        for folder in (self._subject.folder, self._subject.root):
            for name in (words[0], f"{words[0]}.py") if words else ():
                if (folder / name).is_file():
                    return _names_of_file((folder / name).read_bytes(), notebook=name.endswith(IPYNB))
        return None

    # ---- uses

    def _use(self, node: ast.Name, *, called: ast.AST | None = None) -> None:
        name = node.id
        if name in self._defined or name in self._timed or name in self._missing:
            return
        if name in _KNOWN or _HISTORY.fullmatch(name):
            return
        if name in self._deleted:
            at = f"deleted in {self._where(self._deleted[name])}"
            self._missing[name] = Missing(name, node, "deleted", at, called)
        elif name in self._places:
            at = self._where(self._places[name])
            self._missing[name] = Missing(name, node, "later", at, called)
        else:
            skipped = self._in_skipped(name)
            kind: MissingKind = "skipped" if skipped else "never"
            self._missing[name] = Missing(name, node, kind, skipped, called)

    def _call(self, name: str, node: ast.AST) -> None:
        waiting = [name]
        while waiting:
            for body in self._functions.get(waiting.pop(), ()):
                if id(body) in self._called:
                    continue
                self._called.add(id(body))
                for use in body.needs:
                    self._use(use, called=node)
                waiting += body.calls

    def _check_ever(self, body: Body) -> None:
        """Check a function that may be called at any time: it may use whatever is ever defined."""
        for node in body.uses:
            if node.id not in self._places:
                self._use(node)

    def _where(self, node: ast.AST) -> str:
        spot = self._subject.scopes.start(node)
        return f"cell {spot[0]}" + (f", line {spot[1]}" if spot[1] else "")

    def _in_skipped(self, name: str) -> str:
        for cell in self._subject.notebook.cells:
            if (kind := self._is_not_run(cell)) and name in _assigned(_code_of(cell)):
                return kind
        return ""

    def _is_not_run(self, cell: Cell) -> str:
        number = cell.number
        if number is None:
            return f"cell {cell.index + 1} of the file, a {cell.kind} cell"
        if self._subject.is_skipped(cell):
            return f'cell {number}, which its tag "skip-execution" leaves out'
        if cell.source.lstrip().startswith(("%%script", "%%html", "%%markdown", "%%writefile", "%%file")):
            return f"cell {number}, which {cell.source.split()[0]} keeps from being run"
        if cell.source.lstrip().startswith("%%timeit"):
            return f"cell {number}, whose names %%timeit throws away"
        return _commented(cell, number)


def _commented(cell: Cell, number: int) -> str:
    return f"a comment of cell {number}" if "#" in cell.source else ""


def _code_of(cell: Cell) -> str:
    """Return the code that a cell holds without its being run."""
    source = cell.source
    if cell.kind == "markdown":
        return "\n".join(match["code"] for match in _FENCED.finditer(source))
    if cell.number is not None and not source.lstrip().startswith("%%"):
        lines = (line.strip() for line in source.split("\n"))
        return (
            source
            if "skip-execution" in cell.tags
            else "\n".join(line.lstrip("# ") for line in lines if line.startswith("#"))
        )
    first, _, rest = source.partition("\n")
    return rest if first.lstrip().startswith("%%") else source


def _assigned(code: str) -> set[str]:
    """Return the names that lines of code assign, also of code that is not whole."""
    try:
        return set(bound_names(parse_cell(code)[1].body))
    except (SyntaxError, ValueError, RecursionError):
        pass  # a part of a cell, or prose: line by line
    found = set(re.findall(r"^\s*(\w+)\s*(?::\s*\w+\s*)?=(?!=)", code, re.MULTILINE))
    found |= set(re.findall(r"^\s*(?:def|class)\s+(\w+)", code, re.MULTILINE))
    for names in re.findall(r"^\s*(?:from\s+[\w.]+\s+)?import\s+(.+)$", code, re.MULTILINE):
        for part in names.split(","):
            words = part.split()
            if words:
                found.add(words[-1].partition(".")[0])
    return found


def _names_of_file(content: bytes, *, notebook: bool) -> set[str] | None:
    """Return the names that a script or notebook defines; None where that cannot be told."""
    from pathlib import Path

    from assetbook.errors import ContractError

    if not notebook:
        return names_of_source(content.decode("utf-8", "replace"))
    try:
        cells: Iterable[Cell] = parse_notebook(content, path=Path("notebook")).code_cells
        trees = [parse_cell(cell.source)[1] for cell in cells]
    except (ContractError, SyntaxError, ValueError):
        return None
    if any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for t in trees for node in ast.walk(t)
    ):
        return None
    return {name for tree in trees for name in bound_names(tree.body)}


__all__ = ["OF_IPYTHON", "Flow", "Missing", "to_python"]
