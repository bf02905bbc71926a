"""From a plan to one that holds: what a trial shows to be wrong is left as it was, and tried again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assetbook.promotion.compare import Difference, compare
from assetbook.promotion.plan import Plan, Rejected, Request, make_plan
from assetbook.promotion.trial import Original, Trial, Watcher, run_original, try_plan
from assetbook.promotion.writes import SHAPES

_ATTEMPTS = 8
_SUSPECTS = (
    "load:",
    "knob:",
    "figure:",
)  # what is left as it was, one kind after the other, where results differ


@dataclass(frozen=True)
class Proof:
    """A plan, and how its trial went.

    Attributes:
        plan: what the notebook becomes.
        trial: of this plan.
        original: how the original runs; None where nobody had to know, or its folder is too large.
        caused: differences that the promotion makes.
        own: differences that the notebook makes by itself whenever it is run again.
        attempts: how many plans were tried.
    """

    plan: Plan
    trial: Trial
    original: Original | None = None
    caused: tuple[Difference, ...] = ()
    own: tuple[Difference, ...] = ()
    attempts: int = 1


@dataclass
class _Search:
    """The search for a plan that holds."""

    request: Request
    folder: Path
    rows: int | None
    watcher: Watcher | None
    attempts: int = 0
    original: Original | None = None
    asked: bool = False

    def attempt(self, plan: Plan) -> Proof:
        """Try a plan, and tell where differences come from."""
        self.attempts += 1
        trial = try_plan(plan, self.folder / f"{self.attempts}", rows=self.rows, watcher=self.watcher)
        if (not trial.ok or trial.differences) and not self.asked:
            self.original, self.asked = run_original(plan, self.folder), True
        caused, own = _attributed(plan, trial, self.original)
        return Proof(plan, trial, self.original, caused, own, self.attempts)

    @property
    def is_over(self) -> bool:
        return self.attempts >= _ATTEMPTS

    def until_it_runs(self, proof: Proof, rejected: Rejected) -> tuple[Proof, Rejected]:
        """Leave out what fails, until the notebook runs or nothing is suspected; then the first plan stays."""
        first, before = proof, rejected
        while not proof.trial.ok or _unsaved(proof):
            unsaved = _unsaved(proof) if proof.trial.ok else frozenset()
            more = (
                replace(rejected, keys=rejected.keys | unsaved)
                if unsaved
                else _after_failure(proof, rejected)
            )
            if more is None or self.is_over:
                return replace(first, attempts=self.attempts), before
            rejected = more
            proof = self.attempt(make_plan(self.request, rejected))
        return proof, rejected

    def until_it_shows_the_same(self, proof: Proof, rejected: Rejected) -> Proof:
        """Leave out what makes differences, kind by kind; what does not help is kept."""
        for kind in _SUSPECTS:
            if not proof.caused or self.is_over:
                break
            keys = {change.key for change in proof.plan.changes if change.key.startswith(kind)}
            if not keys:
                continue
            without = replace(rejected, keys=rejected.keys | keys)
            other = self.attempt(make_plan(self.request, without))
            if other.trial.ok and len(other.caused) < len(proof.caused):
                proof, rejected = other, without
        return proof


def prove(
    request: Request, plan: Plan, folder: Path, *, rows: int | None = None, watcher: Watcher | None = None
) -> Proof:
    """Try plans until one holds, or nothing is left to be changed.

    Args:
        request: what is asked for.
        plan: the first plan.
        folder: for the trials.
        rows: of each input table; all by default. What it shows is then not compared.
        watcher: is told which cell runs.
    """
    search = _Search(request, folder, rows, watcher)
    proof, rejected = search.until_it_runs(search.attempt(plan), Rejected())
    if not proof.trial.ok:
        return proof
    if rows is not None:
        return replace(proof, caused=(), own=())
    lost = list(_lost_indexes(proof))
    if lost:
        rejected = replace(rejected, keys=rejected.keys | set(lost))
        other = search.attempt(make_plan(request, rejected))
        proof = other if other.trial.ok else proof
    proof = search.until_it_shows_the_same(proof, rejected)
    return replace(proof, attempts=search.attempts)


def _attributed(
    plan: Plan, trial: Trial, original: Original | None
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Tell differences of the promotion from those that the notebook makes by itself; expected ones are neither."""
    expected = {change.cell for change in plan.changes if change.kind in ("command", "output", "figure")}
    found = [d for d in trial.differences if not (d.cell in expected and d.is_gone)]
    if original is None:
        return tuple(found), ()
    again = {difference.cell for difference in compare(original.outputs, trial.outputs)}
    chance = any(change.kind == "seed" for change in plan.changes)  # shows something else each time
    moved = any(change.kind == "order" for change in plan.changes)
    caused = [d for d in found if d.cell in again and d.cell in original.outputs and not moved and not chance]
    return tuple(caused), tuple(difference for difference in found if difference not in caused)


