"""The lock of a new workspace: that of Assetbook, as far as the workspace needs it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import assetbook
from assetbook.errors import WorkspaceError

WANTED = (
    "jupyterlab",
    "matplotlib",
    "pytest",
    "dagster-dg-cli",
)  # of a workspace, besides Assetbook's own needs
BUILD = ("editables", "hatchling")  # what it takes to install Assetbook from its sources
_BLOCK = re.compile(r"^([A-Za-z0-9][\w.-]*)==", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_EXTRAS = re.compile(r"\[([^\]]*)\]")
_EXTRA = re.compile(r"extra\s*==\s*[\"']([^\"']+)[\"']")


def locked(names: Iterable[str]) -> str:
    """Return the lines of the lock, hashes included, that installing these packages and their needs takes.

    Args:
        names: of packages; Assetbook itself is none of the lock.
    """
    text = _lock().read_text("utf-8")
    starts = [(_normal(match[1]), match.start()) for match in _BLOCK.finditer(text)]
    ends = [start for _, start in starts[1:]] + [len(text)]
    wanted = _closure(["assetbook", *names])
    return "".join(text[start:end] for (name, start), end in zip(starts, ends, strict=True) if name in wanted)


def _lock() -> Path:
    """Return the lock: in the package, or beside the sources that it is installed from."""
    package = Path(assetbook.__file__).parent
    for file in (package / "scaffold" / "requirements.lock", package.parents[1] / "requirements.lock"):
        if file.is_file():
            return file
    raise WorkspaceError(f"Assetbook in {package} has no requirements.lock. Install it again.")


def _closure(names: Iterable[str]) -> set[str]:
    """Return what packages need, and what that needs, whatever the system; as far as it is installed here."""
    waiting = [(name, frozenset[str]()) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        item = waiting.pop()
        if item not in seen:
            seen.add(item)
            waiting.extend(_needs(*item))
    return {_normal(name) for name, _ in seen}


def _needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    try:
        requirements = distribution(name).requires or []
    except PackageNotFoundError:  # needed on another system only
        return
    for requirement in requirements:
        said, _, marker = requirement.partition(";")
        wanted_by = set(_EXTRA.findall(marker))
        found = _NAME.match(said)
        if found and (not wanted_by or wanted_by & extras):
            more = _EXTRAS.search(said)
            names = more[1].split(",") if more else []
            yield found[0], frozenset(extra.strip() for extra in names)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
