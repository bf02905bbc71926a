"""What the catalogue finds out of assets."""

from __future__ import annotations

import json
import shutil

from assetbook.catalogue.model import Column
from tests.catalogue.conftest import PEOPLE
from tests.platform.space import failure_of


def test_a_table_is_told_with_what_its_schema_says(people, open_space, entries):
    open_space().run("people")

    found = entries()["people"]

    assert (found.kind, found.group, found.state, found.holds) == ("table", "raw", "current", "2 rows")
    assert found.description == "Read who there is."
    assert found.owners == ("team:people", "anna@example.org")
    assert found.tags == {"domain": "hr"}
    assert found.source == "assets/people.py"
    assert found.readers == ("ages",)
    assert found.facts["freshness"] == "at most 2 days old"
    assert found.structure.about == "One row for each *person*.\n\nSince 1900."
    assert found.structure.rules == ("unique together: name, town",)
    assert found.structure.columns == (
        Column("name", "string", "As in the passport", ("never missing",), sensitive=True),
        Column("age", "int64", "In `years`", ("never missing", "0 to 150")),
        Column("town", "string", "", ("one of Rome, Oslo",)),
    )
    assert [version.rows for version in found.versions] == [2]
    assert found.last is not None
    assert found.last.why == "user launched by hand"
    assert found.last.seconds is not None


def test_values_of_sensitive_columns_are_nowhere(people, open_space, entries, site):
    open_space().run("people")

    example = entries()["people"].example

    assert example is not None
    assert example.columns == ("name", "age", "town")
    assert example.rows == (("•••", "31", "Rome"), ("•••", "4", None))
    assert not any("Anna" in page.read_text("utf-8") for page in site().folder.rglob("*.html"))


def test_failing_values_of_sensitive_columns_are_nowhere_either(people, open_space, entries, site):
    people.write(
        "assets/people.py",
        PEOPLE.replace(
            'Field(metadata={"sensitive": True}', 'Field(str_length=(9, 9), metadata={"sensitive": True}'
        ),
    )
    open_space().run("people")

    found = entries()["people"]

    assert found.state == "failed"
    assert [check.passed for check in found.checks] == [False]
    assert "failing rows: 2" in found.checks[0].detail
    assert not any("Anna" in page.read_text("utf-8") for page in site().folder.rglob("*.html"))


def test_a_table_of_sensitive_columns_only_shows_how_many_rows_there_are(workspace, open_space, entries):
    workspace.write(
        "assets/names.py",
        """
        import pandas as pd
        import pandera.pandas as pa
        import assetbook as ab

        SCHEMA = pa.DataFrameSchema({"name": pa.Column(str, metadata={"sensitive": True})})

        @ab.table(schema=SCHEMA)
        def names():
            return pd.DataFrame({"name": ["Anna", "Bob", "Cid"]})
        """,
    )
    open_space().run("names")

    example = entries()["names"].example

    assert example is not None
    assert example.rows == (("•••",),) * 3


def test_a_notebook_is_told_with_its_runs_metrics_and_checks(people, open_space, entries):
    space = open_space()
    space.run("people")
    for shift in (0.0, 1.0, 2.5):
        assert space.run("ages", config={"ages": {"shift": shift}}).success

    found = entries()["ages"]

    assert found.title == "Ages"
    assert found.description == "How old people are, on **average**."
    assert found.inputs == ("people",)
    assert [(p.value) for p in found.metrics[0].points] == [17.5, 18.5, 20.0]
    (check,) = found.checks
    assert (check.name, check.passed, check.blocking) == ("adults", False, False)
    assert check.description == "Everybody is of age."
    assert check.detail == "children: 1"
    assert [run.status for run in found.runs] == ["success"] * 3
    assert found.runs[0].parameters == {"shift": "2.5"}
    assert found.runs[0].inputs == {"people": "version 0"}
    assert found.runs[0].page is not None
    (setting,) = found.settings
    assert (setting.name, setting.type, setting.default, setting.description) == (
        "shift",
        "float",
        "0.0",
        "years to add",
    )


def test_an_asset_that_was_never_made_is_told_as_it_is_declared(people, entries):
    found = entries()

    assert {entry.state for entry in found.values()} == {"never"}
    assert [column.name for column in found["people"].structure.columns] == ["name", "age", "town"]
    assert found["people"].example is None
    assert found["ages"].metrics[0].points == ()
    assert found["ages"].checks[0].passed is None


