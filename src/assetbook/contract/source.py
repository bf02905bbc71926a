"""Code cells as Python syntax trees, IPython's own syntax included.

A cell that is Python as it stands is parsed as it stands. Otherwise what only IPython understands is
translated, line for line, so that places in the tree are places in the cell:

* ``%magic …``, ``!command``, ``name?`` and whole cells of another language (``%%bash``) become
  ``get_ipython().run_cell('<their text>')``; the text stays part of the code, hence of its version;
* ``x = !command`` and ``x = %magic …`` become assignments of such a call;
* ``%time statement`` and the body of ``%%time`` are the Python that they run.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from assetbook.contract.model import Place
from assetbook.contract.problems import Problems
from assetbook.notebook import Cell, Notebook

_PYTHON_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "debug"})
_PYTHON_LINE_MAGICS = frozenset({"time", "timeit", "prun", "memit", "mprun"})
_AUTOMAGICS = frozenset({"pip", "conda", "cd", "ls", "pwd", "matplotlib", "load_ext", "autoreload", "who"})

_ESCAPED = re.compile(r"(?P<indent>\s*)(?P<command>[!%?,;/].*)", re.DOTALL)
_ASSIGNED = re.compile(
    r"(?P<indent>\s*)(?P<target>[\w.,*: ]+(\[[^\]]*\])?\s*=\s*)(?P<command>(!|%\s*[A-Za-z]).*)", re.DOTALL
)
_HELP = re.compile(r"(?P<indent>\s*)(?P<command>[%\w.*\[\]-]+\?\??)\s*")
_MAGIC = re.compile(r"%\s*(?P<name>\w+)\s*(?P<options>(-\w+(\s*\d+)?\s+)*)(?P<statement>.*)", re.DOTALL)
# What can change whether the next line starts a statement: comments, strings, brackets, continuation.
_LEXEME = re.compile(
    r"""\#.*|(?P<triple>\"{3}|'{3})|"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|(?P<open>[\[({])|(?P<close>[\])}])"""
)


@dataclass(frozen=True)
class CellCode:
    """A code cell as Python: its text, line for line that of the cell, and its tree.

    ``fingerprint`` is the tree as text, without comments and layout: what the code version is made of.
    """

    number: int
    text: str
    tree: ast.Module
    fingerprint: str
    tags: frozenset[str]

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the tree, parents before children."""
        return tuple(ast.walk(self.tree))

    def place(self, node: ast.AST) -> Place:
        """Return where a node of this cell stands."""
        return Place(cell=self.number, line=getattr(node, "lineno", 1))


def read_code(notebook: Notebook, *, problems: Problems) -> tuple[CellCode, ...]:
    """Parse the code cells of a notebook; a cell that is no Python is a problem, and empty."""
    return tuple(_read_cell(cell, problems=problems) for cell in notebook.code_cells)


def _read_cell(cell: Cell, *, problems: Problems) -> CellCode:
    number = cell.number or 0
    try:
        text, tree = parse_cell(cell.source)
        return CellCode(number, text, tree, fingerprint(tree), cell.tags)
    except SyntaxError as error:
        lines = cell.source.split("\n")
        line = min(error.lineno or 1, len(lines))
        problems.add(f"no valid Python ({error.msg}): {lines[line - 1].strip()}", place=Place(number, line))
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte; nesting that no parser follows
        problems.add(f"the cell cannot be read as Python ({error}). Simplify it.", place=Place(number, 1))
    return CellCode(number, "", ast.Module(body=[], type_ignores=[]), repr(cell.source), cell.tags)


def parse_cell(source: str) -> tuple[str, ast.Module]:
    """Return a cell as Python text of as many lines, and its tree; SyntaxError where it is neither."""
    try:
        return source, parse_python(source)
    except SyntaxError:  # IPython syntax is never valid Python, so only these cells need a closer look
        text = to_python(source)
        return text, parse_python(text)


def fingerprint(tree: ast.AST) -> str:
    """Return a tree as text: everything that can change what the code does, nothing else.

    As ``ast.dump`` without attributes, but empty fields are left out: newer Pythons add some, and an
    upgrade of Python must not make every asset look changed.
    """
    parts: list[str] = []
    for name, value in ast.iter_fields(tree):
        if value is None and not isinstance(tree, ast.Constant):
            continue
        if isinstance(value, list):
            value = [fingerprint(item) if isinstance(item, ast.AST) else repr(item) for item in value]
            if value:
                parts.append(f"{name}=[{', '.join(value)}]")
        elif isinstance(value, ast.AST):
            parts.append(f"{name}={fingerprint(value)}")
        elif not (name == "kind" and isinstance(tree, ast.Constant)):  # u"text" is "text"
            parts.append(f"{name}={value!r}")
    return f"{type(tree).__name__}({', '.join(parts)})"


def parse_python(text: str) -> ast.Module:
    """Parse Python without its remarks on style, such as on escapes in strings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def to_python(source: str) -> str:
    """Translate the IPython syntax of a cell; lines keep their numbers."""
    rest = _dedent(source.split("\n"))
    translated: list[str] = []
    while rest and (not rest[0].strip() or rest[0].startswith("%%")):
        if rest[0].strip() and _first_word(rest[0].lstrip("% ")) not in _PYTHON_CELL_MAGICS:
            return "\n".join([*translated, _run_cell("\n".join(rest))])
        translated.append(_run_cell(rest[0]) if rest[0].strip() else "")
        rest = rest[1:]
    if len(rest) == 1 and _first_word(rest[0]) in _AUTOMAGICS:
        return "\n".join([*translated, _run_cell(rest[0])])
    for statement in _statements(rest):
        translated += _translate(statement)
    return "\n".join(translated)


