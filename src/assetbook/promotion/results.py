"""Results that a notebook works out and never saves: the fitted model, or the table that it ends in."""

from __future__ import annotations

import ast

from assetbook.checking.frames import Frames
from assetbook.promotion.models import fits, predictors, sample_of
from assetbook.promotion.places import is_generic
from assetbook.promotion.work import Change, Product, Work

_GROUPS = frozenset({"groupby", "resample", "rolling"})
_LATER_HALF = 0.5  # a result is made in the later part of a notebook


def save_results(work: Work) -> None:
    """Propose the model that was fitted and the table that was made, where nothing like it is saved."""
    kinds = {product.kind for product in work.products.values()}
    model = None if "model" in kinds else _last_model(work)
    if model is not None:
        _save_model(model, work)
    if not kinds & {"table", "files"} and model is None and "model" not in kinds:
        table = _last_table(work)
        if table is not None:
            _save_table(table, work)


def _last_model(work: Work) -> str | None:
    """Return the name of the model that was fitted last, outside of functions and loops."""
    subject = work.subject
    fitted = [
        (subject.scopes.start(call), name)
        for name in predictors(subject)
        for call in fits(name, subject)
        if subject.scopes.scope(call) is None and subject.scopes.always(call)
    ]
    return max(fitted)[1] if fitted else None


def _save_model(variable: str, work: Work) -> None:
    for attempt, sample in enumerate((sample_of(variable, work), None)):
        key = f"result-model{attempt}:{variable}"
        if not work.allows(key) or (attempt == 0 and sample is None):
            continue
        text = variable if not is_generic(variable) and len(variable) > 4 else f"{work.name}_model"
        name = work.naming.product(text, fallback="model")
        given = f", sample={sample}" if sample else ""
        _add(f'{work.alias}.save_model("{name}", {variable}{given})', name, "model", variable, key, work)
        return


def _last_table(work: Work) -> str | None:
    """Return the name of the table that the notebook ends in: the last one made that nothing is made of."""
    subject = work.subject
    frames = Frames(subject)
    last = max((cell.number for cell in subject.cells), default=0)
    found: list[tuple[tuple[int, int, int], str]] = []
    for node in subject.nodes(ast.Assign):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if subject.scopes.scope(
                node
            ) is None and subject.scopes.always(node):
                made = _gives_table(value, frames)
                loaded = isinstance(value, ast.Call) and subject.origin(value.func).startswith("assetbook.")
                late = subject.scopes.start(node)[0] > last * _LATER_HALF
                if made and not loaded and late and not name.startswith("_"):
                    found.append((subject.scopes.start(node), name))
    used = _makes_tables(work, frames)
    ends = [item for item in found if item[1] not in used]
    return max(ends)[1] if ends else None


def _gives_table(value: ast.expr, frames: Frames) -> bool:
    """Whether an expression makes a table: one that is known for it, or groups of the rows of one."""
    if not isinstance(value, ast.Call | ast.Subscript):
        return False
    if frames.is_table(value):
        return True
    inner: ast.expr = value
    grouped = False
    while isinstance(inner, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(inner, ast.Attribute):
            grouped = grouped or inner.attr in _GROUPS
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    last = value.func.attr if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) else ""
    return grouped and last not in _GROUPS and isinstance(inner, ast.Name) and frames.is_table(inner)


def _makes_tables(work: Work, frames: Frames) -> set[str]:
    """Return the names of tables that other tables are made of."""
    subject = work.subject
    used: set[str] = set()
    for node in subject.nodes(ast.Assign):
        if _gives_table(node.value, frames):
            own = {target.id for target in node.targets if isinstance(target, ast.Name)}
            used |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)} - own
    return used


def _save_table(variable: str, work: Work) -> None:
    key = f"result-table:{variable}"
    if work.allows(key):
        text = variable if not is_generic(variable) and len(variable) > 3 else f"{work.name}_{variable}"
        name = work.naming.product(text)
        _add(f'{work.alias}.save("{name}", {variable})', name, "table", variable, key, work)


def _add(line: str, name: str, kind: str, variable: str, key: str, work: Work) -> None:
    work.last[line] = None
    what = "model" if kind == "model" else "table"
    work.products[name] = Product(
        name, "model" if kind == "model" else "table", None, f"the {what} {variable}", key
    )
    title = f"The {what} {variable} is the result and was never saved: it becomes {name}."
    work.changes.append(Change("output", title, None, key))
