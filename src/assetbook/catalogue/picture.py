"""The picture of a graph: which assets stand in it, and their boxes and lines as SVG has them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assetbook.catalogue.layers import HEIGHT
from assetbook.catalogue.layout import Box, Lane, Line, arrange, lane_order
from assetbook.catalogue.model import Entry, State
from assetbook.catalogue.wording import KINDS, STATES
from assetbook.words import counted

LETTER = 7.6  # the width of a letter of a box, in the typeface of the pages
LONGEST = 30  # letters of a name
BESIDE = 44.0  # the width of a box besides its name
SIGN = 14.0  # and of one with a sign
MARGIN = 6.0
TITLES = 34.0  # the height of the titles of lanes
NEARBY = 24  # assets of a picture of one asset's surroundings
SIGNS: Mapping[State, str] = {
    "broken": "✗",
    "failed": "✗",
    "stale": "△",
}  # state to the sign of a box, the worst first


@dataclass(frozen=True)
class Shown:
    """What a box shows: an asset, or a group of them.

    Attributes:
        name: of the asset or the group.
        label: the name, as far as there is room for it.
        kind: of the asset; ``group``.
        state: of the asset; of a group that of the asset that needs most to be looked at.
        words: all of it in words.
    """

    name: str
    label: str
    kind: str
    state: State
    words: str

    @property
    def room(self) -> float:
        """The width that it needs."""
        return _letters(self.label) * LETTER + BESIDE + (SIGN if self.state in SIGNS else 0)


@dataclass(frozen=True)
class Node(Shown):
    """A box; x and y are those of its upper left corner."""

    x: float
    y: float
    width: float
    height: float = HEIGHT


@dataclass(frozen=True)
class Band:
    """A lane with its title."""

    title: str
    x: float
    width: float


@dataclass(frozen=True)
class Path:
    """A line, `d` as SVG writes it."""

    source: str
    target: str
    d: str


@dataclass(frozen=True)
class Picture:
    """All that is drawn; `above` and `below` are how many assets further up and down are left out."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    paths: tuple[Path, ...]
    bands: tuple[Band, ...] = ()
    above: int = 0
    below: int = 0


def whole(entries: Sequence[Entry]) -> Picture:
    """Return the picture of all assets, in a lane for each group."""
    groups = {entry.name: entry.group for entry in entries}
    return _picture([_shown(entry) for entry in entries], _edges(entries), groups)


def by_group(entries: Sequence[Entry]) -> Picture:
    """Return the picture of the groups; those that need each other are one box."""
    edges = _edges(entries)
    lanes = lane_order([e.name for e in entries], edges, {e.name: e.group for e in entries})
    members: dict[str, list[Entry]] = {}
    by_name = {entry.name: entry for entry in entries}
    for name, lane in lanes.items():
        members.setdefault(lane, []).append(by_name[name])
    between = dict.fromkeys((lanes[s], lanes[t]) for s, t in edges if lanes[s] != lanes[t])
    return _picture([_group(lane, found) for lane, found in members.items()], list(between), None)


def around(name: str, entries: Mapping[str, Entry]) -> Picture:
    """Return the picture of an asset with what it is made from and what is made from it, the nearest first."""
    above, left_above = _nearest(name, {n: e.inputs for n, e in entries.items()})
    below, left_below = _nearest(name, {n: e.readers for n, e in entries.items()})
    shown = [entry for entry in entries.values() if entry.name in {name, *above, *below}]
    edges = [
        (source, target)
        for source, target in _edges(shown)
        if {source, target} <= {name, *above} or {source, target} <= {name, *below}
    ]
    return _picture([_shown(entry) for entry in shown], edges, None, above=left_above, below=left_below)


def _edges(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    there = {entry.name for entry in entries}
    return [(source, entry.name) for entry in entries for source in entry.inputs if source in there]


def _nearest(name: str, neighbours: Mapping[str, Collection[str]]) -> tuple[set[str], int]:
    """Return the assets that lead on from one, as many steps as there is room for, and how many are left out."""
    every: set[str] = set()
    shown: set[str] = set()
    step = set(neighbours[name])
    while step:
        every |= step
        if not shown or len(every) <= NEARBY // 2:
            shown = set(every)
        step = {other for one in step for other in neighbours[one]} - every - {name}
    return shown, len(every) - len(shown)


def _shown(entry: Entry) -> Shown:
    holds = f", {entry.holds}" if entry.holds else ""
    words = f"{entry.name}: {KINDS[entry.kind]}, {STATES[entry.state]}{holds}"
    return Shown(entry.name, _label(entry.name), entry.kind, entry.state, words)


def _group(name: str, entries: Sequence[Entry]) -> Shown:
    states = [entry.state for entry in entries]
    worst: State = next((state for state in SIGNS if state in states), "current")
    signed = [f"{states.count(state)} {STATES[state]}" for state in SIGNS if state in states]
    words = ", ".join([f"{name}: {counted(len(entries), 'asset')}", *signed])
    return Shown(name, f"{_label(name)} {len(entries)}", "group", worst, words)


def _picture(
    shown: Sequence[Shown],
    edges: Sequence[tuple[str, str]],
    lanes: Mapping[str, str] | None,
    *,
    above: int = 0,
    below: int = 0,
) -> Picture:
    layout = arrange({each.name: each.room for each in shown}, edges, lanes=lanes)
    top = TITLES if lanes else MARGIN
    nodes = (_node(each, box, top) for each, box in zip(shown, layout.boxes, strict=True))
    return Picture(
        width=round(layout.width + 2 * MARGIN, 1),
        height=round(layout.height + top + 2 * MARGIN, 1),
        nodes=tuple(nodes),
        paths=tuple(_path(line, top) for line in layout.lines),
        bands=tuple(_band(lane) for lane in layout.lanes),
        above=above,
        below=below,
    )


def _node(shown: Shown, box: Box, top: float) -> Node:
    place = {"x": round(box.x + MARGIN, 1), "y": round(box.y + top, 1), "width": round(box.width, 1)}
    return Node(shown.name, shown.label, shown.kind, shown.state, shown.words, **place)


def _band(lane: Lane) -> Band:
    return Band(lane.title, round(lane.x + MARGIN, 1), round(lane.width, 1))


def _path(line: Line, top: float) -> Path:
    """Return a line that leaves and arrives horizontally, and is straight where it passes a column."""
    points = [(x + MARGIN, y + top) for x, y in line.points]
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for n, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        middle = (x0 + x1) / 2
        if n % 2:
            parts.append(f"H{x1:.1f}")
        else:
            parts.append(f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}")
    return Path(line.source, line.target, "".join(parts))


def _label(name: str) -> str:
    shown = " ".join(name.split()) or "?"
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


def _letters(text: str) -> int:
    """Return how wide a text is, in letters: those of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
