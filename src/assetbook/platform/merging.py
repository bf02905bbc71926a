"""Our definitions together with what modules define with Dagster itself, which may contradict them."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from assetbook.platform.modules import DagsterModule
from assetbook.platform.translate import REFUSALS, refusal


def merge_modules(
    own: dg.Definitions, modules: Sequence[DagsterModule]
) -> tuple[dg.Definitions, dict[str, str]]:
    """Return the definitions with those of the modules, and why some modules were left out.

    All are tried at once. Only if Dagster refuses that, each is tried on top of those before it, and again when
    another has joined: a job may select what a later module defines.

    Args:
        own: the definitions that are sure to load.
        modules: what else there is.
    """
    everything, problem = _merged(own, modules)
    if problem is None:
        return everything, {}
    kept: list[DagsterModule] = []
    waiting, problems = list(modules), dict[str, str]()
    joined = True
    while joined:
        joined = False
        for module in list(waiting):
            problem = _merged(own, [*kept, module])[1]
            if problem is None:
                kept.append(module)
                waiting.remove(module)
                joined = True
            else:
                problems[module.path] = f"{module.path}: Dagster cannot load what it defines: {problem}"
    return _merged(own, kept)[0], {module.path: problems[module.path] for module in waiting}


def _merged(own: dg.Definitions, modules: Sequence[DagsterModule]) -> tuple[dg.Definitions, str | None]:
    try:
        merged = dg.Definitions.merge(own, *(module.definitions() for module in modules))
        merged.get_repository_def().load_all_definitions()  # kept by the object: Dagster need not do it again
    except REFUSALS as error:
        return own, refusal(error)
    return merged, None
