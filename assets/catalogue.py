"""The catalogue: a page for every table, model and report, in docs/catalogue."""

from pathlib import Path

from assetbook.catalogue import catalogue_asset

catalogue = catalogue_asset(Path(__file__).parents[1], owners=["team:flights"])
