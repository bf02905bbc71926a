"""The session outside a run (Jupyter, a script, a test): reads the lake as it is, writes to scratch only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from assetbook.errors import SessionError, did_you_mean
from assetbook.session import arguments
from assetbook.session.files import FOLDER, write_files
from assetbook.session.frames import at_rest, mark, size
from assetbook.session.models import read_model, replace_model
from assetbook.session.protocol import Params, Partition
from assetbook.session.reading import read_table, run_query, shadowed
from assetbook.session.registry import registered_model
from assetbook.session.schemas import validated
from assetbook.settings import Settings

if TYPE_CHECKING:
    from assetbook.lake import Form, Lake, TableVersion

SCRATCH_GROUP = "tables"


class JupyterSession:
    """What the public functions do where a person works; she may run any cell again at any time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _lake(self) -> Lake:
        from assetbook.lake import Lake

        return Lake(self._settings.lake)

    @cached_property
    def _scratch(self) -> Lake:
        from assetbook.lake import Lake

        return Lake(self._settings.scratch)

    def load(
        self,
        name: str,
        *,
        columns: Sequence[str] | None,
        version: int | None,
        partition: Partition,
        as_: Form,
    ) -> Any:
        """Return the current version of a table or model, another version, or the scratch copy."""
        wanted = arguments.reference(name, version=version)
        lake, source = (self._scratch, "scratch") if wanted.scratch else (self._lake, "lake")
        if not lake.exists(wanted.name):
            return self._load_model(wanted)
        table = lake.version(wanted.name, wanted.version)
        return read_table(lake, table, columns=columns, partition=partition, as_=as_, source=source)

    def path(self, name: str) -> str:
        """Write the files of the current version into the cache, and return where."""
        table = self._current(arguments.asset_name("path", name))
        return write_files(
            self._lake, table, to=self._settings.cache / FOLDER / f"{name}@{table.data_version}"
        )

    def sql(self, query: str, *, params: Params | None, frames: Mapping[str, Any] | None, as_: Form) -> Any:
        """Run a query over the tables as they are now."""
        for frame in frames or {}:
            if self._lake.exists(frame):
                raise shadowed(frame)
        result, _ = run_query(self._lake, query, pinned=self._current, params=params, frames=frames, as_=as_)
        return result

    def save(self, name: str, data: Any, *, schema: Any) -> None:
        """Validate a table and keep it in the scratch lake."""
        frame, _ = validated(arguments.asset_name("save", name), at_rest(data), schema)
        run_id = uuid4().hex
        staged = self._scratch.stage(name, frame, group=SCRATCH_GROUP, run_id=run_id)
        self._scratch.publish([staged], stamp={"run_id": run_id})
        checked = "" if schema is None else ", meets its schema"
        print(f"{name}: {size(frame)}{checked}. {self._kept(name)}")

    def save_model(self, name: str, model: Any, *, sample: Any, metrics: Mapping[str, Any] | None) -> None:
        """Keep a model in the scratch folder."""
        values = arguments.numbers(f"save_model({name!r}, …)", metrics)
        folder = self._scratch_model(arguments.asset_name("save_model", name))
        saved = replace_model(name, model, sample=sample, to=folder, root=self._settings.root)
        print(f"{name}: {saved.kind}. {self._kept(name)}")
        for metric, value in values.items():
            print(f"{metric} = {value:.6g}")

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
        """Print whether a check passed."""
        outcome = arguments.verdict(arguments.asset_name("check", name), passed)
        arguments.facts(name, metadata)
        print(mark(name, passed=outcome))

    def metric(self, name: str, value: Any) -> None:
        """Print a number."""
        number = arguments.number(f"metric({arguments.metric_name(name)!r}, …)", value)
        print(f"{name} = {number:.6g}")

    def _current(self, name: str) -> TableVersion:
        if not self._lake.exists(name):
            raise self._unknown(name)
        return self._lake.version(name)

    def _load_model(self, wanted: arguments.Reference) -> Any:
        """Return the model of that name: it is what a name that no table has may still mean."""
        if wanted.scratch:
            folder, said = self._scratch_model(wanted.name), "your scratch copy"
            if not folder.is_dir():
                raise self._not_in_scratch(wanted.name)
        else:
            found = registered_model(wanted.name, version=wanted.version, address=self._settings.mlflow)
            if found is None:
                raise self._unknown(wanted.name)
            folder, said = found[0], f"model version {found[1]}"
        model = read_model(wanted.name, folder)
        print(f"{wanted.name}: {type(model).__name__}, {said}")
        return model

    def _scratch_model(self, name: str) -> Path:
        return self._settings.scratch / "models" / name

    def _not_in_scratch(self, name: str) -> SessionError:
        return SessionError(
            f"{name!r} is not in your scratch area {self._settings.scratch}. "
            f"{did_you_mean(name, self._scratch.names())} ab.save and ab.save_model write there."
        )

    def _unknown(self, name: str) -> SessionError:
        nearest = did_you_mean(name, self._lake.names())
        fix = ""
        if not nearest.startswith("Did you mean"):
            fix = f" To make it, run `{self._settings.how_to_make(name)}`."
        if self._settings.project:
            fix += ' An asset of the project\'s own code is here if it has @dg.asset(io_manager_key="assetbook").'
        return SessionError(
            f"There is no data of {name!r}: it has never been materialized, or has another name. {nearest}{fix}"
        )

    def _kept(self, name: str) -> str:
        make = self._settings.how_to_make(name)
        return f"In your scratch area: ab.load('{name}@scratch'). `{make}` makes the real one."
