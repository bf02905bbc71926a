"""The catalogue: a page for every table, model and report, for people who never open the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assetbook.catalogue.asset import catalogue_asset
    from assetbook.catalogue.building import build

__all__ = ["build", "catalogue_asset"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: the asset needs no templates, and building needs all of the platform."""
    if name == "build":
        from assetbook.catalogue.building import build

        return build
    if name == "catalogue_asset":
        from assetbook.catalogue.asset import catalogue_asset

        return catalogue_asset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
