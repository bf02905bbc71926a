"""Whatever stands in a file, the answer is a report."""

# ruff: noqa: E501 - one odd notebook to a line

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assetbook.checking import Checker, Selection

CODE = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}


def notebook(*sources, **metadata):
    cells = [{**CODE, "source": source} for source in sources]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


@pytest.fixture
def report_of(tmp_path):
    def report(content):
        path = tmp_path / "some.ipynb"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return Checker(tmp_path, selection=Selection()).check_file(path)

    return report


UNREADABLE = {
    "empty": b"",
    "spaces": b"  \n",
    "broken": b'{"cells": [',
    "no object": b"[1, 2]",
    "no notebook": b'{"a": 1}',
    "not UTF-8": '{"cells": "ä"}'.encode("latin-1"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "format 3": b'{"nbformat": 3, "worksheets": []}',
    "format 5": b'{"nbformat": 5, "cells": []}',
    "conflict": b'{"nbformat": 4,\n<<<<<<< HEAD\n"cells": []}',
    "nested": b"[" * 100_000,
    "cells of numbers": b'{"nbformat": 4, "cells": [1]}',
    "odd source": json.dumps(notebook({"a": 1})).encode(),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_notebook_is_one_finding(report_of, content):
    (finding,) = report_of(content).findings
    assert (finding.code, finding.severity) == ("AB001", "error")


def test_a_missing_file(tmp_path):
    (finding,) = Checker(tmp_path).check_file(tmp_path / "nowhere.ipynb").findings
    assert finding.message == "there is no such file."


@pytest.mark.parametrize("language", ["R", "julia", "scala"])
def test_another_language_is_one_finding(report_of, language):
    report = report_of(notebook("x <- 1", "y %>% z", kernelspec={"name": "ir", "language": language}))
    assert [finding.code for finding in report.findings] == ["AB002"]


ODD = {
    "nothing": notebook(),
    "empty cells": notebook("", "\n\n", "   "),
    "null byte": notebook("x = 1\0"),
    "deep": notebook("(" * 2000 + ")" * 2000, "-" * 3000 + "1", "[" * 90 + "]" * 90),
    "long": notebook("x = [" + "1, " * 100_000 + "]"),
    "many lines": notebook("x = 1\n" * 20_000),
    "form feed": notebook("x = 1\n\x0c\ny = 2"),
    "windows": notebook("import cv3\r\nprint(a)\r\n"),
    "indented": notebook("    import cv3\n    print(a)"),
    "magics": notebook("%", "%%", "!", "?", "%%time", "%%bash", "%run", "%cd", "!pip", "%pip install", "x = !", "%load_ext"),
    "half of everything": notebook("def f(", "class", "for x in", "'''", "f'{x", "lambda: (yield)", "return 1", "await x"),
    "odd outputs": {**notebook("1"), "cells": [{**CODE, "source": "1", "outputs": [1, {}, {"data": 3, "text": [1]}, None]}]},
    "odd counts": {**notebook(), "cells": [{**CODE, "source": "1", "execution_count": n} for n in ("1", True, -1, 1.5, [])]},
    "no outputs": {**notebook(), "cells": [{"cell_type": "code", "source": "1"}]},
    "odd metadata": {**notebook("1"), "metadata": {"kernelspec": 3, "assetbook": {"ignore": 5}, "language_info": []}},
    "star of stars": notebook("from os import *\nfrom . import *\nfrom .a import b\nimport a.b.c as d"),
    "odd imports": notebook("import sys.nowhere, os.path, xml.etree.ElementTree as E\nfrom __future__ import annotations"),
    "dynamic": notebook("sys.path.append(x)\nsys.path.insert(0)\nopen()\nopen(*a, **k)\npd.read_csv()\n''.join(x)"),
    "paths": notebook("open('\\0')\nopen('x' * 10000)\nopen('" + "x" * 5000 + "')\nopen('~')\nopen('')"),
    "self": notebook("x = x\ny = z\nz = y\nopen(y)\nopen(x + '/a')\np = p / 'a'\nopen(p)"),
}  # fmt: skip


@pytest.mark.parametrize("document", ODD.values(), ids=ODD)
def test_odd_notebooks_give_a_report(report_of, document):
    assert isinstance(report_of(document).findings, tuple)


@given(
    st.lists(
        st.text(alphabet="abx01 \n\t=()[]{}:.,'\"%!?#*@\\;é", max_size=60)
        | st.sampled_from(["import a", "%run b", "!pip install c", "def f():\n    global x\n    x = 1", "del x", "x = !ls"]),
        max_size=6,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_report(tmp_path_factory, sources):
    root = tmp_path_factory.getbasetemp()
    content = json.dumps(notebook(*sources)).encode()
    report = Checker(root, selection=Selection()).check_content(content, path=root / "x.ipynb")
    for finding in report.findings:
        assert finding.message
        assert finding.line is None or finding.line >= 1
