from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assetbook.contract import Contract, Freshness, Options, Partitions
from assetbook.contract.options import parse_options
from assetbook.errors import ContractError

Read = Callable[..., Contract]


def test_all_options_are_read() -> None:
    options = parse_options(
        {
            "group": "features",
            "description": "What it is.",
            "owners": ["team:ops", "ada@example.org"],
            "tags": {"domain": "ops"},
            "kinds": ("python", "table"),
            "partitions": {"month": "monthly from 2013-01 to 2013-12"},
            "freshness": {"fail": "1d", "warn": "12h"},
            "automation": "on_cron 0  9 * * *",
            "retries": {"max": 2, "delay": "10s"},
            "pool": "duckdb",
            "timeout": "10m",
            "memory": "2GB",
            "secrets": ["token"],
        }
    )
    assert options == Options(
        group="features",
        description="What it is.",
        owners=("team:ops", "ada@example.org"),
        tags={"domain": "ops"},
        kinds=("python", "table"),
        partitions=Partitions("month", "monthly", start="2013-01", end="2013-12"),
        freshness=Freshness(fail_after=86_400, warn_after=43_200),
        automation="on_cron 0 9 * * *",
        retries=2,
        retry_delay=10,
        pool="duckdb",
        timeout=600,
        memory=2 * 10**9,
        secrets=("token",),
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"m": "monthly from 2013-01"}, Partitions("m", "monthly", start="2013-01")),
        (
            {"d": "daily from 2013-01-01 to 2013-01-31"},
            Partitions("d", "daily", start="2013-01-01", end="2013-01-31"),
        ),
        ({"w": "weekly  from 2013-01-06"}, Partitions("w", "weekly", start="2013-01-06")),
        ({"h": "hourly from 2013-01-01"}, Partitions("h", "hourly", start="2013-01-01-00:00")),
        ({"h": "hourly from 2013-01-01-06:00"}, Partitions("h", "hourly", start="2013-01-01-06:00")),
        ({"o": ["EWR", "JFK"]}, Partitions("o", "static", keys=("EWR", "JFK"))),
        ({"c": "dynamic customers"}, Partitions("c", "dynamic", name="customers")),
        ({"m": "like flights"}, Partitions("m", "like", like="flights")),
    ],
)
def test_partitions_are_read(value: Any, expected: Partitions) -> None:
    assert parse_options({"partitions": value}).partitions == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("10s", 10), ("5m", 300), ("1.5h", 5400), ("1d", 86_400), ("2w", 1_209_600), (7, 7)],
)
def test_durations_are_seconds(value: Any, seconds: float) -> None:
    assert parse_options({"timeout": value}).timeout == seconds


@pytest.mark.parametrize(("value", "size"), [("512MB", 512 * 10**6), ("2 GiB", 2**31), (100, 100)])
def test_sizes_are_bytes(value: Any, size: int) -> None:
    assert parse_options({"memory": value}).memory == size


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1d", Freshness(fail_after=86_400)),
        (3600, Freshness(fail_after=3600)),
        ({"fail": "1d"}, Freshness(fail_after=86_400)),
        (
            {"cron": "0 9 * * 1-5", "lower_bound": "2h", "timezone": "Europe/Berlin"},
            Freshness(deadline_cron="0 9 * * 1-5", lower_bound=7200, timezone="Europe/Berlin"),
        ),
    ],
)
def test_freshness_is_read(value: Any, expected: Freshness) -> None:
    assert parse_options({"freshness": value}).freshness == expected


