"""Inputs, outputs, checks and metrics of a notebook, from its calls of assetbook."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from assetbook.contract.calls import EXAMPLES, Call
from assetbook.contract.imports import Imports
from assetbook.contract.model import Check, Input, Output, OutputKind, Place
from assetbook.contract.names import HOLE, ComputedNameError, Names
from assetbook.contract.problems import Problems
from assetbook.contract.sqltables import references_in
from assetbook.errors import ContractError, did_you_mean

_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_VERSIONED = re.compile(r"(?P<name>[^@]*)(@(?P<version>.*))?", re.DOTALL)


@dataclass
class Lineage:
    """What a notebook reads and gives, as far as it has been read.

    Attributes:
        names: what the notebook's names stand for.
        imports: where its imported names come from.
        problems: receives what is wrong.
    """

    names: Names
    imports: Imports
    problems: Problems
    inputs: dict[str, Input] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    metrics: dict[str, None] = field(default_factory=dict)

    def read(self, calls: Sequence[Call], *, report: str) -> None:
        """Read all calls; ``report`` is the name of the output of a notebook that saves nothing."""
        for call in calls:
            match call.function:
                case "load":
                    self._load(call)
                case "path":
                    self._path(call)
                case "sql":
                    self._sql(call)
                case "save":
                    self._save(call, kind="table")
                case "save_model":
                    self._save(call, kind="model")
                case "metric":
                    self._metric(call)
        if not self.outputs:
            self.outputs[report] = Output(report, "report", Place(1, 1))
        for call in calls:
            if call.function == "check":  # last, when all the outputs are known
                self._check(call)
        self._refuse_cycles()

    def _load(self, call: Call) -> None:
        partition = call.argument("partition")
        passed = (
            partition.id if isinstance(partition, ast.Name) and self.names.is_parameter(partition) else None
        )
        for text in self._names_in(call, "name", example='ab.load("flights")'):
            found = _VERSIONED.fullmatch(text)
            name, version = (found["name"], found["version"]) if found else (text, None)
            if version is not None and not version.isdecimal():
                self.problems.add(
                    f'ab.load("{text}"): a version is a number, such as "{name}@3".', place=call.place
                )
            self._input(name, call=call, partition=passed)

    def _path(self, call: Call) -> None:
        for name in self._names_in(call, "name", example=EXAMPLES["path"]):
            self._input(name, call=call)

    def _input(self, name: str, *, call: Call, partition: str | None = None) -> None:
        """Note an input; loaded twice in different ways, the whole of it is read."""
        if not self._valid(name, call=call):
            return
        before = self.inputs.get(name)
        if before is None:
            self.inputs[name] = Input(name, call.place, partition)
        elif before.partition_parameter != partition:
            self.inputs[name] = Input(name, before.place)

    def _sql(self, call: Call) -> None:
        query = call.argument("query")
        if query is None:
            self.problems.add("ab.sql needs its query as the first argument.", place=call.place)
            return
        try:
            texts = self.names.strings(query, holes=True)
            frames = self._frames(call)
        except ComputedNameError as error:
            self.problems.add(
                f"ab.sql takes a query whose tables can be read without running it, but {error}. "
                'Write the query as text; pass values with params={"name": value}.',
                place=call.place,
            )
            return
        for text in texts:
            self._tables(text, call=call, frames=frames)

    def _tables(self, text: str, *, call: Call, frames: Sequence[str]) -> None:
        try:
            references = references_in(text, frames=frames)
        except ContractError as error:
            message = str(error).replace(HOLE, "{…}")
            self.problems.add(f"ab.sql: {message}.", place=call.place)
            return
        for reference in references:
            if HOLE in reference.name:
                shown = reference.name.replace(HOLE, "{…}")
                self.problems.add(
                    f"ab.sql: the table name {shown} is computed. Write the names of tables as text.",
                    place=call.place,
                )
            else:
                self._input(reference.name, call=call)

    def _frames(self, call: Call) -> tuple[str, ...]:
        """Return the names of the local frames that ``frames=`` gives to a query."""
        frames = call.argument("frames")
        if frames is None:
            return ()
        match self.names.definition(frames):
            case ast.Constant(value=None):
                return ()
            case ast.Dict(keys=keys) if None not in keys:
                return tuple(name for key in keys if key for name in self.names.strings(key))
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords) if all(
                k.arg for k in keywords
            ):
                return tuple(str(keyword.arg) for keyword in keywords)
        raise ComputedNameError(f"frames={ast.unparse(frames)} is no dict with literal names")

    def _save(self, call: Call, *, kind: OutputKind) -> None:
        schema = call.argument("schema") if kind == "table" else None
        has_schema = schema is not None and not (isinstance(schema, ast.Constant) and schema.value is None)
        reference = self._reference(schema) if schema is not None and has_schema else None
        for name in self._names_in(call, "name", example=f'ab.{call.function}("flights", …)'):
            before = self.outputs.get(name)
            if before:
                self.problems.add(
                    f"{name!r} is saved twice: in {before.place} and in {call.place}. "
                    "Save it once, or under two names.",
                    place=call.place,
                )
            elif self._valid(name, call=call):
                self.outputs[name] = Output(name, kind, call.place, has_schema, reference)

    def _reference(self, schema: ast.expr) -> str | None:
        module, _, name = (self.imports.origin(schema) or "").rpartition(".")
        return f"{module}:{name}" if module else None

    def _metric(self, call: Call) -> None:
        name = call.argument("name")
        try:
            found = self.names.strings(name) if name is not None else ()
        except ComputedNameError:
            found = ()  # a metric may have any name: it is recorded as it comes, only not announced
        self.metrics.update(dict.fromkeys(found))

    def _check(self, call: Call) -> None:
        blocks = self._blocks(call)
        description = call.argument("description")
        said = description.value if isinstance(description, ast.Constant) else None
        names = self._names_in(call, "name", example='ab.check("not_empty", len(table) > 0)')
        for asset, name in product(self._assets_of(call), names):
            before = self.checks.get((asset, name))
            if before:
                self.problems.add(
                    f"{asset!r} has the check {name!r} twice: in {before.place} and in {call.place}. "
                    "Call it once, or under two names.",
                    place=call.place,
                )
            elif self._valid(name, call=call, what="a check"):
                text = said if isinstance(said, str) else None
                self.checks[(asset, name)] = Check(name, asset, call.place, blocks, text)

    def _blocks(self, call: Call) -> bool:
        blocking = call.argument("blocking")
        if blocking is None:
            return True
        if isinstance(blocking, ast.Constant) and isinstance(blocking.value, bool):
            return blocking.value
        found = ast.unparse(blocking)
        self.problems.add(f"ab.check takes blocking=True or blocking=False, found {found}.", place=call.place)
        return True

    def _assets_of(self, call: Call) -> tuple[str, ...]:
        """Return the outputs that a check is about; none after saying what is wrong."""
        asset = call.argument("asset")
        if asset is None or (isinstance(asset, ast.Constant) and asset.value is None):
            if len(self.outputs) > 1:
                self.problems.add(
                    f"ab.check needs asset=…: the notebook saves {', '.join(sorted(self.outputs))}.",
                    place=call.place,
                )
            return tuple(self.outputs) if len(self.outputs) == 1 else ()
        found = self._names_in(call, "asset", example='ab.check("not_empty", …, asset="flights")')
        for name in found:
            if name not in self.outputs:
                self.problems.add(
                    f"ab.check(asset={name!r}): the notebook does not save it. "
                    f"{did_you_mean(name, self.outputs)}",
                    place=call.place,
                )
        return tuple(name for name in found if name in self.outputs)

    def _names_in(self, call: Call, argument: str, *, example: str) -> tuple[str, ...]:
        """Return the literal names that a call passes; none after saying what is wrong."""
        node = call.argument(argument)
        if node is None:
            self.problems.add(
                f"ab.{call.function} needs a literal {argument}. Write it as text, such as {example}.",
                place=call.place,
            )
            return ()
        try:
            return self.names.strings(node)
        except ComputedNameError as error:
            self.problems.add(
                f"ab.{call.function} takes a literal {argument}, but {error}. Notebooks are read without "
                f"running them: write it as text, such as {example}.",
                place=call.place,
            )
            return ()

    def _valid(self, name: str, *, call: Call, what: str = "an asset") -> bool:
        valid = _NAME.fullmatch(name) is not None
        if not valid:
            self.problems.add(
                f"{name!r} is no name for {what}: use letters, digits and _ only.", place=call.place
            )
        return valid

    def _refuse_cycles(self) -> None:
        for name in sorted(self.inputs.keys() & self.outputs.keys()):
            loaded, saved = self.inputs[name].place, self.outputs[name].place
            self.problems.add(
                f"{name!r} is loaded in {loaded} and saved in {saved}: it would depend on itself. "
                "Save under another name, or move one of the two to another notebook.",
                place=loaded,
            )
