"""What a notebook declares, read without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assetbook.contract.model import (
    Check,
    Contract,
    Freshness,
    Input,
    Options,
    Output,
    Partitions,
    Place,
    Problem,
)
from assetbook.contract.parameters import Parameter, TypeSpec, resolve_parameters

if TYPE_CHECKING:
    from assetbook.contract.cache import read_contracts
    from assetbook.contract.reader import read_contract

__all__ = [
    "Check",
    "Contract",
    "Freshness",
    "Input",
    "Options",
    "Output",
    "Parameter",
    "Partitions",
    "Place",
    "Problem",
    "TypeSpec",
    "read_contract",
    "read_contracts",
    "resolve_parameters",
]


def __getattr__(name: str) -> Any:
    """Import the reader when it is asked for: a notebook's kernel needs the model, but reads no notebooks."""
    if name == "read_contract":
        from assetbook.contract.reader import read_contract

        return read_contract
    if name == "read_contracts":
        from assetbook.contract.cache import read_contracts

        return read_contracts
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