def _first_word(text: str) -> str:
    return re.split(r"\W", text, maxsplit=1)[0]


def _dedent(lines: list[str]) -> list[str]:
    """Take the first line's indent from all lines that have it, as IPython does with pasted code."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _statements(lines: list[str]) -> Iterator[list[str]]:
    """Cut lines where a statement may begin.

    An IPython command goes on after a backslash; Python after that, in brackets and in long strings.
    """
    piece: list[str] = []
    depth, triple = 0, ""
    for line in lines:
        piece.append(line)
        if not (_ESCAPED.fullmatch(piece[0]) or _ASSIGNED.fullmatch(piece[0])):
            depth, triple = _scan(line, depth=depth, triple=triple)
        if depth == 0 and not triple and not line.endswith("\\"):
            yield piece
            piece = []
    if piece:
        yield piece


def _scan(line: str, *, depth: int, triple: str) -> tuple[int, str]:
    """Return the bracket depth and the open triple quote after a line of Python."""
    position = 0
    while position < len(line):
        if triple:
            end = line.find(triple, position)
            if end < 0:
                return depth, triple
            position, triple = end + 3, ""
            continue
        found = _LEXEME.search(line, position)
        if not found:
            break
        triple = found["triple"] or ""
        depth = max(0, depth + bool(found["open"]) - bool(found["close"]))
        position = found.end()
    return depth, triple


def _translate(statement: list[str]) -> list[str]:
    """Translate one statement; as many lines come back."""
    text = " ".join(line.removesuffix("\\") for line in statement)
    found = _ESCAPED.fullmatch(text) or _ASSIGNED.fullmatch(text) or _HELP.fullmatch(text)
    if not found:
        return statement
    before = found["indent"] + (found.groupdict().get("target") or "")
    return [before + _python_of(found["command"]), *[""] * (len(statement) - 1)]


def _python_of(command: str) -> str:
    """Return what a command runs, if that is Python, or the call that stands for it."""
    magic = _MAGIC.fullmatch(command)
    if magic and magic["name"] in _PYTHON_LINE_MAGICS and magic["statement"]:
        return magic["statement"]
    return _run_cell(command)


def _run_cell(text: str) -> str:
    return f"get_ipython().run_cell({text!r})"
