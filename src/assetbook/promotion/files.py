"""Files that a notebook reads otherwise than as tables: raw assets of files and folders."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from assetbook.checking.model import Edit
from assetbook.checking.paths import Paths, is_whole
from assetbook.contract.names import HOLE
from assetbook.promotion.edits import appended, replaced
from assetbook.promotion.scratch import Written, single_uses, was_written
from assetbook.promotion.texts import in_fstring, path_texts
from assetbook.promotion.work import Proposal, Source, Work

_SCHEMES = ("sqlite:///", "duckdb:///")
_LIMIT = 200_000_000  # bytes of a folder that becomes an asset
_GLOBS = frozenset({"glob.glob", "glob.iglob"})
_GLOB_METHODS = frozenset({"glob", "rglob"})
_CODE = frozenset({".ipynb", ".py", ".md"})
_WORD = re.compile(r"[\w./~-]+")
_QUOTED = re.compile(r"'(?P<path>[^'\n]+\.\w+)'")


def read_files(work: Work) -> None:
    """Turn the paths of files and folders that are there into the paths of assets."""
    written = Written(work)
    work.apply(list(_of_queries(work)))
    work.exhaust(partial(_of_commands, work))
    work.exhaust(partial(_beside, work))
    work.exhaust(partial(_whole_inputs, work))
    work.exhaust(partial(_inputs, work, written))


def _whole_inputs(work: Work) -> Iterator[Proposal]:
    """Give the paths that are worked out where a file is read: the whole expression goes."""
    for use in single_uses(work):
        node, path = use.argument, use.path or ""
        if use.kind == "write" or node is None or isinstance(node, ast.Constant) or not is_whole(path):
            continue
        if isinstance(node, ast.Name) and not _is_computed(node, work):
            continue
        found = work.places.find(path, moved=work.moved)
        key = work.key("path", node, path)
        if found is None or was_written(use, work) or _is_too_much(found, work) or not work.allows(key):
            continue
        name = _asset(found, path, work)
        title = f"{path} becomes a raw asset of files: {name}."
        edits = replaced(work.subject, node, f'{work.alias}.path("{name}")')
        yield Proposal("input", title, node, tuple(edits), key)


def _is_computed(node: ast.Name, work: Work) -> bool:
    """Whether a name stands for an expression that is worked out, outside of functions."""
    definition = work.subject.definition(node)
    plain = isinstance(definition, ast.Constant | ast.JoinedStr) or definition is node
    return not plain and work.subject.scopes.scope(node) is None


def _inputs(work: Work, written: Written) -> Iterator[Proposal]:
    for constant in path_texts(work):
        text = constant.text
        if written.covers(text) or _is_in_write(constant.node, work) or _is_never_called(constant.node, work):
            continue
        scheme = next((scheme for scheme in _SCHEMES if text.startswith(scheme)), "")
        text = text.removeprefix(scheme)
        whole = HOLE not in text
        found = work.places.find(text.rstrip("/\\") or text, moved=work.moved) if whole else None
        prefix = text
        if found is None and constant.has_rest:
            prefix, found = _existing_part(text, work)
        if found is None or not constant.is_path(work, exists=True) or _is_too_much(found, work):
            continue
        key = work.key("path", constant.node, text)
        if not work.allows(key):
            continue
        name = _asset(found, prefix, work)
        rest = text[len(prefix.rstrip("/\\")) :] if prefix != text else text[len(text.rstrip("/\\")) :]
        title = f"{prefix} becomes a raw asset of files: {name}."
        edits = constant.edits(work, name, rest)
        if scheme:  # an address of a database: the path stands behind it
            edits = replaced(work.subject, constant.node, f'"{scheme}" + {work.alias}.path("{name}")')
        yield Proposal("input", title, constant.node, tuple(edits), key)


def _beside(work: Work) -> Iterator[Proposal]:
    """Give the patterns of files that lie in the notebook's own folder, which is no folder of data as a whole."""
    for call in work.subject.calls:
        pattern = call.args[0] if call.args else None
        if (
            not isinstance(pattern, ast.Constant)
            or not isinstance(pattern.value, str)
            or "/" in pattern.value
        ):
            continue
        whole = work.subject.origin(call.func) in _GLOBS
        owner = (
            call.func.value
            if isinstance(call.func, ast.Attribute) and call.func.attr in _GLOB_METHODS
            else None
        )
        if not whole and not (isinstance(owner, ast.Call) and Paths(work.subject).text(owner) == "."):
            continue
        found = [
            p for p in sorted(work.places.folder.glob(pattern.value)) if p.is_file() and p.suffix not in _CODE
        ]
        key = work.key("path", call, pattern.value)
        if not found or not work.allows(key):
            continue
        name = _pattern_asset(tuple(found), pattern.value, work)
        path = f'{work.alias}.path("{name}")'
        title = f"The files {pattern.value} become a raw asset: {name}."
        if whole:
            edits = replaced(work.subject, pattern, f'{path} + "/{pattern.value}"')
        else:
            assert isinstance(owner, ast.Call)
            edits = replaced(work.subject, owner, f"{ast.unparse(owner.func).removesuffix('.cwd')}({path})")
        yield Proposal("input", title, call, tuple(edits), key)


