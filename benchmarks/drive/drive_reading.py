"""Reads the notebooks of a workspace: as contracts, by nbformat, and as plain JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from drive import serve, timed


def _files(root: str) -> list[Path]:
    return sorted(Path(root, "notebooks").rglob("*.ipynb"))


def contracts(root: str, cache: bool) -> dict[str, Any]:
    """Read them as contracts."""
    from assetbook.contract import read_contracts

    folder, files = Path(root, "contracts"), _files(root)
    return timed(lambda: read_contracts(files, root=Path(root), cache=folder if cache else None))


def nbformat(root: str) -> dict[str, Any]:
    """Read them by nbformat."""
    import nbformat as nbf

    files = _files(root)
    return timed(lambda: [nbf.read(file, as_version=4) for file in files])


def plain_json(root: str) -> dict[str, Any]:
    """Read them as JSON."""
    files = _files(root)
    return timed(lambda: [json.loads(file.read_bytes()) for file in files])


if __name__ == "__main__":
    serve(contracts, nbformat, plain_json)
