"""Notebooks of other people: a folder with files, outside of the workspace that they are promoted into."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assetbook.promotion.plan import Plan, Rejected, Request, make_plan
from assetbook.promotion.request import make_request

CSV = "id,city,sales\n1,Ulm,2.5\n2,Bonn,\n3,Ulm,4.0\n"


@dataclass
class Stranger:
    """Somebody's project folder, and the workspace beside it."""

    folder: Path
    root: Path
    document: Callable[..., dict[str, Any]]

    def file(self, path: str, content: str | bytes = CSV) -> Path:
        """Put a file beside the notebook."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def notebook(
        self,
        *cells: str,
        name: str = "sales.ipynb",
        counts: list[int | None] | None = None,
        outputs: Mapping[int, list[dict[str, Any]]] | None = None,
    ) -> Path:
        """Write the notebook; execution counts and outputs are by the position of the code cell."""
        document = self.document(list(cells))
        code = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
        for place, cell in enumerate(code):
            cell["execution_count"] = counts[place] if counts else None
            cell["outputs"] = (outputs or {}).get(place, [])
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), "utf-8")
        return path

    def request(self, *cells: str, **options: Any) -> Request:
        """Ask for the promotion of a notebook."""
        return make_request(self.notebook(*cells, **options), self.root, name=None, group=None)

    def plan(self, *cells: str, rejected: Rejected | None = None, **options: Any) -> Plan:
        """Plan the promotion of a notebook of these cells."""
        return make_plan(self.request(*cells, **options), rejected)


@pytest.fixture
def stranger(tmp_path: Path, workspace: Any, write_notebook: Callable[..., dict[str, Any]]) -> Stranger:
    """Give a project folder outside of the workspace."""
    folder = tmp_path / "somebody" / "project"
    folder.mkdir(parents=True)
    return Stranger(folder, workspace.root, write_notebook)


def source_of(plan: Plan) -> str:
    """Return all code of a draft."""
    return "\n".join(cell.source for cell in plan.draft.cells if cell.kind == "code")
