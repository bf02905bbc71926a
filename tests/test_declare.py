"""Python assets declared with ``ab.table``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import assetbook as ab
from assetbook.contract.model import Partitions
from assetbook.declare import TableDeclaration
from assetbook.errors import ContractError

if TYPE_CHECKING:
    import pyarrow as pa

MONTHLY = {"month": "monthly from 2013-01"}


def declaration(function: Callable[..., Any]) -> TableDeclaration:
    found = function.__dict__["__assetbook__"]
    assert isinstance(found, TableDeclaration)
    return found


def test_the_function_stays_a_function_and_carries_its_declaration() -> None:
    schema = object()

    def flights(landing: Path, month: str) -> pd.DataFrame:
        """Flights of one month.

        And more about them.
        """
        return pd.DataFrame({"file": [str(landing)], "month": [month]})

    same = ab.table(
        schema=schema, landing="flights/{month}.csv", partitions=MONTHLY, owners=["team:ops"], retries=2
    )(flights)
    assert same is flights
    assert flights(Path("x"), "2013-01").month.tolist() == ["2013-01"]
    found = declaration(flights)
    assert (found.name, found.group, found.schema) == ("flights", "raw", schema)
    assert found.function is flights
    assert found.landing == "flights/{month}.csv"
    assert found.description == "Flights of one month."
    assert found.source == Path(__file__)
    assert found.options.partitions == Partitions("month", "monthly", start="2013-01")
    assert (found.options.owners, found.options.retries) == (("team:ops",), 2)
    assert found.partition_parameter == "month"
    assert found.takes == {"landing", "month"}
    assert found.inputs == {}


def test_the_partition_parameter_may_be_left_out() -> None:
    @ab.table(landing="flights/{month}.csv", partitions=MONTHLY)
    def flights(landing: Path) -> pd.DataFrame:
        return pd.DataFrame()

    assert declaration(flights).takes == {"landing"}


def test_a_description_goes_before_the_docstring() -> None:
    @ab.table(description="From the option.")
    def airlines() -> pd.DataFrame:
        """From the docstring."""
        return pd.DataFrame()

    assert declaration(airlines).description == "From the option."


def test_upstream_assets_are_loaded_as_annotated() -> None:
    @ab.table(group="features")
    def joined(  # type: ignore[no-untyped-def]
        flights: pd.DataFrame,
        weather: pl.DataFrame,
        planes: duckdb.DuckDBPyRelation,
        airports: pa.Table,
        airlines,
    ) -> pd.DataFrame:
        return pd.DataFrame()

    assert declaration(joined).inputs == {
        "flights": "pandas",
        "weather": "polars",
        "planes": "relation",
        "airports": "arrow",
        "airlines": "pandas",
    }
    assert declaration(joined).group == "features"


def test_annotations_that_are_evaluated_work_as_well(tmp_path: Path) -> None:
    code = """
        import pandas as pd, polars as pl, pyarrow, duckdb
        from pandera.typing import DataFrame
        import assetbook as ab

        @ab.table()
        def joined(a: pd.DataFrame, b: pl.DataFrame, c: pyarrow.Table, d: duckdb.DuckDBPyRelation, e: DataFrame):
            return a
    """
    names: dict[str, Any] = {}
    exec(compile(dedent(code), str(tmp_path / "assets" / "joined.py"), "exec"), names)
    found = declaration(names["joined"])
    assert list(found.inputs.values()) == ["pandas", "polars", "arrow", "relation", "pandas"]
    assert found.source == tmp_path / "assets" / "joined.py"


def _plain() -> pd.DataFrame:
    return pd.DataFrame()


def _landing(landing: Path) -> pd.DataFrame:
    return pd.DataFrame()


def _month(month: str) -> pd.DataFrame:
    return pd.DataFrame()


def _starred(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame()


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (_plain, {"ownrs": ["a"]}, r"tests/test_declare\.py, _plain\(\): .*no option 'ownrs'.*'owners'"),
        (_plain, {"retries": -1}, r"_plain\(\): .*retries"),
        (_plain, {"group": "a/b"}, r"_plain\(\): .*group"),
        (_landing, {"landing": "{month}.csv"}, r"the braces \{month\}; expected none: it has no partitions"),
        (_landing, {"landing": "a.csv", "partitions": MONTHLY}, r"the braces none; expected \{month\}"),
        (
            _landing,
            {"landing": "{day}.csv", "partitions": MONTHLY},
            r"the braces \{day\}; expected \{month\}",
        ),
        (_landing, {"landing": "{}.csv", "partitions": MONTHLY}, r"the braces \{\}; expected \{month\}"),
        (_landing, {"landing": "{month.csv", "partitions": MONTHLY}, r"landing='\{month\.csv': expected '}'"),
        (_landing, {"landing": "/etc/passwd"}, "must be a path below the landing folder"),
        (_landing, {"landing": "../a.csv"}, "must be a path below the landing folder"),
        (_landing, {"landing": 3}, "must be a text"),
        (_landing, {}, r"has a parameter `landing: Path`\. Give landing=…"),
        (_plain, {"landing": "a.csv"}, r"no parameter `landing: Path`\. Add the parameter"),
        (_month, {}, "the parameter 'month' is annotated .*upstream asset"),
        (_starred, {}, r"\*tables.* has no name to load an asset by"),
    ],
)
def test_what_does_not_fit_together_is_an_error_that_names_file_and_function(
    function: Callable[..., Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ab.AssetbookError, match=r"test_declare\.py, ") as caught:
        ab.table(**options)(function)
    assert caught.match(message)


def test_the_parentheses_may_be_left_out() -> None:
    @ab.table
    def airlines() -> pd.DataFrame:
        return pd.DataFrame({"a": [1]})

    assert declaration(airlines).name == "airlines"
    assert airlines().a.tolist() == [1]


@pytest.mark.parametrize("option", ["timeout", "memory", "secrets"])
def test_what_only_a_kernel_can_be_held_to_is_refused(option: str) -> None:
    with pytest.raises(ContractError, match=f"{option}=… is for notebooks"):

        @ab.table(**{option: "1m"})
        def numbers() -> None: ...