def _pattern_asset(found: tuple[Path, ...], pattern: str, work: Work) -> str:
    for known in work.sources.values():
        if known.only == found:
            return known.name
    name = work.naming.source(pattern.strip("*?._-") if re.match(r"\w{3}", pattern) else "", fallback="files")
    landing = f"{work.name}/{name}"
    work.sources[name] = Source(name, work.places.folder, landing, None, pattern, only=found)
    return name


def _is_in_write(node: ast.AST, work: Work) -> bool:
    """Whether a text is part of a path that is written to."""
    around = set(work.subject.scopes.ancestors(node))
    return any(use.kind == "write" and use.argument in around for use in work.subject.files)


def _is_never_called(node: ast.AST, work: Work) -> bool:
    """Whether a text stands in a function that nothing calls any more."""
    function = work.subject.scopes.scope(node)
    return isinstance(function, ast.FunctionDef) and not work.subject.bindings.uses[function.name]


def _existing_part(text: str, work: Work) -> tuple[str, Path | None]:
    """Return the longest beginning of a path, up to a ``/``, that is a folder."""
    head = text.split(HOLE)[0]
    while "/" in head:
        head = head.rpartition("/")[0]
        found = work.places.find(head, moved=work.moved) if head.strip("./") else None
        if found is not None and found.is_dir():
            return head, found
    return text, None


def _is_too_much(found: Path, work: Work) -> bool:
    """Whether a folder is none of data: the notebook's own, one above it, or a very large one."""
    if not found.is_dir():
        return False
    if work.places.folder.is_relative_to(found):
        return True
    size = 0
    for file in found.rglob("*"):
        size += file.stat().st_size if file.is_file() else 0
        if size > _LIMIT:
            work.leave(f"the folder {found.name} is larger than {_LIMIT // 10**6} MB, and stays where it is.")
            return True
    return size == 0


def _asset(found: Path, text: str, work: Work) -> str:
    for known in work.sources.values():
        if known.file == found and known.reader is None:
            return known.name
    name = work.naming.source(found.name, fallback="files")
    work.sources[name] = Source(name, found, work.landing(found, name), None, text)
    return name


def _of_queries(work: Work) -> Iterator[Proposal]:
    """Give the files that stand in quotes in a text of SQL."""
    for node in work.subject.nodes(ast.Constant):
        if not isinstance(node.value, str) or "'" not in node.value or in_fstring(node, work):
            continue
        if not re.search(r"\b(from|join|read_\w+)\b", node.value, re.IGNORECASE):
            continue
        calls: list[str] = []
        for match in _QUOTED.finditer(node.value):
            path, rest = _before_pattern(match["path"])
            found = work.places.find(path, moved=work.moved)
            if found is not None and not _is_too_much(found, work):
                name = _asset(found, path, work)
                calls.append(f'.replace("{path}{rest}", {work.alias}.path("{name}"){_added(rest)})')
        calls = list(dict.fromkeys(calls))
        key = work.key("path", node, "sql")
        if calls:
            title = "Files in a query become raw assets."
            yield Proposal("input", title, node, tuple(appended(work.subject, node, "".join(calls))), key)


def _of_commands(work: Work) -> Iterator[Proposal]:
    """Give the files that a shell command names: a variable stands for each in braces, as IPython has it."""
    for command in work.subject.commands:
        if command.kind != "shell":
            continue
        spot = work.subject.spot(command.node)
        cell = work.subject.cell(spot.cell)
        line = cell.source.split("\n")[spot.line - 1]
        for word in _WORD.finditer(line, line.find("!") + 1):
            found = work.places.find(word[0], moved=work.moved) if "." in word[0] or "/" in word[0] else None
            key = work.key("path", command.node, word[0])
            if found is None or not work.allows(key) or _is_too_much(found, work):
                continue
            name = _asset(found, word[0], work)
            work.setup[f'{name}_path = {work.alias}.path("{name}")'] = None
            edit = Edit(cell.index, (spot.line, word.start()), (spot.line, word.end()), f"{{{name}_path}}")
            yield Proposal(
                "input", f"{word[0]} becomes a raw asset of files: {name}.", command.node, (edit,), key
            )


def _before_pattern(path: str) -> tuple[str, str]:
    """Return the folder of a pattern of files, and the rest; of a plain path nothing is left."""
    if not any(sign in path for sign in "*?["):
        return path, ""
    head, _, rest = path.partition("*")[0].rpartition("/")
    return head, "/" + rest


def _added(rest: str) -> str:
    return f' + "{rest}"' if rest else ""
