from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetbook.contract import Contract, Parameter, TypeSpec, read_contract, resolve_parameters
from assetbook.contract.annotations import UnsupportedTypeError, type_of_annotation
from assetbook.contract.model import Options, Partitions
from assetbook.contract.parameters import changed_parameters
from assetbook.contract.types import ANY, NONE, to_config
from assetbook.errors import ParameterError

Read = Callable[..., Contract]


def spec(annotation: str) -> TypeSpec:
    import ast

    return type_of_annotation(ast.parse(annotation, mode="eval").body)


def parameter(annotation: str, default: Any = None) -> Parameter:
    return Parameter("p", spec(annotation), default)


# The cell


def test_reads_names_types_defaults_and_comments(read: Read) -> None:
    cell = """\
# the share that is
# held out
share: float = 1
month: str = "2013-03"      # the last month to train on
max_iter = 2 * 100 - 1  # noqa: E501
low = -3

# ---- airports ----
origins: list[str] | None = [  # ignored, the last line says more
    "EWR",  # Newark
    "JFK",
]  # which airports
since = datetime.date(2013, 1, 1)
at = datetime(2013, 1, 1, hour=12)
weights = {"a": 0.5, "b": 1.5}
nothing = None
"""
    contract = read(parameters=f"from datetime import date\nimport datetime\n{cell}")
    assert contract.problems == ()
    found = {p.name: (str(p.type), p.default, p.description) for p in contract.parameters}
    assert found == {
        "share": ("float", 1.0, "the share that is held out"),
        "month": ("str", "2013-03", "the last month to train on"),
        "max_iter": ("int", 199, None),
        "low": ("int", -3, None),
        "origins": ("list[str] | None", ["EWR", "JFK"], "which airports"),
        "since": ("date", date(2013, 1, 1), None),
        "at": ("datetime", datetime(2013, 1, 1, 12), None),
        "weights": ("dict[str, float]", {"a": 0.5, "b": 1.5}, None),
        "nothing": ("Any", None, None),
    }
    assert isinstance(found["share"][1], float)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("n: int", "the parameter 'n' has no default. Write n: int = …"),
        ("n = len('abc')", "no literal: len('abc')"),
        ("m = 1\nn = m + 1", "no literal: m"),
        ("n = f'{1}'", "no literal"),
        ("n = 10 ** 10 ** 10", "no literal"),
        ("n = 1 / 0", "no literal"),
        ("n = (-8) ** 0.5", "no literal"),
        ("n = date(2013, 13, 1)", "no literal: date(2013, 13, 1)"),
        ("n = {**a}", "no literal"),
        ("n = b'x'", "no literal"),
        ("n: int = '3'", "does not fit its type: expected int, found '3' (str)"),
        ("n: int = True", "expected int, found True (bool)"),
        ("n: int = None", "expected int, found None"),
        (
            "n: date = '2013-01-31'",
            "expected date, found '2013-01-31' (str). In Jupyter it would stay so: write date(2013, 1, 31).",
        ),
        ("n: datetime | None = '2013-01-31'", "write datetime(2013, 1, 31, 0, 0)."),
        ("n: list[date] = ['2013-01-31']", "write [date(2013, 1, 31)]."),
        ("n: dict[int, str] = {'1': 'a'}", "expected dict[int, str], found {'1': 'a'} (dict)."),
        ("n: Literal['a', 'b'] = 'c'", "expected one of 'a', 'b', found 'c'"),
        ("n: float = 1e999", "expected a finite float"),
        ("n: tuple[int, ...] = (1,)", "the type tuple[int, ...] is not supported; use str, int"),
        ("n: pd.DataFrame = None", "the type pd.DataFrame is not supported"),
        ("n: dict[float, int] = {}", "the keys of a dict are str, int or date"),
        ("n: str | date = 'a'", "a launch form cannot tell text from a date"),
        ("n: Literal[1.5] = 1.5", "the choices of Literal[...] are text, whole numbers"),
        ("n, m = 1, 2", "= (1, 2) is no parameter"),
        ("n = 1\nn = 2", "the parameter 'n' is assigned twice"),
        ("for n in [1]:\n    pass", "holds assignments of literals only"),
        ("n = 1\nn += 1", "holds assignments of literals only"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_a_problem_with_its_place(read: Read, line: str, says: str) -> None:
    [problem] = read(parameters=line).problems
    assert says in problem.message
    assert problem.message.startswith(f"nb.ipynb, cell 1, line {line.count(chr(10), 0, 8) + 1}: ")


def test_all_problems_are_told_and_the_good_parameters_kept(read: Read) -> None:
    contract = read(parameters="a: int\nb = f()\nc = 1\nd: set = 1")
    assert len(contract.problems) == 3
    assert [p.name for p in contract.parameters] == ["c"]


def test_calls_and_imports_in_the_cell_are_no_parameters(read: Read) -> None:
    contract = read(
        parameters='"""About."""\nfrom datetime import date\n%matplotlib inline\nprint(1)\na = b = 1'
    )
    assert contract.problems == ()
    assert [p.name for p in contract.parameters] == ["a", "b"]


def test_a_second_parameters_cell_is_a_problem_and_the_first_counts(
    tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]
) -> None:
    notebook = write_notebook(["a = 1", "b = 2"])
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["parameters"]
    (tmp_path / "nb.ipynb").write_text(json.dumps(notebook), "utf-8")
    contract = read_contract(tmp_path / "nb.ipynb", root=tmp_path)
    assert [p.name for p in contract.parameters] == ["a"]
    assert [p.message for p in contract.problems] == [
        "nb.ipynb, cell 2, line 1: a second parameters cell; the first is cell 1. "
        'Keep one cell with the tag "parameters".'
    ]


