"""Tracebacks as people read them: IPython's of a cell, and Python's of what Dagster has run itself.

Both are lists of texts, one for each frame; IPython's has its headings and exceptions too. Most frames are inside
pandas, scikit-learn or Dagster. An excerpt keeps those of cells and of the workspace's modules, and says in
one line what lies between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import assetbook
from assetbook import errors

ENDS = 6  # frames at either end of a deep recursion

_CELL = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_FILE = re.compile(r'File "?(?P<file>.+?)"?(?::|, line )\d+(?:, in (?P<function>.+))?')
_HEADING = re.compile(r"^\S*\s*(Traceback \(most recent call last\))$")
_LINK = re.compile(r"(The above exception was the direct cause|During handling of the above exception)")
_ARROW = re.compile(r"-+> *\d+ ")
_NO_SOURCE = "'Could not get source, probably due dynamically evaluated source code.'"
# a package's folder, a module of Python's own, a module that Python itself contains
_INSTALLED = (
    re.compile(r"[/\\](?:site|dist)-packages[/\\](\w+)"),
    re.compile(r"[/\\]lib(?:64)?[/\\]python\d[\d.]*[/\\](?!site-packages|dist-packages)(\w+)"),
    re.compile(r"^<frozen (\w+)"),
)
_COMPILED = (".pyx", ".pxi", ".pxd")


class Raised(Protocol):
    """An exception as Dagster keeps it."""

    @property
    def message(self) -> str:
        """With the name of its class."""

    @property
    def stack(self) -> Sequence[str]:
        """Python's frames, outermost first."""

    @property
    def cls_name(self) -> str | None:
        """The name of its class."""

    @property
    def cause(self) -> Raised | None:
        """The exception that it was raised from, or while handling."""


def cell_lines(parts: Iterable[str], *, count: int | None) -> list[int]:
    """Return the lines of the cell that the kernel calls ``In [count]``, outermost first, last exception last."""
    return [int(m[2]) for part in parts for m in _CELL.finditer(part) if int(m[1]) == count]


def excerpt(parts: Sequence[str], *, count: int | None) -> str:
    """Return what people read first of a traceback; empty if it says no more than the marked line of the cell.

    Args:
        parts: of the traceback, without colours.
        count: the kernel's number of the failing cell, whose source is shown anyway.
    """
    if len(parts) == 3 and cell_lines(parts[1:2], count=count):  # heading, frame, exception
        return ""
    lines: list[str] = []
    for frames, group in groupby(parts, key=_is_frame):
        if frames:
            lines += _ends(list(_collapsed(group, count)))
        else:
            lines += [_HEADING.sub(r"\1", part) if not _LINK.match(part) else f"\n{part}\n" for part in group]
    return "\n".join(lines).strip("\n")


def told(error: Raised) -> str:
    """Return the message of an exception outside notebooks, and where in the workspace it comes from.

    Dagster's own exceptions around it are left out, and the frames that lead into the workspace.
    """
    while (error.cls_name or "").startswith("Dagster") and error.cause is not None:
        error = error.cause
    message = error.message.strip()
    chain = [_python_excerpt(error)]
    while error.cause is not None:
        error = error.cause
        chain.insert(0, f"{_python_excerpt(error)}\n\nThe exception above led to this one:\n")
    where = "\n".join(chain)
    return message if where == message else f"{message}\n\n{where}"


def _python_excerpt(error: Raised) -> str:
    frames = [dedent(frame).rstrip("\n") for frame in error.stack]
    own = [number for number, frame in enumerate(frames) if _package(frame) is None]
    shown = _ends(list(_collapsed(frames[own[0] :], None))) if own else []
    return "\n".join([*shown, error.message.strip()])


def without_own_frames(name: str, parts: Sequence[str]) -> list[str]:
    """Return the parts of a traceback; of an error that this library raised for the user, without its frames."""
    frames = [part for part in parts if _is_frame(part)]
    if name not in _own_errors() or not frames or not _own_frame().match(frames[-1]):
        return list(parts)
    return [part for part in parts if not _own_frame().match(part)]


def _is_frame(part: str) -> bool:
    return part.startswith(("Cell In[", "File "))


def _collapsed(frames: Iterable[str], count: int | None) -> Iterator[str]:
    """Give the frames that are not of libraries, and a line for each run of those that are."""
    for own, group in groupby(frames, key=lambda frame: _package(frame) is None):
        if own:
            yield from (_brief(frame, count) for frame in group)
        else:
            packages = [str(_package(frame)) for frame in group]
            number = f"{len(packages)} frame{'s' if len(packages) > 1 else ''}"
            yield f"… {number} in {', '.join(dict.fromkeys(packages))} …"


def _brief(frame: str, count: int | None) -> str:
    """Return a frame without what is no source; of the failing cell only its own line."""
    head, *source = frame.splitlines()
    source = [line for line in source if not line.endswith(_NO_SOURCE)]
    if cell_lines([head], count=count):
        source = [line for line in source if _ARROW.match(line)]
    return "\n".join([head, *source])


def _ends(frames: list[str]) -> list[str]:
    between = len(frames) - 2 * ENDS
    return frames if between <= 1 else [*frames[:ENDS], f"… {between:,} more …", *frames[-ENDS:]]


def _package(frame: str) -> str | None:
    """Return the library that a frame is in; None for a cell, and for a file that is not installed."""
    head = _FILE.match(frame)
    if head is None:
        return None
    if _own_frame().match(frame):
        return "assetbook"
    file = head["file"]
    for installed in _INSTALLED:
        if found := installed.search(file):
            return found[1]
    if file.endswith(_COMPILED):  # Cython's sources are named as they were when it was compiled
        return re.split(r"[./\\]", file if "/" in file else head["function"] or file)[0]
    return None


@cache
def _own_errors() -> frozenset[str]:
    known = (v for v in vars(errors).values() if isinstance(v, type) and issubclass(v, errors.AssetbookError))
    return frozenset(error.__name__ for error in known)


@cache
def _own_frame() -> re.Pattern[str]:
    """Return what the first line of a frame inside this library looks like, wherever it is installed."""
    package = Path(assetbook.__file__ or "").parent
    names = sorted(
        re.escape(p.stem) for p in package.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()
    )
    return re.compile(rf"File \S.*[/\\]assetbook[/\\](?:{'|'.join(names)})\b")
