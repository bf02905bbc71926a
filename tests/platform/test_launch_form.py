"""The launch form: every type of parameter, with what Dagster refuses before anything runs."""

from __future__ import annotations

import json
from datetime import date

import dagster as dg
import pytest

from tests.platform.space import Space, failure_of

IMPORTS = "from datetime import date, datetime\nfrom typing import Any, Literal, Optional\n"
CELLS = ["import assetbook as ab\nab.metric('x', 1)"]
TYPES = {
    "text: str = 'a'  # some text": ["b", ""],
    "count: int = 3": [4],
    "share: float = 0.5": [1, 0.25],
    "deep: bool = True": [False],
    "day: date = date(2020, 1, 31)": ["2020-02-29"],
    "moment: datetime = datetime(2020, 1, 31, 12)": ["2020-02-29T01:02:03"],
    "names: list[str] = ['a']": [[], ["b", "c"]],
    "weights: dict[str, float] = {'a': 1.5}": [{}, {"b": 2}],
    "by_number: dict[int, str] = {1: 'a'}": [{"2": "b"}],
    "nested: dict[str, list[int]] = {'a': [1]}": [{"b": [2, 3]}],
    "choice: Literal['a', 'b'] = 'a'": ["b"],
    "level: Literal[1, 2] = 1": [2],
    "maybe_choice: Literal['a', None] = None": ["a", None],
    "maybe: Optional[int] = None": [None, 5],
    "maybe_day: date | None = None": [None, "2020-02-29"],
    "either: int | str = 1": [2, "b"],
    "anything: Any = {'a': [1, None]}": [1, "b", None, [1], {"c": 2}],
    "nothing = None": [1, None],
    "some = [1, None]": [[], [None, 2]],
    "loose: list = [1]": [[None], ["a", [None]]],
    "loose_dict: dict[str, Any] = {'a': None}": [{}, {"b": None, "c": {"d": None}}],
    "inferred = {'a': None, 'b': [None]}": [{"c": None}],
    "blanks: list[None] = [None]": [[None, None]],
}


def name_of(line: str) -> str:
    return line.partition(":")[0].partition(" ")[0]


@pytest.fixture
def form(workspace):
    """Return the launch form of a notebook with these parameters, and a way to fill it in."""

    def load(*lines: str, cells=CELLS, name="numbers"):
        workspace.notebook(name, cells, parameters=IMPORTS + "\n".join(lines))
        space = Space(workspace.root, dg.DagsterInstance.ephemeral())
        dg.Definitions.validate_loadable(space.defs)
        return Form(space, name)

    return load


class Form:
    """The form as Dagster knows it."""

    def __init__(self, space, name: str) -> None:
        self.space = space
        self.job = space.defs.resolve_implicit_global_asset_job_def()
        self.fields = self.job.graph.node_named(name).definition.config_schema.config_type.fields
        self.name = name

    def fill(self, **values):
        """Return the configuration that a run would have; DagsterInvalidConfigError if it is refused."""
        from dagster._core.system_config.objects import ResolvedRunConfig

        config = {"ops": {self.name: {"config": values}}}
        return ResolvedRunConfig.build(self.job, config).ops[self.name].config


@pytest.fixture
def whole(form):
    return form(*TYPES)


def test_every_type_takes_its_values_and_shows_its_default(whole):
    contract = next(iter(whole.space.linked.nodes.values())).contract
    filled = whole.fill()

    for parameter in contract.parameters:
        assert parameter.validate(filled[parameter.name]) == parameter.default
    for line, values in TYPES.items():
        for value in values:
            taken = whole.fill(**{name_of(line): value})[name_of(line)]
            contract.parameter(name_of(line)).validate(taken)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("text", 1),
        ("count", "4"),
        ("count", 1.5),
        ("count", True),
        ("count", None),
        ("share", "half"),
        ("deep", 1),
        ("day", 20200131),
        ("names", "a"),
        ("names", [1]),
        ("weights", {"a": "b"}),
        ("nested", {"a": 1}),
        ("choice", "c"),
        ("level", "1"),
        ("maybe", "x"),
        ("maybe_choice", "b"),
    ],
)
def test_wrong_types_are_refused_by_the_form(whole, name, wrong):
    with pytest.raises(dg.DagsterInvalidConfigError, match=name):
        whole.fill(**{name: wrong})


