"""The platform side: a workspace as Dagster definitions. Nothing here is imported by a notebook."""

from assetbook.platform.definitions import definitions
from assetbook.platform.io_manager import LakeIOManager
from assetbook.platform.tracking import MlflowResource
from assetbook.platform.workspace import Workspace

__all__ = ["LakeIOManager", "MlflowResource", "Workspace", "definitions"]
