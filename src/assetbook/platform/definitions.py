"""A workspace folder as one Dagster `Definitions` object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import DagsterError
from dagster_shared.check import CheckError

from assetbook.contract import Contract, Partitions
from assetbook.declare import TableDeclaration
from assetbook.errors import AssetbookError
from assetbook.platform.broken import broken_asset
from assetbook.platform.linking import Foreign, by_output, link, resolve_partitions
from assetbook.platform.nodes import GROUPS, NotebookNode, record_name
from assetbook.platform.notebook_asset import notebook_asset
from assetbook.platform.python_asset import python_asset
from assetbook.platform.workspace import Workspace


def definitions(root: Path | None = None) -> dg.Definitions:
    """Return the Dagster definitions of the workspace at `root`.

    Whatever is wrong with a notebook or a module becomes an asset that says so; the rest is unaffected.

    Raises:
        WorkspaceError: the folder is no workspace, or its resources cannot be had.
    """
    return Linked(Workspace.load(root)).definitions()


class Linked:
    """A workspace whose notebooks know of each other and of the Python assets.

    Attributes:
        workspace: what was found.
        contracts: the notebooks with the problems that show only between them.
        foreign: the other assets by name.
        nodes: the notebooks that can run, by path.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.foreign = {f.name: f for f in _foreign(workspace)}
        self.contracts = link(workspace.contracts, self.foreign)
        self._givers = by_output(self.contracts)
        self._op_names = _op_names(self.contracts, self.foreign)
        self.nodes = {c.path: self._node(c) for c in self.contracts if not c.problems and c.outputs}

    def definitions(self) -> dg.Definitions:
        """Return everything as Dagster definitions."""
        workspace = self.workspace
        others = [o for o in workspace.dagster_objects if isinstance(o, dg.Definitions)]
        plain = [o for o in workspace.dagster_objects if not isinstance(o, dg.Definitions)]
        own = dg.Definitions(
            assets=[
                *self._python_assets(),
                *self._notebook_assets(),
                *self._broken_modules(),
                *_assets(plain),
            ],
            asset_checks=[o for o in plain if isinstance(o, dg.AssetChecksDefinition)],
            sensors=[*_only(plain, dg.SensorDefinition), *_automation(self)],
            schedules=_only(plain, dg.ScheduleDefinition),
            jobs=_only(plain, dg.JobDefinition),
            resources=workspace.resources,
            executor=dg.in_process_executor,
        )
        return dg.Definitions.merge(own, *others) if others else own

    def partitions(self, name: str) -> Partitions | None:
        """Return the partitions of an asset of ours, or None."""
        if name in self._givers:
            return resolve_partitions(self._givers[name].options, self._givers, self.foreign)
        found = self.foreign.get(name)
        return found.partitions if found else None

    def _node(self, contract: Contract) -> NotebookNode:
        kinds = {o.name: o.kind for c in self.contracts for o in c.outputs}
        of_inputs = {i.name: self.partitions(i.name) for i in contract.inputs}
        return NotebookNode(
            contract=contract,
            op_name=self._op_names[contract.path],
            partitions=resolve_partitions(contract.options, self._givers, self.foreign),
            input_kinds={i.name: kinds.get(i.name, "table") for i in contract.inputs},
            input_partitions={name: found for name, found in of_inputs.items() if found},
            settings=self.workspace.settings,
        )

    def _notebook_assets(self) -> Iterable[dg.AssetsDefinition]:
        keys = {"io_manager", "mlflow"} & set(self.workspace.resources)
        for contract in self.contracts:
            messages = [problem.message for problem in contract.problems]
            if not messages and contract.path in self.nodes:
                try:
                    yield notebook_asset(self.nodes[contract.path], resource_keys=keys)
                    continue
                except (DagsterError, CheckError, AssetbookError) as error:
                    messages = [f"{contract.path}: {error}"]
            yield self._broken(contract, messages)

    def _broken(self, contract: Contract, messages: list[str]) -> dg.AssetsDefinition:
        known = set(self._givers) | set(self.foreign)
        own = [o.name for o in contract.outputs]
        kind = contract.outputs[0].kind if contract.outputs else "report"
        return broken_asset(
            op_name=self._op_names[contract.path],
            names=own or [self._op_names[contract.path]],
            group=contract.options.group or GROUPS[kind],
            messages=messages,
            deps=sorted({i.name for i in contract.inputs} & known - set(own)),
        )

    def _python_assets(self) -> Iterable[dg.AssetsDefinition]:
        for declaration in self.workspace.declarations:
            partitions = resolve_partitions(declaration.options, self._givers, self.foreign)
            of_inputs = {name: self.partitions(name) for name in declaration.inputs}
            yield python_asset(
                declaration,
                partitions=partitions,
                input_partitions={name: found for name, found in of_inputs.items() if found},
                settings=self.workspace.settings,
            )

    def _broken_modules(self) -> Iterable[dg.AssetsDefinition]:
        for path, problem in self.workspace.module_problems.items():
            name = Path(path).with_suffix("").as_posix().replace("/", "__").replace("-", "_")
            yield broken_asset(op_name=name, names=[name], group="broken", messages=[problem.message])


