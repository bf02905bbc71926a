"""Only the lines that change are changed: everything else in the file stays, byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetbook.checking.document import with_sources

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "source": ["a = 1\n", "b = 'é\\n'\n", "c = 3"],
            "outputs": [{"text": 'brackets ] } and "quotes" \\'}],
            "id": "x",
        },
        {"cell_type": "markdown", "metadata": {"source": "not this"}, "source": "# Title\n\ntext"},
        {"cell_type": "code", "source": [], "outputs": []},
    ],
    "metadata": {"cells": [1, 2]},
    "nbformat": 4,
    "nbformat_minor": 5,
}
FORMS = {
    "jupyter": {"indent": 1, "ensure_ascii": False},
    "escaped": {"indent": 1},
    "four": {"indent": 4, "ensure_ascii": False},
    "tabs": {"indent": "\t"},
    "one line": {},
    "compact": {"separators": (",", ":")},
    "sorted": {"indent": 2, "sort_keys": True},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("ending", ["", "\n", "\r\n\r\n"])
def test_one_line_changes_and_nothing_else(form, ending):
    before = json.dumps(NOTEBOOK, **form) + ending
    after = with_sources(before.encode(), {0: "a = 1\nb = 'é\\n'\nd = 4"}).decode()
    assert after == before.replace('"c = 3"', '"d = 4"')


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_line_is_taken_out(form):
    before = json.dumps(NOTEBOOK, **form)
    after = with_sources(before.encode(), {0: "b = 'é\\n'\nc = 3"}).decode()
    expected = json.loads(before)
    expected["cells"][0]["source"] = ["b = 'é\\n'\n", "c = 3"]
    assert after == json.dumps(expected, **form)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_cell_is_deleted(form, index):
    before = json.dumps(NOTEBOOK, **form)
    expected = json.loads(before)
    del expected["cells"][index]
    assert with_sources(before.encode(), {index: None}).decode() == json.dumps(expected, **form)


def test_a_source_that_is_one_text_stays_one():
    before = json.dumps(NOTEBOOK, indent=1)
    after = json.loads(with_sources(before.encode(), {1: "# Other\n"}))
    assert after["cells"][1]["source"] == "# Other\n"


def test_line_ends_of_windows_stay():
    before = json.dumps({**NOTEBOOK, "cells": [{"cell_type": "code", "source": ["a\r\n", "b\r\n", "c"]}]})
    after = with_sources(before.encode(), {0: "a\nc"})
    assert json.loads(after)["cells"][0]["source"] == ["a\r\n", "c"]


def test_all_lines_are_taken_out():
    before = json.dumps(NOTEBOOK, indent=1, ensure_ascii=False)
    assert json.loads(with_sources(before.encode(), {0: ""}))["cells"][0]["source"] == []


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(
    sources=st.lists(st.lists(st.text(alphabet="ab\\\"é☃{[", min_size=1).map(lambda line: line + "\n")), min_size=1),
    extra=_VALUES,
    indent=st.sampled_from([None, 0, 1, 3]),
    ascii_only=st.booleans(),
)  # fmt: skip
def test_any_notebook_keeps_what_is_not_changed(sources, extra, indent, ascii_only):
    cells = [{"metadata": extra, "source": lines, "outputs": [extra]} for lines in sources]
    before = json.dumps({"x": extra, "cells": cells, "y": extra}, indent=indent, ensure_ascii=ascii_only)
    after = with_sources(before.encode(), {len(cells) - 1: "new\nlines"})
    expected = json.loads(before)
    expected["cells"][-1]["source"] = ["new\n", "lines"]
    assert json.loads(after) == expected
    assert with_sources(before.encode(), {0: "".join(sources[0])}) == before.encode()
