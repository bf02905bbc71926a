"""The files that a promotion writes beside the notebook: raw tables, schemas, a test."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assetbook.checking.environment import Environment
from assetbook.checking.model import Edit
from assetbook.checking.selection import Selection
from assetbook.checking.subject import Subject
from assetbook.promotion.draft import Draft, DraftCell
from assetbook.promotion.knobs import TAG
from assetbook.promotion.plan import Plan
from assetbook.promotion.schema import schema_text
from assetbook.promotion.work import Source
from assetbook.words import counted

if TYPE_CHECKING:
    import pandas as pd


def find_schemas(plan: Plan, tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the schemas of what the notebook reads and gives, by asset, as Python.

    Args:
        plan: of the promotion.
        tables: what a trial has saved.
    """
    read = (s for s in plan.sources.values() if s.landing is not None and (s.reader or "").startswith("pd."))
    frames = {source.name: source.frame for source in read}
    found: dict[str, str] = {}
    for name, frame in {**frames, **tables}.items():
        text = schema_text(schema_name(name), frame) if frame is not None else None
        if text is not None:
            found[name] = text
    return found


def schema_name(asset: str) -> str:
    """Return the variable of an asset's schema."""
    return f"{asset}_schema"


# ---- assets/<module>.py


def assets_module(plan: Plan, notebook: str) -> str:
    """Return the module with the raw tables and the schemas; "" where there is nothing to write.

    Args:
        plan: of the promotion, with the schemas.
        notebook: its path, as seen from the workspace.
    """
    raw = [source for source in plan.sources.values() if source.landing is not None]
    own = [plan.schemas[name] for name in plan.products if name in plan.schemas]
    if not raw and not own:
        return ""
    blocks = [_docstring(notebook, raw=bool(raw), schemas=bool(plan.schemas)), _imports(plan, raw)]
    for source in raw:
        if source.name in plan.schemas:
            blocks.append(plan.schemas[source.name])
        blocks.append(_function(source, plan))
    return "\n\n\n".join([*blocks, *own]).replace('"""\n\n\n', '"""\n\n', 1) + "\n"


def _docstring(notebook: str, *, raw: bool, schemas: bool) -> str:
    what = "The files that it reads, as raw tables" if raw else "The schemas of its tables"
    also = ", and the schemas of its tables" if raw and schemas else ""
    said = f'"""Of `{notebook}`: {what[0].lower()}{what[1:]}{also}.'
    if schemas:
        seen = "The schemas hold what was seen when the notebook was promoted: tighten them."
        said += f"\n\n{seen} Remarks are not checked.\n"
    return said + '"""'


def _imports(plan: Plan, raw: list[Source]) -> str:
    tables = any((source.reader or "").startswith("pd.") for source in raw)
    files = any(source.reader is None for source in raw)
    text = "\n".join(source.reader or "" for source in raw)
    lines = ["from pathlib import Path", ""] if raw else []
    lines += ["import numpy as np"] if "np." in text else []
    lines += ["import pandas as pd"] if tables or files else []
    lines += ["import polars as pl"] if "pl." in text else []
    lines += ["import pandera.pandas as pa"] if plan.schemas else []
    if raw:
        lines += ["", "import assetbook as ab"]
    if files:
        lines += ["from assetbook.landing import read_files"]
    return "\n".join(lines)


def _function(source: Source, plan: Plan) -> str:
    schema = f"schema={schema_name(source.name)}, " if source.name in plan.schemas else ""
    body = source.reader or "read_files(landing)"
    library = "pl" if body.startswith("pl.") else "pd"
    size = "" if source.frame is None else f" {counted(len(source.frame), 'row')} when it was promoted."
    said = (
        f"Read {source.file.name}."
        if source.reader is None
        else f"Read {source.file.name} as the notebook did."
    )
    return (
        f'@ab.table({schema}landing="{source.landing}")\n'
        f"def {source.name}(landing: Path) -> {library}.DataFrame:\n"
        f'    """{_docstring_text(said + size)}"""\n'
        f"    return {body}"
    )


def _docstring_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''")


# ---- the notebook with its schemas


def with_schemas(plan: Plan, schemas: Mapping[str, str], *, module: str) -> Plan:
    """Return the plan with the schemas named where the tables are saved."""
    draft = plan.draft
    subject = Subject(
        draft.notebook(),
        folder=plan.request.root,
        environment=Environment(plan.request.root),
        selection=Selection(),
    )
    edits: list[Edit] = []
    named: list[str] = []
    for call in subject.calls:
        name = _saved_name(call, subject)
        if name not in schemas or name not in plan.products or schema_name(name) in subject.defined_names:
            continue
        spot = subject.spot(call)
        if spot.end is None or any(keyword.arg == "schema" for keyword in call.keywords):
            continue
        last = (spot.end[0], spot.end[1] - 2)
        edits.append(Edit(subject.cell(spot.cell).index, last, last, f", schema={schema_name(name)}"))
        named.append(schema_name(name))
    kept = {n: text for n, text in schemas.items() if n in plan.sources or schema_name(n) in named}
    draft = draft.edit(edits)
    if named:
        draft = _importing(draft, f"from assets.{module} import {', '.join(sorted(named))}")
    return replace(plan, draft=draft, schemas=kept)


def _saved_name(call: ast.Call, subject: Subject) -> str | None:
    if subject.origin(call.func) != "assetbook.save" or not call.args:
        return None
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _importing(draft: Draft, line: str) -> Draft:
    """Return the draft with one more import in the cell that was added for them."""
    for position, cell in enumerate(draft.cells):
        if (
            cell.origin is None
            and cell.kind == "code"
            and "import assetbook" in cell.source
            and TAG not in cell.tags
        ):
            lines = cell.source.split("\n")
            place = 1 + max(i for i, text in enumerate(lines) if text.startswith(("import ", "from ")))
            lines.insert(place, line)
            cells = list(draft.cells)
            cells[position] = replace(cell, source="\n".join(lines))
            return replace(draft, cells=tuple(cells))
    place = draft.first_code()
    return draft.insert(place + (TAG in draft.cells[place].tags), DraftCell(line))


# ---- tests/test_<name>.py


def test_module(plan: Plan, notebook: str) -> str:
    """Return a test that runs the notebook on small inputs."""
    tables = [p.name for p in plan.products.values() if p.kind == "table"]
    lines = [
        f'"""Of `{notebook}`: it runs on a few rows, and what it gives meets its schemas."""',
        "",
        "from assetbook.testing import try_notebook",
        "",
        "",
        f"def test_{plan.name}_runs_on_a_few_rows():",
    ]
    if tables:
        names = ", ".join(f'"{table}"' for table in tables)
        lines += [f'    trial = try_notebook("{plan.name}")', f"    assert {{{names}}} <= trial.rows.keys()"]
    else:
        lines.append(f'    try_notebook("{plan.name}")')
    return "\n".join(lines) + "\n"


def module_name(name: str, root: Path) -> str:
    """Return the name of a module in ``assets/`` that is not there yet."""
    candidates = (name, f"{name}_tables", *(f"{name}_{n}" for n in range(2, 1000)))
    folder = root / "assets"
    return next(c for c in candidates if not (folder / f"{c}.py").exists() and not (folder / c).exists())