def test_what_is_out_of_date_says_why(workspace, open_space, entries):
    numbers = [
        "import assetbook as ab, pandas as pd",
        "ab.save('numbers', pd.DataFrame({'n': range(count)}))",
    ]
    workspace.notebook("numbers", numbers, parameters="count: int = 1")
    workspace.notebook("sums", ["import assetbook as ab", "ab.save('sums', ab.load('numbers') * 2)"])
    space = open_space()
    assert space.run("numbers", "sums").success
    assert space.run("numbers", config={"numbers": {"count": 2}}).success

    found = entries()

    assert (found["numbers"].state, found["numbers"].reason) == ("current", "")
    assert (found["sums"].state, found["sums"].reason) == ("stale", "numbers changed")


def test_a_failed_run_is_told_with_its_message_until_one_succeeds(people, open_space, entries):
    space = open_space()
    space.run("people", "ages")
    people.notebook(
        "hr/ages",
        [
            "# Ages",
            "import assetbook as ab",
            "people = ab.load('people')",
            "1 / 0",
            "ab.save('ages', people)",
        ],
    )
    space = open_space()
    space.run("ages")

    found = entries()["ages"]

    assert found.state == "failed"
    assert found.reason.startswith("notebooks/hr/ages.ipynb, cell 3, line 1: ZeroDivisionError")
    assert "```" not in found.reason
    assert [run.status for run in found.runs] == ["failure", "success"]
    assert found.holds == "2 rows"  # what was there before


def test_a_python_asset_that_failed_says_so(workspace, open_space, entries):
    workspace.write(
        "assets/wrong.py",
        "import assetbook as ab\n\n@ab.table\ndef wrong():\n    raise ValueError('no such luck')\n",
    )
    open_space().run("wrong")

    found = entries()["wrong"]

    assert (found.state, found.kind) == ("failed", "table")
    assert "ValueError: no such luck" in found.reason
    assert [run.status for run in found.runs] == ["failure"]


def test_what_is_broken_is_told_with_its_message(people, entries):
    people.notebook("hr/ages", ["import assetbook as ab", "ab.save('ag' + 'es', 1)"])
    people.write("assets/broken.py", "import nowhere_to_be_found\n")

    found = entries()

    assert {name for name, entry in found.items() if entry.state == "broken"} >= {"ages", "assets__broken"}
    assert "has to be computed" in found["ages"].reason
    assert "nowhere_to_be_found" in found["assets__broken"].reason
    assert found["people"].state == "never"


def test_partitions_are_counted_and_each_has_its_metric(workspace, open_space, entries):
    workspace.notebook(
        "months",
        [
            "import assetbook as ab, pandas as pd",
            'ab.asset(partitions={"month": "monthly from 2013-01 to 2013-04"})',
            "ab.metric('number', int(month[-1]))",
            "ab.save('months', pd.DataFrame({'n': [1, 2]}))",
        ],
        parameters='month: str = "2013-01"',
    )
    space = open_space()
    for month in ("2013-02", "2013-01", "2013-02"):
        assert space.run("months", partition=month).success

    found = entries()["months"]

    assert found.facts["partitions"] == "monthly, 2 made: 2013-01 to 2013-02"
    assert found.holds == "4 rows in 2 partitions"
    assert [(p.label, p.value) for p in found.metrics[0].points] == [("2013-01", 1), ("2013-02", 2)]
    assert (found.state, found.reason) == ("stale", "2013-03: never materialized, and 1 more partition")
    assert {version.partition for version in found.versions} == {"2013-01", "2013-02"}


def test_assets_of_dagster_and_those_made_elsewhere_are_there_too(workspace, open_space, entries):
    workspace.write(
        "assets/plain.py",
        """
        import dagster as dg
        import pandas as pd

        elsewhere = dg.AssetSpec("elsewhere", description="Somebody else's.", group_name="raw")

        @dg.asset(deps=["elsewhere"], description="A side effect.", owners=["team:ops"])
        def effect() -> None: ...

        @dg.asset
        def numbers() -> pd.DataFrame:
            return pd.DataFrame({"n": [1.5, None]})

        @dg.asset_check(asset=numbers, description="There are some.")
        def some() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=True, metadata={"rows": 2})
        """,
    )
    assert open_space().run("effect", "numbers").success

    found = entries()

    assert (found["elsewhere"].kind, found["elsewhere"].state) == ("external", "external")
    assert found["elsewhere"].readers == ("effect",)
    assert (found["effect"].kind, found["effect"].state) == ("asset", "current")
    assert found["numbers"].kind == "table"
    assert found["numbers"].example.rows == (("1.5",), (None,))
    assert found["numbers"].checks[0].passed