@pytest.mark.parametrize(
    ("kind", "tag", "says"),
    [
        (
            "code",
            "Parameters",
            'nb.ipynb, cell 1, line 1: the cell is tagged "Parameters", but the case of tags counts. '
            'Tag it "parameters".',
        ),
        (
            "markdown",
            "parameters",
            'nb.ipynb: cell 1 of the file, a markdown cell, is tagged "parameters". Tag the code cell that assigns the '
            'parameters, with "parameters".',
        ),
        ("raw", "PARAMETERS", 'a raw cell, is tagged "PARAMETERS". Tag the code cell'),
    ],
)
def test_a_tag_that_was_meant_for_the_parameters_cell_is_a_problem(
    tmp_path: Path, write_notebook: Callable[..., dict[str, Any]], kind: str, tag: str, says: str
) -> None:
    notebook = write_notebook(["a = 1", "b = 2"])
    notebook["cells"][0] |= {"cell_type": kind, "metadata": {"tags": [tag]}}
    (tmp_path / "nb.ipynb").write_text(json.dumps(notebook), "utf-8")
    contract = read_contract(tmp_path / "nb.ipynb", root=tmp_path)
    [problem] = contract.problems
    assert says in problem.message
    assert contract.parameters == ()


def test_no_parameters_cell_is_no_problem(read: Read) -> None:
    contract = read("a = 1")
    assert (contract.parameters, contract.problems) == ((), ())


# Types


@pytest.mark.parametrize(
    ("annotation", "shown", "optional"),
    [
        ("int", "int", False),
        ("None", "None", True),
        ("Optional[int]", "int | None", True),
        ("typing.Union[int, Optional[float]]", "int | float | None", True),
        ("int | None | int", "int | None", True),
        ("Union[int]", "int", False),
        ("'list[int]'", "list[int]", False),
        ("List[Dict[str, t.Any]]", "list[dict[str, Any]]", False),
        ("dt.date", "date", False),
        ("Literal['a', 1, -1, None]", "Literal['a', 1, -1, None]", True),
        ("Any", "Any", True),
        ("dict", "dict", False),
    ],
)
def test_annotations_are_read_as_they_are_written(annotation: str, shown: str, optional: bool) -> None:
    assert str(spec(annotation)) == shown
    assert spec(annotation).optional is optional


@pytest.mark.parametrize("annotation", ["'1 +'", "int[str]", "dict[str]", "Literal[f()]", "1", "Callable"])
def test_other_annotations_are_refused(annotation: str) -> None:
    with pytest.raises(UnsupportedTypeError):
        spec(annotation)


