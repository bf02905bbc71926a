"""The page that a run leaves for readers: the executed notebook as one HTML file that needs nothing else."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from assetbook.errors import AssetbookError, RunError
from assetbook.execute.redact import Redactor, secret_values
from assetbook.notebook import Notebook, parse_notebook, read_notebook

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"

# What the page, and the frames in it, may do: show what is in the page itself. A frame is kept apart by its sandbox.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; "
    "base-uri 'none'; form-action 'none'"
)

_RELATIVE = re.compile(r"(?!//)[\w./?#%~-][^\s\\:]*(?:[?#][^\s\\]*)?")  # no scheme, no other host

Fact = str | tuple[str, str] | list[str | tuple[str, str]]
"""A text, a text with the address that it links to, or several of them.

An address begins with ``http:`` or ``https:``, is relative to the page, or begins with ``/`` for a place on the web
server that shows the page; any other is left out.
"""


def render(
    ipynb: Path, to: Path, *, title: str, facts: Mapping[str, Fact], secrets: Mapping[str, Any] | None = None
) -> None:
    """Write an executed notebook as a page; see `page`.

    Args:
        ipynb: the executed notebook.
        to: the page.
        title: its heading.
        facts: what to tell of the run.
        secrets: name to value of what must not stand in `title` and `facts`, besides the environment's. The
            notebook itself was saved without secrets.

    Raises:
        RunError: the notebook cannot be read or rendered, or the page cannot be written.
    """
    redactor = Redactor(secret_values(secrets or {}, os.environ))
    text = page(ipynb, title=redactor.text(title), facts=_redacted(facts, redactor))
    draft = to.with_name(to.name + ".part")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(to)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise RunError(f"{to} cannot be written: {error.strerror or error}.") from error


def page(ipynb: Path, *, title: str, facts: Mapping[str, Fact]) -> str:
    """Return a notebook as a page.

    The page loads nothing from elsewhere: styles, pictures and the libraries that draw its figures are in it, and its
    content security policy keeps outputs from asking for more. What an output's own scripts draw is in frames that
    can reach neither the page nor its server.

    Args:
        ipynb: the notebook; of one without outputs the code is unfolded.
        title: the page's heading; where the notebook begins with the same one, it is shown once.
        facts: what to tell of the notebook or its run, in order. ``status``, ``duration`` and ``started`` stand
            below the title.

    Raises:
        RunError: the notebook cannot be read or rendered.
    """
    try:
        return _page(read_notebook(ipynb), title, {name: _fact(value) for name, value in facts.items()})
    except Exception as error:  # of any kind: outputs are anything, and so are the errors of a converter
        told = str(error) if isinstance(error, AssetbookError) else f"{type(error).__name__}: {error}"
        raise RunError(f"{ipynb} cannot be shown as a page: {told}") from error


def prepare() -> None:
    """Do ahead what comes with the first page: a fifth of a second, for imports and the template."""
    shown = {"output_type": "display_data", "data": {"text/html": "<table></table>"}}
    printed = {"output_type": "stream", "name": "stdout", "text": "\x1b[31ma\x1b[0m"}
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": "# `a`\n\n| a |\n|---|\n| 1 |"},
        {"cell_type": "code", "source": "a = 1", "outputs": [shown, printed]},
    ]
    document = json.dumps({"nbformat": 4, "cells": cells})
    _page(parse_notebook(document.encode(), path=Path("prepared.ipynb")), "`a`", {})


def _page(notebook: Notebook, title: str, facts: Mapping[str, list[dict[str, str]]]) -> str:
    from assetbook.execute.page.cells import read

    shown = read(notebook, title=title)
    text = _template().render(
        page=shown,
        title=title,
        heading=_heading(title) if shown.titled else title,
        facts={name: values for name, values in facts.items() if values},
        policy=POLICY,
    )
    return text.encode("utf-8", "xmlcharrefreplace").decode("utf-8")  # half a character is in no file


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"data": _data, "seconds": _seconds}
    for name in ("page.css", "page.js"):
        environment.globals[name.replace(".", "_")] = Markup((TEMPLATES / name).read_text("utf-8"))
    environment.globals["frame"] = (TEMPLATES / "frame.html").read_text("utf-8").replace("{policy}", POLICY)
    return environment.get_template("page.html.j2")


def _heading(title: str) -> Markup:
    """Return a title that is Markdown without the paragraph around it."""
    from assetbook.execute.page import text

    html = text.markdown(title, label="", anchor=str, attachments={})
    return Markup(re.sub(r"\A\s*<p>|</p>\s*\Z", "", html))


def _data(value: Any) -> Markup:
    """Return data as JSON in a script element, where no tag can end it."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))


def _seconds(value: float) -> str:
    """Return ``<0.01 s``, ``0.25 s``, ``12.3 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    if value < 0.005:
        return "<0.01 s"
    if value < 59.95:
        return f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _fact(value: Fact) -> list[dict[str, str]]:
    """Return a fact as the template takes it: a list of texts, each with where it leads to."""
    return [_said(item) for item in (value if isinstance(value, list) else [value]) if item]


def _said(item: str | tuple[str, str]) -> dict[str, str]:
    if isinstance(item, str):
        return {"text": item}
    text, address = item
    if address.startswith(("https://", "http://")):
        return {"text": text, "href": address}
    if not _RELATIVE.fullmatch(address):
        return {"text": text}
    return {"text": text, "server" if address.startswith("/") else "href": address}


def _redacted(facts: Mapping[str, Fact], redactor: Redactor) -> dict[str, Fact]:
    def clean(item: str | tuple[str, str]) -> str | tuple[str, str]:
        if isinstance(item, str):
            return redactor.text(item)
        return redactor.text(item[0]), redactor.text(item[1])

    return {
        redactor.text(name): [clean(item) for item in value] if isinstance(value, list) else clean(value)
        for name, value in facts.items()
    }