def test_a_model_is_told_as_the_registry_has_it(people, open_space, entries):
    people.write("with_mlflow", "")
    people.notebook(
        "lifespan",
        [
            "# A model\n\nOf how old one gets.",
            "import assetbook as ab\nfrom sklearn.linear_model import LinearRegression",
            "people = ab.load('people')",
            "model = LinearRegression().fit(people[['age']], people['age'] + extra)",
            "ab.save_model('lifespan', model, sample=people[['age']], metrics={'error': 0.5 + extra})",
        ],
        parameters="extra: int = 0",
    )
    space = open_space()
    space.run("people")
    for extra in (0, 1):
        result = space.run("lifespan", config={"lifespan": {"extra": extra}})
        assert result.success, failure_of(result)
    mlflow = space.linked.workspace.resources["mlflow"]
    with mlflow.answering():
        mlflow.client().set_registered_model_alias("lifespan", "champion", "1")

    found = entries()["lifespan"]

    assert (found.kind, found.state) == ("model", "current")
    assert found.holds == "version 2 · error 1.5"
    assert [version.number for version in found.versions] == [2, 1]
    assert found.versions[1].note == "champion · error 0.5"
    assert found.structure.columns == (Column("age", "long", "In `years`", ("never missing",)),)
    assert found.trouble == ()


def test_a_model_is_told_without_the_registry_too(people, open_space, entries):
    people.write("with_mlflow", "")
    people.notebook(
        "lifespan",
        [
            "import assetbook as ab\nfrom sklearn.linear_model import LinearRegression",
            "people = ab.load('people')",
            "ab.save_model('lifespan', LinearRegression().fit(people[['age']], people['age']), sample=people[['age']])",
        ],
    )
    space = open_space()
    assert space.run("people", "lifespan").success
    shutil.rmtree(people.root / "data" / "mlflow")
    (people.root / "data" / "mlflow").write_text("in the way")

    found = entries()["lifespan"]

    assert [version.number for version in found.versions] == [1]
    assert found.trouble[0].startswith("MLflow was not asked: ")


def test_what_cannot_be_read_is_said_and_the_rest_is_shown(people, open_space, entries):
    space = open_space()
    space.run("people", "ages")
    (record,) = (people.root / "data" / "records" / "hr" / "ages").glob("*/record.json")
    record.write_text(json.dumps({"schema_version": 99}))
    for log in (people.root / "data" / "lake" / "raw" / "people" / "_delta_log").iterdir():
        log.write_text("not JSON")

    found = entries()

    assert "record schema 99" in found["ages"].trouble[0]
    assert "people" in found["people"].trouble[0]
    assert found["people"].state == "stale"
    assert found["report"].state == "never"


def test_a_schema_that_only_a_run_knows_shows_rows_after_a_run(workspace, open_space, entries):
    workspace.notebook(
        "own",
        [
            "import assetbook as ab, pandas as pd, pandera.pandas as pa",
            "class Own(pa.DataFrameModel):\n    n: int = pa.Field(description='A number')",
            "ab.save('own', pd.DataFrame({'n': [7]}), schema=Own)",
        ],
    )
    assert open_space().run("own").success

    found = entries()["own"]

    assert found.structure.columns == (Column("n", "int64", "A number", ("never missing",)),)
    assert found.example.rows == (("7",),)


def test_a_schema_that_nobody_knows_shows_no_rows(workspace, open_space, entries, instance):
    workspace.notebook(
        "own",
        [
            "import assetbook as ab, pandas as pd, pandera.pandas as pa",
            "class Own(pa.DataFrameModel):\n    n: int = pa.Field(metadata={'sensitive': True})",
            "ab.save('own', pd.DataFrame({'n': [77777]}), schema=Own)",
        ],
    )
    space = open_space()
    assert space.run("own").success
    instance.wipe_assets(
        [
            space.defs.resolve_asset_graph().get(k).key
            for k in space.defs.resolve_asset_graph().materializable_asset_keys
        ]
    )

    found = entries()["own"]

    assert found.example.rows == ()
    assert "sensitive" in found.example.hidden
