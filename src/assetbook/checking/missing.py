"""Which files a notebook reads that are not there, and that nothing explains."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assetbook.checking.files import FileUse
from assetbook.checking.guards import catches, condition_mentions
from assetbook.checking.paths import exists_in, is_absolute, is_whole, matches

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject

MAKES = re.compile(r"^\s*(create|insert|replace|drop|alter|update|delete)\b", re.IGNORECASE)
"""Begins a query that changes a database."""

_FAILS = frozenset({"FileNotFoundError", "OSError", "IOError", "Exception", "BaseException"})
_ASKS = frozenset({"exists", "isfile", "isdir", "is_file", "is_dir"})
_FETCHES = re.compile(
    r"\b(wget|curl|unzip|tar|gdown|kaggle|git clone|urlretrieve|extractall|snapshot_download|hf_hub_download|"
    r"retrieve|(?:\w+_)?download\w*|aria2c|gsutil|aws s3|dvc pull|copytree|get_file|untar_data)\b"
)
_PICTURES = (".png", ".jpg", ".jpeg", ".svg", ".pdf", ".html")
_ENDINGS = {  # of what is written by these
    "to_csv": (".csv", ".tsv", ".txt", ".gz"), "to_parquet": (".parquet",), "to_excel": (".xlsx", ".xls"),
    "to_json": (".json",), "to_pickle": (".pkl", ".pickle"), "to_html": (".html",), "to_sql": (), "savefig": _PICTURES,
    "write_html": _PICTURES, "write_image": _PICTURES, "imwrite": _PICTURES, "imsave": _PICTURES,
    "save": (".npy", ".npz", ".pt", ".pth", ".h5", ".keras", *_PICTURES),
}  # fmt: skip


def missing_files(subject: Subject) -> Iterator[FileUse]:
    """Give the reads of files that the workspace folder does not have, and that nothing expects to be missing."""
    if _fetches(subject):
        return
    written, endings = _written_paths(subject), _written_endings(subject)
    for use in subject.files:
        path = use.path
        if not _can_be_told(use, subject) or not path or exists_in(subject.root, path):
            continue
        if any(matches(path, made) for made in written) or path.endswith(endings):
            continue
        if catches(subject.scopes, use.call, _FAILS) or condition_mentions(subject.scopes, use.call, _ASKS):
            continue
        yield use


def _can_be_told(use: FileUse, subject: Subject) -> bool:
    """Whether a call reads one file that is named in the code, by a path that holds in every folder."""
    path = use.path or ""
    if use.kind == "write" or not path or not is_whole(path) or is_absolute(path) or path.startswith("/"):
        return False
    return use.kind == "read" or not (path.startswith(":") or _makes_tables(subject))


def _written_paths(subject: Subject) -> list[str]:
    by_cells = [c.text.split()[-1] for c in subject.commands if c.name in ("writefile", "file") and c.text]
    return by_cells + [use.path for use in subject.files if use.kind == "write" and use.path]


def _written_endings(subject: Subject) -> tuple[str, ...]:
    """Return the endings of files that are written under names that only a run can tell; "" is any."""
    functions = [
        use.function.rpartition(".")[2] for use in subject.files if use.kind == "write" and not use.path
    ]
    return tuple(ending for function in functions for ending in _ENDINGS.get(function, ("",)))


def _makes_tables(subject: Subject) -> bool:
    """Whether the notebook makes tables in a database, which it then need not find there."""
    if any(use.function == "to_sql" for use in subject.files):
        return True
    texts = (node.value for node in subject.nodes(ast.Constant) if isinstance(node.value, str))
    return any(MAKES.search(text) for text in texts) or any(
        "create_all" in cell.text for cell in subject.cells
    )


def _fetches(subject: Subject) -> bool:
    """Whether the notebook gets files from elsewhere, so that what it will find cannot be told."""
    if any(_FETCHES.search(f"{command.written}\n{command.body}") for command in subject.commands):
        return True
    called = (call.func for call in subject.calls)
    names = (
        function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        for function in called
    )
    return any(_FETCHES.fullmatch(name) for name in names)