# Values


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        ("float", 3, 3.0),
        ("date", "2013-01-31", date(2013, 1, 31)),
        ("datetime", "2013-01-31T12:00:00+01:00", datetime.fromisoformat("2013-01-31T12:00:00+01:00")),
        ("int | float", 3, 3),
        ("float | None", 3, 3.0),
        ("date | None", "2013-01-31", date(2013, 1, 31)),
        ("list[date]", ("2013-01-31",), [date(2013, 1, 31)]),
        ("dict[int, float]", {"1": 2}, {1: 2.0}),
        ("dict", {"a": [1]}, {"a": [1]}),
        ("Any", {"a": 1}, {"a": 1}),
    ],
)
def test_validate_gives_the_value_that_the_type_has(annotation: str, value: Any, expected: Any) -> None:
    found = parameter(annotation).validate(value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "value", "says"),
    [
        ("int", True, "expected int, found True (bool)"),
        ("int", "3", "expected int, found '3' (str)"),
        ("int", 3.0, "expected int"),
        ("float", "3", "expected float"),
        ("float", True, "expected float"),
        ("float", float("nan"), "expected a finite float"),
        ("float", 10**400, "expected a finite float"),
        ("bool", 1, "expected bool"),
        ("str", 1, "expected str"),
        ("date", datetime(2013, 1, 1), "expected date"),
        ("datetime", date(2013, 1, 1), "expected datetime"),
        ("date", "2013-02-30", "expected date, such as 2013-01-31, found '2013-02-30'"),
        ("list[int]", "abc", "expected list[int]"),
        ("list[int]", [1, "2"], "expected int, found '2'"),
        ("dict[str, int]", {1: 1}, "expected str, found 1"),
        ("dict[int, int]", {"a": 1}, "expected int, such as 200, found 'a'"),
        ("Literal[1, 'a']", True, "expected one of 1, 'a', found True"),
        ("int | None", "none", "expected int | None, found 'none'"),
        ("None", 0, "expected None"),
    ],
)
def test_validate_is_strict(annotation: str, value: Any, says: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parameter(annotation).validate(value)
    assert says in str(caught.value)
    assert str(caught.value).startswith("Parameter 'p': ")


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        ("str", "none", "none"),
        ("int", "-3", -3),
        ("float", "1e3", 1000.0),
        ("bool", "True", True),
        ("date", "2013-01-31", date(2013, 1, 31)),
        ("list[str]", "EWR, JFK", ["EWR", "JFK"]),
        ("list[str]", '["a,b"]', ["a,b"]),
        ("list[int]", "1,2", [1, 2]),
        ("list[date]", '["2013-01-31"]', [date(2013, 1, 31)]),
        ("list", "", []),
        ("list", "1,a,true", [1, "a", True]),
        ("dict[str, float]", "a=1, b=0.5", {"a": 1.0, "b": 0.5}),
        ("dict[str, int]", '{"a": 1}', {"a": 1}),
        ("int | None", "None", None),
        ("str | None", "null", None),
        ("str | int", "3", 3),
        ("str | list[str]", "a", "a"),
        ("str | list[str]", '["a"]', ["a"]),
        ("Literal['a', 1, True, None]", "1", 1),
        ("Literal['a', 1, True, None]", "true", True),
        ("Literal['a', 1, True, None]", "none", None),
        ("Any", "[1, 2]", [1, 2]),
        ("Any", "NaN", "NaN"),
    ],
)
def test_a_text_of_the_command_line_is_read(annotation: str, text: str, expected: Any) -> None:
    found = parameter(annotation).type.parse(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("annotation", "text", "example"),
    [
        ("int", "3.5", "p=200"),
        ("float", "inf", "p=0.5"),
        ("bool", "1", "p=true"),
        ("date", "31.1.2013", "p=2013-01-31"),
        ("datetime", "noon", "p=2013-01-31T12:00"),
        ("list[int]", "1,b", "p=200,200"),
        ("list[int]", "[1,", "p=200,200"),
        ("list[list[int]]", "a", "p=[[200, 200], [200, 200]]"),
        ("dict[str, int]", "a", 'p={"text": 200}'),
        ("Literal['a', 'b']", "c", "expected one of a, b, found 'c'"),
        ("int | None", "x", "p=200"),
    ],
)
def test_a_text_that_is_no_value_is_refused_and_there_is_an_example_of_one(
    annotation: str, text: str, example: str
) -> None:
    kind = parameter(annotation).type
    with pytest.raises(ParameterError) as caught:
        kind.parse(text)
    assert example in f"{caught.value}. p={kind.example}"


SCALARS: dict[TypeSpec, st.SearchStrategy[Any]] = {
    TypeSpec("str"): st.text(),
    TypeSpec("int"): st.integers(),
    TypeSpec("float"): st.floats(allow_nan=False, allow_infinity=False),
    TypeSpec("bool"): st.booleans(),
    TypeSpec("date"): st.dates(),
    TypeSpec("datetime"): st.datetimes(),
    NONE: st.none(),
}


def typed_values() -> st.SearchStrategy[tuple[TypeSpec, Any]]:
    """Types with a value of them: scalars, and lists, dicts and optionals of these."""
    typed = st.sampled_from(list(SCALARS)).flatmap(lambda kind: st.tuples(st.just(kind), SCALARS[kind]))
    return st.recursive(typed, _collections, max_leaves=4)


def _collections(inner: st.SearchStrategy[tuple[TypeSpec, Any]]) -> st.SearchStrategy[tuple[TypeSpec, Any]]:
    keys = st.sampled_from([kind for kind in SCALARS if kind.kind in ("str", "int", "date")])
    return st.one_of(
        inner.map(lambda item: (TypeSpec("list", (item[0],)), [item[1], item[1]])),
        inner.map(lambda item: (TypeSpec("union", (item[0], NONE)), item[1])),
        st.tuples(inner, keys.flatmap(lambda kind: st.tuples(st.just(kind), SCALARS[kind]))).map(
            lambda pair: (TypeSpec("dict", (pair[1][0], pair[0][0])), {pair[1][1]: pair[0][1]})
        ),
    )


