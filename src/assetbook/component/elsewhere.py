"""What notebooks of a project load and none of them gives: tables of its own assets, models of another component."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from dagster_shared.check import CheckError

from assetbook.errors import did_you_mean
from assetbook.platform.naming import is_loadable
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.pins import PinnedInput
from assetbook.platform.workspace import OF_A_PROJECT
from assetbook.session.context import MissingPin

_LAKE = OF_A_PROJECT.storage


def pin_elsewhere(
    pinned: Mapping[str, PinnedInput],
    *,
    node: NotebookNode,
    pin: Callable[[NotebookNode], Mapping[str, PinnedInput]],
    context: dg.AssetExecutionContext,
) -> dict[str, PinnedInput]:
    """Return the inputs of a run; what is no table of the lake is a model, or missing for a reason.

    Args:
        pinned: the inputs as tables of the lake, or models of the same folder.
        node: the notebook.
        pin: pins the inputs of a notebook.
        context: Dagster's, of the step.
    """
    missing = {name: table for name, table in pinned.items() if isinstance(table.pin, MissingPin)}
    found = {**pinned, **pin(replace(node, input_kinds=dict.fromkeys(missing, "model")))}
    for name, table in missing.items():
        if isinstance(found[name].pin, MissingPin):
            found[name] = replace(table, pin=MissingPin(_reason(name, context)))
    return found


def _reason(name: str, context: dg.AssetExecutionContext) -> str:
    """Say why there is nothing of an asset in the lake, and what to do."""
    graph, key = _graph(context), dg.AssetKey(name)
    if context.instance.get_latest_materialization_event(key) is None:
        if graph is None or key in graph.materializable_asset_keys:
            return f"{name!r} has never been materialized. Run `dg launch --assets {name}` first."
        others = graph.materializable_asset_keys - context.selected_asset_keys
        known = filter(is_loadable, ("/".join(other.path) for other in others))
        return f"Nothing in this project makes {name!r}. {did_you_mean(name, known)}"
    manager = _manager(key, graph)
    if manager == _LAKE:
        return (
            f"{name!r} has been materialized, but there is no table of it in the lake. What an asset returns is kept "
            f"there: return the table, and run `dg launch --assets {name}`."
        )
    keeper = f"the IO manager {manager!r}" if manager else "another IO manager"
    return (
        f"{name!r} is kept by {keeper} of this project, and notebooks read the lake. Keep it there, with "
        f'@dg.asset(io_manager_key="{_LAKE}"). Or leave it where it is, and load another asset that takes {name!r} and '
        "is kept in the lake."
    )


def _manager(key: dg.AssetKey, graph: AssetGraph | None) -> str | None:
    """Return the name of the IO manager that keeps an asset, if that is known."""
    if graph is None or key not in graph.materializable_asset_keys:
        return None
    return graph.get(key).assets_def.get_io_manager_key_for_asset_key(key)


def _graph(context: dg.AssetExecutionContext) -> AssetGraph | None:
    """Return all assets of the project; None where a test runs some of them without it."""
    try:
        return context.repository_def.asset_graph
    except CheckError:
        return None
