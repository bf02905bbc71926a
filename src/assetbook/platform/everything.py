"""An asset that reads all others, such as the catalogue: what they are is known only when all have been found."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import dagster as dg

from assetbook.platform.broken import BROKEN_TAG
from assetbook.platform.modules import DagsterModule

EVERYTHING_TAG = "assetbook/reads_everything"


def reading_everything(own: dg.Definitions, modules: Iterable[DagsterModule]) -> list[DagsterModule]:
    """Return the modules with each asset of theirs that reads everything depending on all assets that can run.

    Its code version is made of what is declared of them, so that a new description is reason enough to make it.

    Args:
        own: the notebooks and table functions of the workspace.
        modules: what else it defines.
    """
    modules = list(modules)
    specs = [*_specs(own), *(spec for module in modules for item in module.objects for spec in _specs(item))]
    others = [spec for spec in specs if EVERYTHING_TAG not in spec.tags]
    if len(others) == len(specs):
        return modules
    deps = [spec.key for spec in others if BROKEN_TAG not in spec.tags]
    version = _declared(others)

    def linked(item: Any) -> Any:
        if not isinstance(item, dg.AssetsDefinition) or not any(EVERYTHING_TAG in s.tags for s in item.specs):
            return item
        told = [spec.replace_attributes(deps=deps, code_version=version) for spec in item.specs]
        # made again of its function: Dagster itself can add deps to what is declared only, and would run it too soon
        function: Any = item.op.compute_fn
        return dg.multi_asset(name=item.op.name, specs=told)(function.decorated_fn)

    return [
        dataclasses.replace(module, objects=tuple(linked(item) for item in module.objects))
        for module in modules
    ]


def _specs(item: object) -> Iterator[dg.AssetSpec]:
    """Give what is declared of the assets that something makes."""
    match item:
        case dg.AssetsDefinition() if item.is_materializable:
            yield from item.specs
        case dg.Definitions():
            for asset in item.assets or ():
                yield from _specs(asset)


def _declared(specs: Iterable[dg.AssetSpec]) -> str:
    """Return the hash of what is declared of assets."""
    told = {
        spec.key.to_user_string(): [
            spec.description,
            spec.group_name,
            list(spec.owners),
            dict(spec.tags),
            spec.code_version,
        ]
        for spec in specs
    }
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
