from __future__ import annotations

from collections.abc import Callable

import pytest

from assetbook.contract import Contract

Read = Callable[..., Contract]


@pytest.mark.parametrize(
    "cell",
    [
        "import assetbook as ab\nab.load('a')",
        "import assetbook\nassetbook.load('a')",
        "import assetbook.session\nassetbook.load('a')",
        "from assetbook import load as l\nl('a')",
        "from assetbook import *\nload('a')",
        "import assetbook as ab\nread = ab.load\nread('a')",
        "import assetbook as ab\nx = ab\ny = x\nread: object = y.load\nread('a')",
        "import assetbook as ab\nread, write = ab.load, ab.save\nread('a')",
        "import assetbook as ab\n(read := ab.load)('a')\nread('a')",
        "def f():\n    from assetbook import load\n    return load('a')",
        "try:\n    import assetbook as ab\nexcept ImportError:\n    raise\nab.load('a').merge(1)",
        "import assetbook as ab\nresult = [y for x in [ab.load('a')] for y in x]",
        "%time import assetbook as ab\n%time x = ab.load('a')",
    ],
)
def test_calls_are_found_through_every_alias(read: Read, cell: str) -> None:
    contract = read(cell)
    assert contract.problems == ()
    assert [item.name for item in contract.inputs] == ["a"]


@pytest.mark.parametrize(
    "cell", ["load('a')", "import pandas as ab\nab.load('a')", "from pickle import load\nload('a')"]
)
def test_calls_of_others_are_left_alone(read: Read, cell: str) -> None:
    assert read(cell).inputs == ()


def test_calls_are_in_the_order_of_the_notebook(read: Read) -> None:
    contract = read("import assetbook as ab\ndef f():\n    ab.load('b')\nab.load('c')", "ab.load('a')")
    assert [item.name for item in contract.inputs] == ["b", "c", "a"]
    assert [str(item.place) for item in contract.inputs] == [
        "cell 1, line 3",
        "cell 1, line 4",
        "cell 2, line 1",
    ]
