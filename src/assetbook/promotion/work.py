"""A promotion while it is being planned: the draft, what has been changed in it so far, and what was found."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from assetbook.checking.environment import Environment
from assetbook.checking.model import Edit
from assetbook.checking.selection import Selection
from assetbook.checking.subject import Subject
from assetbook.promotion.draft import Draft
from assetbook.promotion.edits import overlaps
from assetbook.promotion.places import Naming, Places

ChangeKind = Literal["order", "command", "input", "output", "figure", "seed", "parameter", "import", "mend"]
ProductKind = Literal["table", "model", "files"]
_ROUNDS = 100  # of changes that touch each other


@dataclass(frozen=True)
class Change:
    """Something that is changed in the notebook.

    Attributes:
        kind: what it concerns.
        title: what is done, in one sentence.
        cell: the number of the code cell in the original.
        key: names the change, in every plan for this notebook.
    """

    kind: ChangeKind
    title: str
    cell: int | None
    key: str


@dataclass(frozen=True)
class Proposal:
    """A change, and the edits of the current draft that make it."""

    kind: ChangeKind
    title: str
    node: ast.AST
    edits: tuple[Edit, ...]
    key: str = ""


@dataclass(frozen=True)
class Source:
    """A file of the notebook that becomes a raw asset, or an asset that has its data already.

    Attributes:
        name: of the asset.
        file: the file, or folder.
        landing: where its copy goes, below the landing folder; None for an asset that is there.
        reader: Python that reads the table, from the path ``landing``; None for files as they are.
        described: how the notebook has read it.
        frame: the table.
        only: of a folder, the files in it that are meant.
    """

    name: str
    file: Path
    landing: str | None
    reader: str | None
    described: str
    frame: Any = field(default=None, compare=False, repr=False)
    only: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Product:
    """What the notebook gives.

    Attributes:
        name: of the asset.
        kind: ``files`` is a table of files.
        cell: the number of the code cell in the original that gave it.
        described: where it comes from.
        key: of the change that saves it.
        without_index: whether it was written to a file without its index.
    """

    name: str
    kind: ProductKind
    cell: int | None
    described: str
    key: str
    without_index: bool = False


@dataclass(frozen=True)
class Knob:
    """A parameter: its name, type and default as Python writes them, and what it means."""

    name: str
    type: str
    default: str
    description: str


@dataclass
class Work:
    """What the steps of a promotion read and write.

    Attributes:
        draft: the notebook as it is now.
        places: where its files are.
        naming: gives names to assets.
        environment: what can be imported.
        name: of the notebook's asset.
        alias: what the notebook calls this library.
        rejected: keys of changes that were tried and did not hold.
        tables: those of the lake; see `assetbook.promotion.reads`.
        changes: what has been changed.
        left: messages on what is left as it is, and needs a person.
        sources: inputs by name.
        products: outputs by name.
        knobs: parameters by name.
        modules: modules that come along, by name.
        scripts: files that ``%run`` runs, by their place in the workspace.
        packages: requirements that the environment does not meet.
        setup: lines of the cell that comes first.
        last: lines of the cell that comes last.
        moved: the folders that the notebook changes to.
    """

    draft: Draft
    places: Places
    naming: Naming
    environment: Environment
    name: str
    alias: str = "ab"
    rejected: frozenset[str] = frozenset()
    tables: Any = None
    changes: list[Change] = field(default_factory=list)
    left: dict[str, None] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    knobs: dict[str, Knob] = field(default_factory=dict)
    modules: dict[str, Path] = field(default_factory=dict)
    scripts: dict[str, Path] = field(default_factory=dict)
    packages: dict[str, None] = field(default_factory=dict)
    setup: dict[str, None] = field(default_factory=dict)
    last: dict[str, None] = field(default_factory=dict)
    moved: tuple[str, ...] = ()
    _subject: tuple[Draft, Subject] | None = None

    @property
    def subject(self) -> Subject:
        """The draft as the linter sees it."""
        if self._subject is None or self._subject[0] is not self.draft:
            found = Subject(
                self.draft.notebook(),
                folder=self.places.folder,
                environment=self.environment,
                selection=Selection(),
            )
            self._subject = (self.draft, found)
        return self._subject[1]

    def allows(self, key: str) -> bool:
        """Whether a change has not been tried in vain."""
        return key not in self.rejected

    def original_cell(self, node: ast.AST) -> int | None:
        """Return the number that a node's cell has in the original."""
        return self.draft.number_of(self.subject.cell(self.subject.number(node)).index)

    def key(self, kind: str, node: ast.AST, what: str = "") -> str:
        """Return what names a change at a node."""
        return f"{kind}:{self.original_cell(node)}:{what}"

    def apply(self, proposals: Iterable[Proposal]) -> list[Proposal]:
        """Make changes that are worked out on the current draft; those that touch an earlier one are left out."""
        done: list[Proposal] = []
        edits: list[Edit] = []
        for proposal in proposals:
            wanted = [edit for edit in proposal.edits if edit not in edits]
            if not proposal.edits or not self.allows(proposal.key):
                continue
            if any(overlaps(edit, edits) for edit in wanted):
                continue
            edits += wanted
            done.append(proposal)
            cell = self.original_cell(proposal.node)
            self.changes.append(Change(proposal.kind, proposal.title, cell, proposal.key))
        if edits:  # the draft is read anew only where it has changed
            self.draft = self.draft.edit(edits)
        return done

    def exhaust(self, propose: Callable[[], Iterable[Proposal]]) -> list[Proposal]:
        """Make changes until there are none any more: those that touch each other one after the other."""
        done: list[Proposal] = []
        for _ in range(_ROUNDS):
            more = self.apply(list(propose()))
            if not more:
                break
            done += more
        return done

    def landing(self, file: Path, name: str) -> str:
        """Return where the copy of a file or folder goes, below the landing folder: no other one goes there.

        Args:
            file: that the notebook reads.
            name: of its asset.
        """
        place = f"{self.name}/{file.name}"
        others = (source for source in self.sources.values() if source.file != file)
        return f"{self.name}/{name}/{file.name}" if any(o.landing == place for o in others) else place

    def leave(self, message: str, node: ast.AST | None = None) -> None:
        """Note what is left as it is, and needs a person."""
        where = f"cell {self.original_cell(node)}: " if node is not None and self.original_cell(node) else ""
        self.left[f"{where}{message}"] = None
