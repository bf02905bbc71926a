"""The lake: Delta tables that notebooks and Python assets share. It knows nothing of Dagster."""

from assetbook.lake.lake import Lake
from assetbook.lake.outgoing import Form
from assetbook.lake.tables import StagedTable, TableVersion

__all__ = ["Form", "Lake", "StagedTable", "TableVersion"]
