from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetbook.contract import Check, Contract, Input, Output, Place, read_contract

Read = Callable[..., Contract]


def messages(contract: Contract) -> list[str]:
    return [problem.message for problem in contract.problems]


def test_reads_a_whole_notebook(read: Read) -> None:
    contract = read(
        "# Late flights\n\nOne row per *flight*,\nfor the model.\n\nMore.",
        """\
        import assetbook as ab
        from assets.flights import FlightFeatures

        ab.asset(group="features", partitions={"month": "monthly from 2013-01"})
        flights = ab.load("flights", partition=month)
        late = ab.sql("from flights join weather using (origin)")""",
        """\
        ab.save("flight_features", flights, schema=FlightFeatures)
        ab.save_model("delay_model", model, sample=flights.head())
        ab.check("not_empty", len(flights) > 0, asset="flight_features", description="Has rows.")
        ab.check("good", auc > 0.7, asset="delay_model", blocking=False)
        ab.metric("auc", auc)
        for name in metrics:
            ab.metric(name, 1)""",
        parameters='month: str = "2013-03"  # the month',
        name="features",
    )
    assert messages(contract) == []
    assert (contract.path, contract.name) == (Path("features.ipynb"), "features")
    assert (contract.title, contract.description) == (
        "Late flights",
        "One row per *flight*, for the model.",
    )
    assert contract.kernel == "python3"
    assert contract.inputs == (Input("flights", Place(2, 5)), Input("weather", Place(2, 6)))
    assert contract.outputs == (
        Output("flight_features", "table", Place(3, 1), True, "assets.flights:FlightFeatures"),
        Output("delay_model", "model", Place(3, 2)),
    )
    assert contract.checks == (
        Check("not_empty", "flight_features", Place(3, 3), True, "Has rows."),
        Check("good", "delay_model", Place(3, 4), False),
    )
    assert contract.metrics == ("auc",)
    assert contract.options.group == "features"
    assert not contract.is_report


# Inputs


@pytest.mark.parametrize(
    ("cell", "parameter"),
    [
        ('ab.load("a", partition=month)', "month"),
        ('ab.load("a")', None),
        ('ab.load("a", partition=month[:4])', None),
        ('ab.load("a", partition="2013-01")', None),
        ('ab.load("a", partition=other)', None),
        ('ab.load("a", partition=month)\nab.load("a", partition=month)', "month"),
        ('ab.load("a", partition=month)\nab.load("a")', None),
        ('ab.load("a")\nab.load("a", partition=month)', None),
        ('month = month[:4]\nab.load("a", partition=month)', None),
    ],
)
def test_the_partition_parameter_is_read_where_it_is_passed_on(
    read: Read, cell: str, parameter: str | None
) -> None:
    contract = read(f"import assetbook as ab\n{cell}", parameters='month = "2013-01"')
    assert contract.problems == ()
    [found] = contract.inputs
    assert found.partition_parameter == parameter


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('ab.load("my table")', "'my table' is no name for an asset: use letters, digits and _ only."),
        ('ab.load("größe")', "'größe' is no name"),
        ('ab.load("a@b")', 'a version is a number, such as "a@3"'),
        (
            'ab.save("a", ab.load("a"))',
            "'a' is loaded in cell 1, line 2 and saved in cell 1, line 2: it would depend on itself",
        ),
    ],
)
def test_names_that_cannot_be_inputs_are_problems(read: Read, cell: str, says: str) -> None:
    [message] = messages(read(f"import assetbook as ab\n{cell}"))
    assert says in message


# Outputs


def test_a_notebook_that_saves_nothing_is_a_report_named_after_its_file(read: Read) -> None:
    contract = read("import assetbook as ab\nab.check('ok', True)", name="monthly operations-2")
    assert contract.problems == ()
    assert contract.outputs == (Output("monthly_operations_2", "report", Place(1, 1)),)
    assert [check.asset for check in contract.checks] == ["monthly_operations_2"]
    assert contract.is_report


