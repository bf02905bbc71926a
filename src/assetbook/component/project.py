"""The notebooks of a Dagster project that is no workspace: what they share with it, and what stays its own.

The project keeps its IO managers, resources, executor and sensors. Notebooks bring two resources: the lake, which is an
IO manager for the project's own assets too, and MLflow. Where these are, Jupyter has to know as well: so that stands in
the project's ``pyproject.toml``, and no attribute of a component says it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from assetbook.contract import Contract, Problem, read_contracts
from assetbook.errors import WorkspaceError
from assetbook.execute import warm
from assetbook.platform.broken import BROKEN_TAG
from assetbook.platform.definitions import Linked
from assetbook.platform.io_manager import LakeIOManager
from assetbook.platform.launch_form import without_form
from assetbook.platform.members import Given, Member
from assetbook.platform.naming import first_free, is_free_word, word
from assetbook.platform.nodes import record_name
from assetbook.platform.partitioning import Definition
from assetbook.platform.tracking import MlflowResource
from assetbook.platform.workspace import Workspace, find_notebooks, resource_names
from assetbook.settings import Settings

_VALIDATION = "DAGSTER_IS_DEFS_VALIDATION_CLI"  # set by `dg check defs` and `dagster definitions validate`
_log = logging.getLogger(__name__)


class ProjectNotebooks(Linked):
    """Notebooks that know of each other; what else they load, the project's other code gives, or nobody does.

    Which of the two it is shows when they run: Dagster loads each part of a project without the others.
    """

    @classmethod
    def below(cls, folder: Path) -> ProjectNotebooks:
        """Read the notebooks below a folder of a project.

        Raises:
            WorkspaceError: no project around it, or wrong settings in its ``pyproject.toml``.
        """
        settings = Settings.of_project(folder)
        warm.preload_also(settings.preload)
        paths = [path for path in find_notebooks(folder) if not path.is_relative_to(settings.data)]
        contracts = read_contracts(paths, root=settings.root, cache=settings.cache)
        return cls(
            Workspace(
                settings=settings,
                contracts=tuple(_with_known_partitions(contracts)),
                resources=_resources(settings),
                executor=None,
            )
        )

    def definitions(self) -> dg.Definitions:
        """Return the notebooks and their resources; executor and sensors are the project's.

        Raises:
            WorkspaceError: Dagster only checks the project, and some notebooks are broken.
        """
        assets = [self._notebook_asset(contract, member) for contract, member in self._notebooks]
        _report(spec for asset in assets for spec in asset.specs)
        return dg.Definitions(assets=assets, resources=self.workspace.resources)

    def _foreign(self, own: Sequence[Member]) -> list[Member]:
        """Take what nobody here gives for tables of the project's own."""
        given = {given.name for member in own for given in member.given}
        read = {read.name for member in own for read in member.reads}
        return [
            Member(where=f"asset {name}", given=(Given(name, f"asset {name}"),), foreign=True)
            for name in sorted(read - given)
        ]

    def _name_computations(self, taken: Collection[str]) -> dict[Path, str]:
        """Name each computation by its first asset, as ``@dg.asset`` does: nothing else here has that name."""
        names: dict[Path, str] = {}
        for contract in self.workspace.contracts:
            first, path = contract.outputs[0].name, word(record_name(contract.path))
            wanted = [first, path] if is_free_word(first) else [path]
            names[contract.path] = first_free(wanted, used=set(names.values()))
        return names

    def _input_partitions(self, member: Member) -> Mapping[str, Definition]:
        """Take the project's own assets to be partitioned as the notebook is.

        So the whole of one means all of its partitions; of one that has none, Dagster makes nothing of it.
        """
        found, own = super()._input_partitions(member), self.links.partitions(member)
        if own is None:
            return found
        foreign = (read.name for read in member.reads if self.links.givers[read.name].foreign)
        return {**found, **dict.fromkeys(foreign, own.definition)}


@cache
def _resources(settings: Settings) -> Mapping[str, Any]:
    """Return lake and MLflow: the same objects for each folder of a project, since Dagster merges no others."""
    names = resource_names(settings)
    is_local = settings.mlflow.startswith("sqlite:")
    mlflow = MlflowResource(
        tracking_uri=settings.mlflow,
        experiment=settings.name,
        artifact_location=settings.mlflow_artifacts.as_uri() if is_local else None,
    )
    return {
        names.storage: without_form(LakeIOManager(root=settings.lake)),
        names.mlflow: without_form(mlflow),
    }


def _with_known_partitions(contracts: Sequence[Contract]) -> Iterator[Contract]:
    """Refuse partitions that are like those of an asset which only the project knows."""
    own = {output.name for contract in contracts for output in contract.outputs}
    for contract in contracts:
        partitions = contract.options.partitions
        if partitions is None or partitions.like is None or partitions.like in own:
            yield contract
            continue
        problem = Problem(
            f"{contract.path}: its partitions are 'like {partitions.like}', which no notebook here gives, and those of "
            "other assets are not known when notebooks are read. Write them out, and Dagster takes equal ones for the "
            f'same: ab.asset(partitions={{"{partitions.parameter}": "daily from 2026-01-01"}}).'
        )
        unpartitioned = replace(contract.options, partitions=None)
        yield replace(contract, problems=(*contract.problems, problem), options=unpartitioned)


def _report(specs: Iterable[dg.AssetSpec]) -> None:
    """Say which notebooks are broken; where Dagster only checks the project, fail with it."""
    problems = (spec.metadata["problem"].value for spec in specs if BROKEN_TAG in spec.tags)
    messages = list(dict.fromkeys(problems))
    if messages and os.environ.get(_VALIDATION):
        raise WorkspaceError("\n".join(messages))
    for message in messages:
        _log.warning(message)
