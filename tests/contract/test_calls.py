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
        "def use():\n    return ab.load('a')\nimport assetbook as ab\nuse()",
        "def get():\n    global ab\n    import assetbook as ab\nget()\nab.load('a')",
        "try:\n    import assetbook as ab\nexcept ImportError:\n    ab = None\nab.load('a')",
        "import importlib\nimport assetbook as ab\nab = importlib.reload(ab)\nab.load('a')",
        "from assetbook import load\nload('a')\nfrom joblib import load\nload('model.pkl')",
        "from assetbook import load\ndef f(p):\n    from joblib import load\n    return load(p)\nload('a')",
        "from joblib import load\nload('x')\nfrom assetbook import load\nload('a')",
        "from assetbook import load, check\nfor check in [1]:\n    print(check)\nload('a')",
        "from assetbook import *\ndef f(load):\n    return map(load, 'x')\nload('a')",
        "import assetbook as ab\nab.load('a')\nhelp(ab.load)\nprint(ab.sql.__doc__)\nmap(ab.metric, 'ab', [1])",
    ],
)
def test_calls_are_found_through_every_alias(read: Read, cell: str) -> None:
    contract = read(cell)
    assert contract.problems == ()
    assert [item.name for item in contract.inputs] == ["a"]


@pytest.mark.parametrize(
    "cell",
    [
        "load('a')",
        "import pandas as ab\nab.load('a')",
        "from pickle import load\nload('a')",
        "from assetbook import load\nfrom pickle import load\nload('a')",
        "from assetbook import load\ntry:\n    from joblib import load\nexcept ImportError:\n    pass\nload('a')",
        "from assetbook import load\ndef load(name):\n    return name\nload('a')",
        "from assetbook import load\nload = load_model = print\nload('a')",
    ],
)
def test_calls_of_others_are_left_alone(read: Read, cell: str) -> None:
    assert read(cell).inputs == ()


def test_an_import_in_a_later_cell_takes_the_name_from_then_on(read: Read) -> None:
    contract = read("from assetbook import load", "load('a')", "from joblib import load", "load('model.pkl')")
    assert contract.problems == ()
    assert [item.name for item in contract.inputs] == ["a"]


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("a, b = map(ab.load, ['a', 'b'])", 1),
        ("future = executor.submit(ab.load, 'orders')", 1),
        ("from functools import partial\nread = partial(ab.load, as_='polars')\nread('a')", 2),
        ("read = ab.load\nfor x in names:\n    list(map(read, names))", 3),
        ("def f(read=ab.load):\n    return read('a')", 1),
        ("readers = {'lake': ab.load}", 1),
        ("read = ab.load if lake else local", 1),
    ],
)
def test_a_function_that_is_handed_on_is_a_problem_with_its_place(read: Read, cell: str, line: int) -> None:
    contract = read("import assetbook as ab", cell)
    assert contract.inputs == ()
    [problem] = contract.problems
    assert problem.message == (
        f"nb.ipynb, cell 2, line {line}: ab.load is handed on here, and what it is then called with cannot be "
        'read. Call it, with literal names; where a function is wanted, write lambda: ab.load("flights").'
    )


def test_a_lambda_that_calls_is_read(read: Read) -> None:
    contract = read("import assetbook as ab", "future = executor.submit(lambda: ab.load('orders'))")
    assert contract.problems == ()
    assert [item.name for item in contract.inputs] == ["orders"]


def test_calls_are_in_the_order_of_the_notebook(read: Read) -> None:
    contract = read("import assetbook as ab\ndef f():\n    ab.load('b')\nab.load('c')", "ab.load('a')")
    assert [item.name for item in contract.inputs] == ["b", "c", "a"]
    assert [str(item.place) for item in contract.inputs] == [
        "cell 1, line 3",
        "cell 1, line 4",
        "cell 2, line 1",
    ]
