"""Paths in a notebook's code: what an expression says, as far as that can be told without running it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from assetbook.contract.names import HOLE, ComputedNameError

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject

_JOINS = frozenset(
    {"os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath"}
)
_SAME = frozenset(
    {"os.path.abspath", "os.path.normpath", "os.path.realpath", "os.path.expanduser", "os.fspath"}
)
_SAME_METHODS = frozenset({"resolve", "absolute", "expanduser", "as_posix", "strip"})
_ABOVE = frozenset({"os.path.dirname", "posixpath.dirname"})
_HOME = "pathlib.Path.home"
_HERE = frozenset({"os.getcwd", "pathlib.Path.cwd"})

PERSONAL = re.compile(
    r"(?:file://)?(?:/(?:home|Users|Volumes)/\w|/kaggle/\w|/content(?:/(?:drive|gdrive|sample_data|\w+\.\w+)|/?$)|"
    r"/(?:dbfs|FileStore)/\w|~[\w.-]*[/\\](?!\.)|[A-Za-z]:(?:/[\w.]|\\+[\w .-]+(?:\\|\.\w+$))|\\\\[\w.-]+\\[\w$])"
)
"""Begins a path that exists for one person, or in one hosted notebook service."""
ABSOLUTE = re.compile(r"(?:file://)?/(?!/)[\w. -]+(?:/|\.\w+$)|" + PERSONAL.pattern)
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|www\.")
_DEEPEST = 5  # functions that call each other
_SYSTEM = re.compile(r"/(?:dev|proc|sys|etc|bin|usr|tmp|var/tmp)(?:/|$)")


class Paths:
    """Reads the path expressions of one notebook."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._reading: set[ast.expr] = set()
        self._arguments: list[dict[str, str]] = []  # of the function that is looked into

    def text(self, node: ast.expr) -> str | None:
        """Return the path that an expression stands for, with `HOLE` for what a run decides; None if all of it."""
        if node in self._reading:
            return None
        self._reading.add(node)
        try:
            text = self._text(node)
        finally:
            self._reading.discard(node)
        return None if text is None or text == HOLE else text

    def texts(self, node: ast.expr) -> tuple[str, ...]:
        """Return the paths that an expression stands for, several in a loop; none where only a run can tell."""
        text = self.text(node)
        if text is None and isinstance(node, ast.Name):
            try:
                return self._subject.names.strings(node, holes=True)
            except ComputedNameError:
                return ()
        return () if text is None else (text,)

    def _text(self, node: ast.expr) -> str | None:
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.Name():
                return self._of_name(node)
            case ast.JoinedStr(values=parts):
                return "".join(self._part(part) for part in parts)
            case ast.FormattedValue(value=value):
                return self.text(value)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._part(left) + self._part(right)
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                return _join([self._part(left), self._part(right)])
            case ast.BinOp(op=ast.Mod(), left=left, right=right):
                return self._formatted(re.split(r"%[-\d.]*[sdif]", self._part(left)), right)
            case ast.Call():
                return self._of_call(node)
            case ast.Attribute(value=path, attr="parent"):
                return _above(self.text(path))
        return None

    def _formatted(self, pieces: list[str], values: ast.expr) -> str:
        """Return a text whose gaps are filled with values, as far as these are texts, and as many as gaps."""
        given = values.elts if isinstance(values, ast.Tuple) else [values]
        fillings = [self._part(value) for value in given]
        if len(fillings) != len(pieces) - 1:
            fillings = [HOLE] * (len(pieces) - 1)
        return pieces[0] + "".join(map("".join, zip(fillings, pieces[1:], strict=True)))

    def _part(self, node: ast.expr) -> str:
        return self.text(node) or HOLE

    def _of_name(self, node: ast.Name) -> str | None:
        if self._arguments and node.id in self._arguments[-1]:
            return self._arguments[-1][node.id]
        definition = self._subject.definition(node)
        if definition is not node:
            return self.text(definition)
        try:
            found = self._subject.names.strings(node, holes=True)
        except ComputedNameError:
            return None
        return found[0] if len(found) == 1 else None

    def _of_call(self, call: ast.Call) -> str | None:
        origin = self._subject.origin(call.func)
        if origin in _HERE:
            return "."
        if origin == _HOME:
            return "~"
        if origin in _ABOVE and call.args:
            return _above(self.text(call.args[0]))
        if origin in _JOINS:
            return _join([self._part(item) for item in call.args]) if call.args else "."
        if origin in _SAME or (isinstance(call.func, ast.Name) and call.func.id == "str"):
            return self.text(call.args[0]) if call.args else None
        if isinstance(call.func, ast.Name) and not origin:
            return self._of_own_function(call, call.func)
        if isinstance(call.func, ast.Attribute):
            if call.func.attr == "joinpath":
                return _join([self._part(item) for item in (call.func.value, *call.args)])
            if call.func.attr in _SAME_METHODS and not call.args:
                return self.text(call.func.value)
            if call.func.attr == "format":
                pieces = re.split(r"\{[^{}]*\}", self._part(call.func.value))
                return self._formatted(pieces, ast.Tuple(elts=call.args, ctx=ast.Load()))
        return None

    def _of_own_function(self, call: ast.Call, function: ast.Name) -> str | None:
        """Return the path that a function of the notebook gives, if all it does is to return one."""
        bindings = self._subject.bindings.of_notebook(function.id)
        defined = bindings[0].by if len(bindings) == 1 else None
        if not isinstance(defined, ast.FunctionDef) or len(self._arguments) > _DEEPEST:
            return None
        result = defined.body[-1]
        before = [s for s in defined.body[:-1] if not _is_docstring(s)]
        names = [argument.arg for argument in defined.args.args]
        if (
            before
            or not isinstance(result, ast.Return)
            or result.value is None
            or len(call.args) > len(names)
        ):
            return None
        given = {name: self._part(node) for name, node in zip(names, call.args, strict=False)}
        given |= {k.arg: self._part(k.value) for k in call.keywords if k.arg}
        defaults = dict(zip(names[::-1], defined.args.defaults[::-1], strict=False))
        given = {name: self._part(node) for name, node in defaults.items()} | given
        if set(names) - set(given):
            return None
        self._arguments.append(given)
        try:
            return self.text(result.value)
        finally:
            self._arguments.pop()


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _above(path: str | None) -> str | None:
    """Return the folder that a path is in."""
    if path is None or HOLE in path:
        return None
    plain = path.rstrip("/")
    if plain in ("", ".") or plain.rpartition("/")[2] == "..":
        return ".." if plain in ("", ".") else f"{plain}/.."
    return plain.rpartition("/")[0] or "."


