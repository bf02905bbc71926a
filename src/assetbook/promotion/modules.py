"""Modules of the notebook's own folder: they come along into ``assets/``, and are imported from there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from assetbook.checking.paths import Paths
from assetbook.promotion.edits import is_statement, removed, replaced, statement_of
from assetbook.promotion.work import Proposal, Work

PACKAGE = "assets"
_SEARCHED = frozenset({"sys.path.append", "sys.path.insert"})


def bring_modules(work: Work) -> None:
    """Let imports of modules beside the notebook be imports of copies in the workspace."""
    folders = [work.places.folder, *_searched(work)]
    found = {top: path for top in _tops(work) if (path := _module(top, folders, work)) is not None}
    if not found:
        return
    for _ in range(20):  # modules that these import in turn
        more = {top for path in found.values() for top in _imports_of(path)} - set(found)
        added = {top: path for top in more if (path := _module(top, folders, work)) is not None}
        if not added:
            break
        found |= added
    work.modules = found
    names = {top: f"{PACKAGE}.{top}" for top in found}
    subject = work.subject
    proposals = []
    for node in subject.nodes(ast.Import, ast.ImportFrom):
        text = import_text(node, names)
        if text is not None:
            key = work.key("module", node, ast.unparse(node))
            title = f"{ast.unparse(node)}: the module comes along into {PACKAGE}/."
            proposals.append(Proposal("import", title, node, tuple(replaced(subject, node, text)), key))
    work.apply(proposals)
    work.apply(list(_without_search(work)))


def _tops(work: Work) -> set[str]:
    nodes = work.subject.nodes
    names = {alias.name for node in nodes(ast.Import) for alias in node.names}
    names |= {node.module for node in nodes(ast.ImportFrom) if node.module and not node.level}
    return {name.partition(".")[0] for name in names}


def _module(top: str, folders: list[Path], work: Work) -> Path | None:
    """Return the file or package of a module that stands beside the notebook and is installed nowhere."""
    if top in sys.stdlib_module_names or top in (PACKAGE, "assetbook"):
        return None
    spec = work.environment.spec(top)
    installed = spec is not None and spec.origin is not None and not work.environment.is_own(top)
    for folder in folders[:1] if installed else folders:  # the notebook's own folder comes before all others
        for candidate in (folder / f"{top}.py", folder / top):
            if candidate.is_file() or (candidate.is_dir() and any(candidate.rglob("*.py"))):
                return candidate
    return None


def _searched(work: Work) -> Iterator[Path]:
    """Give the folders that the notebook puts on its search path."""
    paths = Paths(work.subject)
    for call in work.subject.calls:
        if work.subject.origin(call.func) in _SEARCHED and call.args:
            text = paths.text(call.args[-1])
            found = work.places.find(text, moved=work.moved) if text else None
            if found is not None and found.is_dir():
                yield found


def _without_search(work: Work) -> Iterator[Proposal]:
    for call in work.subject.calls:
        statement = statement_of(work.subject, call)
        if (
            work.subject.origin(call.func) in _SEARCHED
            and is_statement(work.subject, call)
            and statement is not None
        ):
            key = work.key("search", call, ast.unparse(call))
            title = f"{ast.unparse(call)} goes: the modules come along."
            yield Proposal("import", title, call, tuple(removed(work.subject, statement)), key)


def _imports_of(path: Path) -> set[str]:
    files = [path] if path.is_file() else list(path.rglob("*.py"))
    found: set[str] = set()
    for file in files:
        try:
            tree = ast.parse(file.read_text("utf-8"))
        except (SyntaxError, ValueError, OSError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def import_text(node: ast.Import | ast.ImportFrom, names: Mapping[str, str]) -> str | None:
    """Return an import of modules by their new names; None where it imports none of them.

    Args:
        node: the statement.
        names: the modules that have moved, by the old name of the first part.
    """
    if isinstance(node, ast.ImportFrom):
        top, _, rest = (node.module or "").partition(".")
        if node.level or top not in names:
            return None
        moved = ast.ImportFrom(module=names[top] + (f".{rest}" if rest else ""), names=node.names, level=0)
        return ast.unparse(moved)
    if not any(alias.name.partition(".")[0] in names for alias in node.names):
        return None
    return "; ".join(_import(alias, names) for alias in node.names)


def _import(alias: ast.alias, names: Mapping[str, str]) -> str:
    top, _, rest = alias.name.partition(".")
    if top not in names:
        return ast.unparse(ast.Import(names=[alias]))
    package, _, module = f"{names[top]}{'.' + rest if rest else ''}".rpartition(".")
    if alias.asname or not rest:
        return f"from {package} import {module}" + (f" as {alias.asname}" if alias.asname else "")
    above, _, own = names[top].rpartition(".")
    return f"from {above} import {own}; import {names[top]}.{rest}"


def moved_source(text: str, names: Mapping[str, str]) -> str:
    """Return the source of a module with its imports of other modules by their new names."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    lines = text.split("\n")
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in sorted(nodes, key=lambda node: node.lineno, reverse=True):
        new = import_text(node, names)
        end = node.end_lineno or node.lineno
        if new is not None:
            indent = re.match(r"\s*", lines[node.lineno - 1])
            lines[node.lineno - 1 : end] = [(indent[0] if indent else "") + new]
    return "\n".join(lines)
