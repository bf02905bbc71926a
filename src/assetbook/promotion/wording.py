"""A promotion in lines of a terminal, each of pieces of text with a style."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assetbook.checking.wording import Line, diff_lines
from assetbook.promotion.plan import Plan
from assetbook.words import counted

if TYPE_CHECKING:
    from assetbook.promotion.promote import Promotion
    from assetbook.promotion.proof import Proof

_SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
_FINDINGS = 12  # that are listed


def plan_lines(promotion: Promotion) -> Iterator[Line]:
    """Give what a notebook is to become, what was found in it, and its diff."""
    plan = promotion.plan
    shown = promotion.path.relative_to(promotion.request.root).as_posix()
    yield [(str(promotion.request.file), "bold"), (" → ", "dim"), (shown, "bold")]
    yield [("", "")]
    yield from _table(_facts(plan))
    yield from _findings(plan)
    diff = plan.diff()
    if diff:
        yield [("", "")]
        yield [("What changes", "bold")]
        yield from diff_lines(diff)
    if plan.left:
        yield [("", "")]
        yield [("Left for you", "bold")]
        yield from ([(f"  {message}", "yellow")] for message in plan.left)
    yield [("", "")]


def _facts(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Give rows: a heading, a name, what there is to say of it."""
    for number, source in enumerate(plan.sources.values()):
        size = ""
        if source.frame is not None:
            rows, columns = source.frame.shape
            size = f", {counted(rows, 'row')}, {counted(columns, 'column')}"
        new = (
            "is in the lake"
            if source.landing is None
            else ("new raw table" if source.reader else "new raw files")
        )
        yield ("inputs" if not number else "", source.name, f"{source.file.name}{size}: {new}")
    for number, product in enumerate(plan.products.values()):
        kind = "table of files" if product.kind == "files" else product.kind
        yield ("outputs" if not number else "", product.name, f"{kind}: {product.described}")
    if not plan.products:
        yield "outputs", plan.name, "report: the executed notebook itself"
    for number, knob in enumerate(plan.knobs.values()):
        said = f", {knob.description}" if knob.description else ""
        yield ("parameters" if not number else "", knob.name, f"{knob.type} = {knob.default}{said}")
    for number, (name, path) in enumerate(plan.modules.items()):
        yield ("modules" if not number else "", name, f"{path.name} is copied to assets/")


def _table(rows: Iterable[tuple[str, str, str]]) -> Iterator[Line]:
    found = list(rows)
    width = max((len(name) for _, name, _ in found), default=0)
    for heading, name, said in found:
        yield [(f"  {heading:<11}", "dim"), (f"{name:<{width}}", "bold"), (f"  {said}", "")]


def _findings(plan: Plan) -> Iterator[Line]:
    found = sorted(plan.findings.at_least("warning"), key=lambda f: f.severity != "error")
    if not found:
        return
    yield [("", "")]
    yield [("What was found", "bold")]
    for finding in found[:_FINDINGS]:
        where = f"cell {finding.cell}:{finding.line or 1}" if finding.cell else ""
        style = _SEVERITY_STYLES[finding.severity]
        yield [
            (f"  {where:<12}", "dim"),
            (f"{finding.severity:<8}", style),
            (f"{finding.code} {finding.message}", ""),
        ]
    if len(found) > _FINDINGS:
        yield [(f"  and {len(found) - _FINDINGS} more: assetbook check {plan.request.file}", "dim")]


def proof_lines(proof: Proof) -> Iterator[Line]:
    """Give how a trial went."""
    if not proof.trial.ok:
        return
    cells = sum(cell.kind == "code" for cell in proof.plan.draft.cells)
    tried = f", at the attempt {proof.attempts}" if proof.attempts > 1 else ""
    ran = f"{counted(cells, 'cell')} in {proof.trial.seconds:.1f} s{tried}"
    yield [("✓ ", "green"), (f"Ran in a fresh kernel and an empty folder: {ran}", "")]
    if proof.attempts > 1:
        yield [("  The plan has changed to what holds:", "")]
        yield from diff_lines(proof.plan.diff())
    if not proof.caused and not proof.own and proof.trial.compared:
        yield [("✓ ", "green"), ("Shows what it had saved", "")]
    for difference in proof.caused:
        yield [("! ", "bold yellow"), (str(difference), "")]
    if proof.own:
        yield [("  What it shows differs from what was saved, by the notebook's own doing:", "dim")]
        yield from ([(f"  {difference}", "dim")] for difference in proof.own[:_FINDINGS])


def created_lines(promotion: Promotion, created: list[str]) -> Iterator[Line]:
    """Give the files that were written."""
    yield [("✓ ", "green"), ("Wrote", "")]
    yield from ([(f"  {path}", "bold" if path.endswith(".ipynb") else "")] for path in created)
    if promotion.kept_original is not None:
        kept = os.path.relpath(promotion.kept_original, promotion.request.root)
        yield [(f"  The original is kept: {kept}", "dim")]
    yield [("", "")]


def end_lines(promotion: Promotion) -> Iterator[Line]:
    """Give what to do next."""
    names = " ".join(promotion.plan.products or [promotion.plan.name])
    yield [("", "")]
    yield [("Promoted. ", "bold green"), ("Made anew with ", ""), (f"assetbook run {names}", "bold")]
    if promotion.plan.left:
        yield [("Left for you:", "bold")]
        yield from ([(f"  {message}", "yellow")] for message in promotion.plan.left)
