from __future__ import annotations

from collections.abc import Callable

import pytest

from assetbook.contract import Contract

Read = Callable[..., Contract]
Lineage = Callable[..., tuple[list[str], list[str]]]


@pytest.mark.parametrize(
    ("cell", "inputs"),
    [
        ('ab.load("a")', ["a"]),
        ('ab.load(name="a")', ["a"]),
        ('ab.load("a@3")', ["a"]),
        ('NAME = "a"\nab.load(NAME)', ["a"]),
        ('n = "a"\nab.load(n)\ndel n', ["a"]),
        ('NAME: str = "a"\nOTHER = NAME\nab.load(OTHER)', ["a"]),
        ('a, b = "x", "y"\nab.load(b)', ["y"]),
        ('ab.load("a" if flag else "b")', ["a", "b"]),
        ('for n in ["a", "b"]:\n    ab.load(n)', ["a", "b"]),
        ('for n in ("a", "b"):\n    ab.load(n)\nfor n in {"c"}:\n    ab.load(n)', ["a", "b", "c"]),
        ('NAMES = ["a", "b"]\nfor n in NAMES:\n    ab.load(n)', ["a", "b"]),
        ('frames = {n: ab.load(n) for n in ["a", "b"]}', ["a", "b"]),
        ('[ab.load(n) for n in ("a",) if n]', ["a"]),
        ('for n in {"a": 1, "b": 2}:\n    ab.load(n)', ["a", "b"]),
        ('for n, k in {"a": 1, "b": 2}.items():\n    ab.load(n)', ["a", "b"]),
        ('T = {"x": "a", "y": "b"}\nfor n in T.values():\n    ab.load(n)', ["a", "b"]),
        ('T = {"a": 1}\nfor n in sorted(T.keys()):\n    ab.load(n)', ["a"]),
        ('for i, (n, k) in enumerate([("a", 1), ("b", 2)]):\n    ab.load(n)', ["a", "b"]),
        ('for n, k in zip(["a", "b"], [1, 2]):\n    ab.load(n)', ["a", "b"]),
        ('def f(n):\n    return ab.load(n)\nf("a")\nf(n="b")', ["a", "b"]),
        ('def f(k, *, n="a"):\n    return ab.load(n)\nf(1)\nf(2, n="b")', ["a", "b"]),
        ('def f(n):\n    return ab.load(n)\nfor x in ["a", "b"]:\n    f(x)', ["a", "b"]),
        ('def f(n):\n    def g(m):\n        return ab.load(n)\n    return g(1)\nf("a")', ["a"]),
        ('f = lambda n: ab.load(n)\nf("a")', ["a"]),
        ("def f(n):\n    return ab.load(n)", []),
        ('if False:\n    ab.load("a")', ["a"]),
        ('def f():\n    name = "a"\n    return ab.load(name)\nname = "b"', ["a"]),
        ('n = "a"\nn = "b"\nab.load(n)', ["b"]),
        ('n = "a"\nab.load(n)\nn = "b"\nab.load(n)', ["a", "b"]),
        ('n = "a"\nwith x:\n    ab.load(n)\nfor i in x:\n    n = i', ["a"]),
        ('if x:\n    n = "b"\nn = "a"\nfor i in x:\n    ab.load(n)', ["a"]),
        ('N = ["a"]\n[ab.load(n) for n in N]\nN = ["b"]\nfor m in N:\n    ab.load(m)', ["a", "b"]),
    ],
)
def test_literal_names_are_found(lineage: Lineage, cell: str, inputs: list[str]) -> None:
    assert lineage(cell) == (inputs, [])


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('ab.load("a" + "b")', "'a' + 'b' has to be computed"),
        ('ab.load(f"a_{x}")', "f'a_{x}' has to be computed"),
        ("ab.load(names[0])", "names[0] has to be computed"),
        ("ab.load(missing)", "missing is not assigned in the notebook"),
        ('n = "a"\nif x:\n    n = "b"\nab.load(n)', "n is assigned more than once"),
        ('n = "a"\nfor i in x:\n    ab.load(n)\n    n = "b"', "n is assigned more than once"),
        ('n = "a"\nn = "b"\ndef f():\n    return ab.load(n)', "n is assigned more than once"),
        ('n = "a"\nab.load(n) if (n := "b") else 0', "n is assigned more than once"),
        ('n = "a"\nwith x as n:\n    ab.load(n)', "n is assigned more than once"),
        ('n = "a"\ntry:\n    n = "b"\nexcept E:\n    pass\nab.load(n)', "n is assigned more than once"),
        ('def f():\n    global n\n    n = "b"\nn = "a"\nn = "c"\nab.load(n)', "n is assigned more than once"),
        ('n = "a"\nn += "b"\nab.load(n)', "n is assigned more than once"),
        ('for n in ["a"]:\n    pass\nab.load(n)', "n is what a loop leaves behind"),
        ('for n in ["a"]:\n    n = n.upper()\n    ab.load(n)', "n is assigned more than once"),
        ("for n in names():\n    ab.load(n)", "names() is not a literal"),
        ("for n in [1]:\n    ab.load(n)", "1 has to be computed"),
        ('for n, m in ["ab"]:\n    ab.load(n)', "['ab'] is not a literal"),
        ("import n\nab.load(n)", "n is assigned something else than a literal"),
        ("a = b\nb = a\nab.load(a)", "is made from itself"),
        ("def f(n):\n    return ab.load(n)\nf(*x)", "n is passed on by f(*x)"),
        ('def f(n):\n    return ab.load(n)\nf("a")\nmap(f, x)', "not only called by its name"),
        ("class C:\n    def f(self, n):\n        return ab.load(n)", "not only called by its name"),
        ('def f(n):\n    return ab.load(n)\nf("a")\nf()', "f() does not pass n"),
        ("def f(n):\n    f(n)\n    return ab.load(n)\nf('a')", "is made from itself"),
        ('def f():\n    global n\n    n = "b"\nn = "a"\nab.load(n)', "n is assigned more than once"),
        ("ab.load(*names)", "ab.load needs a literal name"),
        ("ab.load()", "ab.load needs a literal name"),
    ],
)
def test_computed_names_are_problems_with_place_reason_and_fix(lineage: Lineage, cell: str, why: str) -> None:
    inputs, [problem] = lineage(cell)
    assert [name for name in inputs if name != "a"] == []
    assert problem.startswith("nb.ipynb, cell 2, line ")
    assert why in problem
    assert 'such as ab.load("flights").' in problem


def test_a_notebook_parameter_is_no_literal_name(lineage: Lineage) -> None:
    parameters = 'table = "a"\ntables = ["a"]'
    inputs, problems = lineage("ab.load(table)", "for t in tables:\n    ab.load(t)", parameters=parameters)
    assert inputs == []
    assert "table is a parameter, which may change from run to run" in problems[0]
    assert "tables is a parameter" in problems[1]


def test_names_hold_across_cells(lineage: Lineage) -> None:
    assert lineage('NAME = "a"', "ab.load(NAME)", "def f(n):\n    ab.load(n)", "f('b')") == (["a", "b"], [])


def test_a_name_assigned_again_in_a_later_cell_is_what_it_was_last(lineage: Lineage) -> None:
    cells = (
        'query = "select * from a"\nab.sql(query)',
        'query = "select * from b"',
        'query = query + " join c using (x)"\nab.sql(query)',
    )
    assert lineage(*cells) == (["a", "b", "c"], [])


def test_a_parameter_that_is_assigned_again_is_no_partition_to_read(read: Read) -> None:
    contract = read(
        "import assetbook as ab", "m = m.strip()", "ab.load('a', partition=m)", parameters="m = 'x'"
    )
    assert [item.partition_parameter for item in contract.inputs] == [None]
