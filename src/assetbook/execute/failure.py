"""Why a run did not come to its end, told so that the cell, the line and the mend are plain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assetbook.execute.frames import cell_lines, excerpt, without_own_frames
from assetbook.execute.model import MB
from assetbook.execute.outputs import cut
from assetbook.execute.redact import strip_ansi
from assetbook.execute.watchdog import Breach

Reason = Literal["error", "timeout", "memory", "kernel died", "exit", "stdin"]

ERROR_LIMIT = 4_000  # characters: the message goes into event logs and pages
TRACEBACK_LIMIT = 20_000
CONTEXT_LINES = 10  # around the failing line of a long cell

_CELL_LINE = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_CELL_FILE = re.compile(r" \(\d+\.py, line \d+\)$")  # the name that the kernel gives a cell's source
_EXIT_HINT = (
    "A notebook runs from its first cell to its last: put what may be left out under an `if`, "
    "or raise an error that says what is wrong."
)
_STDIN_HINT = (
    "Nobody is there to answer while it runs: make the value a parameter, in the cell tagged `parameters`."
)


@dataclass(frozen=True)
class CellFailure:
    """The cell that ended a run.

    Attributes:
        notebook: its path, as the workspace names it.
        cell: its number; 0 for the cell that papermill injected to set the parameters.
        source: of the cell.
        line: of the cell, from 1, where it can be told.
        error: one sentence, for an exception ``ValueError: its message``.
        traceback: without colour codes.
        excerpt: of the traceback, what people read first: without the frames of libraries.
        reason: what kind of failure.
        saved: the executed notebook, which has the whole traceback too.
        hint: what to do, where it is known.
    """

    notebook: str
    cell: int
    source: str
    line: int | None
    error: str
    traceback: str
    reason: Reason
    saved: Path
    excerpt: str = ""
    hint: str = ""

    @property
    def place(self) -> str:
        """Where in the notebook, in words."""
        where = f"cell {self.cell}" if self.cell else "the injected parameters"
        return f"{where}, line {self.line}" if self.line else where

    def message(self) -> str:
        """Return what a person must know, as the plain text that a terminal and Dagster's pages show."""
        code = self.marked_source() if self.source.strip() else ""
        headline = f"{self.notebook}, {self.place}: {self.error}"
        saved = f"The executed notebook: {self.saved}"
        return "\n\n".join(filter(None, [headline, self.hint, code, self.excerpt, saved]))

    def marked_source(self) -> str:
        """Return the cell with line numbers and an arrow at the failing line; a long cell is shown around it."""
        lines = self.source.splitlines()
        middle = self.line or 1
        first = max(1, middle - CONTEXT_LINES)
        shown = list(enumerate(lines, 1))[first - 1 : middle + CONTEXT_LINES]
        width = len(str(len(lines)))
        marked = [f"{'→' if n == self.line else ' '} {n:>{width}} {line}".rstrip() for n, line in shown]
        before = [f"  {'…':>{width}}"] if first > 1 else []
        after = [f"  {'…':>{width}}"] if shown and shown[-1][0] < len(lines) else []
        return "\n".join([*before, *marked, *after])


@dataclass(frozen=True)
class Scene:
    """Where a failure happened: the cell as it may be shown, and how the kernel counted the cells before it."""

    notebook: str
    cell: int
    source: str
    saved: Path
    numbers: Mapping[int, int]  # the kernel's In [n] to the number of the cell

    def raised(self, reply: Mapping[str, Any], *, python: str) -> CellFailure:
        """Return the failure of a cell that raised, from the kernel's (redacted) reply to it."""
        name, value = str(reply["ename"]), str(reply["evalue"])
        parts = [strip_ansi(part).strip("\n") for part in reply.get("traceback", [])]
        parts = [part for part in parts if part.strip("-")]
        frames, count = without_own_frames(name, parts), reply.get("execution_count")
        reason, hint = _reason(name, python)
        told = reason != "stdin"
        return self._failure(
            reason,
            cut(_CELL_FILE.sub("", f"{name}: {value}" if value else name), ERROR_LIMIT),
            hint=hint,
            line=self._line(parts, count),
            traceback=self._counted("\n\n".join(frames)) if told else "",
            excerpt=self._counted(excerpt(frames, count=count)) if told else "",
        )

    def exited(self) -> CellFailure:
        """Return the failure of a cell that called ``exit()`` or ``quit()``."""
        return self._failure("exit", "it ended the kernel with exit() or quit()", hint=_EXIT_HINT)

    def died(self, how: str, *, log: str) -> CellFailure:
        """Return the failure of a cell during which the kernel ended.

        Args:
            how: exit code or signal.
            log: what the kernel wrote last outside its cells.
        """
        hint = {
            "signal SIGKILL": "Mostly the system has ended it for want of memory: load less at a time.",
            "signal SIGSEGV": "A compiled library has crashed: run the cell line by line to find the call.",
        }.get(how, "Something in the cell ended the process.")
        return self._failure("kernel died", f"the kernel died ({how})", hint=hint, traceback=log, excerpt=log)

    def breached(self, breach: Breach) -> CellFailure:
        """Return the failure of a cell during which a limit was passed."""
        if breach.kind == "timeout":
            error = f"the notebook ran for {breach.found:.1f} s; its timeout is {breach.limit:g} s"
            hint = "Make this cell faster, or raise `timeout` in `ab.asset(...)`."
        else:
            found, limit = breach.found / MB, breach.limit / MB
            error = f"the notebook used {found:,.0f} MB of memory; its limit is {limit:,.0f} MB"
            hint = "Load fewer rows or columns, or raise `memory` in `ab.asset(...)`."
        return self._failure(breach.kind, error, hint=hint)

    def _failure(
        self,
        reason: Reason,
        error: str,
        *,
        hint: str,
        line: int | None = None,
        traceback: str = "",
        excerpt: str = "",
    ) -> CellFailure:
        return CellFailure(
            notebook=self.notebook,
            cell=self.cell,
            source=self.source,
            line=line,
            error=error,
            traceback=traceback,
            excerpt=excerpt,
            reason=reason,
            saved=self.saved,
            hint=hint,
        )

    def _line(self, parts: Sequence[str], count: int | None) -> int | None:
        """Return the deepest line of the cell itself in the last exception of a traceback."""
        lines = cell_lines(parts, count=count)
        blank = len(self.source) - len(self.source.lstrip())
        unseen = self.source[:blank].count("\n")  # IPython drops empty lines at the start
        return lines[-1] + unseen if lines else None

    def _counted(self, text: str) -> str:
        """Return a traceback with the numbers that cells have in the notebook, not too long."""
        return cut(_CELL_LINE.sub(self._renumber, text), TRACEBACK_LIMIT)

    def _renumber(self, match: re.Match[str]) -> str:
        count = int(match[1])
        number = self.numbers.get(count, count)
        return f"cell {number}, line {match[2]}" if number else f"injected parameters, line {match[2]}"


def _reason(name: str, python: str) -> tuple[Reason, str]:
    if name == "StdinNotImplementedError":
        return "stdin", _STDIN_HINT
    if name == "SystemExit":
        return "exit", _EXIT_HINT
    if name in {"ExceptionGroup", "BaseExceptionGroup"}:
        return "error", "The kernel has printed the exceptions in it: see the executed notebook."
    if name == "ModuleNotFoundError":
        return "error", (
            f"The kernel runs on {python}: if this is a package, add it to the dependencies and install them there; "
            "if it is a module of the workspace, its path counts from the workspace folder."
        )
    return "error", ""
