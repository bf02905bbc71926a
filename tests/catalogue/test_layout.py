from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from assetbook.catalogue.layout import arrange, lane_order

NAMES = "abcdefghijklmno"


@st.composite
def graphs(draw):
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    pairs = list(combinations(names, 2))
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    lanes = draw(st.none() | st.fixed_dictionaries({name: st.sampled_from("123") for name in names}))
    widths = {name: draw(st.integers(40, 200)) for name in names}
    return widths, edges, lanes


def overlap(one, other):
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    above = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (beside or above)


@given(graphs())
def test_boxes_never_overlap_and_lines_go_from_left_to_right(graph):
    widths, edges, lanes = graph

    found = arrange(widths, edges, lanes=lanes)

    boxes = {box.name: box for box in found.boxes}
    assert list(boxes) == list(widths)
    assert not any(overlap(one, other) for one, other in combinations(found.boxes, 2))
    assert all(box.width >= widths[box.name] for box in found.boxes)
    assert all(b.x >= 0 and b.x + b.width <= found.width + 1e-6 for b in found.boxes)
    assert all(b.y + 1e-6 >= 0 and b.y + b.height <= found.height + 1e-6 for b in found.boxes)
    assert [(line.source, line.target) for line in found.lines] == edges
    for line in found.lines:
        xs = [x for x, _ in line.points]
        assert xs == sorted(xs)
        assert xs[0] == boxes[line.source].x + boxes[line.source].width
        assert xs[-1] == boxes[line.target].x


@given(graphs().filter(lambda graph: graph[2]))
def test_lanes_stand_side_by_side_and_hold_what_belongs_to_them(graph):
    widths, edges, lanes = graph

    found = arrange(widths, edges, lanes=lanes)

    order = lane_order(widths, edges, lanes)
    assert [lane.title for lane in found.lanes] == list(dict.fromkeys(order.values()))
    for one, other in zip(found.lanes, found.lanes[1:], strict=False):
        assert one.x + one.width <= other.x
    bands = {lane.title: lane for lane in found.lanes}
    for box in found.boxes:
        band = bands[order[box.name]]
        assert band.x <= box.x
        assert box.x + box.width <= band.x + band.width + 1e-6


def test_lanes_follow_what_they_are_made_from():
    lanes = {
        "flights": "raw",
        "features": "features",
        "report": "reports",
        "model": "models",
        "old": "broken",
    }
    edges = [("flights", "features"), ("features", "model"), ("model", "report"), ("flights", "report")]

    found = arrange(dict.fromkeys(lanes, 50.0), edges, lanes=lanes)

    assert [lane.title for lane in found.lanes] == ["raw", "features", "models", "reports", "broken"]


def test_lanes_that_need_each_other_become_one():
    lanes = {"a": "one", "b": "two", "c": "one", "d": "three"}

    found = arrange(dict.fromkeys(lanes, 50.0), [("a", "b"), ("b", "c"), ("c", "d")], lanes=lanes)

    assert [lane.title for lane in found.lanes] == ["one and two", "three"]


def test_lines_that_need_not_cross_do_not():
    found = arrange(dict.fromkeys("abcxyz", 50.0), [("a", "z"), ("b", "y"), ("c", "x")])

    heights = {box.name: box.y for box in found.boxes}
    assert [line.points[0][1] for line in found.lines] == [line.points[-1][1] for line in found.lines]
    assert len({heights[name] for name in "xyz"}) == 3


def test_an_input_stands_next_to_what_reads_it():
    found = arrange(dict.fromkeys("abdc", 50.0), [("a", "b"), ("b", "c"), ("d", "c")])

    x = {box.name: box.x for box in found.boxes}
    assert x["d"] == x["b"]


def test_what_stands_alone_stands_below_the_rest():
    found = arrange(dict.fromkeys("abxy", 50.0), [("a", "y"), ("b", "y")])

    heights = {box.name: box.y for box in found.boxes}
    assert heights["a"] < heights["b"] < heights["x"]
    assert heights["x"] - heights["b"] == heights["b"] - heights["a"]


def test_nothing_is_a_picture_too():
    assert arrange({}, []).boxes == ()
