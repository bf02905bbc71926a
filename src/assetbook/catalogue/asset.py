"""The catalogue as an asset, which is made anew when any other asset of the workspace has changed."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from assetbook.catalogue.building import build
from assetbook.errors import AssetbookError
from assetbook.platform.everything import EVERYTHING_TAG
from assetbook.platform.trigger import trigger
from assetbook.settings import Settings


def catalogue_asset(
    root: Path, *, name: str = "catalogue", group: str = "reports", owners: Sequence[str] = ()
) -> dg.AssetsDefinition:
    """Return an asset that builds the catalogue into ``docs/catalogue``.

    It stands in a module of ``assets/``; the workspace has it depend on every other asset that can run.

    Args:
        root: the workspace folder.
        name: of the asset.
        group: of the asset.
        owners: of the asset.
    """

    @dg.asset(
        name=name,
        group_name=group,
        owners=list(owners),
        kinds={"html"},
        tags={EVERYTHING_TAG: "true"},
        description="A page for every table, model and report: what it is, who owns it, how it stands.",
    )
    def _catalogue(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        try:
            built = build(Settings.load(root), context.instance)
        except AssetbookError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        return dg.MaterializeResult(
            metadata={
                "open catalogue": dg.MetadataValue.url("/catalogue/index.html"),
                "page": dg.MetadataValue.path(str(built.index)),
                "assets": built.assets,
                "why": trigger(context.run.tags, name)["sentence"],
            }
        )

    return _catalogue
