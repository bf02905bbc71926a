"""Where things stand in the picture of a graph: columns from left to right, with few crossings.

The method is that of Sugiyama, Tagawa and Toda (1981): each node gets a column, long edges get a place in every
column that they pass, the columns are ordered by the mean place of the neighbours, and heights follow the
neighbours as far as the order allows. Lanes are columns that belong together, such as those of a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from assetbook.catalogue.layers import HEIGHT, Chain, Item, Passage, heights_of, ordered

BETWEEN = 60.0  # columns, where edges bend
PADDING = 16.0  # of a lane

Edges = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Box:
    """A node's place; x and y are its upper left corner."""

    name: str
    x: float
    y: float
    width: float
    height: float = HEIGHT


@dataclass(frozen=True)
class Line:
    """An edge: it bends from the 1st point to the 2nd, is straight from the 2nd to the 3rd, bends again, and so on."""

    source: str
    target: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Lane:
    """A band over the whole height."""

    title: str
    x: float
    width: float


@dataclass(frozen=True)
class Layout:
    """A picture without its drawing."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    lanes: tuple[Lane, ...] = ()


def arrange(widths: Mapping[str, float], edges: Edges, *, lanes: Mapping[str, str] | None = None) -> Layout:
    """Return the places of all nodes and edges.

    Args:
        widths: node to the width that its box needs, upstream first; boxes of one column are as wide as the widest.
        edges: from upstream to downstream, without cycles.
        lanes: node to the lane that it belongs to; without them the picture has none.
    """
    order = lane_order(widths, edges, lanes) if lanes else {}
    ranks = _lane_ranks(widths, edges, order) if lanes else _late_ranks(widths, edges)
    chains = _chains(edges, ranks)
    columns = ordered(_columns(widths, ranks, chains), chains)
    heights = heights_of(columns, chains)
    xs, bands, width = _across(columns, ranks, widths, order)
    boxes = {}
    for name in widths:
        left, right = xs[ranks[name]]
        boxes[name] = Box(name, left, heights[name] - HEIGHT / 2, right - left)
    lines = tuple(_line(chain, boxes, heights, xs) for chain in chains)
    bottom = max((heights[item] for column in columns for item in column), default=0.0)
    return Layout(width, bottom + HEIGHT / 2, tuple(boxes.values()), lines, bands)


# ---- columns


def _late_ranks(names: Iterable[str], edges: Edges) -> dict[str, int]:
    """Return the column of each node: right of its inputs, and next to what reads it."""
    names = list(names)
    ranks = _early_ranks(names, edges)
    readers: dict[str, list[str]] = {}
    for source, target in edges:
        readers.setdefault(source, []).append(target)
    for name in reversed(names):
        if name in readers:
            ranks[name] = min(ranks[reader] for reader in readers[name]) - 1
    return ranks


def _early_ranks(names: Iterable[str], edges: Edges) -> dict[str, int]:
    inputs: dict[str, list[str]] = {}
    for source, target in edges:
        inputs.setdefault(target, []).append(source)
    ranks: dict[str, int] = {}
    for name in names:
        ranks[name] = max((ranks[source] + 1 for source in inputs.get(name, ())), default=0)
    return ranks


def _lane_ranks(names: Iterable[str], edges: Edges, order: Mapping[str, str]) -> dict[str, int]:
    """Return the column of each node: those of a lane stand together, lane after lane."""
    ranks: dict[str, int] = {}
    first = 0
    for lane in dict.fromkeys(order.values()):
        members = [name for name in names if order[name] == lane]
        within = [(s, t) for s, t in edges if order[s] == lane and order[t] == lane]
        ranks |= {name: first + rank for name, rank in _early_ranks(members, within).items()}
        first = max(ranks.values()) + 1
    return ranks


def lane_order(names: Iterable[str], edges: Edges, lanes: Mapping[str, str]) -> dict[str, str]:
    """Return the lane of each node, the lanes from left to right; lanes that need each other become one."""
    of = {name: lanes[name] for name in names}
    while True:
        needs: dict[str, set[str]] = {lane: set() for lane in of.values()}
        for source, target in edges:
            if of[source] != of[target]:
                needs[of[target]].add(of[source])
        try:
            sequence = list(TopologicalSorter(needs).static_order())
        except CycleError as error:
            together = dict.fromkeys(error.args[1])
            title = " and ".join(sorted(together))
            of = {name: title if lane in together else lane for name, lane in of.items()}
        else:
            break
    depth: dict[str, int] = {}
    for lane in sequence:
        depth[lane] = max((depth[need] + 1 for need in needs[lane]), default=0)
    read = set().union(*needs.values())
    alone = {lane for lane in needs if not needs[lane] and lane not in read}
    key = {lane: (lane in alone, depth[lane], lane) for lane in needs}
    return dict(sorted(of.items(), key=lambda pair: key[pair[1]]))


def _chains(edges: Edges, ranks: Mapping[str, int]) -> list[Chain]:
    return [
        Chain(s, t, tuple(Passage(s, t, rank) for rank in range(ranks[s] + 1, ranks[t]))) for s, t in edges
    ]


def _columns(names: Iterable[str], ranks: Mapping[str, int], chains: Iterable[Chain]) -> list[list[Item]]:
    columns: list[list[Item]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for name in names:
        columns[ranks[name]].append(name)
    for chain in chains:
        for passage in chain.passages:
            columns[passage.rank].append(passage)
    return columns


# ---- widths


def _across(
    columns: Sequence[Sequence[Item]],
    ranks: Mapping[str, int],
    widths: Mapping[str, float],
    order: Mapping[str, str],
) -> tuple[list[tuple[float, float]], tuple[Lane, ...], float]:
    """Return left and right of each column, the lanes, and the width of it all."""
    lane_of = {ranks[name]: lane for name, lane in order.items()}
    spans: list[tuple[float, float]] = []
    lanes: dict[str, tuple[float, float]] = {}
    x = 0.0
    for rank, column in enumerate(columns):
        lane = lane_of.get(rank)
        begins = lane is not None and lane not in lanes
        x += (PADDING if begins else 0) + ((BETWEEN if not begins else BETWEEN / 2) if rank else 0)
        width = max((widths[item] for item in column if isinstance(item, str)), default=0.0)
        spans.append((x, x + width))
        x += width
        if lane is not None:
            lanes[lane] = (lanes[lane][0] if lane in lanes else spans[-1][0] - PADDING, x + PADDING)
            x += PADDING if lane_of.get(rank + 1) != lane else 0
    found = tuple(Lane(title, left, right - left) for title, (left, right) in lanes.items())
    return spans, found, x


def _line(
    chain: Chain,
    boxes: Mapping[str, Box],
    heights: Mapping[Item, float],
    xs: Sequence[tuple[float, float]],
) -> Line:
    source, target = boxes[chain.source], boxes[chain.target]
    points = [(source.x + source.width, heights[source.name])]
    for passage in chain.passages:
        left, right = xs[passage.rank]
        points += [(left, heights[passage]), (right, heights[passage])]
    return Line(source.name, target.name, (*points, (target.x, heights[target.name])))