def _join(parts: list[str]) -> str:
    """Join parts as ``os.path.join`` does: an absolute one begins anew."""
    joined = ""
    for part in parts:
        joined = part if not joined or part.startswith("/") else f"{joined.rstrip('/')}/{part}"
    return joined


def is_absolute(path: str) -> bool:
    """Whether a path holds on one machine only; temporary and system places hold everywhere."""
    if PERSONAL.match(path):
        return True
    return bool(ABSOLUTE.match(path)) and not is_system(path)


def is_system(path: str) -> bool:
    """Whether a path is a place of the system, the same on every machine: temporary, devices, settings, programs."""
    return bool(_SYSTEM.match(path))


def is_url(path: str) -> bool:
    """Whether a text is an address instead of a path."""
    return bool(URL.match(path)) and not path.startswith("file://")


def is_whole(path: str) -> bool:
    """Whether a path is known to its last character, and names one file."""
    return HOLE not in path and not is_url(path) and not any(sign in path for sign in "*?[\n")


def matches(path: str, pattern: str) -> bool:
    """Whether a path may be what another one, with holes, stands for."""
    wanted = ".*".join(re.escape(piece) for piece in _plain(pattern).split(HOLE))
    return re.fullmatch(wanted, _plain(path)) is not None


def _plain(path: str) -> str:
    return re.sub(r"^(?:\./)+", "", path.replace("\\", "/")).rstrip("/")


def exists_in(folder: Path, path: str) -> bool:
    """Whether a relative path leads to something, from a folder."""
    try:
        return (folder / path.replace("\\", "/")).exists()
    except (OSError, ValueError):
        return False