def _foreign(workspace: Workspace) -> Iterable[Foreign]:
    declared = {d.name: d for d in workspace.declarations}
    for declaration in workspace.declarations:
        partitions = declaration.options.partitions
        if partitions and partitions.kind == "like":
            above = declared.get(partitions.like or "")
            partitions = above.options.partitions if above else None
        yield Foreign(declaration.name, _where(declaration), partitions, tuple(declaration.inputs))
    for item in workspace.dagster_objects:
        specs: Iterable[dg.AssetSpec] = ()
        if isinstance(item, dg.AssetsDefinition):
            specs = item.specs
        elif isinstance(item, dg.AssetSpec):
            specs = [item]
        elif isinstance(item, dg.Definitions):
            specs = item.resolve_all_asset_specs()
        for spec in specs:
            upstream = tuple("/".join(dep.asset_key.path) for dep in spec.deps)
            yield Foreign("/".join(spec.key.path), "a Dagster definition in assets/", None, upstream)


def _where(declaration: TableDeclaration) -> str:
    return f"{declaration.source.name} (function {declaration.name})"


def _op_names(contracts: Iterable[Contract], foreign: Mapping[str, Foreign]) -> dict[Path, str]:
    """Name each notebook's computation by its file; by its path where files or assets share a name."""
    contracts = list(contracts)
    stems = Counter(c.name for c in contracts)
    names = {}
    for contract in contracts:
        clash = stems[contract.name] > 1 or contract.name in foreign
        name = record_name(contract.path) if clash else contract.name
        names[contract.path] = "".join(
            ch if ch.isalnum() or ch == "_" else "_" for ch in name.replace("/", "__")
        )
    return names


def _assets(objects: Iterable[Any]) -> list[Any]:
    return [o for o in objects if isinstance(o, dg.AssetsDefinition | dg.AssetSpec) and not _is_check(o)]


def _is_check(item: Any) -> bool:
    return isinstance(item, dg.AssetChecksDefinition)


def _only(objects: Iterable[Any], kind: type) -> list[Any]:
    return [o for o in objects if isinstance(o, kind)]


def _automation(linked: Linked) -> list[dg.SensorDefinition]:
    """Dagster's own sensor for automation conditions, running from the start where a notebook declares one."""
    declared = any(c.options.automation for c in linked.contracts)
    declared |= any(d.options.automation for d in linked.workspace.declarations)
    if not declared:
        return []
    return [
        dg.AutomationConditionSensorDefinition(
            "automation",
            target=dg.AssetSelection.all(),
            default_status=dg.DefaultSensorStatus.RUNNING,
        )
    ]
