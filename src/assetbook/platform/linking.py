"""From single files to one graph: names that clash, inputs that nobody gives, cycles, shared partitions.

Linking looks at every computation in the same way, as a `Member`: a notebook, a function with ``ab.table``, or
an asset of Dagster's own. Each finding is a problem of the members that it concerns; the others are untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from assetbook.contract import Partitions
from assetbook.contract.model import OutputKind
from assetbook.errors import ParameterError, did_you_mean
from assetbook.platform.members import Given, Member, Read
from assetbook.platform.naming import clash, is_free_word, is_loadable
from assetbook.platform.partitioning import (
    Definition,
    Partitioning,
    describe,
    partitions_definition,
    same_keys,
    sample_keys,
)


class Links:
    """The members of a workspace, linked.

    Args:
        members: all of them; where two give one name, the first keeps it, Dagster's own before others, and a
            report, which nobody reads, after them.

    Attributes:
        givers: asset name to the member that gives it.
        kinds: asset name to table, model or report.
        problems: `Member.where` to what is wrong with it, complete sentences.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = tuple(members)
        self.givers: dict[str, Member] = {}
        self.kinds: dict[str, OutputKind] = {}
        for member in sorted(self.members, key=lambda m: (not m.foreign, m.guessed, m.is_report)):
            for given in member.given:
                self.givers.setdefault(given.name, member)
                self.kinds.setdefault(given.name, given.kind)
        self.problems: dict[str, list[str]] = {}
        self._partitions: dict[str, tuple[Partitioning | None, str | None]] = {}
        self._find_problems()

    def partitions(self, member: Member) -> Partitioning | None:
        """Return the partitions of a member with ``like`` followed to its end; None if there are none."""
        return self._resolved(member)[0]

    def input_partitions(self, member: Member) -> dict[str, Definition]:
        """Return the partitions of those of a member's inputs that have any."""
        givers = {read.name: self.givers[read.name] for read in member.reads if read.name in self.givers}
        found = {name: self.partitions(giver) for name, giver in givers.items()}
        return {name: partitioning.definition for name, partitioning in found.items() if partitioning}

    def upstream(self, member: Member) -> list[str]:
        """Return the assets that a member reads, of those that exist and do not lead back to it."""
        return sorted(
            {
                read.name
                for read in member.reads
                if read.name in self.givers and (member.where, self.givers[read.name].where) not in self._cut
            }
        )

    # ---- what is wrong

    def _find_problems(self) -> None:
        claims: dict[str, list[Given]] = {}  # by what SQL, for which case does not count, takes for one name
        for member in self.members:
            for given in () if member.guessed else member.given:
                claims.setdefault(given.name.casefold(), []).append(given)
        for member in (m for m in self.members if not m.foreign):
            for given in () if member.guessed else member.given:
                self._check_name(member, given, [g for g in claims[given.name.casefold()] if g is not given])
            for read in member.reads:
                self._check_read(member, read)
            self._check_partitions(member)
        for cycle in self._cycles:
            for member in cycle:
                if not member.foreign:
                    self._add(member, _cycle_message(member, cycle))

    def _add(self, member: Member, message: str) -> None:
        self.problems.setdefault(member.where, []).append(message)

    def _check_name(self, member: Member, given: Given, others: Sequence[Given]) -> None:
        if message := clash(given, others):
            self._add(member, f"{given.where}: {message}")
        if not is_free_word(given.name):
            fix = "Rename the file." if given.kind == "report" else "Choose another name."
            self._add(
                member,
                f"{given.where}: no asset can be called {given.name!r}, which is a word of Python's or Dagster's own. "
                f"{fix}",
            )

    def _check_read(self, member: Member, read: Read) -> None:
        giver = self.givers.get(read.name)
        if giver is None:
            self._add(
                member,
                f"{read.where}: loads {read.name!r}, which no notebook or Python asset gives. "
                f"{did_you_mean(read.name, self._loadable(member))}",
            )
        elif self.kinds[read.name] == "report":
            self._add(
                member,
                f"{read.where}: loads {read.name!r}, which is a report and has no rows. "
                "Save the table that you need in that notebook, and load it by its name.",
            )
        elif member.tables_only and self.kinds[read.name] != "table":
            self._add(
                member,
                f"{read.where}: takes {read.name!r}, which is a {self.kinds[read.name]}. A table function reads tables "
                "only: load the model in a notebook.",
            )
        elif read.passes:
            self._check_passed_key(member, read, giver)

    def _loadable(self, member: Member) -> list[str]:
        """Return the names that a member can load."""
        kinds = ("table",) if member.tables_only else ("table", "model")
        return [
            name
            for name, giver in self.givers.items()
            if self.kinds[name] in kinds and not giver.guessed and giver is not member and is_loadable(name)
        ]

    def _check_passed_key(self, member: Member, read: Read, giver: Member) -> None:
        """Check that the partition parameter, passed to a load, names partitions of what is loaded."""
        own, upstream = self.partitions(member), self.partitions(giver)
        if upstream is None:
            if not giver.foreign and giver.partitions is None:
                self._add(
                    member,
                    f"{read.where}: loads a partition of {read.name!r}, which has no partitions. "
                    "Leave out partition=….",
                )
        elif own and read.passes == own.parameter and not same_keys(own.definition, upstream.definition):
            self._add(
                member,
                f"{read.where}: loads {read.name!r} with partition={own.parameter}, but this notebook has "
                f"{describe(own.definition)} and {read.name!r} has {describe(upstream.definition)}. "
                f"Load all of it, or take the same partitions: "
                f'ab.asset(partitions={{"{own.parameter}": "like {read.name}"}}).',
            )

    # ---- partitions

    def _check_partitions(self, member: Member) -> None:
        partitioning, problem = self._resolved(member)
        if problem:
            self._add(member, problem)
        if partitioning is None or member.key_parameter is None:
            return
        for key in sample_keys(partitioning.definition) or ["key"]:
            try:
                member.key_parameter.from_key(key)
            except ParameterError as error:
                parameter = member.key_parameter.name
                self._add(
                    member,
                    f"{member.where}: cannot take the partition key {key!r}. {error} "
                    f"Give the parameter a type that takes all keys, such as {parameter}: str.",
                )
                return

    def _resolved(self, member: Member) -> tuple[Partitioning | None, str | None]:
        """Return a member's partitions, and what is wrong with its ``like``; found once for each member."""
        if member.where not in self._partitions:
            self._partitions[member.where] = self._resolve(member)
        return self._partitions[member.where]

    def _resolve(self, member: Member) -> tuple[Partitioning | None, str | None]:
        declared, seen = member.partitions, [member.where]
        while isinstance(declared, Partitions) and declared.kind == "like":
            name = declared.like or ""
            giver = self.givers.get(name)
            if giver is None or giver.partitions is None:
                return None, self._nothing_alike(member, name)
            if giver.where in seen:
                return None, (
                    f"{member.where}: its partitions are 'like' one another in a circle: "
                    f"{' → '.join([*seen, giver.where])}. One of them has to say what they are, such as "
                    '"monthly from 2013-01".'
                )
            seen.append(giver.where)
            declared = giver.partitions
        if declared is None:
            return None, None
        definition = partitions_definition(declared) if isinstance(declared, Partitions) else declared
        own = member.partitions
        return Partitioning(own.parameter if isinstance(own, Partitions) else "", definition), None

    def _nothing_alike(self, member: Member, name: str) -> str:
        known = [
            g.name
            for m in self.members
            if m.partitions is not None and m is not member
            for g in m.given
            if is_loadable(g.name)
        ]
        what = f"{name!r} has no partitions" if name in self.givers else f"there is no asset {name!r}"
        return f"{member.where}: its partitions are 'like {name}', but {what}. {did_you_mean(name, known)}"

    # ---- cycles

    @cached_property
    def _cycles(self) -> list[list[Member]]:
        """Cycles that have no member in common, each from upstream to downstream."""
        members = {m.where: m for m in self.members}
        upstream = {
            m.where: sorted({self.givers[r.name].where for r in m.reads if r.name in self.givers})
            for m in self.members
        }
        found = []
        while cycle := _first_cycle(upstream):
            found.append([members[where] for where in cycle])
            for where in cycle:
                upstream[where] = []
        return found

    @cached_property
    def _cut(self) -> set[tuple[str, str]]:
        return {(one.where, other.where) for cycle in self._cycles for one in cycle for other in cycle}


def _first_cycle(upstream: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(upstream).prepare()
    except CycleError as error:
        return list(error.args[1][:-1])
    return []


def _cycle_message(member: Member, cycle: Sequence[Member]) -> str:
    if len(cycle) == 1:
        names = ", ".join(repr(g.name) for g in member.given)
        return f"{member.where}: reads {names}, which it gives itself. Read and give under two names."
    first = cycle.index(member)
    chain = [*cycle[first:], *cycle[: first + 1]]  # from upstream to downstream
    reads = ", ".join(_reading(later, earlier) for later, earlier in pairwise(reversed(chain)))
    return (
        f"{member.where}: its inputs depend on its own outputs: {reads}. "
        "Move what both need into a notebook of its own, or drop one of the loads."
    )


def _reading(reader: Member, giver: Member) -> str:
    """Say which of a member's reads makes it depend on another member."""
    given = {g.name for g in giver.given}
    read = next(read for read in reader.reads if read.name in given)
    return f"{read.where} reads {read.name!r}"
