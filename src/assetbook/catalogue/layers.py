"""Columns of a picture: the order of what stands in them, and the heights.

What an edge takes of a column that it only passes is an item of it like a node.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

HEIGHT = 30.0  # of a box
GAP = 14.0  # between two boxes
PASSING = 10.0  # what an edge takes of a column that it only passes
SWEEPS = 16


class Passage(NamedTuple):
    """Where an edge passes a column."""

    source: str
    target: str
    rank: int


Item = str | Passage
Near = dict[Item, list[Item]]


@dataclass(frozen=True)
class Chain:
    """An edge with the columns that it passes."""

    source: str
    target: str
    passages: tuple[Passage, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All of it, from left to right."""
        return (self.source, *self.passages, self.target)


# ---- order


def ordered(columns: list[list[Item]], chains: Iterable[Chain]) -> list[list[Item]]:
    """Return the columns, each in the order that crosses the fewest edges of those that were tried."""
    left, right = _neighbours(chains)
    columns = [sorted(column, key=lambda item: item not in left and item not in right) for column in columns]
    best, fewest = [list(column) for column in columns], _crossings(columns, right)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        if sweep % 2:
            pairs = [(columns[n], columns[n + 1], right) for n in range(len(columns) - 2, -1, -1)]
        else:
            pairs = [(columns[n], columns[n - 1], left) for n in range(1, len(columns))]
        for column, fixed, near in pairs:
            _sort_by_mean(column, fixed, near, alone=lambda item: item not in left and item not in right)
        crossings = _crossings(columns, right)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def _neighbours(chains: Iterable[Chain]) -> tuple[Near, Near]:
    left: Near = {}
    right: Near = {}
    for chain in chains:
        for one, other in pairwise(chain.items):
            left.setdefault(other, []).append(one)
            right.setdefault(one, []).append(other)
    return left, right


def _sort_by_mean(
    column: list[Item], fixed: Sequence[Item], near: Near, *, alone: Callable[[Item], bool]
) -> None:
    """Sort a column by the mean place of the neighbours: what has none there stays about where it was."""
    place = {item: n / max(len(fixed) - 1, 1) for n, item in enumerate(fixed)}
    own = {item: n / max(len(column) - 1, 1) for n, item in enumerate(column)}

    def mean(item: Item) -> tuple[bool, float]:
        found = [place[other] for other in near.get(item, ())]
        return alone(item), sum(found) / len(found) if found else own[item]

    column.sort(key=mean)


def _crossings(columns: Sequence[Sequence[Item]], right: Near) -> int:
    count = 0
    for column, following in pairwise(columns):
        place = {item: n for n, item in enumerate(following)}
        seen: list[int] = []
        for item in column:
            ends = sorted(place[other] for other in right.get(item, ()))
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


# ---- heights


def heights_of(columns: Sequence[Sequence[Item]], chains: Iterable[Chain]) -> dict[Item, float]:
    """Return the height of each item's middle: near its neighbours, and edges straight that pass columns."""
    left, right = _neighbours(chains)
    heights: dict[Item, float] = {}
    for column in columns:
        heights |= dict(zip(column, _offsets(column), strict=True))
    for sweep in range(SWEEPS):
        backwards = bool(sweep % 2)
        near = right if backwards else left
        for column in reversed(columns) if backwards else columns:
            _settle(column, heights, near)
    for column in columns:
        _settle(column, heights, {item: left.get(item, []) + right.get(item, []) for item in column})
    top = min((heights[item] for item in {*left, *right}), default=0.0)
    for column in columns:
        _gather([item for item in column if item not in left and item not in right], column, heights, top)
    return {item: height - top + HEIGHT / 2 for item, height in heights.items()}


def _gather(alone: list[Item], column: Sequence[Item], heights: dict[Item, float], top: float) -> None:
    """Put what nothing leads to or from right below the rest of its column, or where the picture begins."""
    others = [heights[item] for item in column if item not in alone]
    below = others[-1] + HEIGHT + GAP if others else top
    for n, item in enumerate(alone):
        heights[item] = below + n * (HEIGHT + GAP)


def _offsets(column: Sequence[Item]) -> list[float]:
    """Return the heights of a column without anything between its items but what must be."""
    sizes = [HEIGHT + GAP if isinstance(item, str) else PASSING for item in column]
    found = [0.0] if column else []
    for one, other in pairwise(sizes):
        found.append(found[-1] + (one + other) / 2)
    return found


def _settle(column: Sequence[Item], heights: dict[Item, float], near: Near) -> None:
    """Move the items of a column to their neighbours, in their order and without overlaps."""
    offsets = _offsets(column)
    wanted, weights = [], []
    for item, offset in zip(column, offsets, strict=True):
        others = near.get(item, ())
        mean = sum(heights[o] for o in others) / len(others) if others else heights[item]
        wanted.append(mean - offset)
        straight = not isinstance(item, str) and any(not isinstance(o, str) for o in others)
        weights.append(8.0 if straight else 1.0 if others else 0.1)
    for item, offset, height in zip(column, offsets, _increasing(wanted, weights), strict=True):
        heights[item] = height + offset


def _increasing(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the nearest sequence, by weighted squares, that never decreases: pooled adjacent violators."""
    pools: list[list[float]] = []  # mean, weight, number
    for value, weight in zip(values, weights, strict=True):
        pools.append([value, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, heavy, number = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * heavy) / (last[1] + heavy)
            last[1] += heavy
            last[2] += number
    return [mean for mean, _, number in pools for _ in range(int(number))]
