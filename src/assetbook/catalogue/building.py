"""Building the catalogue of a workspace: reading, rendering, and putting the pages in place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assetbook.catalogue.pages import INDEX, render
from assetbook.errors import WorkspaceError

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from assetbook.settings import Settings

OUT = Path("docs/catalogue")  # below the workspace
PAGES = ".pages"  # the list of what was written, so that nothing else is ever deleted


@dataclass(frozen=True)
class Built:
    """What was built.

    Attributes:
        index: the page to open.
        assets: how many stand in it.
    """

    index: Path
    assets: int


def build(settings: Settings, instance: DagsterInstance, *, out: Path | None = None) -> Built:
    """Build the catalogue of a workspace as it is now; no notebook is run.

    Args:
        settings: the workspace's folders.
        instance: Dagster's history.
        out: the folder to write to; ``docs/catalogue`` of the workspace by default.

    Raises:
        WorkspaceError: the workspace cannot be opened, or the pages cannot be written.
    """
    from assetbook.catalogue.entries import read_catalogue
    from assetbook.catalogue.space import Space

    folder = (out or settings.root / OUT).resolve()
    _check(folder)
    catalogue = read_catalogue(Space.open(settings, instance))
    try:
        _write(render(catalogue, out=folder), folder)
    except OSError as error:
        raise WorkspaceError(
            f"The catalogue cannot be written to {folder}: {error.strerror or error}. "
            "Free space or mend the rights, or choose another folder with --out."
        ) from error
    return Built(folder / INDEX, len(catalogue.entries))


def _check(folder: Path) -> None:
    """Refuse a folder whose pages are others than those of a catalogue."""
    if (folder / INDEX).exists() and not (folder / PAGES).exists():
        raise WorkspaceError(
            f"{folder / INDEX} is no page of a catalogue, and would be overwritten. "
            "Choose another folder with --out."
        )


def _write(pages: Mapping[str, str], folder: Path) -> None:
    """Write the pages, each at once, and delete those of earlier catalogues that are there no more."""
    listed = folder / PAGES
    before = listed.read_text("utf-8").splitlines() if listed.exists() else []
    _put(listed, "\n".join(sorted({*before, *pages})))  # a catalogue broken off is still known as one
    for path, text in pages.items():
        _put(folder / path, text)
    _delete(folder, (path for path in before if path not in pages))
    _put(listed, "\n".join(sorted(pages)))


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # xmlcharrefreplace: half a surrogate pair, which UTF-8 cannot hold
        draft.write_text(text, "utf-8", errors="xmlcharrefreplace")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _delete(folder: Path, paths: Iterable[str]) -> None:
    for path in paths:
        page = folder / path
        if page.suffix == ".html" and page.resolve().is_relative_to(folder):
            page.unlink(missing_ok=True)
