"""The plan of a promotion: what a notebook becomes, worked out without running it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

from assetbook.checking import Checker, Report
from assetbook.checking.environment import Environment
from assetbook.checking.paths import is_url, is_whole
from assetbook.contract.imports import PACKAGE
from assetbook.notebook import Notebook
from assetbook.promotion.cleanup import drop_unused, read_names
from assetbook.promotion.commands import clean_commands
from assetbook.promotion.draft import KERNEL, Draft, DraftCell
from assetbook.promotion.files import read_files
from assetbook.promotion.knobs import TAG, find_knobs
from assetbook.promotion.modules import bring_modules
from assetbook.promotion.order import mend_order
from assetbook.promotion.places import Naming, Places
from assetbook.promotion.reads import LakeTables, read_tables
from assetbook.promotion.results import save_results
from assetbook.promotion.scratch import write_files
from assetbook.promotion.seeds import set_seeds
from assetbook.promotion.work import Change, Knob, Product, Source, Work
from assetbook.promotion.writes import keep_figures, save_outputs

EXPECTED = "raises-exception"  # the tag of a cell that may fail


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        notebook: as it was read from its file.
        file: the file.
        name: of the asset.
        root: the workspace.
        taken: the names of the workspace's assets.
        group: the group, where one was given.
        tables: of the lake, to find data that is there already.
    """

    notebook: Notebook
    file: Path
    name: str
    root: Path
    taken: frozenset[str]
    group: str | None = None
    tables: LakeTables | None = None


@dataclass(frozen=True)
class Rejected:
    """What a trial has shown not to hold.

    Attributes:
        keys: of changes.
        tolerated: cells that failed in the same way when the notebook was saved, and whose author went on.
        dropped: cells that fail and were never run by their author.
    """

    keys: frozenset[str] = frozenset()
    tolerated: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()

    def with_key(self, key: str) -> Rejected:
        """Return these and one more change."""
        return replace(self, keys=self.keys | {key})


