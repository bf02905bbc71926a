"""Reading a notebook for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from assetbook.execute.frames import cell_lines
from assetbook.execute.page import text
from assetbook.execute.page.model import Code, Page, Prose
from assetbook.execute.page.outputs import Place
from assetbook.execute.redact import strip_ansi
from assetbook.notebook import Cell, Notebook

BRIEF = 100  # characters of the line that stands for folded code

_STATES = {"failed": "failed", "skipped": "skipped", "pending": "not run", "running": "broken off"}


def read(notebook: Notebook, *, title: str) -> Page:
    """Return what a page shows of a notebook.

    Args:
        notebook: with the outputs in its raw JSON.
        title: the page's; the heading that says the same at the beginning of the notebook is left out.
    """
    return _Reader(notebook, title).read()


class _Reader:
    """Goes through the cells in order."""

    def __init__(self, notebook: Notebook, title: str) -> None:
        told = _mapping(notebook.metadata.get("language_info"))
        self._page = Page()
        self._title = title
        self._cells = list(zip(notebook.cells, notebook.raw["cells"], strict=True))
        self._language = str(told.get("pygments_lexer") or told.get("name") or "ipython3")
        self._numbers = {
            count: cell.number
            for cell, raw in self._cells
            if cell.number and isinstance(count := raw.get("execution_count"), int)
        }

    def read(self) -> Page:
        page = self._page
        sources = {cell.index: cell.source for cell, _ in self._cells if cell.kind == "markdown"}
        page.titled = self._take_title(sources)
        page.ran = any(_has_run(raw) for _, raw in self._cells)
        prose = dict(self._prose(sources))
        page.outline.begin(prose.values())
        for cell, raw in self._cells:
            if cell.kind == "code":
                page.cells.append(self._code(cell, raw))
            elif cell.kind == "raw":
                page.cells.append(Prose(Markup("<pre>{}</pre>").format(cell.source)))
            elif prose[cell.index].strip():
                page.cells.append(Prose(page.outline.settle(prose[cell.index])))
        return page

    def _take_title(self, sources: dict[int, str]) -> bool:
        """Take the heading out that the notebook begins with, if it is the title: the page's own shows it."""
        for cell, _ in self._cells:
            if cell.kind == "code":
                return False
            lines = sources.get(cell.index, "").split("\n")
            found = next((line for line in lines if line.lstrip().startswith("#")), None)
            if found is not None:
                if found.strip().strip("#").strip() != self._title:
                    return False
                lines.remove(found)
                sources[cell.index] = "\n".join(lines)
                return True
        return False

    def _prose(self, sources: Mapping[int, str]) -> Iterator[tuple[int, Markup]]:
        anchor = self._page.outline.anchor
        for cell, raw in self._cells:
            if cell.index in sources:
                attachments = _mapping(raw.get("attachments"))
                html = text.markdown(
                    sources[cell.index], label="Table", anchor=anchor, attachments=attachments
                )
                yield cell.index, html

    def _code(self, cell: Cell, raw: Mapping[str, Any]) -> Code:
        run = _mapping(_mapping(raw.get("metadata")).get("papermill"))
        name = f"cell {cell.number}" if cell.number else "the parameters of this run"
        state = "failed" if run.get("exception") else str(run.get("status"))
        line = _failing_line(cell, raw) if state == "failed" else None
        place = Place(name, lambda: self._page.outline.topic, self._displayed, self._numbers)
        return Code(
            anchor=f"cell-{cell.number}" if cell.number else "parameters",
            name=name,
            number=cell.number,
            source=text.code(cell.source, self._language, line=line),
            brief=_brief(cell.source),
            state=_STATES.get(state, ""),
            seconds=seconds if isinstance(seconds := run.get("duration"), int | float) else None,
            line=line,
            shown=self._page.outputs.of_cell(_outputs(raw), place),
        )

    def _displayed(self, source: str) -> Markup:
        """Return Markdown that a cell has displayed."""
        outline = self._page.outline
        return outline.settle(text.markdown(source, label="Table", anchor=outline.anchor, attachments={}))


def _failing_line(cell: Cell, raw: Mapping[str, Any]) -> int | None:
    """Return the line of a cell that raised, from the traceback that the kernel gave."""
    errors = [output for output in _outputs(raw) if output.get("output_type") == "error"]
    parts = [strip_ansi(str(part)) for part in (errors[-1].get("traceback") or ())] if errors else []
    lines = cell_lines(parts, count=raw.get("execution_count") or cell.number)
    blank = len(cell.source) - len(cell.source.lstrip())
    return lines[-1] + cell.source[:blank].count("\n") if lines else None  # IPython drops empty lines first


def _brief(source: str) -> str:
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return line if len(line) <= BRIEF else f"{line[: BRIEF - 1]}…"


def _has_run(raw: Mapping[str, Any]) -> bool:
    status = _mapping(_mapping(raw.get("metadata")).get("papermill")).get("status")
    return bool(_outputs(raw)) or status in ("completed", "failed")


def _outputs(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    outputs = raw.get("outputs")
    return [output for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
