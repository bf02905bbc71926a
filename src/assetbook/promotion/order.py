"""The order of the cells: as they were run, where that is not the order in which they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assetbook.checking.flow import Missing
from assetbook.promotion.draft import Draft
from assetbook.promotion.work import Change, Work

_MOVES = 20


def mend_order(work: Work) -> None:
    """Bring the cells into an order in which every name is there when it is used, if there is one."""
    _drop_scratch(work)
    for key, order in (("order:run", _as_run), ("order:need", _as_needed)):
        missing = _missing(work, work.draft)
        if not missing or not work.allows(key):
            continue
        draft = order(work)
        if draft is not None and len(_missing(work, draft)) < len(missing):
            moved = [c.origin for c in draft.cells]
            work.draft = draft
            how = "in which they were run" if order is _as_run else "in which their names are defined"
            names = ", ".join(sorted({item.name for item in missing if item.kind == "later"}))
            cell = next(
                (draft.number_of(i) for i, o in enumerate(moved) if o != i and draft.number_of(i)), None
            )
            work.changes.append(
                Change(
                    "order",
                    f"The cells come into the order {how}: {names} was used before it was defined.",
                    cell,
                    key,
                )
            )


def _missing(work: Work, draft: Draft) -> tuple[Missing, ...]:
    before, work.draft = work.draft, draft
    try:
        return tuple(item for item in work.subject.missing_names if item.kind in ("later", "never"))
    finally:
        work.draft = before


def _as_run(work: Work) -> Draft | None:
    """Return the cells in the order of their execution counts; those that were not run stay behind their neighbours."""
    cells = work.draft.original.raw["cells"]
    counts: list[int | None] = [
        _count(cells[c.origin]) if c.origin is not None else None for c in work.draft.cells
    ]
    known = [count for count in counts if count is not None]
    if len(known) < 2 or len(set(known)) != len(known) or known == sorted(known):
        return None
    places: list[tuple[float, int]] = []
    following: float | None = None
    for position in range(
        len(counts) - 1, -1, -1
    ):  # text and cells that were not run belong to what comes next
        count = counts[position]
        following = count if count is not None else following
        places.append((following if following is not None else float("inf"), position))
    return work.draft.reordered([position for _, position in sorted(places)])


def _count(raw: Any) -> int | None:
    count = raw.get("execution_count")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def _as_needed(work: Work) -> Draft | None:
    """Return the cells with those that define a name right before the first cell that uses it."""
    draft = work.draft
    for _ in range(_MOVES):
        later = [item for item in _missing(work, draft) if item.kind == "later"]
        if not later:
            return draft
        before, work.draft = work.draft, draft
        subject = work.subject
        use = subject.cell(subject.number(later[0].called or later[0].node)).index
        definition = next(
            (
                subject.cell(code.number).index
                for code in subject.cells
                if later[0].name in _defines(work, code.number) and subject.cell(code.number).index > use
            ),
            None,
        )
        work.draft = before
        if definition is None:
            return None
        order = [i for i in range(len(draft.cells)) if i != definition]
        order.insert(use, definition)
        draft = draft.reordered(order)
    return None


def _defines(work: Work, number: int) -> set[str]:
    from assetbook.checking.bound import bound_names

    code = next(cell for cell in work.subject.cells if cell.number == number)
    return set(bound_names(code.tree.body))


def _drop_scratch(work: Work) -> None:
    """Take out cells that were never run and cannot run, in a notebook whose other cells were run."""
    cells = work.draft.original.raw["cells"]
    if not any(_count(raw) for raw in cells):
        return
    never = {item.node for item in work.subject.missing_names if item.kind == "never"}
    numbers = {work.subject.number(node) for node in never} | set(work.subject.broken)
    for number in sorted(numbers):
        cell = work.subject.cell(number)
        origin = work.draft.cells[cell.index].origin
        key = f"scratch-cell:{number}"
        if origin is None or _count(cells[origin]) is not None or not work.allows(key):
            continue
        work.changes.append(Change("order", "The cell goes: it was never run, and cannot run.", number, key))
        emptied = replace(work.draft.cells[cell.index], source="")
        kept = (*work.draft.cells[: cell.index], emptied, *work.draft.cells[cell.index + 1 :])
        work.draft = replace(work.draft, cells=kept)
