"""Where what a notebook gives belongs: its group, and the folder of its records."""

from __future__ import annotations

from pathlib import Path

from assetbook.contract.model import Contract, Output, OutputKind

GROUPS: dict[OutputKind, str] = {"table": "features", "model": "models", "report": "reports"}
FOLDER = "notebooks"  # of a workspace; what is below it is an asset


def record_name(path: Path) -> str:
    """Return a notebook's path below ``notebooks/`` without suffix, such as ``flights/delay_model``."""
    parts = path.with_suffix("").parts
    return "/".join(parts[1:] if parts[0] == FOLDER else parts)


def group_of(contract: Contract, output: Output) -> str:
    """Return the group of an output: the declared one, else that of the notebook's main kind."""
    if contract.options.group:
        return contract.options.group
    return GROUPS["model" if any(o.kind == "model" for o in contract.outputs) else output.kind]
