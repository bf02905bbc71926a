"""Which partitions a trial is about: the one that a notebook runs for, and those that it reads of others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from assetbook.contract import Contract
from assetbook.contract.partitions import KEY_FORMATS
from assetbook.platform.partitioning import Definition, Partitioning, sample_keys
from assetbook.testing.values import PERIOD, Period

MOST_READ = 12  # partitions of a table in the lake
MOST_MADE = 4  # partitions that are made for lack of real ones


def key_for(contract: Contract, partitioning: Partitioning, *, there: Collection[str] | None) -> str:
    """Return the partition that a notebook is tried with: that of its default, else the newest, else the first.

    Args:
        contract: of the notebook.
        partitioning: of the notebook.
        there: the partitions that all inputs have which it reads by its own key; None where nothing tells.
    """
    parameter = contract.parameter(partitioning.parameter)
    spelled = texts([parameter.default]) if parameter else []
    if there:
        return next((text for text in spelled if text in there), max(there))
    known = keys_of(partitioning.definition)
    return next((text for text in spelled if text in known), (known or spelled or [""])[0])


def keys_of(definition: Definition) -> list[str]:
    """Return the partitions that a definition has; none of one whose partitions come and go."""
    if isinstance(definition, dg.TimeWindowPartitionsDefinition | dg.StaticPartitionsDefinition):
        return list(definition.get_partition_keys()) or sample_keys(definition)
    return []


def some(keys: Sequence[str], *, named: Collection[str], most: int, newest: bool) -> list[str]:
    """Return neighbouring keys: up to the one after the last that is named, else the newest or the first ones.

    Args:
        keys: in order.
        named: texts that parameters have.
        most: how many.
        newest: which to take where none is named.
    """
    places = [place for place, key in enumerate(keys) if key in named]
    end = max(places) + 2 if places else len(keys) if newest else most
    end = min(max(end, most), len(keys))
    return list(keys[max(0, end - most) : end])


def texts(values: Iterable[Any]) -> list[str]:
    """Return the partition keys that values of parameters may mean."""
    found: list[str] = []
    for value in values:
        if isinstance(value, date):
            found += [value.strftime(form) for form in KEY_FORMATS.values()]
        elif isinstance(value, str):
            found.append(value)
    return found


def window(definition: Definition, key: str) -> Period | None:
    """Return the time that a partition is about, None where it is about none."""
    if not isinstance(definition, dg.TimeWindowPartitionsDefinition):
        return None
    found = definition.time_window_for_partition_key(key)
    return _utc(found.start), _utc(found.end)


def period(definitions: Iterable[Definition], *, named: Collection[str]) -> Period:
    """Return the time that all made tables have in common, so that they can be joined."""
    windows = [
        found
        for definition in definitions
        for key in some(keys_of(definition), named=named, most=MOST_MADE, newest=False)
        if (found := window(definition, key))
    ]
    if not windows:
        return PERIOD
    return min(start for start, _ in windows), max(end for _, end in windows)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
