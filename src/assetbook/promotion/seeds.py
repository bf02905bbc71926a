"""Seeds for what a notebook draws at random."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assetbook.checking.model import Edit
from assetbook.checking.rules.randomness import NoRandomState, draws, is_seeded, seeded
from assetbook.promotion.edits import replaced
from assetbook.promotion.knobs import TAG, seed_name
from assetbook.promotion.work import Change, Proposal, Work

_SEEDING = {
    "numpy": ("import numpy", "numpy.random.seed({0})"),
    "random": ("import random", "random.seed({0})"),
    "torch": ("import torch", "torch.manual_seed({0})"),
    "tensorflow": ("import tensorflow", "tensorflow.random.set_seed({0})"),
}
_FREE = ("default_rng", "RandomState", "Random")


def set_seeds(work: Work) -> None:
    """Give a seed to each estimator, split and sample without one, and to the libraries' own generators."""
    if any(TAG in cell.tags for cell in work.draft.cells):
        return
    work.apply(list(_states(work)))
    work.apply(list(_generators(work)))
    _shared(work)


def _states(work: Work) -> Iterator[Proposal]:
    for finding in NoRandomState().check(work.subject):
        key = f"seed:{work.draft.number_of(finding.index or 0)}:{finding.line}"
        if finding.fix is None or not work.allows(key):
            continue
        name = seed_name(work)
        edits = [
            Edit(e.index, e.start, e.end, e.text.replace("random_state=0", f"random_state={name}"))
            for e in finding.fix.edits
        ]
        cell = next(c for c in work.subject.cells if c.number == finding.cell)
        title = f"{finding.message.partition(' draws')[0]} gets random_state={name}."
        yield Proposal("seed", title, cell.tree.body[0], tuple(edits), f"{key}:{finding.column}")


def _generators(work: Work) -> Iterator[Proposal]:
    for draw in draws(work.subject):
        name = ast.unparse(draw.call.func).rpartition(".")[2]
        key = work.key("generator", draw.call, ast.unparse(draw.call))
        if name in _FREE and not draw.call.args and not draw.call.keywords and work.allows(key):
            seed = seed_name(work)
            edits = replaced(work.subject, draw.call, f"{ast.unparse(draw.call.func)}({seed})")
            yield Proposal("seed", f"{name} gets the seed {seed}.", draw.call, tuple(edits), key)


def _shared(work: Work) -> None:
    """Seed the generators that a library shares, before the first cell."""
    subject = work.subject
    seeds = seeded(subject)
    for draw in draws(subject):
        name = ast.unparse(draw.call.func).rpartition(".")[2]
        key = f"seed:{draw.library}"
        if draw.library not in _SEEDING or name in _FREE or not work.allows(key):
            continue
        needed = _SEEDING[draw.library]
        line = (
            needed[1].format(seed_name(work))
            if not is_seeded(subject, draw.call, draw.library, seeds)
            else ""
        )
        if line and line not in work.setup:
            work.setup.update({needed[0]: None, line: None})
            work.changes.append(
                Change(
                    "seed",
                    f"The generator of {draw.library} is given a seed.",
                    work.original_cell(draw.call),
                    key,
                )
            )
