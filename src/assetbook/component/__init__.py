"""Notebooks as assets of any Dagster project: as a component of ``dg``, or with one call.

Every project in whose environment this library is installed imports this package, as ``dg`` looks for components; so
what is expensive is imported where notebooks are.
"""

from assetbook.component.notebook_assets import NotebookAssets, notebook_definitions

__all__ = ["NotebookAssets", "notebook_definitions"]