def test_a_report_needs_a_file_name_that_is_a_name(read: Read) -> None:
    contract = read("1", name="größe.v2")
    assert contract.name == "gr__e_v2"
    assert "'größe.v2' is no name" in messages(contract)[0]
    assert read("import assetbook as ab\nab.save('a', 1)", name="größe.v2").problems == ()


def test_one_name_saved_twice_is_a_problem_that_names_both_places(read: Read) -> None:
    contract = read("import assetbook as ab\nab.save('a', 1)", "ab.save_model('a', 1)")
    assert messages(contract) == [
        "nb.ipynb, cell 2, line 1: 'a' is saved twice: in cell 1, line 2 and in cell 2, line 1. "
        "Save it once, or under two names."
    ]
    assert [output.kind for output in contract.outputs] == ["table"]


def test_a_loop_gives_several_outputs(read: Read) -> None:
    contract = read("import assetbook as ab\nfor n in ['a', 'b']:\n    ab.save(n, 1, schema=None)")
    assert [(output.name, output.has_schema) for output in contract.outputs] == [("a", False), ("b", False)]


@pytest.mark.parametrize(
    ("cell", "reference"),
    [
        ("from assets.flights import F\nab.save('a', 1, schema=F)", "assets.flights:F"),
        ("from assets import flights\nab.save('a', 1, schema=flights.F)", "assets.flights:F"),
        ("import assets.flights\nab.save('a', 1, schema=assets.flights.F)", "assets.flights:F"),
        ("import assets.flights as f\nab.save('a', 1, schema=f.F)", "assets.flights:F"),
        ("class F: ...\nab.save('a', 1, schema=F)", None),
        ("ab.save('a', 1, schema=make())", None),
    ],
)
def test_schemas_are_referred_to_where_they_are_imported(
    read: Read, cell: str, reference: str | None
) -> None:
    [output] = read(f"import assetbook as ab\n{cell}").outputs
    assert (output.has_schema, output.schema_ref) == (True, reference)


def test_an_output_with_a_computed_name_leaves_a_notebook_to_show(read: Read) -> None:
    contract = read("import assetbook as ab\nab.save(name(), 1)", name="x")
    assert [output.name for output in contract.outputs] == ["x"]
    assert 'ab.save("flights", …)' in messages(contract)[0]


# Checks


def test_checks_over_literals_are_all_found(read: Read) -> None:
    contract = read("""\
        import assetbook as ab
        for asset in ["a", "b"]:
            ab.save(asset, 1)
            ab.check("not_empty", True, asset=asset)
            for column in ("x", "y"):
                ab.check(column, True, asset=asset)""")
    assert contract.problems == ()
    assert {(check.asset, check.name) for check in contract.checks} == {
        (asset, name) for asset in "ab" for name in ("not_empty", "x", "y")
    }


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("ab.check('ok', True)", "ab.check needs asset=…: the notebook saves one, two."),
        ("ab.check('ok', True, asset='on')", "does not save it. Did you mean 'one'? Known: one, two."),
        (
            "ab.check('ok', True, asset=pick())",
            "ab.check takes a literal asset, but pick() has to be computed",
        ),
        ("ab.check('ok', True, asset='one', blocking=flag)", "blocking=True or blocking=False, found flag"),
        ("ab.check(f'ok {x}', True, asset='one')", "ab.check takes a literal name"),
        ("ab.check('is ok', True, asset='one')", "'is ok' is no name for a check"),
        (
            "ab.check('ok', True, asset='one')\nab.check('ok', True, asset='one')",
            "'one' has the check 'ok' twice: in cell 2, line 1 and in cell 2, line 2",
        ),
    ],
)
def test_what_is_wrong_with_a_check_is_a_problem(read: Read, cell: str, says: str) -> None:
    [message] = messages(read("import assetbook as ab\nab.save('one', 1)\nab.save('two', 2)", cell))
    assert says in message


