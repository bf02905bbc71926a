"""Two ways into a Dagster project: three lines of YAML as a component of ``dg``, or one call beside `Definitions`."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
from pydantic import Field

from assetbook.component.scaffold import FOLDER, NotebookScaffolder
from assetbook.errors import WorkspaceError, did_you_mean


def notebook_definitions(folder: Path) -> dg.Definitions:
    """Return the notebooks below a folder of a Dagster project as definitions, to be merged with the project's own.

    A notebook that cannot be read is an asset that says so, and fails ``dg check defs``; the rest is unaffected.

    Args:
        folder: such as ``Path(__file__).parent / "notebooks"``.

    Raises:
        WorkspaceError: no such folder, no project around it, or wrong settings in its ``pyproject.toml``.

    Example:
        >>> defs = dg.Definitions.merge(own, notebook_definitions(Path(__file__).parent / "notebooks"))
    """
    if not folder.is_dir():
        raise WorkspaceError(f"There is no folder of notebooks {folder}. Make it, or correct the path.")
    from assetbook.component.project import ProjectNotebooks

    notebooks = ProjectNotebooks.below(folder.resolve())
    found = notebooks.definitions()
    notebooks.warm_up()
    return found


@dg.scaffold_with(NotebookScaffolder)
class NotebookAssets(dg.Component, dg.Model, dg.Resolvable):
    """Jupyter notebooks as assets: lineage, parameters, checks and versions are read from their code."""

    notebooks: str = Field(
        default=FOLDER,
        description="The folder of the notebooks, relative to this file; its subfolders belong to it.",
        examples=[FOLDER, "."],
    )

    @classmethod
    def get_spec(cls) -> dg.ComponentTypeSpec:
        """Return what ``dg`` shows of the component in its lists."""
        return dg.ComponentTypeSpec(produces=["asset", "asset_check"])

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Return the notebooks as assets.

        Raises:
            WorkspaceError: there is no such folder, or the project's settings are wrong.
        """
        here = context.path if context.path.is_dir() else context.path.parent
        if not (here / self.notebooks).is_dir():
            folders = (path.name for path in here.iterdir() if path.is_dir() and path.name[0] not in "._")
            raise WorkspaceError(
                f"{_place(context)}: there is no folder {self.notebooks!r} in {here}. "
                f"{did_you_mean(self.notebooks, folders)} Make it, or correct `notebooks`."
            )
        return notebook_definitions(here / self.notebooks)


def _place(context: dg.ComponentLoadContext) -> Path | str:
    """Return file and line of `notebooks`, or of what is nearest to it; of a component in Python its file."""
    tree = getattr(context.component_decl, "source_tree", None)
    if tree is None:
        return context.path
    position, _ = tree.source_position_tree.lookup_closest_and_path(["attributes", "notebooks"], None)
    return str(position)
