"""What a notebook is as an asset, as it was saved last: plain data for who shows it.

Read from files only, without Dagster: the notebook, the contracts of the workspace, the lake, the records of runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assetbook.checking import Checker, Report, root_of
from assetbook.checking.check import relative
from assetbook.contract import Contract, read_contract, read_contracts
from assetbook.contract.model import Input, Output
from assetbook.contract.places import FOLDER, group_of, record_name
from assetbook.errors import AssetbookError, WorkspaceError
from assetbook.forms import find_notebooks
from assetbook.jupyter.wording import MASK, age, when
from assetbook.record import FILE, HTML, Record, run_folders
from assetbook.settings import MARKER, Settings
from assetbook.words import counted

if TYPE_CHECKING:
    from assetbook.lake import Lake


@dataclass(frozen=True)
class Source:
    """An input: what would be loaded now; where there is nothing to load, why, and the command that makes it."""

    name: str
    there: str
    age: str = ""
    problem: str = ""
    command: str = ""


@dataclass(frozen=True)
class Result:
    """An output: its schema, and what is published of it."""

    name: str
    kind: str
    schema: str
    there: str


@dataclass(frozen=True)
class Knob:
    """A parameter; of a secret one the default is not shown."""

    name: str
    type: str
    default: str
    description: str


@dataclass(frozen=True)
class LastRun:
    """The newest record of the notebook: its state, when it began, why it failed, and its page in the workspace."""

    status: str
    when: str
    page: Path
    same_code: bool
    failure: str = ""


@dataclass(frozen=True)
class Plan:
    """All of it.

    Attributes:
        file: the notebook, relative to its workspace.
        saved: when the file was written.
        title: its heading.
        group: of its assets.
        kinds: what they are, in words.
        inputs: what it loads.
        outputs: what it gives.
        parameters: what a run can set.
        last: its last run; None before the first.
        report: what `assetbook check` says of it, all severities.
        remarks: why it is no asset yet.
        make: the command that materializes it, "" where there is none.
    """

    file: Path
    saved: str
    title: str
    group: str
    kinds: tuple[str, ...]
    inputs: tuple[Source, ...]
    outputs: tuple[Result, ...]
    parameters: tuple[Knob, ...]
    last: LastRun | None
    report: Report
    remarks: tuple[str, ...] = ()
    make: str = ""

    @property
    def name(self) -> str:
        """Its assets in one word, for people."""
        return " + ".join(output.name for output in self.outputs) or self.file.stem


def read_plan(path: Path) -> Plan:
    """Read what a notebook is as an asset.

    Args:
        path: its file, absolute.
    """
    root = root_of(path)
    contract = read_contract(path, root=root)
    report = Checker(root).check_file(path, shown=contract.path)
    settings, remarks = _place(path, contract, root)
    known = _Known(settings, contract) if settings else None
    return Plan(
        file=contract.path,
        saved=when(datetime.fromtimestamp(path.stat().st_mtime)),
        title=contract.title or "",
        group=group_of(contract, contract.outputs[0]),
        kinds=tuple(dict.fromkeys([*(output.kind for output in contract.outputs), *contract.options.kinds])),
        inputs=tuple(map(known.source, contract.inputs)) if known else (),
        outputs=tuple(_result(output, known) for output in contract.outputs),
        parameters=tuple(_knobs(contract)),
        last=known.last if known else None,
        report=report,
        remarks=remarks,
        make=settings.how_to_make(contract.outputs[0].name) if settings and not remarks else "",
    )


def _place(path: Path, contract: Contract, root: Path) -> tuple[Settings | None, tuple[str, ...]]:
    """Return the settings of what the notebook belongs to, and what keeps it from being an asset there."""
    try:
        settings = Settings.load(root) if (root / MARKER).is_file() else Settings.of_project(path.parent)
    except WorkspaceError as error:
        return None, (str(error),)
    if settings.project is None and contract.path.parts[0] != FOLDER:
        return settings, (
            f"It is no asset: those are below {FOLDER}/. Make it one: assetbook promote {path}",
        )
    if any(part.startswith((".", "_")) for part in contract.path.parts):
        return settings, ("It is no asset: names that begin with . or _ are left out.",)
    return settings, ()


def _knobs(contract: Contract) -> Iterator[Knob]:
    for parameter in contract.parameters:
        secret = parameter.name in contract.options.secrets
        default = MASK if secret else repr(parameter.default)
        yield Knob(parameter.name, str(parameter.type), default, parameter.description or "")


def _result(output: Output, known: _Known | None) -> Result:
    module, _, name = (output.schema_ref or "").partition(":")
    schema = f"{name} of {module}" if name else "a schema" if output.has_schema else ""
    return Result(output.name, output.kind, schema, known.there(output.name, output.kind)[0] if known else "")


class _Known:
    """What the workspace knows of assets, without Dagster."""

    def __init__(self, settings: Settings, contract: Contract) -> None:
        self._settings = settings
        self._contract = contract

    @cached_property
    def _lake(self) -> Lake:
        from assetbook.lake import Lake

        return Lake(self._settings.lake)

    @cached_property
    def _givers(self) -> dict[str, tuple[Contract, Output]]:
        """Asset to the notebook that gives it."""
        folder = self._settings.root / FOLDER
        paths: Sequence[Path] = (
            find_notebooks(folder, leave_out=lambda name: name.startswith((".", "_")))
            if folder.is_dir()
            else []
        )
        contracts = read_contracts(paths, root=self._settings.root, cache=self._settings.cache)
        return {output.name: (contract, output) for contract in contracts for output in contract.outputs}

    def source(self, wanted: Input) -> Source:
        """Return what would be loaded of an input."""
        giver = self._givers.get(wanted.name)
        part = f"by {wanted.partition_parameter}, " if wanted.partition_parameter else ""
        try:
            there, made = self.there(wanted.name, giver[1].kind if giver else "table")
        except AssetbookError as error:
            return Source(wanted.name, "", problem=str(error))
        if not there:
            return Source(
                wanted.name, "", problem="never made", command=self._settings.how_to_make(wanted.name)
            )
        return Source(wanted.name, f"{part}{there}", age=made)

    def there(self, name: str, kind: str) -> tuple[str, str]:
        """Return what there is of an asset, and how long ago it was made; texts that are empty for nothing."""
        if kind == "table":
            return self._table(name)
        return self._model(name) if kind == "model" else ("", "")

    def _table(self, name: str) -> tuple[str, str]:
        if not self._lake.exists(name):
            return "", ""
        table = self._lake.version(name)
        parts = f" in {counted(len(table.partitions), 'partition')}" if table.partitions else ""
        return f"version {table.version}, {counted(table.rows, 'row')}{parts}", age(table.timestamp)

    def _model(self, name: str) -> tuple[str, str]:
        """Return the newest version of a model, as the record of the run that made it says."""
        giver = self._givers.get(name, (self._contract, None))[0]
        for _, record in self._records(giver):
            version = record.outputs.get(name, {}).get("version")
            if record.status == "success" and version is not None:
                return f"version {version}", age(record.finished)
        return "", ""

    def _records(self, contract: Contract) -> Iterator[tuple[Path, Record]]:
        for folder in run_folders(self._settings.records, record_name(contract.path)):
            yield folder, Record.read(folder / FILE)

    @property
    def last(self) -> LastRun | None:
        """The last run of the notebook itself."""
        folder, record = next(self._records(self._contract), (None, None))
        if folder is None or record is None:
            return None
        return LastRun(
            status=record.status,
            when=f"{when(datetime.fromisoformat(record.started).astimezone())}, {record.seconds:.1f} s",
            page=relative(folder / HTML, self._settings.root),
            same_code=record.code_version == self._contract.code_version,
            failure=str(record.failure["message"]) if record.failure else "",
        )
