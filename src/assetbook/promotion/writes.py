"""What a notebook writes that has a place here: tables and models become outputs, figures stay with the run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assetbook.checking.files import FileUse
from assetbook.checking.model import Edit
from assetbook.checking.paths import is_whole
from assetbook.promotion.edits import following, is_statement, removed, replaced, statement_of, text_of
from assetbook.promotion.models import predictors, sample_of
from assetbook.promotion.scratch import appends
from assetbook.promotion.work import Product, Proposal, Work

_TABLES = frozenset(
    {
        "to_csv",
        "to_parquet",
        "to_excel",
        "to_feather",
        "to_json",
        "to_pickle",
        "to_sql",
        "to_stata",
        "to_orc",
        "to_hdf",
    }
)
_POLARS_TABLES = frozenset(
    {
        "write_csv",
        "write_parquet",
        "write_json",
        "write_ndjson",
        "write_ipc",
        "write_excel",
        "sink_csv",
        "sink_parquet",
    }
)
_DUMPS = frozenset({"joblib.dump", "pickle.dump", "dill.dump", "cloudpickle.dump"})
SHAPES = (  # of a table that is saved, the next where one does not hold
    "{0}",
    "{0}.rename_axis('row')",
    "{0}.pipe(lambda table: table.set_axis(['_'.join(map(str, column)).strip('_') if isinstance(column, tuple) "
    "else str(column) for column in table.columns], axis=1))",
)
_CLOSES = frozenset({"matplotlib.pyplot.close", "matplotlib.pyplot.clf", "matplotlib.pyplot.cla"})
_SHOW = "matplotlib.pyplot.show"


def save_outputs(work: Work) -> None:
    """Turn what is written as a table or a model into saving it."""
    for _ in range(100):  # one at a time: each takes a name
        if not work.apply(_next_output(work)):
            break


def keep_figures(work: Work) -> None:
    """Let figures be shown instead of written to files: what is shown is kept."""
    work.apply(list(_figures(work)))


def _next_output(work: Work) -> list[Proposal]:
    for use in work.subject.files:
        if use.kind == "write" and not (_is_read_back(use, work) and _is_saved(use, work)):
            found = _table(use, work) if use.function in _TABLES | _POLARS_TABLES else _model(use, work)
            if found is not None:
                return [found]
    return []


# ---- tables


def _table(use: FileUse, work: Work) -> Proposal | None:
    if not isinstance(use.call.func, ast.Attribute) or not _is_once(use.call, work):
        return None
    if not is_statement(work.subject, use.call):
        return None
    written = _written_name(use)
    if written is None or appends(use):
        return None
    data = text_of(work.subject, use.call.func.value)
    for shape, form in enumerate(SHAPES):
        key = work.key(f"save{shape}", use.call, written)
        if not work.allows(key):
            continue
        name = work.naming.product(written)
        data = f"({data})" if shape and not _is_simple(use.call.func.value) else data
        without = _leaves_index(use.call)
        drops = without and not work.allows(f"index:{name}")  # a named index would come into the table
        saved = form.format(data) + (".reset_index(drop=True)" if drops else "")
        edits = _put(use.call, f'{work.alias}.save("{name}", {saved})', work, both=_is_read_back(use, work))
        if not edits:
            return None
        cell = work.original_cell(use.call)
        work.products[name] = Product(name, "table", cell, f"{use.function} to {written}", key, without)
        title = f"{use.function} to {written} becomes the table {name}."
        return Proposal("output", title, use.call, tuple(edits), key)
    return None


def _put(node: ast.expr | ast.stmt, text: str, work: Work, *, both: bool) -> list[Edit]:
    """Return the edit that puts a text in the place of a statement, or behind it where the file is read again."""
    if not both:
        return replaced(work.subject, node, text)
    indent = " " * getattr(node, "col_offset", 0)
    edits = replaced(work.subject, node, "")
    return [Edit(edit.index, edit.end, edit.end, f"\n{indent}{text}") for edit in edits]


def _is_saved(use: FileUse, work: Work) -> bool:
    """Whether what is written is saved in the statement after it."""
    statement = statement_of(work.subject, use.call)
    after = following(work.subject, statement) if statement is not None else ()
    calls = [node for node in ast.walk(after[0]) if isinstance(node, ast.Call)] if after else []
    return any(ast.unparse(c.func) in (f"{work.alias}.save", f"{work.alias}.save_model") for c in calls)


def _leaves_index(call: ast.Call) -> bool:
    """Whether a table is written without its index."""
    return any(
        keyword.arg == "index" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in call.keywords
    )


def _written_name(use: FileUse) -> str | None:
    """Return the path of the file, or the name of the table, that is written."""
    if use.function == "to_sql":
        first = use.call.args[0] if use.call.args else None
        first = first or next((k.value for k in use.call.keywords if k.arg == "name"), None)
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return use.path.replace("\\", "/") if use.path and is_whole(use.path) else None


def _is_simple(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)


def _is_once(node: ast.AST, work: Work) -> bool:
    """Whether a call runs once: in no loop, and in no function."""
    loops = (ast.For, ast.While, ast.AsyncFor, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    around = list(work.subject.scopes.ancestors(node))
    return not work.subject.scopes.deferred(node) and not any(isinstance(parent, loops) for parent in around)


def _is_read_back(use: FileUse, work: Work) -> bool:
    start = work.subject.scopes.start
    return use.path is not None and any(
        other.kind == "read" and other.path == use.path and start(other.call) > start(use.call)
        for other in work.subject.files
    )


# ---- models


def _model(use: FileUse, work: Work) -> Proposal | None:
    """Return the proposal for a dump: of joblib to a path, of pickle to a file that was just opened."""
    subject = work.subject
    found = _dumped(use, work)
    if found is None or use.path is None or not is_whole(use.path):
        return None
    dumped, statement = found
    if (
        not isinstance(dumped, ast.Name)
        or dumped.id not in predictors(subject)
        or not _is_once(statement, work)
    ):
        return None
    for attempt, sample in enumerate((sample_of(dumped.id, work), None)):
        key = work.key(f"model{attempt}", statement, dumped.id)
        if not work.allows(key) or (attempt == 0 and sample is None):
            continue
        name = work.naming.product(use.path, fallback="model")
        given = f", sample={sample}" if sample else ""
        saved = f'{work.alias}.save_model("{name}", {dumped.id}{given})'
        edits = _put(statement, saved, work, both=_is_read_back(use, work))
        if not edits:
            return None
        work.products[name] = Product(
            name, "model", work.original_cell(statement), f"dumped to {use.path}", key
        )
        return Proposal("output", f"{use.path} becomes the model {name}.", statement, tuple(edits), key)
    return None


def _dumped(use: FileUse, work: Work) -> tuple[ast.expr, ast.stmt] | None:
    """Return what is dumped into a file, and the statement that does it whole."""
    subject = work.subject
    if subject.origin(use.call.func) in _DUMPS and use.call.args and is_statement(subject, use.call):
        statement = statement_of(subject, use.call)
        return (use.call.args[0], statement) if statement else None
    parent = subject.scopes.parent(use.call)
    match parent:
        case ast.Call(func=function, args=[dumped, *_]) if subject.origin(
            function
        ) in _DUMPS and is_statement(subject, parent):
            statement = statement_of(subject, parent)
            return (dumped, statement) if statement else None
        case ast.withitem():
            block = subject.scopes.parent(parent)
            match block:
                case ast.With(
                    items=[_], body=[ast.Expr(value=ast.Call(func=function, args=[dumped, *_]))]
                ) if subject.origin(function) in _DUMPS:
                    return dumped, block
    return None


# ---- figures


def _figures(work: Work) -> Iterator[Proposal]:
    subject = work.subject
    for use in subject.files:
        statement = statement_of(subject, use.call)
        if use.function != "savefig" or statement is None or not is_statement(subject, use.call):
            continue
        key = work.key("figure", use.call, ast.unparse(use.call))
        show = _show(work)
        after = following(subject, statement)
        shown = any(_calls(node, _SHOW, work) for node in after)
        gone = any(_calls(node, name, work) for node in after for name in _CLOSES)
        around = list(subject.scopes.ancestors(statement))
        nested = not isinstance(subject.scopes.parent(statement), ast.Module) and any(
            isinstance(node, ast.For | ast.While | ast.FunctionDef) for node in around
        )
        if (gone or nested or not after) and not shown and show:  # the last value of a cell would be shown
            edits = replaced(subject, statement, f"{show}()")
        else:
            edits = removed(subject, statement)
        path = use.path if use.path and is_whole(use.path) else "its file"
        title = f"The figure that went to {path} is kept with the run."
        yield Proposal("figure", title, use.call, tuple(edits), key)


def _show(work: Work) -> str | None:
    """Return how the notebook would call ``plt.show``."""
    for node in work.subject.nodes(ast.Name):
        if work.subject.origin(node) == "matplotlib.pyplot":
            return f"{node.id}.show"
    return None


def _calls(statement: ast.stmt, function: str, work: Work) -> bool:
    return any(
        isinstance(node, ast.Call) and work.subject.origin(node.func) == function
        for node in ast.walk(statement)
    )
