"""The session of a run: pinned inputs, staged outputs, everything reported to the platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.errors import SessionError
from assetbook.session import arguments
from assetbook.session.context import ModelPin, RunContext
from assetbook.session.declared import Declared
from assetbook.session.events import append
from assetbook.session.files import FOLDER, write_files
from assetbook.session.frames import at_rest, mark, preview, size
from assetbook.session.models import read_model, write_model
from assetbook.session.protocol import Params, Partition
from assetbook.session.reading import partition_key, read_table, run_query, shadowed
from assetbook.session.schemas import sensitive, validated

if TYPE_CHECKING:
    from assetbook.lake import Form, Lake, TableVersion


class RunSession:
    """What the public functions do in a notebook that the platform runs."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._declared = Declared(context)

    @cached_property
    def _lake(self) -> Lake:
        from assetbook.lake import Lake

        return Lake(self._context.lake, storage_options=self._context.storage_options or None)

    def load(
        self,
        name: str,
        *,
        columns: Sequence[str] | None,
        version: int | None,
        partition: Partition,
        as_: Form,
    ) -> Any:
        """Return the pinned version of a declared input, or another version of a declared table."""
        wanted = arguments.reference(name, version=version)
        if wanted.scratch:
            raise SessionError(f"load({name!r}): scratch copies exist in Jupyter only. Load {wanted.name!r}.")
        pin = self._declared.pin(wanted.name, call="load")
        if isinstance(pin, ModelPin):
            return self._load_model(wanted, pin)
        table = pin.table if wanted.version is None else self._lake.version(wanted.name, wanted.version)
        partition = partition_key(table, partition)
        data = read_table(self._lake, table, columns=columns, partition=partition, as_=as_)
        self._report(
            "load",
            name=table.name,
            version=table.version,
            data_version=table.data_version,
            rows=data.shape[0],
            partition=partition,
        )
        return data

    def path(self, name: str) -> str:
        """Write the files of the pinned version into the run's own folder, and return where."""
        table = self._declared.table(arguments.asset_name("path", name), call="path")
        found = write_files(self._lake, table, to=Path(self._context.artifacts) / FOLDER / name)
        self._report_whole(table)
        return found

    def sql(self, query: str, *, params: Params | None, frames: Mapping[str, Any] | None, as_: Form) -> Any:
        """Run a query over the pinned versions of declared inputs."""
        for frame in frames or {}:
            if self._declared.is_input(frame):
                raise shadowed(frame)
        result, tables = run_query(
            self._lake, query, pinned=self._declared.table, params=params, frames=frames, as_=as_
        )
        for table in tables:
            self._report_whole(table)
        return result

    def save(self, name: str, data: Any, *, schema: Any) -> None:
        """Validate and stage a declared table; the platform publishes it when the whole run is good."""
        output = self._declared.output(arguments.asset_name("save", name), kind="table")
        frame, outcome = validated(
            name, at_rest(data), schema, on_failure=lambda failed: self._report("schema", name=name, **failed)
        )
        staged = self._lake.stage(
            name, frame, group=output.group, run_id=self._context.run_id, partition=output.partition
        )
        self._declared.saved(name)
        hidden = sensitive(schema, [column["name"] for column in staged.columns])
        self._report(
            "save",
            staged=staged.to_json(),
            preview=preview(frame, hidden=hidden),
            columns=[{**column, "sensitive": column["name"] in hidden} for column in staged.columns],
            schema=outcome,
        )
        print(f"{name}: {size(frame)}, staged until the notebook has succeeded")

    def save_model(self, name: str, model: Any, *, sample: Any, metrics: Mapping[str, Any] | None) -> None:
        """Write a declared model into the run's artifacts; the platform registers it."""
        self._declared.output(arguments.asset_name("save_model", name), kind="model")
        values = arguments.numbers(f"save_model({name!r}, …)", metrics)
        folder = Path(self._context.artifacts) / name
        saved = write_model(name, model, sample=sample, to=folder, root=Path(self._context.root))
        self._declared.saved(name)
        self._report(
            "model",
            name=name,
            path=str(saved.path),
            kind=saved.kind,
            answers=saved.answers,
            metrics=values,
            sample_rows=saved.sample_rows,
            signature=saved.signature,
        )
        print(f"{name}: {saved.kind}, registered when the notebook has succeeded")

    def check(
        self,
        name: str,
        passed: Any,
        *,
        asset: str | None,
        blocking: bool,
        description: str | None,
        metadata: Mapping[str, Any] | None,
    ) -> None:
        """Report a declared check; the platform decides what a failing one stops."""
        outcome = arguments.verdict(arguments.asset_name("check", name), passed)
        facts = arguments.facts(name, metadata)
        check = self._declared.check(name, asset=asset, blocking=blocking)
        self._report(
            "check",
            asset=check.asset,
            name=name,
            passed=outcome,
            blocking=check.blocking,
            description=description,
            metadata=facts,
        )
        print(mark(name, passed=outcome))

    def metric(self, name: str, value: Any) -> None:
        """Report a number; of one name the last counts."""
        number = arguments.number(f"metric({arguments.metric_name(name)!r}, …)", value)
        self._report("metric", name=name, value=number)
        print(f"{name} = {number:.6g}")

    def _load_model(self, wanted: arguments.Reference, pin: ModelPin) -> Any:
        if wanted.version is not None:
            raise SessionError(
                f"load({wanted.name!r}, version={wanted.version}): a run reads the version that was newest "
                f"at its start, here {pin.version}. Leave the version out."
            )
        model = read_model(wanted.name, Path(pin.path))
        self._report(
            "load", name=wanted.name, version=pin.version, data_version=pin.version, rows=None, partition=None
        )
        print(f"{wanted.name}: {type(model).__name__}, model version {pin.version}")
        return model

    def _report_whole(self, table: TableVersion) -> None:
        self._report(
            "load",
            name=table.name,
            version=table.version,
            data_version=table.data_version,
            rows=table.rows,
            partition=None,
        )

    def _report(self, kind: str, /, **facts: Any) -> None:
        append(self._context.events, {"event": kind, **facts})
