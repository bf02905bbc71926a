"""Which assets and partitions a person means: Dagster's selection syntax, with plain names, and partition ranges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import dagster as dg
from dagster import AssetKey
from dagster_shared.check import CheckError
from dagster_shared.utils.warnings import disable_dagster_warnings

from assetbook.errors import WorkspaceError, did_you_mean
from assetbook.platform.latest import Latest
from assetbook.platform.python_asset import landing_keys
from assetbook.platform.units import Task, Unit
from assetbook.settings import Settings

MANY_PARTITIONS = 1_000
SYNTAX = (
    "Syntax: flights, +flights (with all it needs), flights+ (with all that needs it), 1+flights, flight*, "
    "group:raw, kind:jupyter, owner:…, tag:…; and, or, not, parentheses."
)
_TOKEN = re.compile(r'\w+:"[^"]*"|"[^"]*"|[^\s()+"]+|\S')
_UNREADABLE = (
    dg.DagsterError,
    CheckError,
    NotImplementedError,
)  # the last two: what only the web server knows
_WORDS = {"and", "or", "not", "sinks", "roots", "*"}


def select(units: list[Unit], definitions: dg.Definitions, selection: str) -> list[Unit]:
    """Return the units that a selection names, upstream first.

    Args:
        units: all of the workspace.
        definitions: their Dagster definitions.
        selection: Dagster's syntax, where a bare name means the asset: ``*``, ``+delay_model``, ``group:raw``.

    Raises:
        WorkspaceError: the selection cannot be read, or names nothing.
    """
    names = [name for unit in units for name in unit.names]
    spelled = " ".join(_spelled(token, selection, names) for token in _TOKEN.findall(selection))
    try:
        with disable_dagster_warnings():  # parts of the syntax are "beta"; a user can do nothing about it
            keys = dg.AssetSelection.from_string(spelled).resolve(definitions.resolve_asset_graph())
    except _UNREADABLE:
        raise WorkspaceError(f"The selection {selection!r} cannot be read. {SYNTAX}") from None
    chosen = [unit for unit in units if set(unit.keys) & keys]
    if not chosen:
        raise WorkspaceError(f"The selection {selection!r} names no asset. {_offer(selection, units, names)}")
    return chosen


def _spelled(token: str, selection: str, names: list[str]) -> str:
    """Return a part of the selection as Dagster wants it: names as ``key:"…"``, values in quotes."""
    if token in _WORDS or token in "()+" or token.isdigit():
        return token
    attribute, colon, value = token.partition(":")
    if not colon or token.startswith('"'):
        attribute, value = "key", token
    value = value.strip('"')
    if attribute == "key" and "*" not in value and value not in names:
        raise WorkspaceError(
            f"The selection {selection!r} names {value!r}, which is no asset here. {did_you_mean(value, names)}"
        )
    if attribute == "tag":
        key, equals, of = value.partition("=")
        return f'tag:"{key}"="{of}"' if equals else f'tag:"{key}"'
    return f'{attribute}:"{value}"' if value else token


def _offer(selection: str, units: list[Unit], names: list[str]) -> str:
    group = re.search(r'group:"?([^"\s)]+)', selection)
    if group:
        return "Groups: " + did_you_mean(group[1], (unit.group for unit in units)).removeprefix("Known: ")
    return did_you_mean(selection, names)


def tasks_of(
    units: Iterable[Unit], *, latest: Latest, settings: Settings, keys: Iterable[str] = ()
) -> list[Task]:
    """Return a task for each unit and each of its partitions that can be had, upstream first.

    Without `keys`, a table read from landing files has the partitions whose file has arrived; what depends on
    it partition by partition has the same; any other has all partitions of its definition.

    Args:
        units: upstream first.
        latest: knows which partitions have been materialized, and through its instance the dynamic ones.
        settings: where the landing files are.
        keys: the partitions to take, for the units that are partitioned: a key, or ``first..last``.

    Raises:
        WorkspaceError: a key that a partitioned unit does not have, or far too many partitions at once.
    """
    units, keys = list(units), list(keys)
    if keys and not any(unit.partitions for unit in units):
        raise WorkspaceError(
            f"--partition {keys[0]}: none of the selected assets has partitions. Leave it out."
        )
    return list(_tasks(units, latest, settings, keys))


def _tasks(units: list[Unit], latest: Latest, settings: Settings, keys: list[str]) -> Iterator[Task]:
    known: dict[AssetKey, set[str]] = {}
    for unit in units:
        if unit.partitions is None:
            yield Task(unit)
            continue
        there = list(unit.partitions.get_partition_keys(dynamic_partitions_store=latest.instance))
        chosen = _asked_for(unit, keys, there) if keys else _available(unit, there, known, latest, settings)
        known |= {key: set(chosen) for key in unit.keys}
        yield from (Task(unit, key) for key in chosen)


def _asked_for(unit: Unit, keys: Iterable[str], there: list[str]) -> list[str]:
    chosen: dict[str, None] = {}
    for key in keys:
        first, dots, last = key.partition("..")
        first, last = (first or there[0], last or there[-1]) if dots and there else (first, last or first)
        for end in (first, last):
            if end not in there:
                span = f" ({there[0]} to {there[-1]})" if there else ""
                raise WorkspaceError(
                    f"--partition {key}: {unit.title} has no partition {end!r}; it has {len(there)}{span}. "
                    f"{did_you_mean(end, there)}"
                )
        span_keys = there[there.index(first) : there.index(last) + 1]
        if not span_keys:
            raise WorkspaceError(f"--partition {key}: {first} comes after {last}. Write {last}..{first}.")
        chosen |= dict.fromkeys(span_keys)
    return list(chosen)


def _available(
    unit: Unit, there: list[str], known: Mapping[AssetKey, set[str]], latest: Latest, settings: Settings
) -> list[str]:
    if unit.declaration is not None and unit.declaration.landing:
        arrived = set(landing_keys(unit.declaration, settings))
        return [key for key in there if key in arrived]
    for source in unit.inputs:
        if source.keys is not None and not source.external:
            above = known[source.key] if source.key in known else set(latest.partitions(source.key))
            there = [key for key in there if above.issuperset(source.keys(key))]
    if len(there) > MANY_PARTITIONS:
        raise WorkspaceError(
            f"{unit.title} has {len(there):,} partitions. Say which: --partition {there[0]}..{there[-1]}."
        )
    return there
