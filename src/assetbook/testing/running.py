"""One run of a notebook in a folder of its own: pinned inputs, staged outputs, nothing of it outside.

The contract, the kernel, the session and the lake are those of production; Dagster, MLflow and the records are left
out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assetbook.contract.parameters import changed_parameters
from assetbook.errors import AssetbookError
from assetbook.execute import NotebookJob, NotebookResult, run_notebook
from assetbook.lake import Lake, TableVersion
from assetbook.platform.model_content import content_hash
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.outcome import Outcome
from assetbook.session.context import DeclaredCheck, DeclaredOutput, Pin, RunContext
from assetbook.testing.sampling import exact

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from assetbook.lake import StagedTable

RUN_ID = "test"


@dataclass(frozen=True)
class Setting:
    """What a run is given; two runs of one setting shall come to the same.

    Attributes:
        node: the notebook.
        key: the partition, if it has any.
        parameters: the values of all parameters.
        lake: with the inputs; outputs are staged there.
        pins: the inputs.
        folder: for what the runs leave.
    """

    node: NotebookNode
    key: str | None
    parameters: Mapping[str, Any]
    lake: Lake
    pins: Mapping[str, Pin]
    folder: Path

    def run(self, name: str, *, environment: Mapping[str, str] | None = None) -> TriedRun:
        """Run the notebook.

        Args:
            name: of the folder of this run.
            environment: variables of its kernel.
        """
        folder = self.folder / name
        try:
            result = run_notebook(self._job(folder, environment), observer=_Nobody())
        except AssetbookError as error:  # its kernel cannot be started, say
            return TriedRun(self, folder, None, Outcome(), str(error))
        outcome = Outcome.read(result.events)
        return TriedRun(self, folder, result, outcome, _complaint(self.node, result, outcome))

    def _job(self, folder: Path, environment: Mapping[str, str] | None) -> NotebookJob:
        contract, settings = self.node.contract, self.node.settings
        return NotebookJob(
            notebook=settings.root / contract.path,
            run_dir=folder,
            root=settings.root,
            parameters=changed_parameters(contract, self.parameters),
            context=self._context(folder),
            secrets={name: self.parameters[name] for name in contract.options.secrets},
            timeout=contract.options.timeout,
            memory=contract.options.memory,
            kernel=contract.kernel,
            environment=environment,
        )

    def _context(self, folder: Path) -> RunContext:
        contract = self.node.contract
        return RunContext(
            run_id=RUN_ID,
            asset=contract.name,
            notebook=contract.path.as_posix(),
            root=str(self.node.settings.root),
            lake=self.lake.root,
            events=str(folder / "events.jsonl"),
            artifacts=str(folder / "artifacts"),
            group=self.node.group(contract.outputs[0]),
            partition=self.key,
            pins=self.pins,
            outputs={
                o.name: DeclaredOutput(kind=o.kind, group=self.node.group(o), partition=self.key)
                for o in contract.outputs
                if o.kind != "report"
            },
            checks=tuple(DeclaredCheck(c.asset, c.name, c.blocking) for c in contract.checks),
        )


@dataclass(frozen=True)
class TriedRun:
    """How a run went.

    Attributes:
        setting: what it was given.
        folder: what it left.
        result: what the kernel did; None where there was none.
        outcome: what the notebook reported.
        complaint: why it is no good; empty for a good one.
    """

    setting: Setting
    folder: Path
    result: NotebookResult | None
    outcome: Outcome
    complaint: str = ""

    @property
    def staged(self) -> dict[str, StagedTable]:
        """The tables that it has saved, by name."""
        return {table.name: table for table in self.outcome.staged}

    @cached_property
    def published(self) -> dict[str, TableVersion]:
        """The same tables as versions of the trial's own lake, published as production does it.

        Raises:
            LakeError: they cannot be published.
        """
        tables = self.setting.lake.publish(list(self.staged.values()), stamp={"run_id": RUN_ID})
        return {table.name: table for table in tables}

    def table(self, name: str) -> pa.Table:
        """Return the rows of a table that it has saved."""
        return exact(self.setting.lake, self.published[name], partition=self.setting.key)

    def frame(self, name: str) -> pd.DataFrame:
        """Return the rows of a table that it has saved as pandas has them."""
        found: pd.DataFrame = self.setting.lake.read(self.published[name], partition=self.setting.key)
        return found

    def sensitive(self, name: str) -> set[str]:
        """Return the columns of a table that it has saved whose values nobody is to see."""
        columns = self.outcome.saves[name]["columns"]
        return {column["name"] for column in columns if column["sensitive"]}

    @property
    def models(self) -> dict[str, Path]:
        """The folders of the models that it has saved, by name."""
        return {name: Path(event["path"]) for name, event in self.outcome.models.items()}

    @property
    def contents(self) -> dict[str, str]:
        """What the lake and the registry tell outputs apart by: the data version of each."""
        tables = {name: table.data_version for name, table in self.staged.items()}
        models = {
            name: content_hash(Path(event["path"]), signature=event.get("signature"))
            for name, event in self.outcome.models.items()
        }
        return tables | models


def _complaint(node: NotebookNode, result: NotebookResult, outcome: Outcome) -> str:
    if result.failure is not None:
        return result.failure.message()
    missing = outcome.missing(node.contract)
    return f"{node.contract.path}: {' '.join(missing)}" if missing else ""


class _Nobody:
    """Follows a run without interest: all there is to know is in its result."""

    def cell_started(self, number: int, total: int) -> None:
        """Hear it."""

    def cell_finished(self, number: int, total: int, seconds: float) -> None:
        """Hear it."""

    def text(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Hear it; it is in the executed notebook."""

    def event(self, event: dict[str, Any]) -> None:
        """Hear it; it is in the result."""
