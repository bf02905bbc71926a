"""The corpus as it is kept: a folder for each notebook, the notebook as text with a header of what is expected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

CORPUS = Path(__file__).parent / "corpus"
MARK = "# %%"
_FENCE = "# ---"
_FLAGS = {"run", "unexecuted", "deleted", "raises", "tags", "executed_as"}
_FIELDS = {
    *(
        "about",
        "style",
        "notebook",
        "project",
        "saved",
        "nbformat",
        "metadata",
        "leftovers",
        "elsewhere",
        "stand_in",
    ),
    *("runs", "promote", "why", "inputs", "outputs", "parameters", "keeps"),
}
Wanted = Literal["yes", "maybe", "no"]


class CorpusError(Exception):
    """A notebook of the corpus is not written as the README says."""


@dataclass(frozen=True)
class Cell:
    """A cell as it stands in the text.

    Attributes:
        kind: ``code``, ``markdown`` or ``raw``.
        source: what stands in it.
        run: the places in the order of execution at which it was executed; none: at its own.
        unexecuted: nobody has executed it.
        deleted: it was executed, and is no longer in the notebook.
        raises: an error is expected when the builder executes it.
        tags: in its metadata.
        executed_as: what stood in it when it was executed, if it was edited afterwards.
    """

    kind: str
    source: str
    run: tuple[int, ...] = ()
    unexecuted: bool = False
    deleted: bool = False
    raises: bool = False
    tags: tuple[str, ...] = ()
    executed_as: str | None = None


@dataclass(frozen=True)
class Expected:
    """An output that the notebook's asset should have.

    Attributes:
        kind: ``table``, ``model`` or ``report``.
        name: a pattern of its name.
        file: where the notebook writes it, relative to the notebook.
        variable: or the variable that holds it at the end.
        read: options for reading `file`.
        proposed: the notebook does not save it, so that it is a suggestion to save it at all.
        tolerance: the absolute difference that the file's own rounding makes.
        random: its numbers are others in each run, since nothing is seeded.
    """

    kind: Literal["table", "model", "report"]
    name: str
    file: str | None = None
    variable: str | None = None
    read: Mapping[str, Any] = field(default_factory=dict)
    proposed: bool = False
    tolerance: float = 0.0
    random: bool = False


@dataclass(frozen=True)
class Sample:
    """A notebook of the corpus and what is expected of it."""

    name: str
    header: Mapping[str, Any]
    cells: Sequence[Cell]

    @property
    def folder(self) -> Path:
        """Where its text and the maker of its data are."""
        return CORPUS / self.name

    @property
    def notebook(self) -> str:
        """The notebook's path in its project."""
        return str(self.header.get("notebook", "notebook.ipynb"))

    @property
    def runs(self) -> bool:
        """Whether it runs from top to bottom on this machine, as its author left it."""
        return bool(self.header.get("runs", True))

    @property
    def promote(self) -> Wanted:
        """Whether it must become an asset, may, or cannot."""
        wanted: Wanted = self.header.get("promote", "yes")
        return wanted

    @property
    def elsewhere(self) -> Mapping[str, str]:
        """Absolute folders of its author's machine to where they are in the project."""
        return dict(self.header.get("elsewhere", {}))

    @property
    def stand_in(self) -> Mapping[str, str]:
        """What only its author's machine has, to what stands in for it when the author's run is made."""
        return dict(self.header.get("stand_in", {}))

    @cached_property
    def outputs(self) -> tuple[Expected, ...]:
        """The outputs that are expected."""
        return tuple(_expected(self.name, entry) for entry in self.header.get("outputs", ()))

    def names(self, key: Literal["should", "must_not"]) -> set[str]:
        """The parameters that should, or must not, be proposed."""
        return {str(name).lower() for name in self.header.get("parameters", {}).get(key, ())}

    @property
    def is_plain(self) -> bool:
        """Whether its author executed it from top to bottom and changed nothing afterwards."""
        odd = (
            c.run or c.unexecuted or c.deleted or c.raises or c.executed_as is not None for c in self.cells
        )
        return not any(odd)


def samples(names: Sequence[str] = ()) -> list[Sample]:
    """Read the corpus, or the notebooks of it that are named.

    Raises:
        CorpusError: no such notebook, or one that is not written as it should be.
    """
    known = sorted(path.parent.name for path in CORPUS.glob("*/notebook.py"))
    for name in names:
        if name not in known:
            raise CorpusError(f"There is no notebook {name!r}. Known: {', '.join(known)}.")
    return [read(name) for name in names or known]


def read(name: str) -> Sample:
    """Read a notebook of the corpus."""
    lines = (CORPUS / name / "notebook.py").read_text("utf-8").splitlines()
    if not lines or lines[0] != _FENCE or _FENCE not in lines[1:]:
        raise CorpusError(f"{name}: no header between two lines {_FENCE!r}.")
    end = lines.index(_FENCE, 1)
    try:
        header = yaml.safe_load("\n".join(line.removeprefix("#")[1:] for line in lines[1:end])) or {}
    except yaml.YAMLError as error:
        raise CorpusError(f"{name}: the header is not YAML: {error}") from None
    unknown = set(header) - _FIELDS
    if unknown:
        raise CorpusError(f"{name}: unknown fields {sorted(unknown)}. Known: {sorted(_FIELDS)}.")
    return Sample(name, header, tuple(_cells(name, lines[end + 1 :])))


def _cells(name: str, lines: Sequence[str]) -> Iterator[Cell]:
    starts = [n for n, line in enumerate(lines) if line == MARK or line.startswith(f"{MARK} ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield _cell(name, lines[start].removeprefix(MARK).strip(), lines[start + 1 : end])


def _cell(name: str, marker: str, lines: Sequence[str]) -> Cell:
    kind, rest = "code", marker
    if marker.startswith("["):
        kind, _, rest = marker[1:].partition("]")
    flags = json.loads(rest) if rest.strip() else {}
    if set(flags) - _FLAGS:
        raise CorpusError(f"{name}: unknown flags {sorted(set(flags) - _FLAGS)}. Known: {sorted(_FLAGS)}.")
    if kind != "code":
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    run = flags.pop("run", ())
    flags["run"] = tuple(run) if isinstance(run, list) else (run,) if run != () else ()
    flags["tags"] = tuple(flags.get("tags", ()))
    return Cell(kind, "\n".join(lines).strip("\n"), **flags)


def _expected(name: str, entry: Mapping[str, Any]) -> Expected:
    given = dict(entry)
    for kind in ("table", "model", "report"):
        if kind in given:
            pattern = given.pop(kind)
            return Expected(kind=kind, name=str(pattern), **given)
    raise CorpusError(f"{name}: an output has no kind: {entry}.")
