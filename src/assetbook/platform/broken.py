"""An asset for what cannot be one yet: it stands in the graph, says what is wrong, and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

BROKEN_TAG = "assetbook/broken"
BROKEN_GROUP = "broken"


def broken_asset(
    *,
    op_name: str,
    names: Sequence[str],
    messages: Sequence[str],
    group: str = BROKEN_GROUP,
    kind: str = "python",
    deps: Sequence[str] = (),
) -> dg.AssetsDefinition:
    """Return an asset that shows `messages` in the UI and fails with them when it is materialized.

    Args:
        op_name: unique name of the computation.
        names: the asset names that it stands for.
        messages: what is wrong, complete sentences.
        group: the group to show it in.
        kind: what it is made of.
        deps: the upstream assets that are known.
    """
    text = "\n\n".join(messages)
    specs = [
        dg.AssetSpec(
            name,
            group_name=group,
            deps=[dg.AssetKey(dep.split("/")) for dep in deps],
            description=f"**Cannot run.** {text}",
            tags={BROKEN_TAG: "true"},
            kinds={kind},
            metadata={"problem": dg.MetadataValue.md(text)},
        )
        for name in names
    ]

    @dg.multi_asset(name=op_name, specs=specs, can_subset=False)
    def _broken() -> Iterator[dg.MaterializeResult[Any]]:
        raise dg.Failure(description=text, allow_retries=False)
        yield  # a generator: Dagster asks the annotation of a function for a tuple of outputs

    return _broken
