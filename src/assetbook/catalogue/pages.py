"""The catalogue as pages: static HTML that asks for nothing, whether a server gives it or a folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from assetbook import words
from assetbook.catalogue import markdown, wording
from assetbook.catalogue.model import Catalogue, Entry
from assetbook.catalogue.picture import SIGNS, Picture, around, by_group, whole
from assetbook.catalogue.plots import plot

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
INDEX = "index.html"
FOLDER = "assets"  # of the pages of assets, below the index
MANY = 60  # assets from which on the index shows their groups first
LONGEST = 120  # characters of a file's name
_PLAIN = re.compile(r"[^A-Za-z0-9_-]")


def render(catalogue: Catalogue, *, out: Path) -> dict[str, str]:
    """Return the pages of a catalogue: path below `out` to text.

    Args:
        catalogue: what to show.
        out: the folder that the pages shall be in: links to records are relative to it.
    """
    environment = _environment()
    files = file_names(entry.name for entry in catalogue.entries)
    common = {"catalogue": catalogue, "files": files}
    entries = {entry.name: entry for entry in catalogue.entries}
    picture = whole(catalogue.entries)
    pages = {
        INDEX: environment.get_template("index.html.j2").render(
            common,
            top="",
            picture=picture,
            overview=by_group(catalogue.entries) if len(entries) > MANY else None,
            groups=_groups(picture, entries),
            search=_search(catalogue, files),
        )
    }
    page = environment.get_template("asset.html.j2")
    for entry in catalogue.entries:
        pages[f"{FOLDER}/{files[entry.name]}"] = page.render(
            common,
            top="../",
            entry=entry,
            picture=around(entry.name, entries),
            link=lambda path: _link(path, out / FOLDER),
        )
    return pages


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Return a file name for each asset that every file system and address can hold, no two alike."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem = _PLAIN.sub(lambda m: "".join(f"={byte:02X}" for byte in m[0].encode("utf-8", "replace")), name)
        if len(stem) > LONGEST or stem.casefold() in taken:
            stem = f"{stem[:LONGEST]}={hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:12]}"
        taken.add(stem.casefold())
        found[name] = f"{stem}.html"
    return found


def _groups(picture: Picture, entries: Mapping[str, Entry]) -> dict[str, list[Entry]]:
    """Return the entries of each group by name, the groups from left to right as the picture has them."""
    groups: dict[str, list[Entry]] = {}
    for node in sorted(picture.nodes, key=lambda node: node.x):
        groups.setdefault(entries[node.name].group, []).append(entries[node.name])
    return {group: sorted(found, key=_by_name) for group, found in groups.items()}


def _by_name(entry: Entry) -> list[tuple[int, str]]:
    """Return what sorts names as people do: numbers in them by their value."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", entry.name)]


def _summary(entry: Entry) -> str:
    """Return what an asset is, in a line: of a table what a row is, where its schema says that."""
    about = markdown.first_line(entry.structure.about) if entry.kind == "table" else ""
    return about or markdown.first_line(entry.description) or entry.title


def _search(catalogue: Catalogue, files: Mapping[str, str]) -> str:
    """Return what the search looks in, as JSON that can stand in a page."""
    found = [
        {
            "name": entry.name,
            "file": files[entry.name],
            "column": [column.name for column in entry.structure.columns],
            "owner": list(entry.owners),
            "tag": [f"{name}={value}" if value else name for name, value in entry.tags.items()],
            "group": entry.group,
            "kind": wording.KINDS[entry.kind],
            "is": wording.STATES[entry.state],
            "text": " ".join([entry.title, _summary(entry), markdown.first_line(entry.description)]),
        }
        for entry in catalogue.entries
    ]
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _link(path: Path, folder: Path) -> str:
    return quote(Path(os.path.relpath(path, folder)).as_posix())


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style = (TEMPLATES / "page.css").read_text("utf-8")
    script = (TEMPLATES / "page.js").read_text("utf-8")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
        kinds=wording.KINDS,
        states=wording.STATES,
        signs=SIGNS,
        summary=_summary,
        plot=plot,
        zip=zip,
    )
    environment.filters.update(_filters(Markup))
    return environment


def _filters(markup: Any) -> dict[str, Any]:
    return {
        "html": lambda text: markup(markdown.to_html(text)),
        "line": lambda text: markup(markdown.inline_html(text)),
        "first_line": markdown.first_line,
        "moment": wording.moment,
        "duration": wording.duration,
        "number": words.number,
        "counted": words.counted,
        "address": quote,
    }


def _policy(style: str, script: str) -> str:
    """Return the content security policy of a page: its own style and script, known by their hashes, and no more."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'self' file:"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
