"""What is to be promoted: the notebook, its name, and what its workspace has already."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from assetbook import forms
from assetbook.contract import read_contracts
from assetbook.contract.reader import notebook_language
from assetbook.errors import AssetbookError, WorkspaceError
from assetbook.notebook import read_notebook
from assetbook.promotion.places import slug
from assetbook.promotion.plan import Request
from assetbook.promotion.reads import LakeTables
from assetbook.settings import Settings

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NUMBERED = re.compile(r"^[\d.]+[\s._-]+(?=\D)")
_COPIED = re.compile(r"(?:[\s_-]+(?:\(\d+\)|copy\d*|final)|\(\d+\))+$", re.IGNORECASE)
_RESERVED = frozenset({"pd", "pl", "np", "pa", "ab", "Path", "read_files", "landing"})
_OF_DAGSTER = frozenset(  # names that it refuses for what runs
    {
        "arg_dict",
        "bool",
        "conf",
        "config",
        "context",
        "dict",
        "float",
        "input_arg_dict",
        "int",
        "meta",
        "output_arg_dict",
        "str",
    }
)


def make_request(file: Path, root: Path, *, name: str | None, group: str | None) -> Request:
    """Return what is asked for.

    Args:
        file: the notebook.
        root: the workspace.
        name: of the asset; after the file by default.
        group: of the asset.

    Raises:
        ContractError: the file is no notebook.
        WorkspaceError: a name or group that is none, or that something else has.
    """
    notebook = read_notebook(file)
    language = notebook_language(notebook)
    if language.lower() not in ("", "python", "ipython"):
        raise WorkspaceError(f"{file} is written in {language}. Notebooks in Python can be promoted.")
    if forms.is_text(file) and file.resolve().is_relative_to((root / "notebooks").resolve()):
        raise WorkspaceError(
            f"{file} is an asset already, kept as text, and would be one twice. Move it out of notebooks/ first."
        )
    for what, text in (("--name", name), ("--group", group)):
        if text is not None and not _NAME.fullmatch(text):
            raise WorkspaceError(f"{what} {text}: use letters, digits and _, and begin with a letter.")
    chosen = name or asset_name(file)
    taken = dict(_taken(root, besides=file))
    if chosen in _OF_DAGSTER:
        raise WorkspaceError(f"An asset cannot be called {chosen}. Choose another name with --name.")
    if chosen in taken:
        raise WorkspaceError(
            f"There is already an asset {chosen}, of {taken[chosen]}. Choose another name with --name."
        )
    return Request(
        notebook=notebook,
        file=file,
        name=chosen,
        root=root,
        taken=frozenset(taken) | _RESERVED | _OF_DAGSTER | _in_lake(root),
        group=group,
        tables=_tables(root),
    )


def asset_name(file: Path) -> str:
    """Return the name of an asset after the file of its notebook: without numbers in front, and marks of copies."""
    stem = _COPIED.sub("", _NUMBERED.sub("", file.stem)) or file.stem
    return slug(stem, fallback="notebook")


def _taken(root: Path, *, besides: Path) -> Iterator[tuple[str, str]]:
    """Give the names of the workspace's assets, each with the file that makes it."""
    settings = Settings.load(root)
    notebooks = [
        path
        for path in forms.find_notebooks(root / "notebooks", leave_out=_is_hidden)
        if path != besides.resolve()
    ]
    for contract in read_contracts(notebooks, root=root, cache=settings.cache):
        yield contract.name, str(contract.path)
        for output in contract.outputs:
            yield output.name, str(contract.path)
    for file in sorted((root / "assets").rglob("*.py")):
        for name in _functions(file):
            yield name, str(file.relative_to(root))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _functions(file: Path) -> Iterator[str]:
    """Give the names of functions that a decorator makes assets."""
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and any(
            re.search(r"\b(table|asset)\b", ast.unparse(decorator)) for decorator in node.decorator_list
        ):
            yield node.name


def _in_lake(root: Path) -> frozenset[str]:
    from assetbook.lake import Lake

    settings = Settings.load(root)
    try:
        return frozenset(Lake(settings.lake).names())
    except AssetbookError:
        return frozenset()


def _tables(root: Path) -> LakeTables | None:
    from assetbook.lake import Lake

    settings = Settings.load(root)
    if "://" not in settings.lake and not Path(settings.lake).is_dir():
        return None
    return LakeTables(Lake(settings.lake))