@pytest.mark.parametrize(
    ("name", "value"), [("retries", 3), ("automation", "eager"), ("automation", "on_missing")]
)
def test_simple_values_are_read(name: str, value: Any) -> None:
    assert getattr(parse_options({name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("group", "my group", "expected a name of letters, digits and _, found 'my group'"),
        ("description", 1, "expected text, found 1"),
        ("owners", "team:ops", "expected a list, found 'team:ops'; write ['team:ops']"),
        ("owners", ["ops"], "expected mail addresses or names such as team:ops, found 'ops'"),
        ("owners", 3, "expected a list of mail addresses"),
        ("tags", ["a"], "expected a dict"),
        ("tags", {"a b": "c"}, "found 'a b'"),
        ("tags", {"a": 1}, "expected text as the value of 'a', found 1"),
        ("kinds", [f"k{n}" for n in range(11)], "expected at most 10 kinds, found 11"),
        ("partitions", "monthly", "expected one parameter and its partitions"),
        ("partitions", {"a": "daily from 2013-01-01", "b": []}, "expected one parameter"),
        ("partitions", {"a b": "like x"}, "expected the name of a parameter, found 'a b'"),
        ("partitions", {"a": "yearly from 2013"}, "expected partitions such as"),
        ("partitions", {"a": "monthly from 2013-13"}, "start and end like 2013-01, found '2013-13'"),
        ("partitions", {"a": "daily from 2013-01"}, "start and end like 2013-01-01, found '2013-01'"),
        ("partitions", {"a": "daily from 2013-02-01 to 2013-01-01"}, "is before the start"),
        ("partitions", {"a": []}, "expected keys as text"),
        ("partitions", {"a": [1, 2]}, "expected keys as text"),
        ("partitions", {"a": ["x", "x"]}, "listed twice"),
        ("partitions", {"a": ["x,y"]}, "partition keys cannot hold"),
        ("freshness", "soon", "expected seconds, or a duration such as"),
        ("freshness", {"fail": "1h", "warn": "2h"}, "the warning has to come before the failure"),
        ("freshness", {"warn": "2h"}, 'expected "fail"'),
        ("freshness", {"fail": "2h", "wran": "1h"}, "Did you mean 'warn'?"),
        ("freshness", {"cron": "0 9 * * *"}, 'expected "lower_bound"'),
        ("freshness", {"cron": "0 9 * *", "lower_bound": "1h"}, "expected a cron string of five fields"),
        (
            "freshness",
            {"cron": "0 9 * * *", "lower_bound": "1h", "timezone": "Mars/X"},
            "expected a time zone",
        ),
        ("automation", "always", 'expected "eager", "on_missing" or "on_cron 0 9 * * *"'),
        ("automation", "on_cron 0 25 * * *", "25 in the cron string '0 25 * * *' is not in 0-23"),
        ("automation", ["eager"], 'expected "eager"'),
        ("retries", -1, "expected a number of retries"),
        ("retries", True, "expected a number of retries"),
        ("retries", {"max": 1, "dealy": 3}, "Did you mean 'delay'?"),
        ("timeout", 0, "found 0"),
        ("timeout", "10 minutes", "found '10 minutes'"),
        ("memory", "2G", "expected bytes, or a size such as"),
        ("memory", True, "found True"),
        ("secrets", "token", "write ['token']"),
    ],
)
def test_wrong_values_name_option_found_and_expected(name: str, value: Any, says: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_options({name: value}, where="assets/flights.py, flights()")
    assert str(caught.value).startswith(f"assets/flights.py, flights(): option {name!r}: ")
    assert says in str(caught.value)


def test_unknown_options_and_wrong_values_are_told_together() -> None:
    with pytest.raises(ContractError) as caught:
        parse_options({"retires": 1, "timeout": "x", "group": None})
    first, second = str(caught.value).splitlines()
    assert "there is no option 'retires'. Did you mean 'retries'?" in first
    assert "option 'timeout'" in second


# In a notebook


def test_the_call_is_optional_and_its_description_wins(read: Read) -> None:
    assert read("# T", "a = 1").options == Options()
    contract = read("# Title\n\nFrom the text.", "import assetbook as ab\nab.asset(description='Given.')")
    assert (contract.title, contract.description) == ("Title", "Given.")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("ab.asset(group=name)", "option 'group': name has to be computed"),
        ("ab.asset(timeout='x')", "ab.asset: option 'timeout': expected seconds"),
        ("ab.asset('features')", "takes options by name only"),
        ("ab.asset(**options)", "takes options by name only"),
        ("ab.asset(group='a')\nab.asset(group='b')", "called twice; the first call is in cell 1, line 2"),
        (
            "ab.asset(secrets=['tok'])",
            "cell 1, line 2: ab.asset: option 'secrets': there is no parameter 'tok'. Assign it in the cell tagged "
            '"parameters".',
        ),
        (
            "ab.asset(partitions={'month': 'like a'})",
            "cell 1, line 2: ab.asset: option 'partitions': there is no parameter 'month' to receive the key. "
            'Assign it in the cell tagged "parameters".',
        ),
    ],
)
def test_what_is_wrong_with_the_call_is_a_problem(read: Read, cell: str, says: str) -> None:
    [problem] = read(f"import assetbook as ab\n{cell}").problems
    assert says in problem.message


@pytest.mark.parametrize(
    ("parameters", "cut", "says"),
    [
        ("month: str = '2013-01'", "'monthly from 2013-01'", None),
        ("day: date = date(2013, 1, 1)", "'daily from 2013-01-01'", None),
        ("origin: Literal['EWR', 'JFK'] = 'EWR'", "['EWR', 'JFK']", None),
        ("origin: Literal['EWR', 'JFK'] = 'EWR'", "['EWR', 'LGA']", "cannot take the key 'LGA'"),
        ("month: int = 1", "'monthly from 2013-01'", "cannot take the key '2013-01'"),
    ],
)
def test_the_partition_parameter_has_to_take_the_keys(
    read: Read, parameters: str, cut: str, says: str | None
) -> None:
    name = parameters.partition(":")[0]
    cell = f"import assetbook as ab\nab.asset(partitions={{{name!r}: {cut}}})"
    problems = read(cell, parameters=parameters).problems
    assert [says in problem.message for problem in problems] == ([True] if says else [])
    for problem in problems:
        assert problem.message.startswith("nb.ipynb, cell 2, line 2: ")
        assert f"Give it a type that takes all keys, such as {name}: str = '" in problem.message
