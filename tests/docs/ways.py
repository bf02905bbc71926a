"""How each fenced block of the documents is executed, or why it is not.

What a fence says behind its language:

- ``notebook=NAME``: a cell of the notebook NAME, its parameters with ``parameters`` behind it; a ``text`` after it is
  what the cell prints.
- ``file=PATH``: a file of the workspace.
- ``script``: Python that is run as a program in the workspace's folder.
- ``example``: a cell of a notebook in which its names are defined.
- ``launch=ASSET``: what the launch form of an asset is given.
- ``settings``: the settings of a workspace.
- ``scene=NAME``: a function of `tests.docs.scenes` brings about what is shown.

``console`` and ``sh`` are run as they are; with ``fails`` behind it a command ends with a failure.
"""

from __future__ import annotations

from typing import Literal

from docs import generate
from tests.docs.pages import ROOT, Block, blocks_of

Way = Literal["cell", "output", "file", "script", "example", "launch", "settings", "scene", "terminal"]

ELSEWHERE = {
    "docs/how-to/any-dagster-project.md": "tests/component/test_page.py, which fails at a block that it does not use",
}
GENERATED = {str(path.relative_to(ROOT)) for path in generate.pages()}
NOT_EXECUTED = {
    "pin  →  run  →  audit": "a picture in letters",
    "data/records/flights/delay_model/": "a folder with remarks; tests/platform/test_record_of_run.py looks into one",
    "delay kind:table": "what is typed into the catalogue's search; tests/catalogue/test_in_browser.py searches",
    "assetbook promote ~/analyses": "a notebook of the reader's own; docs/how-to/promote.md promotes one",
    "text = open(ab.path(": "docs/how-to/landing-files.md delivers the file and reads it",
    "%load_ext assetbook": "tests/jupyter/test_in_jupyterlab.py does it in JupyterLab, and looks at what is shown",
    "%assetbook": "tests/jupyter/test_extension.py does it in a kernel",
    "select count(*) from delta_scan": "DuckDB downloads this extension on first use",
    "from pyspark.sql import SparkSession": "Spark is not among the dependencies",
    "export ASSETBOOK_DEPLOYMENT=production": "there is no object store here; the settings are tried without one",
}


_LABELS: dict[str, Way] = {
    "notebook": "cell",
    "file": "file",
    "launch": "launch",
    "script": "script",
    "example": "example",
    "settings": "settings",
}


def way(block: Block) -> Way | None:
    """Return how a block is executed by the reader of its page; None where it is not."""
    if block.label("scene") and block.language == "text":
        return "scene"
    for label, found in _LABELS.items():
        if block.label(label) or label in block.labels:
            return found
    if block.language in ("console", "sh"):
        return "terminal"
    return "output" if block.language == "text" and _follows_a_cell(block) else None


def _follows_a_cell(block: Block) -> bool:
    there = blocks_of(block.page)
    before = there[there.index(block) - 1] if there.index(block) else None
    return before is not None and before.language == "python" and way(before) == "cell"


def reason(block: Block) -> str | None:
    """Return why a block is not executed; None where nothing is said of it."""
    page = str(block.page.relative_to(ROOT))
    if page in ELSEWHERE:
        return ELSEWHERE[page]
    if page in GENERATED and {"usage", "signature"} & {*block.labels}:
        return "made from the code, and held against it"
    return next((why for start, why in NOT_EXECUTED.items() if block.text.startswith(start)), None)