def _unsaved(proof: Proof) -> frozenset[str]:
    """Return the keys of outputs that were not saved, as in a branch that is not taken: an asset must give all."""
    products = proof.plan.products.values()
    keys = (product.key for product in products if product.name not in proof.trial.saved)
    return frozenset(variant for key in keys for variant in _variants(key))


def _variants(key: str) -> Iterator[str]:
    """Give the keys of all shapes that a table, or all ways that a model, could be saved in."""
    yield key
    yield from (
        re.sub(r"^(save|model|result-model)\d", rf"\g<1>{number}", key) for number in range(len(SHAPES))
    )


def _lost_indexes(proof: Proof) -> Iterator[str]:
    """Give the keys of tables that were saved with an index which their files did not have."""
    for product in proof.plan.products.values():
        frame: Any = proof.trial.tables.get(product.name)
        if (
            frame is not None
            and product.without_index
            and any(level is not None for level in frame.index.names)
        ):
            yield f"index:{product.name}"


def _after_failure(proof: Proof, rejected: Rejected) -> Rejected | None:
    """Return what should be left as it was after a cell has failed; None where nothing is suspected."""
    plan, trial, failure = proof.plan, proof.trial, proof.trial.failure
    assert failure is not None
    lines = failure.source.split("\n")
    line = lines[failure.line - 1] if failure.line and failure.line <= len(lines) else ""
    for product in plan.products.values():
        if f'("{product.name}"' in line and product.key not in rejected.keys:
            return rejected.with_key(product.key)
    if trial.number is not None:
        if _was_never_run(plan, trial.number) and trial.number not in rejected.dropped:
            return replace(rejected, dropped=rejected.dropped | {trial.number})
        own = proof.original is not None and proof.original.failed == trial.number
        if own and proof.original and _is_same(proof.original.error, failure.error):
            return _accepted(plan, trial.number, failure.error, rejected)
        for kind in ("input", "figure", "output", "mend", "parameter", "seed"):
            keys = {c.key for c in plan.changes if c.cell == trial.number and c.kind == kind} - rejected.keys
            if keys:
                return replace(rejected, keys=rejected.keys | keys)
    for prefix in _SUSPECTS:
        keys = {change.key for change in plan.changes if change.key.startswith(prefix)} - rejected.keys
        if keys:
            return replace(rejected, keys=rejected.keys | keys)
    return None


def _accepted(plan: Plan, number: int, error: str, rejected: Rejected) -> Rejected | None:
    """Let a cell fail that had failed in the same way when it was saved, if its author had gone on."""
    outputs: Any = _raw(plan)[number].get("outputs") or []
    names = [o.get("ename") for o in outputs if isinstance(o, dict) and o.get("output_type") == "error"]
    later = any(raw.get("execution_count") for n, raw in _raw(plan).items() if n > number)
    if names and later and error.startswith(str(names[-1])) and number not in rejected.tolerated:
        return replace(rejected, tolerated=rejected.tolerated | {number})
    return None


def _was_never_run(plan: Plan, number: int) -> bool:
    """Whether a cell was not run by its author, who ran others."""
    counts = {n: raw.get("execution_count") for n, raw in _raw(plan).items()}
    return counts[number] is None and any(counts.values())


def _raw(plan: Plan) -> dict[int, dict[str, Any]]:
    """Return the JSON of the original's code cells by their numbers."""
    original = plan.draft.original
    return {cell.number: original.raw["cells"][cell.index] for cell in original.code_cells if cell.number}


def _is_same(one: str, other: str) -> bool:
    return one.partition(":")[0] == other.partition(":")[0]
