"""The forms in which notebooks are kept: ``.ipynb``, and text as jupytext knows it, scripts and Markdown.

What belongs here is which files are notebooks, and which of them are two forms of one. How text becomes cells is
`assetbook.textform`'s subject.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

IPYNB = ".ipynb"
TEXT = (".py", ".md")  # of a pair, the first of these counts
_SUFFIXES = (*TEXT, IPYNB)

_MARKER = re.compile(rb"^# ?%%(?:\s|$)", re.MULTILINE)
_SCRIPT_HEADER = re.compile(
    rb"\A(?:#!.*\n)?(?:#.*coding.*\n)?# ---\s*\n(?:#(?! ---).*\n)*?# (?:jupyter|jupytext):"
)
_MARKDOWN_HEADER = re.compile(
    rb"\A(?:<!--\s*\n)?---\s*\n(?:(?!---\s*\n).*\n)*?(?:(?:jupyter|jupytext|kernelspec):|file_format: *[\"']?mystnb)"
)
_FORMATS = re.compile(r"^#?\s*formats:\s*[\"']?(?P<formats>[^\s\"']+)", re.MULTILINE)


def is_text(path: Path) -> bool:
    """Whether a file is text if it is a notebook at all."""
    return path.suffix in TEXT


def is_text_notebook(content: bytes, *, suffix: str) -> bool:
    """Whether the content of a script or Markdown file is a notebook.

    A script is one with a cell marker (``# %%``) or jupytext's header, Markdown is one with the header of jupytext or
    MyST. Other scripts are modules, other Markdown is for reading.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    if suffix == ".py":
        return bool(_MARKER.search(content) or _SCRIPT_HEADER.match(content))
    return bool(_MARKDOWN_HEADER.match(content))


def is_notebook(path: Path) -> bool:
    """Whether a file is a notebook, by its name, and of text by its content too."""
    if path.suffix == IPYNB:
        return True
    try:
        return is_text(path) and is_text_notebook(path.read_bytes(), suffix=path.suffix)
    except OSError:
        return False


def find_notebooks(folder: Path, *, leave_out: Callable[[str], bool]) -> list[Path]:
    """Return the notebooks below a folder, sorted; of a pair the text, which is what people edit and compare.

    Args:
        folder: where to look; its subfolders belong to it.
        leave_out: says of the name of a folder or file that it is not looked at.
    """
    found: list[Path] = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not leave_out(name)]
        wanted = [name for name in names if name.endswith(_SUFFIXES) and not leave_out(name)]
        found += [path for path in (Path(here, name) for name in wanted) if is_notebook(path)]
    return sorted(without_pairs(found))


def without_pairs(paths: Iterable[Path]) -> list[Path]:
    """Return notebooks without those that are another form of one that counts.

    Text counts: it is what version control keeps and compares, and the other form can be made from it at any time.
    """
    paths = list(paths)
    if not any(is_text(path) for path in paths):
        return paths
    groups: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        groups[path.with_suffix("")].append(path)
    kept: list[Path] = []
    for group in groups.values():
        group.sort(key=lambda path: _SUFFIXES.index(path.suffix))
        first, *others = group
        kept += [first, *(other for other in others if not _are_paired(first, other, group=group))]
    return kept


def twin_problem(path: Path, twin: Path) -> str:
    """Say what is wrong with two notebooks whose names differ in their form only."""
    formats = ",".join(sorted(_short(one) for one in (path, twin)))
    return (
        f"{path}: {twin.name} beside it has the same name, so both would be the asset {path.stem!r}. Delete or rename "
        f"one of them; or, where they are two forms of one notebook, say so: jupytext --set-formats {formats} {path}"
    )


def _short(path: Path) -> str:
    return "py:percent" if path.suffix == ".py" else path.suffix[1:]


def _are_paired(path: Path, other: Path, *, group: Iterable[Path]) -> bool:
    """Whether jupytext keeps two files as forms of one notebook: one of the group says so, or its settings do."""
    both = {path.suffix, other.suffix}
    return any(both <= _suffixes(_formats(one)) for one in group) or both <= _suffixes(_default_formats(path))


def _suffixes(formats: str) -> set[str]:
    """Return the suffixes of ``ipynb,py:percent``; a form in another folder is a file of another path."""
    parts = [part.strip().partition(":")[0] for part in formats.split(",")]
    return {f".{'py' if part == 'auto' else part}" for part in parts if "/" not in part}


def _formats(path: Path) -> str:
    """Return the formats that a notebook says it is kept in."""
    try:
        content = path.read_text("utf-8")
        if is_text(path):
            found = _FORMATS.search(content[: _header_end(content)])
            return found["formats"] if found else ""
        return str(_member(_member(json.loads(content), "metadata"), "jupytext").get("formats") or "")
    except (OSError, ValueError, RecursionError):
        return ""  # reading it as a notebook says what is wrong


def _header_end(content: str) -> int:
    """Return where the header of a text notebook ends: at the second line of dashes."""
    fences = [found.end() for found in re.finditer(r"^(?:# )?---\s*$", content, re.MULTILINE)]
    return fences[1] if len(fences) > 1 else 0


def _member(document: Any, name: str) -> dict[str, Any]:
    found = document.get(name) if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _default_formats(path: Path) -> str:
    """Return the formats that jupytext's own settings give to a notebook: ``jupytext.toml``, ``pyproject.toml``."""
    from assetbook.textform import configured_formats

    return configured_formats(path)
