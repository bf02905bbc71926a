"""The generated pages of the reference: made from click's commands, signatures and docstrings, and the record's schema.

``python -m docs.generate`` writes them; a test holds them against the code.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import assetbook
from assetbook import errors
from assetbook.catalogue import build, catalogue_asset
from assetbook.checking import documentation as rules
from assetbook.cli import main as command_line
from assetbook.component import NotebookAssets, notebook_definitions
from assetbook.landing import arrive, read_csv, read_files
from assetbook.platform import LakeIOManager, MlflowResource, definitions
from assetbook.platform.arrivals import arrival_sensor
from assetbook.record import Record, run_folders
from assetbook.settings import Settings
from assetbook.testing import Trial, try_notebook
from docs.from_click import commands
from docs.from_docstrings import fields, function, inline, prose
from docs.from_schema import table

REFERENCE = Path(__file__).parent / "reference"
SCHEMA = REFERENCE / "record.schema.json"
NOTE = "<!-- Written by docs/generate.py: change the code, then run `python -m docs.generate`. -->"
END = "<!-- Up to here. -->"


WORKSPACE: list[tuple[str, str, list[Any]]] = [
    (
        "assetbook.platform",
        "For `definitions.py` and for [`resources/`](../how-to/storage.md#another-deployment).",
        [definitions, LakeIOManager, MlflowResource],
    ),
    (
        "assetbook.landing",
        "For `assets/`: [landing files](../how-to/landing-files.md).",
        [read_csv, read_files, arrive],
    ),
    (
        "assetbook.platform.arrivals",
        "For `sensors/`: [files as they arrive](../how-to/landing-files.md#take-them-in-as-they-arrive).",
        [arrival_sensor],
    ),
    ("assetbook.catalogue", "[The catalogue](../how-to/catalogue.md).", [catalogue_asset, build]),
    (
        "assetbook.component",
        "For [Dagster projects](../how-to/any-dagster-project.md) that are no workspace.",
        [notebook_definitions, NotebookAssets],
    ),
    (
        "assetbook.testing",
        "For `tests/`: [notebooks on small inputs](../how-to/testing.md).",
        [try_notebook, Trial],
    ),
    ("assetbook.settings", "[Settings](settings.md), for programs of your own.", [Settings, Settings.load]),
    (
        "assetbook.record",
        "[The record of a run](record.md), for programs of your own.",
        [Record, Record.read, run_folders],
    ),
]


def pages() -> dict[Path, str]:
    """Return the generated pages: path to text."""
    return {
        REFERENCE / "cli.md": _page("The command line", _command_line()),
        REFERENCE / "notebook-api.md": _page("The notebook API", _notebook_api()),
        REFERENCE / "workspace-api.md": _page("The workspace API", _workspace_api()),
        REFERENCE / "rules.md": _page(rules.TITLE, rules.rules_page()),
        REFERENCE / "record.md": _with_fields((REFERENCE / "record.md").read_text("utf-8")),
    }


def _page(title: str, lines: Iterable[str]) -> str:
    return _text([f"# {title}", "", NOTE, "", *lines])


def _text(lines: Iterable[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _command_line() -> Iterator[str]:
    yield "Every command works on the workspace around the current folder. `--help` tells the same as this page."
    yield from commands(command_line, program="assetbook")


def _notebook_api() -> Iterator[str]:
    yield from ("```python example", "import assetbook as ab", "```", "")
    yield from prose(inspect.getdoc(assetbook) or "")
    for name in notebook_functions():
        mark = "@" if name == "table" else ""
        yield from function(name, getattr(assetbook, name), called=f"{mark}ab.{name}", examples=True)
    yield from ("", "## Errors", "", "All are subclasses of `ab.AssetbookError`, in `assetbook.errors`.", "")
    yield from ("| error | meaning |", "|---|---|")
    for name, found in vars(errors).items():
        if isinstance(found, type) and issubclass(found, errors.AssetbookError):
            yield f"| `{name}` | {inline(inspect.getdoc(found) or '')} |"


def notebook_functions() -> list[str]:
    """Return the functions of the notebook side, in the order of their module; what Python assets use comes last."""
    names = [name for name in vars(assetbook) if name in assetbook.__all__ and name != "table"]
    return [name for name in names if inspect.isfunction(getattr(assetbook, name))] + ["table"]


def _workspace_api() -> Iterator[str]:
    yield "What the Python files of a workspace, or of another Dagster project, import besides `assetbook` itself."
    for module, where, found in WORKSPACE:
        yield from ("", f"## `{module}`", "", where)
        for item in found:
            name = item.__qualname__
            if isinstance(item, type):
                yield from fields(name, item)
            else:
                yield from function(name.rpartition(".")[2], item, called=name, level=3)


def _with_fields(page: str) -> str:
    """Return the page of the record with all fields, as its schema describes them."""
    before, _, rest = page.partition(NOTE)
    _, end, after = rest.partition(END)
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return _text([before + NOTE, "", *table(schema), "", end + after])


def write() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
