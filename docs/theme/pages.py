"""The documents as pages of the site: a hook of mkdocs.

Every document is plain Markdown that a code host shows as it is. Two things differ on the site: the documents at the
root of the repository are among its pages, and what a fence says behind its language becomes a title, or nothing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TAKEN_IN = {
    "index.md": ROOT / "README.md",
    "changelog.md": ROOT / "CHANGELOG.md",
    "contents.md": DOCS / "README.md",
}
NAMES = {path: uri for uri, path in TAKEN_IN.items()}

_FENCE = re.compile(r"(?P<mark> *```)(?P<language>\w+)? *(?P<labels>.*)")
_CODE = re.compile(r"`[^`]+`")
_LINK = re.compile(r"(?<=\]\()(?P<path>[^)\s:#]+)(?=[)#])")


def on_files(files: Files, config: Any) -> Files:
    """Take in the documents that stand elsewhere, under names of the site."""
    for uri, path in TAKEN_IN.items():
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return a page with the site's links and the titles of its code."""
    source = Path(page.file.abs_src_path)
    lines: list[str] = []
    inside = False
    for line in markdown.split("\n"):
        if fence := _FENCE.fullmatch(line):
            lines.append(line if inside else _opening(fence))
            inside = not inside
        else:
            lines.append(line if inside else _sentence(line, source, page))
    return "\n".join(lines)


def _opening(fence: re.Match[str]) -> str:
    """Return the first line of a fence: the file that it is, where it is one, as its title."""
    named = re.search(r"\b(?:file|project|plain)=(\S+)", fence["labels"])
    return f"{fence['mark']}{fence['language']}" + (f' title="{named[1]}"' if named else "")


def _sentence(line: str, source: Path, page: Any) -> str:
    if line.startswith("|"):  # in a table a code host wants each bar escaped, the site none that is in code
        line = _CODE.sub(lambda code: code[0].replace(r"\|", "|"), line)
    return _LINK.sub(lambda link: _target(source, page, link["path"]), line)


def _target(source: Path, page: Any, path: str) -> str:
    """Return a link's path as it is on the site."""
    meant = Path(os.path.normpath(source.parent / path))
    place = NAMES.get(meant) or os.path.relpath(meant, DOCS)
    return Path(os.path.relpath(place, Path(page.file.src_uri).parent)).as_posix()
