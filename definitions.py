"""The flights workspace as Dagster sees it."""

from pathlib import Path

from assetbook.platform import definitions

defs = definitions(Path(__file__).parent)
