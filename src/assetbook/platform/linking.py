"""From single notebooks to one graph: names that clash, inputs that nobody gives, cycles, shared partitions.

Each finding is a problem of the notebooks that it concerns; the others are untouched by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from assetbook.contract import Contract, Options, Output, Partitions, Problem
from assetbook.errors import did_you_mean


@dataclass(frozen=True)
class Foreign:
    """An asset that is no notebook: a Python function, or whatever Dagster itself defines."""

    name: str
    where: str
    partitions: Partitions | None = None
    upstream: tuple[str, ...] = ()


def link(contracts: Iterable[Contract], foreign: Mapping[str, Foreign]) -> list[Contract]:
    """Return the contracts with the problems that only show between them.

    Where two notebooks give one name, both lose that output but the first, which keeps it to show the problem.

    Args:
        contracts: every notebook of the workspace.
        foreign: the other assets of the workspace by name.
    """
    linked = _refuse_doubles(list(contracts), foreign)
    linked = _refuse_unknown_inputs(linked, foreign)
    linked = _refuse_unknown_partitions(linked, foreign)
    return _refuse_cycles(linked)


def resolve_partitions(
    options: Options, contracts: Mapping[str, Contract], foreign: Mapping[str, Foreign]
) -> Partitions | None:
    """Return the partitions with ``like`` followed to the asset that declares them; None if there are none."""
    partitions = options.partitions
    seen: set[str] = set()
    while partitions is not None and partitions.kind == "like":
        name = partitions.like or ""
        if name in seen:
            return None
        seen.add(name)
        if name in contracts:
            found = contracts[name].options.partitions
        else:
            found = foreign[name].partitions if name in foreign else None
        partitions = replace(found, parameter=partitions.parameter) if found else None
    return partitions


def by_output(contracts: Iterable[Contract]) -> dict[str, Contract]:
    """Return the notebook that gives each asset."""
    return {output.name: contract for contract in contracts for output in contract.outputs}


def _refuse_doubles(contracts: list[Contract], foreign: Mapping[str, Foreign]) -> list[Contract]:
    givers: dict[str, list[tuple[Contract, Output]]] = {}
    for contract in contracts:
        for output in contract.outputs:
            givers.setdefault(output.name, []).append((contract, output))
    result = []
    for contract in contracts:
        problems, kept = list(contract.problems), []
        for output in contract.outputs:
            others = [f"{c.path} ({o.place})" for c, o in givers[output.name] if c is not contract]
            if output.name in foreign:
                others.append(foreign[output.name].where)
            if others:
                problems.append(
                    Problem(
                        f"{contract.path}, {output.place}: asset {output.name!r} is given here and also by "
                        f"{' and '.join(others)}. An asset has one source: rename it in all but one.",
                        output.place,
                    )
                )
            first = givers[output.name][0][0] is contract and output.name not in foreign
            if first:
                kept.append(output)
        result.append(replace(contract, problems=tuple(problems), outputs=tuple(kept)))
    return result


def _refuse_unknown_inputs(contracts: list[Contract], foreign: Mapping[str, Foreign]) -> list[Contract]:
    known = set(by_output(contracts)) | set(foreign)
    reports = {o.name for c in contracts for o in c.outputs if o.kind == "report"}
    result = []
    for contract in contracts:
        problems = list(contract.problems)
        for source in contract.inputs:
            where = f"{contract.path}, {source.place}"
            if source.name not in known:
                problems.append(
                    Problem(
                        f"{where}: loads {source.name!r}, which no notebook or Python asset gives. "
                        f"{did_you_mean(source.name, known)}",
                        source.place,
                    )
                )
            elif source.name in reports:
                problems.append(
                    Problem(
                        f"{where}: loads {source.name!r}, which is a report and has no rows. "
                        "Save the table that you need in that notebook, and load it by its name.",
                        source.place,
                    )
                )
        result.append(replace(contract, problems=tuple(problems)))
    return result


def _refuse_unknown_partitions(contracts: list[Contract], foreign: Mapping[str, Foreign]) -> list[Contract]:
    givers = by_output(contracts)
    result = []
    for contract in contracts:
        declared = contract.options.partitions
        if declared and resolve_partitions(contract.options, givers, foreign) is None:
            known = [n for n, f in foreign.items() if f.partitions]
            known += [n for n, c in givers.items() if c.options.partitions and c is not contract]
            problem = Problem(
                f"{contract.path}: partitions are 'like {declared.like}', but {declared.like!r} has no partitions. "
                f"{did_you_mean(declared.like or '', known)}"
            )
            contract = replace(contract, problems=(*contract.problems, problem))
        result.append(contract)
    return result


def _refuse_cycles(contracts: list[Contract]) -> list[Contract]:
    givers = by_output(contracts)
    upstream = {
        c.path: {givers[i.name].path for i in c.inputs if i.name in givers and givers[i.name] is not c}
        for c in contracts
    }
    if not _has_cycle(upstream):
        return contracts
    result = []
    for contract in contracts:
        cycle = _cycle_through(contract.path, upstream)
        if cycle:
            chain = " → ".join(str(path) for path in cycle)
            problem = Problem(
                f"{contract.path}: its inputs depend on its own outputs: {chain}. "
                "Move what both need into a notebook of its own, or drop one of the loads."
            )
            contract = replace(contract, problems=(*contract.problems, problem), inputs=())
        result.append(contract)
    return result


def _has_cycle(upstream: Mapping[Path, set[Path]]) -> bool:
    try:
        TopologicalSorter(upstream).prepare()
    except CycleError:
        return True
    return False


def _cycle_through(start: Path, upstream: Mapping[Path, set[Path]]) -> list[Path]:
    """Return the shortest way from `start` over what it reads back to `start`, or nothing."""
    ways: list[list[Path]] = [[start]]
    seen: set[Path] = set()
    while ways:
        way = ways.pop(0)
        for node in sorted(upstream.get(way[-1], set()), key=str):
            if node == start:
                return [*way, start]
            if node not in seen:
                seen.add(node)
                ways.append([*way, node])
    return []
