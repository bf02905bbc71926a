"""What code does to names, as events, and the scopes that a reader of code is in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

EventKind = Literal["use", "define", "delete", "call", "command", "star", "anything"]

_AT_ONCE = frozenset(  # methods and functions that call at once what they are given
    {
        "apply",
        "map",
        "applymap",
        "transform",
        "agg",
        "aggregate",
        "pipe",
        "filter",
        "sorted",
        "sort",
        "reduce",
    }
)


@dataclass
class Body:
    """What a function needs of the notebook when it is called.

    Attributes:
        uses: the names that it takes from the notebook.
        needs: those of them that it takes whenever it is called: under no condition, in no function inside.
        calls: names of what it calls, likewise.
        defines: names that it sets in the notebook, by ``global``.
    """

    uses: list[ast.Name] = field(default_factory=list)
    needs: list[ast.Name] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    defines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Event:
    """Something that happens to a name; ``node`` is where, ``bodies`` the functions that a definition makes."""

    kind: EventKind
    name: str
    node: ast.AST
    bodies: tuple[Body, ...] = ()
    guarded: bool = False
    sure: bool = True


@dataclass
class Frame:
    """The scope that the reader is in."""

    kind: Literal["notebook", "function", "class", "comprehension"]
    names: set[str] = field(default_factory=set)
    outer: Frame | None = None
    body: Body | None = None


class ScopeReader:
    """Knows the scope that the reader of a notebook's code is in, and turns what happens to names into events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._frame = Frame("notebook")
        self._guards = 0
        self._branches = 0
        self._doubts = 0  # conditions and functions inside the function that is read

    # ---- names

    def _emit(self, kind: EventKind, name: str, node: ast.AST, bodies: tuple[Body, ...] = ()) -> None:
        self.events.append(Event(kind, name, node, bodies, self._guards > 0, self._branches == 0))

    def _use(self, node: ast.Name) -> None:
        frame = self._resolve(node.id)
        if frame is None:
            return
        if frame.kind == "notebook":
            self._emit("use", node.id, node)
        elif frame.body is not None and not self._guards:
            frame.body.uses.append(node)
            if not self._doubts:
                frame.body.needs.append(node)

    def _resolve(self, name: str) -> Frame | None:
        """Return the frame that has to find a name outside: the notebook, or the outermost function."""
        frame: Frame | None = self._frame
        inside = False
        found: Frame | None = None
        while frame is not None and frame.kind != "notebook":
            if name in frame.names and not (inside and frame.kind == "class"):
                return None
            if frame.kind == "function":
                inside, found = True, frame
            frame = frame.outer
        return found or frame

    def _define(self, name: str, node: ast.AST, bodies: tuple[Body, ...] = ()) -> None:
        frame = self._frame
        while frame.kind == "comprehension" and isinstance(node, ast.NamedExpr) and frame.outer:
            frame = frame.outer
        if frame.kind == "notebook":
            self._emit("define", name, node, bodies)
        elif frame.kind != "function":  # the names of a function are known before
            frame.names.add(name)

    def _called(self, function: ast.expr, arguments: Iterable[ast.expr]) -> None:
        names = [function.id] if isinstance(function, ast.Name) else []
        method = function.attr if isinstance(function, ast.Attribute) else (names or [""])[0]
        if method in _AT_ONCE:
            names += [argument.id for argument in arguments if isinstance(argument, ast.Name)]
        for name in names:
            frame = self._resolve(name)
            if frame is not None and frame.kind == "notebook":
                self._emit("call", name, function)
            elif frame is not None and frame.body is not None and not self._doubts:
                frame.body.calls.append(name)

    def _outermost(self) -> bool:
        frame: Frame | None = self._frame
        while frame is not None:
            if frame.kind == "function":
                return False
            frame = frame.outer
        return True

    # ---- what is around

    @contextmanager
    def _inside(self, frame: Frame, *, inner: bool = False) -> Iterator[None]:
        kept = self._frame, self._guards, self._doubts
        if frame.kind == "function":
            self._guards = 0
            self._doubts = 0 if self._outermost() else self._doubts + inner
        self._frame = frame
        try:
            yield
        finally:
            self._frame, self._guards, self._doubts = kept

    @contextmanager
    def _branch(self, *, doubt: bool = False) -> Iterator[None]:
        self._branches += 1
        self._doubts += doubt
        try:
            yield
        finally:
            self._branches -= 1
            self._doubts -= doubt

    @contextmanager
    def _guard(self, guards: bool) -> Iterator[None]:
        self._guards += guards
        try:
            yield
        finally:
            self._guards -= guards