# Title and description


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["# T\n## U\n\ntext"], ("T", None)),
        (["# T #\n", "1", "# text"], ("T", None)),
        (["1", "# T\ntext"], ("T", "text")),
        (["# T\n\n![image](x)\n[![badge](x)](y)\n<br>\n\ntext\n more\n\nanother"], ("T", "text more")),
        (["# T\n\n```\n# comment\n```\ntext"], ("T", "text")),
        (["# \n\n#none\n\n### T"], ("T", None)),
        (["1"], (None, None)),
    ],
)
def test_title_and_description_come_from_the_first_heading(
    read: Read, cells: list[str], expected: tuple[str | None, str | None]
) -> None:
    contract = read(*cells)
    assert (contract.title, contract.description) == expected


# What is wrong with a notebook as such


def test_every_problem_is_told(read: Read) -> None:
    contract = read(
        "import assetbook as ab\nab.asset(retries='x')",
        "def f(:",
        "ab.load(a())\nab.sql('from')\nab.save(b(), 1)",
        parameters="a: int\nb = c()",
    )
    assert len(contract.problems) == 7
    assert all(message.startswith("nb.ipynb, cell ") for message in messages(contract))


def test_a_syntax_error_names_cell_and_line_and_the_rest_is_read(read: Read) -> None:
    contract = read("import assetbook as ab", "x = 1\n\nif x:\ny = 2", "ab.load('a')")
    [message] = messages(contract)
    assert message.startswith("nb.ipynb, cell 2, line 4: no valid Python (")
    assert message.endswith(": y = 2")
    assert [item.name for item in contract.inputs] == ["a"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "language": "R"}},
        {"kernelspec": {"name": "x"}, "language_info": {"name": "julia"}},
    ],
)
def test_a_kernel_of_another_language_is_the_only_problem(read: Read, metadata: dict[str, Any]) -> None:
    [message] = messages(read("x <- 1", **metadata))
    assert "expected python. Choose a Python kernel." in message


@pytest.mark.parametrize(
    "metadata", [{"kernelspec": None}, {"kernelspec": "x"}, {"language_info": {"name": 3}}]
)
def test_odd_metadata_is_no_python_problem(read: Read, metadata: dict[str, Any]) -> None:
    read("x = 1", **metadata)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xef\xbb\xbf{}",
        b'{"nbformat": 3, "worksheets": []}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = \\"\\u0000\\""}]}',
        json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "1" + "+1" * 20_000}]}).encode(),
        json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "(" * 500}]}).encode(),
        json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "-" * 9000 + "1"}]}).encode(),
    ],
)
def test_nothing_wrong_with_a_notebook_is_raised(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "nb.ipynb"
    path.write_bytes(content)
    contract = read_contract(path, root=tmp_path)
    assert contract.name == "nb"
    assert contract.is_report
    [message] = messages(contract)
    assert message.startswith("nb.ipynb")


@pytest.mark.parametrize("depth", [50, 150, 200, 250, 300, 350, 400, 500])
def test_nesting_that_is_too_deep_is_a_problem_wherever_it_stands(read: Read, depth: int) -> None:
    deep = "-" * depth + "1"
    contract = read(f"import assetbook as ab\nab.load({deep})", parameters=f"x = {deep}")
    assert contract.problems


def test_a_big_notebook_is_read(read: Read) -> None:
    contract = read("import assetbook as ab", *(f"x{n} = ab.load('t{n}')" for n in range(300)))
    assert len(contract.inputs) == 300


def test_unicode_names_and_texts_are_read(read: Read) -> None:
    contract = read("# Übersicht\n\nÄrger.", "größe = 'a'\nimport assetbook as ab\nab.load(größe)", name="nb")
    assert (contract.title, contract.description) == ("Übersicht", "Ärger.")
    assert [item.name for item in contract.inputs] == ["a"]


def test_an_empty_notebook_is_a_report(read: Read) -> None:
    contract = read()
    assert (contract.problems, contract.is_report) == ((), True)


def test_a_path_outside_the_root_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "missing.ipynb"
    contract = read_contract(path, root=tmp_path / "root")
    assert contract.path == path
    assert messages(contract) == [f"{path}: there is no such file."]
