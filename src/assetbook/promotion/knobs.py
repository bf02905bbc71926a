"""Constants that somebody will want to set: dates, sizes, rates, seeds. They become parameters."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator

from assetbook.checking.subject import Subject
from assetbook.promotion.edits import removed, replaced, text_of
from assetbook.promotion.work import Knob, Proposal, Work

_WORDS_TEXT = """
    seed rate threshold thresh cutoff cutoffs limit window horizon lag lags top min max alpha beta gamma lr
    learning epochs batch iter iters iterations trees estimators depth folds clusters neighbors neighbours
    components steps frac fraction ratio split share budget quantile percentile bins samples tolerance tol eps
    lambda size sizes date year month day days weeks months years start end since until random
    periods capacity discount interest inflation confidence significance level horizon_days lookback
    n k num cut risk factors
"""
_WORDS = frozenset(_WORDS_TEXT.split())
_FIXED = re.compile(  # of nature, units and drawings
    r"(^|_)(radius|gravity|pi|missing|nan|na|sentinel|width|height|dpi|fig\w*|per|km|kg|conversion|factor|version)(_|$)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?([ T]\d{2}:\d{2}(:\d{2})?)?")
_KEYWORDS = {
    "test_size": ("float", "share of the rows that are held out for testing"),
    "train_size": ("float", "share of the rows that are trained on"),
    "random_state": ("int", "seed of what is drawn at random"),
    "n_estimators": ("int", "number of trees"),
    "learning_rate": ("float", "learning rate"),
    "max_depth": ("int", "greatest depth of a tree"),
    "max_iter": ("int", "most iterations"),
    "n_clusters": ("int", "number of clusters"),
    "n_splits": ("int", "number of folds"),
    "n_neighbors": ("int", "number of neighbours"),
    "epochs": ("int", "passes over the data"),
    "batch_size": ("int", "rows in a batch"),
}
_SEED = re.compile(r"(^|_)(seed|random_state)($|_)", re.IGNORECASE)
TAG = "parameters"


def find_knobs(work: Work) -> None:
    """Move constants into the parameters, and let arguments take their values from there."""
    if any(TAG in cell.tags for cell in work.draft.cells):
        return  # its author has decided what they are
    if not _has_star_import(work.subject):
        _constants(work)
    _arguments(work)


def _has_star_import(subject: Subject) -> bool:
    return any(alias.name == "*" for node in subject.nodes(ast.ImportFrom) for alias in node.names)


# ---- constants that have a name


def _constants(work: Work) -> None:
    found: dict[str, Knob] = {}

    def propose() -> Iterator[Proposal]:
        for proposal, knob in _named(work):
            found.setdefault(proposal.key, knob)
            yield proposal

    for done in work.exhaust(propose):
        work.knobs[found[done.key].name] = found[done.key]


def _named(work: Work) -> Iterator[tuple[Proposal, Knob]]:
    subject = work.subject
    deleted = {n.id for n in subject.nodes(ast.Name) if isinstance(n.ctx, ast.Del)}
    for node in sorted(subject.nodes(ast.Assign, ast.AnnAssign), key=subject.scopes.start):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(node, ast.Assign) and len(node.targets) != 1:
            continue
        if not isinstance(target, ast.Name) or not isinstance(subject.scopes.parent(node), ast.Module):
            continue
        name, value = target.id, node.value
        if (
            value is None
            or name in deleted
            or len(subject.bindings.of_notebook(name)) != 1
            or name.startswith("_")
        ):
            continue
        kind = _type(value)
        if (
            not kind
            or (kind.startswith("list") and not name.isupper())
            or not _is_knob(name, kind)
            or not subject.bindings.uses[name]
        ):
            continue
        said = _comment(work, node)
        knob = Knob(name, kind, text_of(subject, value), said)
        title = f"The constant {name} becomes a parameter."
        yield (
            Proposal("parameter", title, node, tuple(removed(subject, node)), work.key("knob", node, name)),
            knob,
        )


def _type(value: ast.expr) -> str:
    """Return the type of a constant that can be a parameter, "" of any other expression."""
    if isinstance(value, ast.List) and value.elts:
        kinds = {_type(item) for item in value.elts}
        return f"list[{kinds.pop()}]" if kinds in ({"int"}, {"float"}) else ""
    inner = value.operand if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) else value
    if not isinstance(inner, ast.Constant) or isinstance(inner.value, bool):
        return ""
    if isinstance(inner.value, int | float):
        return type(inner.value).__name__
    return "str" if isinstance(inner.value, str) and inner is value and _DATE.fullmatch(inner.value) else ""


def _is_knob(name: str, kind: str) -> bool:
    if _FIXED.search(name):
        return False
    if kind == "str" or (name.isupper() and len(name) > 1):
        return True
    parts = [part for part in re.split(r"_|(?<=[a-z])(?=[A-Z])", name.lower()) if part]
    if len(parts) == 1 and parts[0] in (
        "n",
        "k",
        "min",
        "max",
        "day",
        "year",
        "month",
        "start",
        "end",
        "size",
        "top",
    ):
        return parts[0] in ("n", "k")
    return bool(_WORDS & set(parts))


def _comment(work: Work, node: ast.stmt) -> str:
    """Return what a comment behind a statement says."""
    number = work.subject.number(node)
    source = work.subject.cell(number).source.split("\n")
    line = source[(node.end_lineno or node.lineno) - 1]
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(line.strip() + "\n").readline))
    except (tokenize.TokenError, SyntaxError):
        return ""
    said = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return said[-1].lstrip("#").strip() if said and "@param" not in said[-1] else ""


# ---- arguments


def _arguments(work: Work) -> None:
    """Let arguments that are knobs everywhere, and the same everywhere, be parameters."""
    subject = work.subject
    given: dict[str, list[ast.keyword]] = defaultdict(list)
    for call in subject.calls:
        for keyword in call.keywords:
            if keyword.arg in _KEYWORDS:
                given[keyword.arg].append(keyword)
    bound = _all_names(subject) | set(work.knobs)
    for name, keywords in given.items():
        kind, said = _KEYWORDS[name]
        literal = [keyword for keyword in keywords if _type(keyword.value)]
        texts = {ast.unparse(keyword.value) for keyword in literal}
        if name in bound or len(texts) != 1 or any(_type(k.value) not in ("int", kind) for k in literal):
            continue
        text = texts.pop()
        edits = [edit for keyword in literal for edit in replaced(subject, keyword.value, name)]
        if len(edits) != len(literal):
            continue
        key = f"knob:{name}"
        title = f"{name}={text} becomes a parameter."
        actual = _type(literal[0].value)
        if work.apply([Proposal("parameter", title, literal[0].value, tuple(edits), key)]):
            work.knobs[name] = Knob(name, actual, text, said)
            subject = work.subject
            given.update(_again(subject, given))


def _again(subject: Subject, given: dict[str, list[ast.keyword]]) -> dict[str, list[ast.keyword]]:
    """Return the keywords of the same names in the text as it is now."""
    found: dict[str, list[ast.keyword]] = {name: [] for name in given}
    for call in subject.calls:
        for keyword in call.keywords:
            if keyword.arg in found:
                found[keyword.arg].append(keyword)
    return found


def _all_names(subject: Subject) -> set[str]:
    """Return all names that are bound anywhere, in functions, too."""
    names = {node.id for node in subject.nodes(ast.Name) if not isinstance(node.ctx, ast.Load)}
    names |= {node.arg for node in subject.nodes(ast.arg)}
    names |= {(a.asname or a.name).partition(".")[0] for a in subject.nodes(ast.alias)}
    return names | {node.name for node in subject.nodes(ast.FunctionDef, ast.ClassDef)}


def seed_name(work: Work) -> str:
    """Return the parameter that seeds what is random, made where there is none."""
    known = [name for name, knob in work.knobs.items() if _SEED.search(name) and knob.type == "int"]
    if known:
        return known[0]
    name = "seed" if "seed" not in _all_names(work.subject) else "random_seed"
    work.knobs[name] = Knob(name, "int", "0", "seed of what is drawn at random")
    return name
