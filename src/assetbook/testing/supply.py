"""What a notebook is given in a trial for each of its inputs.

In this order: what the caller gives; rows that are kept beside the tests; rows of the lake, if the code that made them
is the code of now; what the notebook that makes it gives in a trial of its own; rows made from the schema. Where
there is none of these, the trial is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.contract import Contract
from assetbook.errors import SchemaError
from assetbook.lake import TableVersion
from assetbook.platform.nodes import NotebookNode
from assetbook.testing import samples
from assetbook.testing.holdings import Holdings
from assetbook.testing.keys import MOST_MADE, MOST_READ, keys_of, some, texts, window
from assetbook.testing.model import TriedInput
from assetbook.testing.sampling import Rows, read_rows, sample
from assetbook.testing.synthesis import rows_from
from assetbook.testing.values import NotMadeError

if TYPE_CHECKING:
    from assetbook.testing.running import TriedRun

Try = Callable[[NotebookNode, "str | None"], "TriedRun | str"]
"""Gives the run of a notebook for a partition, or why there is none."""


class NoInputError(Exception):
    """There is nothing to give a notebook for one of its inputs; the message says what would help."""


@dataclass(frozen=True)
class Wanted:
    """One input that a notebook reads.

    Attributes:
        name: the asset.
        key: the partition that it reads; None for all of it.
        named: texts that the notebook's parameters have: they may name partitions.
    """

    name: str
    key: str | None
    named: tuple[str, ...] = ()


@dataclass(frozen=True)
class Supplied:
    """What there is for one input: rows by partition, or the folder of a model."""

    tried: TriedInput
    parts: Mapping[str | None, Any] = field(default_factory=dict, repr=False)
    model: Path | None = None
    sampled: Rows | None = None


@dataclass(frozen=True)
class Supply:
    """Finds inputs.

    Attributes:
        holdings: of the workspace.
        rows: how many of each table.
        seed: of samples and made rows.
        attempt: runs a notebook of the workspace.
    """

    holdings: Holdings
    rows: int
    seed: int
    attempt: Try

    def inputs(
        self, node: NotebookNode, wanted: Sequence[Wanted], given: Mapping[str, Any]
    ) -> list[Supplied]:
        """Return what there is for the inputs of a notebook.

        Raises:
            NoInputError: there is nothing for one of them.
        """
        found = [
            _given(want, given[want.name])
            if want.name in given
            else self._model(want)
            if node.input_kinds[want.name] == "model"
            else self._table(want)
            for want in wanted
        ]
        tables = [each.sampled for each in found if each.sampled is not None]
        samples = sample(tables, rows=self.rows, seed=self.seed)
        return [_cut(each, samples[each.tried.name]) if each.sampled else each for each in found]

    def partitions(self, names: Collection[str]) -> list[str] | None:
        """Return the partitions that all of these tables have, of those that are there; None where none is."""
        there = [found for name in names if (found := self._partitions(name))]
        return sorted(set.intersection(*there)) if there else None

    def _partitions(self, name: str) -> set[str]:
        table = self.holdings.current(name)
        return {*table.partitions} if table else {key for key in self.holdings.kept(name) if key is not None}

    def save(self, contracts: Sequence[Contract]) -> list[Path]:
        """Keep rows of the raw tables that notebooks load beside the tests; return the files.

        Raises:
            LakeError: the lake cannot be read.
        """
        holdings = self.holdings
        named = texts(p.default for contract in contracts for p in contract.parameters)
        found = []
        for name in holdings.raw(contracts):
            table = holdings.lake.version(name)
            every = sorted(table.partitions)
            keys = some(every, named=named, most=MOST_MADE, newest=True) if every else None
            found.append(read_rows(holdings.lake, table, keys=keys))
        chosen = sample(found, rows=self.rows, seed=self.seed)
        return list(samples.write(chosen.values(), holdings.linked.workspace.settings.root / samples.FOLDER))

    # ---- tables

    def _table(self, want: Wanted) -> Supplied:
        files = self.holdings.kept(want.name)
        if want.key in files or (files and want.key is None):
            return _kept(want, files)
        table = self.holdings.current(want.name)
        if table is not None and (want.key is None or want.key in table.partitions):
            return self._sampled(want, table)
        reasons: list[str] = []
        if node := self.holdings.giver(want.name):
            found = self._tried(want, node)
            if isinstance(found, Supplied):
                return found
            reasons.append(found)
        found = self._made(want)
        if isinstance(found, Supplied):
            return found
        reasons.append(found)
        if (old := self.holdings.table(want.name)) and (want.key is None or want.key in old.partitions):
            return self._sampled(want, old)
        settings = self.holdings.linked.workspace.settings
        told = "; ".join(filter(None, reasons))
        fix = f"Run `{settings.how_to_make(want.name)}` first, or declare a schema for it."
        raise NoInputError(f"there is nothing to load as {want.name!r}{': ' + told if told else ''}. {fix}")

    def _sampled(self, want: Wanted, table: TableVersion) -> Supplied:
        keys: list[str] | None = None
        if table.partitions:
            every = sorted(table.partitions)
            keys = [want.key] if want.key else some(every, named=want.named, most=MOST_READ, newest=True)
        rows = read_rows(self.holdings.lake, table, keys=keys)
        return Supplied(TriedInput(want.name, rows.count, "from the lake"), sampled=rows)

    def _tried(self, want: Wanted, node: NotebookNode) -> Supplied | str:
        """Return what a trial of the notebook gives that makes it, or why there is nothing."""
        keys: list[str | None] = [want.key] if want.key or node.partitions is None else []
        if node.partitions and not keys:
            there = self.partitions(own_key_inputs(node))
            every = there or keys_of(node.partitions.definition)
            keys.extend(some(every, named=want.named, most=MOST_MADE, newest=bool(there)))
        parts: dict[str | None, Any] = {}
        for key in keys:
            run = self.attempt(node, key)
            if isinstance(run, str):
                return run
            parts[key] = run.table(want.name)
        rows = sum(part.num_rows for part in parts.values())
        return Supplied(TriedInput(want.name, rows, f"as {node.contract.path} gives it here"), parts)

    def _made(self, want: Wanted) -> Supplied | str:
        """Return rows made from the schema of a table, or why there are none."""
        try:
            schema = self.holdings.schema(want.name)
            if schema is None:
                return ""
            parts = {key: self._rows(want.name, schema, key) for key in self._keys_made(want)}
        except (NotMadeError, SchemaError) as reason:
            return f"its schema gives no rows: {reason}"
        rows = sum(len(part) for part in parts.values())
        return Supplied(TriedInput(want.name, rows, "made from its schema", made=True), parts)

    def _rows(self, name: str, schema: Any, key: str | None) -> Any:
        """Return made rows: the same for everybody who asks for this table and partition."""
        asked = (name, key)
        if asked not in self._rows_made:
            definition = self.holdings.definition(name)
            own = window(definition, key) if definition is not None and key else None
            about = own or self.holdings.period_of_all
            self._rows_made[asked] = rows_from(
                schema, name=f"{name} {key or ''}", rows=self.rows, seed=self.seed, period=about
            )
        return self._rows_made[asked]

    @cached_property
    def _rows_made(self) -> dict[tuple[str, str | None], Any]:
        return {}

    def _keys_made(self, want: Wanted) -> list[str | None]:
        definition = self.holdings.definition(want.name)
        if want.key is not None:
            return [want.key]
        if definition is None or not (every := keys_of(definition)):
            return [None]
        return list(some(every, named=want.named, most=MOST_MADE, newest=False))

    # ---- models

    def _model(self, want: Wanted) -> Supplied:
        node = self.holdings.giver(want.name)
        if (found := self.holdings.registered(want.name, node)) is not None:
            folder, version = found
            return Supplied(TriedInput(want.name, None, f"version {version} of the registry"), model=folder)
        why = ""
        if node is not None:
            run = self.attempt(node, None)
            if not isinstance(run, str):
                origin = f"as {node.contract.path} fits it here"
                return Supplied(TriedInput(want.name, None, origin), model=run.models[want.name])
            why = f": {run}"
        make = self.holdings.linked.workspace.settings.how_to_make(want.name)
        raise NoInputError(f"there is no model {want.name!r}{why}. Run `{make}` first.")


def own_key_inputs(node: NotebookNode) -> list[str]:
    """Return the inputs of which a notebook reads the partition that it runs for."""
    return [source.name for source in node.contract.inputs if node.reads_own_key(source.name)]


def _given(want: Wanted, data: Any) -> Supplied:
    """Return what the caller has given for an input: a table, or a folder that holds a model."""
    if isinstance(data, str | Path):
        return Supplied(TriedInput(want.name, None, "as given"), model=Path(data))
    rows = len(data) if hasattr(data, "__len__") else None
    return Supplied(TriedInput(want.name, rows, "as given"), {want.key: data})


def _kept(want: Wanted, files: Mapping[str | None, Path]) -> Supplied:
    """Return the rows that are kept beside the tests."""
    keys = [want.key] if want.key in files else list(files)
    parts = {key: samples.read(files[key]) for key in keys}
    rows = sum(part.num_rows for part in parts.values())
    return Supplied(TriedInput(want.name, rows, f"of {samples.FOLDER.as_posix()}"), parts)


def _cut(supplied: Supplied, rows: Rows) -> Supplied:
    """Return a sample instead of the whole."""
    assert supplied.sampled is not None
    whole = rows.count == rows.total
    by = f", chosen by {rows.by}" if rows.by else ""
    origin = "all of the lake's" if whole else f"of {rows.total:,} in the lake{by}"
    keys = [key for key in rows.parts if key is not None]
    where = f" [{keys[0] if len(keys) == 1 else f'{keys[0]}..{keys[-1]}'}]" if keys else ""
    tried = replace(supplied.tried, rows=rows.count, origin=origin + where)
    return Supplied(tried, rows.parts)
