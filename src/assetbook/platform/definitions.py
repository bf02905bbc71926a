"""A workspace folder as one Dagster `Definitions` object."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import dagster as dg

from assetbook.contract import Contract
from assetbook.declare import TableDeclaration
from assetbook.execute import warm
from assetbook.platform.broken import broken_asset
from assetbook.platform.everything import reading_everything
from assetbook.platform.garbage import no_collection
from assetbook.platform.launch_form import without_form
from assetbook.platform.linking import Links
from assetbook.platform.members import Member, foreign_members, notebook_member, table_member
from assetbook.platform.merging import merge_modules
from assetbook.platform.naming import first_free, is_free_word, op_names, word
from assetbook.platform.nodes import NotebookNode, TableNode, group_of
from assetbook.platform.notebook_asset import notebook_asset
from assetbook.platform.partitioning import Definition
from assetbook.platform.python_asset import python_asset
from assetbook.platform.translate import REFUSALS, refusal
from assetbook.platform.workspace import Workspace, resource_names

_CODE_SERVERS = frozenset({"grpc", "code-server"})  # commands of Dagster, which `dagster dev` starts


def definitions(root: Path | None = None) -> dg.Definitions:
    """Return the Dagster definitions of the workspace at `root`.

    Whatever is wrong with a notebook or a module becomes an asset that says so; the rest is unaffected.

    Raises:
        WorkspaceError: the folder is no workspace, or its resources cannot be had.
    """
    if (
        "dagster._core.storage.sql" in sys.modules
    ):  # a process that runs something; a code server need not import it
        from assetbook.platform import storages

        storages.keep()
    with no_collection():
        linked = Linked(Workspace.load(root))
        found = linked.definitions()
    linked.warm_up()
    return found


class Linked:
    """A workspace whose notebooks know of each other and of the Python assets.

    Attributes:
        workspace: what was found.
        links: what was found between its members.
        nodes: the notebooks without problems, by path.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        root = workspace.settings.root
        self._notebooks = [(contract, notebook_member(contract)) for contract in workspace.contracts]
        self._tables = [(d, table_member(d, root=root)) for d in workspace.declarations]
        own = [*(m for _, m in self._tables), *(m for _, m in self._notebooks)]
        self.links = Links([*self._foreign(own), *own])
        taken = {name for module in workspace.dagster_modules for name in module.names}
        taken |= {declaration.name for declaration in workspace.declarations}
        self._op_names = self._name_computations(taken)
        self._taken = {*taken, *self._op_names.values(), *self.links.givers}
        self.nodes = {
            contract.path: self._notebook_node(contract, member)
            for contract, member in self._notebooks
            if not contract.problems and member.where not in self.links.problems
        }

    def definitions(self) -> dg.Definitions:
        """Return everything as one `Definitions` object that Dagster can load."""
        workspace = self.workspace
        own = dg.Definitions(
            assets=[
                *(self._table_asset(declaration, member) for declaration, member in self._tables),
                *(self._notebook_asset(contract, member) for contract, member in self._notebooks),
                *self._broken_modules(workspace.module_problems),
            ],
            sensors=self._automation(),
            resources={name: without_form(resource) for name, resource in workspace.resources.items()},
            executor=workspace.executor,
        )
        merged, left_out = merge_modules(own, reading_everything(own, workspace.dagster_modules))
        if not left_out:
            return merged
        return dg.Definitions.merge(merged, dg.Definitions(assets=list(self._broken_modules(left_out))))

    def warm_up(self) -> None:
        """Get warm kernels ready in a code server: it runs nothing, but stays."""
        if _CODE_SERVERS.intersection(sys.argv) and self.nodes:
            warm.warm_up(self.workspace.settings.root)

    def _foreign(self, own: Sequence[Member]) -> list[Member]:
        """Return what else gives assets, besides our own members."""
        return [member for module in self.workspace.dagster_modules for member in foreign_members(module)]

    def _name_computations(self, taken: Collection[str]) -> dict[Path, str]:
        """Return the name of each notebook's computation, which nothing else may have."""
        return op_names(self.workspace.contracts, taken=taken)

    def _input_partitions(self, member: Member) -> Mapping[str, Definition]:
        """Return the partitions of those of a member's inputs that have any."""
        return self.links.input_partitions(member)

    # ---- notebooks

    def _notebook_node(self, contract: Contract, member: Member) -> NotebookNode:
        inputs = {source.name for source in contract.inputs}
        return NotebookNode(
            contract=contract,
            op_name=self._op_names[contract.path],
            partitions=self.links.partitions(member),
            input_kinds={name: self.links.kinds[name] for name in sorted(inputs)},
            input_partitions=self._input_partitions(member),
            settings=self.workspace.settings,
        )

    def _notebook_asset(self, contract: Contract, member: Member) -> dg.AssetsDefinition:
        messages = [p.message for p in contract.problems] + self.links.problems.get(member.where, [])
        if not messages:
            names = resource_names(self.workspace.settings)
            resource_keys = {names.storage, names.mlflow} & set(self.workspace.resources)
            try:
                return notebook_asset(self.nodes[contract.path], resource_keys=resource_keys)
            except REFUSALS as error:
                messages = [f"{contract.path}: {refusal(error)}"]
        op_name = self._op_names[contract.path]
        return broken_asset(
            op_name=op_name,
            names=self._own_names(member)
            or [first_free([op_name, f"{op_name}_notebook"], used=self.links.givers)],
            messages=messages,
            group=group_of(contract, contract.outputs[0]),
            kind="jupyter",
            deps=self.links.upstream(member),
        )

    # ---- table functions

    def _table_asset(self, declaration: TableDeclaration, member: Member) -> dg.AssetsDefinition:
        messages = self.links.problems.get(member.where, [])
        if not messages:
            node = TableNode(
                declaration=declaration,
                partitions=self.links.partitions(member),
                input_partitions=self.links.input_partitions(member),
                settings=self.workspace.settings,
            )
            try:
                return python_asset(node)
            except REFUSALS as error:
                messages = [f"{member.where}: {refusal(error)}"]
        names = self._own_names(member) or [
            self._free(word(member.where.partition(".py")[0] + f"/{declaration.name}"))
        ]
        return broken_asset(
            op_name=names[0],
            names=names,
            messages=messages,
            group=declaration.group,
            deps=self.links.upstream(member),
        )

    # ---- what cannot run

    def _own_names(self, member: Member) -> list[str]:
        """Return the assets that stand for a member in the graph, where another gives the same names too."""
        return [g.name for g in member.given if self.links.givers[g.name] is member and is_free_word(g.name)]

    def _broken_modules(self, problems: Mapping[str, str]) -> Iterable[dg.AssetsDefinition]:
        for path, message in problems.items():
            name = self._free(word(path.removesuffix(".py")))
            yield broken_asset(op_name=name, names=[name], messages=[message])

    def _free(self, name: str) -> str:
        return first_free([name], used=self._taken)

    def _automation(self) -> list[dg.SensorDefinition]:
        """Dagster's own sensor for automation conditions, running from the start where one is declared."""
        workspace = self.workspace
        declared = any(c.options.automation for c in workspace.contracts)
        declared |= any(d.options.automation for d in workspace.declarations)
        if not declared or any(
            m.of((dg.AutomationConditionSensorDefinition,)) for m in workspace.dagster_modules
        ):
            return []
        return [
            dg.AutomationConditionSensorDefinition(
                "automation",
                target=dg.AssetSelection.all(),
                default_status=dg.DefaultSensorStatus.RUNNING,
            )
        ]
