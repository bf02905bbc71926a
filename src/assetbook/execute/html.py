"""The page that a run leaves for readers: the executed notebook as one HTML file that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from assetbook.errors import RunError
from assetbook.execute.imports import IRI_GRAMMAR, without
from assetbook.execute.redact import Redactor, secret_values

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

TEMPLATES = Path(__file__).parent / "templates"
_ONE_AT_A_TIME = Lock()  # an exporter keeps the language of its notebook while it renders


def render(
    ipynb: Path, to: Path, *, title: str, facts: Mapping[str, str], secrets: Mapping[str, Any] | None = None
) -> None:
    """Write an executed notebook as a page.

    The page loads nothing from elsewhere: fonts, styles and pictures are in it, and its content security
    policy keeps outputs from asking for more.

    Args:
        ipynb: the executed notebook.
        to: the page.
        title: its heading; where the notebook begins with the same one, it is shown once.
        facts: what to tell of the run, name to value, in order.
        secrets: name to value of what must not stand in `title` and `facts`, besides the environment's. The
            notebook itself was saved without secrets.

    Raises:
        RunError: the notebook cannot be read or rendered, or the page cannot be written.
    """
    redactor = Redactor(secret_values(secrets or {}, os.environ))
    heading = {"title": redactor.text(title), "facts": redactor.tree(dict(facts))}
    try:
        page = _page(ipynb, heading)
    except Exception as error:  # of any kind: outputs are anything, and so are the errors of a converter
        raise RunError(f"{ipynb} cannot be shown as a page: {type(error).__name__}: {error}") from error
    draft = to.with_name(to.name + ".part")
    try:
        draft.write_text(page, "utf-8", errors="xmlcharrefreplace")
        draft.replace(to)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise RunError(f"{to} cannot be written: {error.strerror or error}.") from error


def prepare() -> None:
    """Do ahead what comes with the first page: a fifth of a second, for imports and the templates."""
    from nbformat import validate
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    shown = [new_output("stream", text="a"), new_output("execute_result", {"text/plain": "1"})]
    nb = new_notebook(
        cells=[new_markdown_cell("# `a`\n\n| a |\n|---|\n| 1 |"), new_code_cell("1", outputs=shown)]
    )
    validate(nb)
    with _ONE_AT_A_TIME:
        _exporter().from_notebook_node(nb, resources={"title": "", "facts": {}, "is_markdown": False})


def _page(ipynb: Path, heading: dict[str, Any]) -> str:
    with _ONE_AT_A_TIME:
        exporter = _exporter()
        from nbformat import v4

        nb = v4.reads_json(ipynb.read_text("utf-8"))
        heading["is_markdown"] = _take_title(nb, heading["title"])
        page, _ = exporter.from_notebook_node(nb, resources=heading)
    return str(page)


@cache
def _exporter() -> HTMLExporter:
    """Return the exporter: its templates are compiled once, which takes longer than to fill them."""
    with without(IRI_GRAMMAR):
        from nbconvert import HTMLExporter
        from traitlets.config import Config

    return HTMLExporter(
        config=Config(CSSHTMLHeaderPreprocessor={"style": "default"}),
        template_name="assetbook",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )


def _take_title(nb: NotebookNode, title: str) -> bool:
    """Take the heading out that a notebook begins with, if it is the title: the page's own shows it."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            return False
        lines = cell.source.split("\n") if cell.cell_type == "markdown" else []
        found = next((line for line in lines if line.lstrip().startswith("#")), None)
        if found is not None:
            if found.strip().strip("#").strip() != title:
                return False
            lines.remove(found)
            cell.source = "\n".join(lines)
            return True
    return False