@given(typed_values())
def test_validate_gives_back_what_went_through_json(typed: tuple[TypeSpec, Any]) -> None:
    kind, value = typed
    one = Parameter("p", kind, value)
    assert one.validate(value) == value
    assert one.validate(json.loads(json.dumps(one.to_config(value)))) == value


@given(typed_values())
def test_the_json_of_every_value_is_read(typed: tuple[TypeSpec, Any]) -> None:
    kind, value = typed
    one = Parameter("p", TypeSpec("list", (kind,)), None)
    assert one.type.parse(json.dumps(one.to_config([value]))) == [value]


@given(typed_values())
def test_examples_are_values_of_their_type(typed: tuple[TypeSpec, Any]) -> None:
    kind, _ = typed
    kind.parse(kind.example)


def test_to_config_gives_text_keys() -> None:
    assert to_config({2: date(2013, 1, 1), True: (1,)}) == {"2": "2013-01-01", "true": [1]}
    assert to_config({date(2013, 1, 1): None}) == {"2013-01-01": None}


# Resolving


def contract(*parameters: Parameter) -> Contract:
    return Contract(Path("nb.ipynb"), "nb", parameters=parameters)


def test_resolve_gives_all_values_and_copies_of_the_defaults() -> None:
    default = ["a"]
    known = contract(Parameter("n", TypeSpec("float"), 1.0), Parameter("m", TypeSpec("list"), default))
    assert resolve_parameters(known, {"n": 2}) == {"n": 2.0, "m": ["a"]}
    resolve_parameters(known, {})["m"].append("b")
    assert default == ["a"]


def test_resolve_refuses_all_that_is_wrong_at_once() -> None:
    known = contract(Parameter("month", TypeSpec("str"), ""), Parameter("n", TypeSpec("int"), 1))
    with pytest.raises(ParameterError) as caught:
        resolve_parameters(known, {"mont": 1, "n": "2"})
    assert str(caught.value).splitlines() == [
        "nb.ipynb: There is no parameter 'mont'. Did you mean 'month'? Known: month, n.",
        "nb.ipynb: Parameter 'n': expected int, found '2' (str).",
    ]


DEFAULTS = [
    ("dict", {1: "a", "since": date(2013, 1, 31)}),
    ("dict", {None: [date(2013, 1, 31)]}),
    ("list", [1, datetime(2013, 1, 31, 12), None]),
    ("Any", date(2013, 1, 31)),
    ("Any", (8, 4)),
    ("Any", {1: {2: 3}}),
    ("dict[date, float]", {date(2013, 1, 31): 1.0}),
    ("date | None", None),
    ("str", "2013-01-31"),
]


@pytest.mark.parametrize(("annotation", "default"), DEFAULTS)
def test_a_default_that_went_through_a_form_is_the_default_and_is_not_set(
    annotation: str, default: Any
) -> None:
    one = parameter(annotation, default)
    through_form = json.loads(json.dumps(one.to_config(default)))
    values = resolve_parameters(contract(one), {"p": through_form})
    assert repr(values) == repr({"p": default})
    assert changed_parameters(contract(one), values) == {}


@pytest.mark.parametrize(
    ("annotation", "default", "given"),
    [("Any", 1, True), ("Any", 1, 1.0), ("int", 1, 2), ("dict", {1: 2}, {"1": 3}), ("list", [1], [1, 1])],
)
def test_what_differs_from_the_default_is_set(annotation: str, default: Any, given: Any) -> None:
    one = parameter(annotation, default)
    values = resolve_parameters(contract(one), {"p": given})
    assert repr(changed_parameters(contract(one), values)) == repr({"p": given})


def test_the_partition_key_is_set_even_if_it_is_the_default() -> None:
    bound = Options(partitions=Partitions("p", "monthly", start="2013-01"))
    known = replace(contract(parameter("str", "2013-01"), Parameter("n", TypeSpec("int"), 1)), options=bound)
    assert changed_parameters(known, resolve_parameters(known, {"p": "2013-01"})) == {"p": "2013-01"}


def test_a_parameter_of_a_notebook_that_has_none_is_told_of_the_tag() -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_parameters(contract(), {"n": 1})
    assert str(caught.value) == (
        "nb.ipynb: There is no parameter 'n', nor any other: tag the code cell that assigns them `parameters`."
    )


def test_any_is_the_type_of_a_default_that_says_nothing() -> None:
    assert ANY.optional
    assert ANY.convert([1]) == [1]
