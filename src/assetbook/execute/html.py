"""The page that a run leaves for readers: the executed notebook as one HTML file that needs nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assetbook.errors import RunError
from assetbook.execute.redact import Redactor, secret_values

TEMPLATES = Path(__file__).parent / "templates"


def render(
    ipynb: Path, to: Path, *, title: str, facts: Mapping[str, str], secrets: Mapping[str, str] | None = None
) -> None:
    """Write an executed notebook as a page.

    The page loads nothing from elsewhere: fonts, styles and pictures are in it, and its content security
    policy keeps outputs from asking for more.

    Args:
        ipynb: the executed notebook.
        to: the page.
        title: its heading.
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


def _page(ipynb: Path, heading: dict[str, Any]) -> str:
    from nbconvert import HTMLExporter
    from nbformat import v4
    from traitlets.config import Config

    config = Config(CSSHTMLHeaderPreprocessor={"style": "default"})
    exporter = HTMLExporter(
        config=config,
        template_name="assetbook",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )
    page, _ = exporter.from_notebook_node(v4.reads_json(ipynb.read_text("utf-8")), resources=heading)
    return str(page)