@dataclass(frozen=True)
class Plan:
    """What a notebook becomes.

    Attributes:
        draft: its cells.
        changes: what is changed in it, in the order of the steps.
        left: what is left as it is and needs a person.
        sources: its inputs.
        products: its outputs; none for a report.
        knobs: its parameters.
        modules: modules that come along, by name.
        scripts: files that it runs and that come along, by their place in the workspace.
        packages: requirements that the workspace lacks.
        findings: of the linter, about the original.
        schemas: of its tables, as Python, by asset.
    """

    request: Request
    draft: Draft
    changes: tuple[Change, ...]
    left: tuple[str, ...]
    sources: dict[str, Source]
    products: dict[str, Product]
    knobs: dict[str, Knob]
    modules: dict[str, Path]
    scripts: dict[str, Path]
    packages: tuple[str, ...]
    findings: Report
    schemas: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the asset."""
        return self.request.name

    def content(self) -> bytes:
        """Return the file of the notebook."""
        return (json.dumps(self.draft.document(), indent=1, ensure_ascii=False) + "\n").encode("utf-8")

    def diff(self) -> list[str]:
        """Return the changes of its source as the lines of a diff, cell by cell, as a person reads it."""
        return list(_diff(self.draft))


def make_plan(request: Request, rejected: Rejected | None = None) -> Plan:
    """Work out what a notebook becomes.

    Args:
        request: what is asked for.
        rejected: what a trial of an earlier plan has shown not to hold.
    """
    rejected = rejected or Rejected()
    work = _work(request, rejected)
    before = read_names(work)
    _import_library(work)
    _choose_kernel(work)
    mend_order(work)
    clean_commands(work)
    bring_modules(work)
    read_tables(work)
    drop_unused(work, before=before)
    keep_figures(work)
    save_outputs(work)
    read_files(work)
    write_files(work)
    drop_unused(work, before=before)
    _leave_missing(work)
    find_knobs(work)
    set_seeds(work)
    save_results(work)
    _accept_failures(work, rejected)
    _assemble(work, request)
    return Plan(
        request=request,
        draft=work.draft,
        changes=tuple(work.changes),
        left=tuple(work.left),
        sources=_used(work),
        products=work.products,
        knobs=work.knobs,
        modules=work.modules,
        scripts=work.scripts,
        packages=tuple(work.packages),
        findings=Checker(work.environment.root).check_notebook(
            request.notebook, folder=request.file.absolute().parent
        ),
    )


def _work(request: Request, rejected: Rejected) -> Work:
    folder = request.file.absolute().parent
    return Work(
        draft=Draft.of(request.notebook),
        places=Places(request.file, also=(request.root,)),
        naming=Naming(request.name, taken=request.taken),
        environment=Environment(folder if not folder.is_relative_to(request.root) else request.root),
        name=request.name,
        rejected=rejected.keys,
        tables=request.tables,
    )


def _import_library(work: Work) -> None:
    """Import the library in a cell of its own, so that all steps know what its calls are."""
    if PACKAGE in work.subject.imported:
        work.alias = next(
            (
                a.asname or a.name
                for n in work.subject.nodes(ast.Import)
                for a in n.names
                if a.name == PACKAGE
            ),
            "ab",
        )
        return
    work.alias = PACKAGE if "ab" in work.subject.defined_names else "ab"
    work.draft = work.draft.insert(work.draft.first_code(), DraftCell(_import_line(work)))


def _import_line(work: Work) -> str:
    return "import assetbook as ab" if work.alias == "ab" else f"import {PACKAGE}"


def _choose_kernel(work: Work) -> None:
    """Let the notebook run on the Python that the workspace runs on, whatever its author had called hers."""
    kernel = work.draft.original.metadata.get("kernelspec", {})
    named = kernel.get("name")
    if named and named != KERNEL["name"]:
        title = f"The kernel {named} becomes {KERNEL['name']}, the Python of the workspace."
        work.changes.append(Change("command", title, None, "kernel"))


def _used(work: Work) -> dict[str, Source]:
    """Return the inputs that the draft still reads."""
    text = "\n".join(cell.source for cell in work.draft.cells)
    return {name: source for name, source in work.sources.items() if f'("{name}")' in text}


def _leave_missing(work: Work) -> None:
    """Note files that are read and are nowhere."""
    written = {use.path for use in work.subject.files if use.kind == "write"}
    for use in work.subject.files:
        path = use.path
        if use.kind != "read" or not path or not is_whole(path) or path in written:
            if path and is_url(path) and use.kind == "read":
                work.leave(f"{path} is read over the network, in each run.", use.call)
            continue
        if work.places.find(path, moved=work.moved) is None:
            work.leave(f"the file {path} is nowhere near the notebook. Put it beside it.", use.call)


def _accept_failures(work: Work, rejected: Rejected) -> None:
    """Let cells fail that had failed when the notebook was saved; take out those that nobody had run."""
    cells = list(work.draft.cells)
    for position, cell in enumerate(cells):
        number = work.draft.number_of(position)
        if number in rejected.dropped and cell.kind == "code":
            cells[position] = replace(cell, source="")
            title = "The cell goes: it was never run, and fails."
            work.changes.append(Change("order", title, number, f"drop:{number}"))
        if number in rejected.tolerated and cell.kind == "code":
            cells[position] = replace(cell, tags=cell.tags | {EXPECTED})
            title = "The cell may fail, as it did when the notebook was saved."
            work.changes.append(Change("order", title, number, f"tolerate:{number}"))
    if tuple(cells) != work.draft.cells:
        work.draft = replace(work.draft, cells=tuple(cells))


# ---- the cells that are added


def _assemble(work: Work, request: Request) -> None:
    """Add the cells with the parameters, the imports, and the results."""
    line = _import_line(work)
    added = [cell for cell in work.draft.cells if cell.origin is None and cell.source == line]
    kept = tuple(cell for cell in work.draft.cells if cell not in added)
    work.draft = replace(work.draft, cells=kept).without_empty()
    if work.last:
        last = DraftCell("\n".join(work.last))
        work.draft = work.draft.insert(len(work.draft.cells), last)
    place = work.draft.first_code()
    if place < len(work.draft.cells) and TAG in work.draft.cells[place].tags:
        place += 1
    setup = _setup(work, request, imports=bool(added))
    if setup:
        work.draft = work.draft.insert(place, DraftCell(setup))
    if work.knobs:
        text = "\n".join(_parameter(knob) for knob in work.knobs.values())
        work.draft = work.draft.insert(place, DraftCell(text, tags=frozenset({TAG})))


def _parameter(knob: Knob) -> str:
    said = f"  # {knob.description}" if knob.description else ""
    return f"{knob.name}: {knob.type} = {knob.default}{said}"


def _setup(work: Work, request: Request, *, imports: bool) -> str:
    """Return the cell that comes first: imports, then what is done with them."""
    lines = list(work.setup)
    text = "\n".join(cell.source for cell in work.draft.cells)
    options = f'{work.alias}.asset(group="{request.group}")' if request.group else ""
    needs = f"{work.alias}." in text or bool(options)
    if needs and imports:
        lines.insert(0, _import_line(work))
    brought = [line for line in lines if line.startswith(("import ", "from "))]
    rest = [line for line in lines if line not in brought] + ([options] if options else [])
    own = sorted((line for line in brought if PACKAGE in line), key=_import_order)
    others = sorted((line for line in brought if PACKAGE not in line), key=_import_order)
    blocks = ("\n".join(block) for block in (others, own, rest) if block)
    return "\n\n".join(blocks)


def _import_order(line: str) -> tuple[bool, str]:
    return (line.startswith("from "), line)


# ---- the diff


def _diff(draft: Draft) -> Iterator[str]:
    """Give the lines of a diff: each cell that is new, gone, moved or changed, with its number in the original."""
    original = draft.original.cells
    there = [cell.origin for cell in draft.cells if cell.origin is not None]
    moved = _moved(there)
    for position, cell in enumerate(draft.cells):
        if cell.origin is None:
            said = " [parameters]" if TAG in cell.tags else ""
            yield f"@@ new cell{said} @@"
            yield from (f"+{line}" for line in cell.source.split("\n"))
            continue
        number = draft.number_of(position)
        name = f"cell {number}" if number else f"text {cell.origin + 1}"
        where = f"{name}, moved" if cell.origin in moved else name
        lines = list(
            unified_diff(original[cell.origin].source.split("\n"), cell.source.split("\n"), lineterm="", n=1)
        )[2:]
        if lines or cell.origin in moved:
            yield f"@@ {where} @@"
            yield from (line for line in lines if not line.startswith("@@"))
    for gone in original:
        if gone.index not in there and gone.source.strip():
            yield f"@@ cell {gone.number or gone.index + 1}, deleted @@"
            yield from (f"-{line}" for line in gone.source.split("\n"))


def _moved(order: list[int]) -> set[int]:
    """Return the cells that are out of order: all but a longest run of those that are in order."""
    best: list[list[int]] = []
    for item in order:
        before = max((run for run in best if run[-1] < item), key=len, default=[])
        best.append([*before, item])
    kept = max(best, key=len, default=[])
    return set(order) - set(kept)


def describe(plan: Plan) -> dict[str, Any]:
    """Return the plan, ready for JSON."""
    return {
        "name": plan.name,
        "inputs": [
            {
                "name": source.name,
                "file": source.file.name,
                "new": source.landing is not None,
                "kind": "table" if source.reader else "files",
            }
            for source in plan.sources.values()
        ],
        "outputs": [{"name": product.name, "kind": product.kind} for product in plan.products.values()]
        or [{"name": plan.name, "kind": "report"}],
        "parameters": [{"name": k.name, "type": k.type, "default": k.default} for k in plan.knobs.values()],
        "changes": [{"kind": c.kind, "cell": c.cell, "title": c.title} for c in plan.changes],
        "findings": [finding.as_json() for finding in plan.findings.at_least("warning")],
        "left": list(plan.left),
        "packages": list(plan.packages),
    }