def test_unknown_names_are_refused_with_the_known_ones(form):
    with pytest.raises(dg.DagsterInvalidConfigError, match=r'entry "cuont".*count\?: Int'):
        form("count: int = 3").fill(cuont=1)
    with pytest.raises(dg.DagsterInvalidConfigError, match='entry "cuont"'):
        form().fill(cuont=1)


def test_descriptions_tell_what_the_form_does_not_show(whole):
    said = {name: field.description for name, field in whole.fields.items()}

    assert said["text"] == "some text\n\nstr"
    assert said["day"] == "date, such as 2013-01-31"
    assert said["maybe_day"].startswith("date | None, such as ")
    assert said["level"] == "Literal[1, 2]"
    assert said["by_number"] == "dict[int, str]"


def test_choices_are_an_enumeration_of_each_notebook(workspace, form):
    workspace.notebook("a_b", CELLS, parameters=f"{IMPORTS}c: Literal['x'] = 'x'")
    found = form("b_c: Literal['y', 'z'] = 'y'", name="a").fields["b_c"].config_type

    assert found.given_name == "a.b_c"
    assert [value.config_value for value in found.enum_values] == ["y", "z"]


def test_a_secret_can_come_from_the_environment_and_others_cannot(form, monkeypatch):
    monkeypatch.setenv("THE_TOKEN", "hush")
    cells = ["import assetbook as ab\nab.asset(secrets=['token'])"]
    found = form("token: str = ''", "text: str = ''", cells=cells)

    assert found.fill(token={"env": "THE_TOKEN"})["token"] == "hush"
    assert found.fill(token="typed")["token"] == "typed"
    assert '{"env": "NAME"}' in found.fields["token"].description
    with pytest.raises(dg.DagsterInvalidConfigError, match="text"):
        found.fill(text={"env": "THE_TOKEN"})


def test_the_parameter_that_receives_the_partition_is_not_in_the_form(form):
    cells = ["import assetbook as ab\nab.asset(partitions={'month': 'monthly from 2020-01'})"]

    assert list(form("month: str = '2020-01'", "count: int = 1", cells=cells).fields) == ["count"]


def test_what_only_the_parameter_can_check_is_refused_before_the_run_begins(workspace, open_space):
    workspace.notebook(
        "numbers", CELLS, parameters=IMPORTS + "day: date = date(2020, 1, 31)\nlevel: Literal[1, 2] = 1"
    )
    space = open_space()

    with pytest.raises(dg.DagsterInvalidConfigError) as refused:
        space.run(config={"numbers": {"day": "31.1.2020", "level": 3}})

    assert "Parameter 'day': expected date, such as 2013-01-31, found '31.1.2020'." in str(refused.value)
    assert "Parameter 'level': expected one of 1, 2, found 3." in str(refused.value)
    assert not space.instance.get_runs()
    assert not list(space.settings.records.rglob("*.ipynb"))


AS_WRITTEN = """
sizes = (8, 4)
names: dict = {1: 'a', 'since': date(2020, 1, 31), None: [date(2020, 1, 31)]}
when: Any = date(2020, 1, 31)
weights: dict[date, float] = {date(2020, 1, 31): 1}
empty = {'a': None, 'b': [1, None]}
count: int = 1
"""


def test_a_default_that_nobody_changed_is_what_it_is_in_jupyter(workspace, open_space):
    cells = ["import assetbook as ab\nfrom pathlib import Path", "Path('seen').write_text(repr(VALUES))"]
    shown = "[sizes, names, when, weights, empty, count]"
    workspace.notebook(
        "numbers", [c.replace("VALUES", shown) for c in cells], parameters=IMPORTS + AS_WRITTEN
    )
    space = open_space()
    scope: dict[str, object] = {}
    exec(IMPORTS + AS_WRITTEN, scope)

    result = space.run()
    assert result.success, failure_of(result)
    assert (workspace.root / "seen").read_text() == repr(eval(shown, scope))
    (record,) = space.settings.records.rglob("record.json")
    recorded = json.loads(record.read_text())["parameters"]
    assert recorded["sizes"] == [8, 4]
    assert recorded["weights"] == {"2020-01-31": 1.0}

    result = space.run(config={"numbers": {"weights": {"2020-02-29": 2}, "count": 2}})
    assert result.success, failure_of(result)
    scope |= {"weights": {date(2020, 2, 29): 2.0}, "count": 2}
    assert (workspace.root / "seen").read_text() == repr(eval(shown, scope))
