"""One attempt at running a notebook: all that is fixed before it starts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import dagster as dg

from assetbook.contract.parameters import changed_parameters, resolve_parameters
from assetbook.execute import NotebookJob
from assetbook.execute.redact import MASK, Redactor, secret_values
from assetbook.lake import Lake
from assetbook.platform.leftovers import ARTIFACTS, EVENTS
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.partitioning import run_key
from assetbook.platform.pins import PinnedInput, pin_inputs
from assetbook.platform.registry import Registry
from assetbook.platform.tracking import MlflowResource
from assetbook.platform.workspace import resource_names
from assetbook.session.context import DeclaredCheck, DeclaredOutput, RunContext


@dataclass(frozen=True)
class Attempt:
    """What a step knows of its run: a retry is another attempt, with inputs pinned anew.

    Attributes:
        node: the notebook.
        context: Dagster's, of the step.
        lake: where the tables are.
        mlflow: where runs and models are; None in a deployment without it.
        parameters: the values of all parameters.
        pinned: the inputs at their versions.
        folder: for what the run leaves.
        started: Unix time.
    """

    node: NotebookNode
    context: dg.AssetExecutionContext
    lake: Lake
    mlflow: MlflowResource | None
    parameters: Mapping[str, Any] = field(repr=False)
    pinned: Mapping[str, PinnedInput]
    folder: Path
    started: float

    @classmethod
    def begin(cls, node: NotebookNode, context: dg.AssetExecutionContext) -> Attempt:
        """Check the parameters and pin the inputs.

        Raises:
            AssetbookError: a parameter of the wrong type, or a lake or registry that cannot be read.
        """
        started = time.time()
        partition = _partition(node, context)
        names = resource_names(node.settings)
        storage = getattr(context.resources, names.storage)
        lake = Lake(storage.root, storage_options=storage.storage_options)
        mlflow = getattr(context.resources, names.mlflow, None)
        folder = node.settings.records / node.record_name / _folder_name(context, started)
        given = dict(context.op_execution_context.op_config or {})
        if node.partitions:
            given[node.partitions.parameter] = partition
        pin = partial(
            pin_inputs,
            partition=partition,
            lake=lake,
            registry=Registry(mlflow) if mlflow else None,
            models=folder / ARTIFACTS,
        )
        pinned = pin(node)
        if node.settings.project:
            from assetbook.component.elsewhere import pin_elsewhere

            pinned = pin_elsewhere(pinned, node=node, pin=pin, context=context)
        return cls(
            node=node,
            context=context,
            lake=lake,
            mlflow=mlflow,
            parameters=resolve_parameters(node.contract, given),
            pinned=pinned,
            folder=folder,
            started=started,
        )

    @property
    def partition(self) -> str | None:
        """The partition of this run, or None."""
        return _partition(self.node, self.context)

    @property
    def inputs(self) -> dict[str, dict[str, Any]]:
        """Kind, version and data version of each input."""
        return {name: dict(pinned.facts) for name, pinned in self.pinned.items()}

    @cached_property
    def shown_parameters(self) -> dict[str, Any]:
        """The parameters as they may be written down: secret ones are hidden, and secrets in others."""
        secrets = self.node.contract.options.secrets
        return {
            p.name: MASK if p.name in secrets else self.redactor.tree(p.to_config(self.parameters[p.name]))
            for p in self.node.contract.parameters
        }

    @cached_property
    def redactor(self) -> Redactor:
        """Takes out of a text what must not be written down."""
        storage = self.lake.storage_options
        return Redactor(secret_values(self._secrets, os.environ, storage, self.parameters))

    @property
    def _secrets(self) -> dict[str, Any]:
        return {name: self.parameters[name] for name in self.node.contract.options.secrets}

    def job(self) -> NotebookJob:
        """Return what is to be executed."""
        contract, settings = self.node.contract, self.node.settings
        return NotebookJob(
            notebook=settings.root / contract.path,
            run_dir=self.folder,
            root=settings.root,
            parameters=changed_parameters(contract, self.parameters),
            context=self._run_context(),
            secrets=self._secrets,
            timeout=contract.options.timeout,
            memory=contract.options.memory,
            kernel=contract.kernel,
        )

    def _run_context(self) -> RunContext:
        contract, settings = self.node.contract, self.node.settings
        return RunContext(
            run_id=self.context.run.run_id,
            asset=contract.name,
            notebook=contract.path.as_posix(),
            root=str(settings.root),
            lake=self.lake.root,
            storage_options=self.lake.storage_options,
            events=str(self.folder / EVENTS),
            artifacts=str(self.folder / ARTIFACTS),
            group=self.node.group(contract.outputs[0]),
            partition=self.partition,
            pins={name: pinned.pin for name, pinned in self.pinned.items()},
            outputs={
                o.name: DeclaredOutput(kind=o.kind, group=self.node.group(o), partition=self.partition)
                for o in contract.outputs
                if o.kind != "report"
            },
            checks=tuple(
                DeclaredCheck(asset=c.asset, name=c.name, blocking=c.blocking) for c in contract.checks
            ),
        )


def _partition(node: NotebookNode, context: dg.AssetExecutionContext) -> str | None:
    return run_key(context, node.partitions.definition if node.partitions else None)


def _folder_name(context: dg.AssetExecutionContext, started: float) -> str:
    """Return a name that sorts by time and is unique: its run, and which attempt of it."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(started)) + f".{int(started * 1000) % 1000:03d}"
    retry = context.op_execution_context.retry_number
    return f"{stamp}-{context.run.run_id[:8]}" + (f"-retry{retry}" if retry else "")
