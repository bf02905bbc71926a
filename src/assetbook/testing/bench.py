"""The bench that notebooks are tried on: a workspace that is only read, and a folder that goes when all is done."""

from __future__ import annotations

import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assetbook.contract import Contract, resolve_parameters
from assetbook.errors import LakeError, RunError, WorkspaceError, did_you_mean
from assetbook.execute import warm
from assetbook.lake import Lake
from assetbook.platform.definitions import Linked
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.notebook_asset import notebook_asset
from assetbook.platform.translate import REFUSALS, refusal
from assetbook.platform.workspace import Workspace
from assetbook.session.context import ModelPin, Pin, TablePin
from assetbook.testing.holdings import Holdings
from assetbook.testing.keys import key_for, texts
from assetbook.testing.model import ROWS, Trial, TriedInput
from assetbook.testing.naming import meant, upstream_first
from assetbook.testing.running import RUN_ID, Setting, TriedRun
from assetbook.testing.supply import NoInputError, Supplied, Supply, Wanted, own_key_inputs
from assetbook.testing.verdict import judged

GROUP = "inputs"  # the group of the tables that a notebook is given
MODELS = "_models"  # the folder of those that a registry elsewhere has


class Bench:
    """Tries the notebooks of one workspace; what one gives in its trial may be the input of another.

    Used as a context manager: on leaving, all folders are deleted but those that somebody should look into.

    Attributes:
        linked: the workspace.
        folder: for everything that trials write.
    """

    def __init__(self, linked: Linked, *, rows: int = ROWS, seed: int = 0, keep: bool = False) -> None:
        """Take a workspace that has been read.

        Args:
            linked: the workspace.
            rows: of each input.
            seed: of samples and made rows.
            keep: whether to keep the folders of notebooks that pass, too.
        """
        self.linked = linked
        self._keep = keep
        self.folder = Path(tempfile.mkdtemp(prefix="assetbook-test-"))
        self._supply = Supply(Holdings(linked, self.folder / MODELS), rows, seed, self._attempt)
        self._runs: dict[tuple[str, str | None], TriedRun | str] = {}
        self._inputs: dict[Path, tuple[TriedInput, ...]] = {}
        self._kept: set[Path] = set()

    @classmethod
    def open(cls, root: Path, *, rows: int = ROWS, seed: int = 0, keep: bool = False) -> Self:
        """Read the workspace at `root`.

        Raises:
            WorkspaceError: it is none, or its resources cannot be had.
        """
        with quietly():
            return cls(Linked(Workspace.load(root)), rows=rows, seed=seed, keep=keep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete what need not be kept."""
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if folder not in self._kept:
                shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # something is kept in it
            self.folder.rmdir()

    @cached_property
    def contracts(self) -> list[Contract]:
        """All notebooks, upstream first."""
        return upstream_first(self.linked)

    def named(self, names: Sequence[str]) -> list[Contract]:
        """Return the notebooks that names mean, all without one, upstream first.

        Args:
            names: of notebooks, of assets that they give, or paths of files and folders.

        Raises:
            WorkspaceError: no notebook is meant; the known ones are listed.
        """
        found = [contract for name in names for contract in meant(name, self.linked)]
        return [contract for contract in self.contracts if contract in found or not names]

    def save_inputs(self, contracts: Sequence[Contract]) -> list[Path]:
        """Keep rows of the raw tables that notebooks load beside the tests, over those that are there.

        Returns:
            The files. Tables with sensitive columns have none.
        """
        return self._supply.save(contracts)

    # ---- a trial

    def trial(
        self,
        contract: Contract,
        *,
        parameters: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        again: bool = True,
        strict: bool = False,
    ) -> Trial:
        """Run a notebook, hold what it gives against its contract, and run it again.

        Args:
            contract: the notebook.
            parameters: values that are not the defaults; of the partition parameter the key.
            inputs: tables by asset, instead of samples; a path is the folder of a model.
            again: whether to run it a second time, to see that the same comes out.
            strict: whether a blocking check that fails is a failure: of small inputs it may say little.

        Raises:
            ParameterError: a parameter that it does not have, or of the wrong type.
            WorkspaceError: `inputs` names what it does not load.
        """
        started = time.perf_counter()
        with quietly():
            trial = self._trial(contract, parameters or {}, inputs or {}, again=again, strict=strict)
        return replace(trial, seconds=time.perf_counter() - started)

    def _trial(
        self,
        contract: Contract,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, Any],
        *,
        again: bool,
        strict: bool,
    ) -> Trial:
        if problems := self._problems(contract):
            return Trial(contract.name, contract.path, "failed", "\n".join(problems))
        node = self.linked.nodes[contract.path]
        _check_inputs(node, inputs)
        try:
            if parameters or inputs:
                run = self._run(node, self._key(node, parameters), parameters, inputs)
            else:
                found = self._attempted(node, self._key(node, {}))
                if isinstance(found, str):
                    return Trial(contract.name, contract.path, "skipped", found)
                run = found
        except NoInputError as reason:
            return Trial(contract.name, contract.path, "skipped", str(reason))
        except (LakeError, RunError) as error:
            return Trial(contract.name, contract.path, "failed", str(error))
        trial = judged(run, self._inputs[run.setting.folder], again=again, strict=strict)
        return self._with_folder(trial, run)

    def _with_folder(self, trial: Trial, run: TriedRun) -> Trial:
        folder = run.setting.folder
        if trial.ok and not self._keep:
            return trial
        self._kept.add(folder)
        return replace(trial, folder=folder)

    def _problems(self, contract: Contract) -> list[str]:
        """Return why a notebook is no asset, as the UI would show it."""
        found = [p.message for p in contract.problems] + self.linked.links.problems.get(
            str(contract.path), []
        )
        if found:
            return found
        try:
            notebook_asset(self.linked.nodes[contract.path], resource_keys=set())
        except REFUSALS as error:
            return [f"{contract.path}: {refusal(error)}"]
        return []

    def _key(self, node: NotebookNode, parameters: Mapping[str, Any]) -> str | None:
        """Return the partition to run for; None of a notebook without partitions."""
        if node.partitions is None:
            return None
        if node.partitions.parameter in parameters:
            return str(parameters[node.partitions.parameter])
        there = self._supply.partitions(own_key_inputs(node))
        return key_for(node.contract, node.partitions, there=there)

    # ---- a run

    def _attempt(self, node: NotebookNode, key: str | None) -> TriedRun | str:
        """Return the first run of a notebook whose output another one needs, or why there is none."""
        if self._problems(node.contract):
            return f"{node.contract.path} is broken"
        if node.partitions is not None and key is None:
            key = self._key(node, {})
        try:
            run = self._attempted(node, key)
        except (LakeError, RunError) as error:
            return str(error)
        if isinstance(run, str):
            return f"{node.contract.path} was not run, since {run}"
        return f"{node.contract.path} fails" if run.complaint else run

    def _attempted(self, node: NotebookNode, key: str | None) -> TriedRun | str:
        asked = (node.op_name, key)
        if asked not in self._runs:
            try:
                self._runs[asked] = self._run(node, key, {}, {})
            except NoInputError as reason:
                self._runs[asked] = str(reason)
        return self._runs[asked]

    def _run(
        self, node: NotebookNode, key: str | None, parameters: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> TriedRun:
        """Run a notebook for the first time in a folder of its own.

        Raises:
            NoInputError: there is nothing for one of its inputs.
            ParameterError: a wrong parameter.
        """
        given = dict(parameters)
        if node.partitions is not None:
            given[node.partitions.parameter] = key
        values = resolve_parameters(node.contract, given)
        named = (*texts(values.values()), *([key] if key else []))
        wanted = [Wanted(name, node.partition_of(name, key), named) for name in node.input_kinds]
        supplied = self._supply.inputs(node, wanted, inputs)
        folder = self._new_folder(node, key)
        lake = Lake(folder / "lake", storage_options={})
        pins = {each.tried.name: _pin(each, lake) for each in supplied}
        self._inputs[folder] = tuple(each.tried for each in supplied)
        warm.warm_up(node.settings.root)
        return Setting(node, key, values, lake, pins, folder).run("first")

    def _new_folder(self, node: NotebookNode, key: str | None) -> Path:
        name = "-".join(filter(None, [node.op_name, key and "".join(c if c.isalnum() else "_" for c in key)]))
        folder, count = self.folder / name, 1
        while folder.exists():
            count += 1
            folder = self.folder / f"{name}-{count}"
        folder.mkdir(parents=True)
        return folder


def _check_inputs(node: NotebookNode, inputs: Mapping[str, Any]) -> None:
    known = [source.name for source in node.contract.inputs]
    for name in inputs:
        if name not in known:
            raise WorkspaceError(f"{node.contract.path} does not load {name!r}. {did_you_mean(name, known)}")


def _pin(supplied: Supplied, lake: Lake) -> Pin:
    """Put an input where the notebook reads it."""
    name = supplied.tried.name
    if supplied.model is not None:
        return ModelPin(path=str(supplied.model), version="1")
    staged = [
        lake.stage(name, rows, group=GROUP, run_id=RUN_ID, partition=key)
        for key, rows in supplied.parts.items()
    ]
    return TablePin(lake.publish(staged, stamp={"run_id": RUN_ID})[-1])


@contextmanager
def quietly() -> Iterator[None]:
    """Let no warning of a library reach who tests: its developers are meant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
