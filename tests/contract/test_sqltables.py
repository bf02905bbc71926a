from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from assetbook.contract.sqltables import TableReference, quote_versions, references_in, tables_in
from assetbook.errors import ContractError

Lineage = Callable[..., tuple[list[str], list[str]]]

QUERIES: list[tuple[str, tuple[str, ...]]] = [
    ("select origin, avg(arr_delay) from flights join weather using (origin) group by 1", ("flights", "weather")),
    ("from flights", ("flights",)),
    ("from flights select origin where month = $month and day = ?", ("flights",)),
    ("select * from flights f, lateral (select * from weather w where w.a = f.a)", ("flights", "weather")),
    ("with late as (select * from flights) select * from late", ("flights",)),
    ("with flights as (select * from flights) select * from flights", ("flights",)),
    ("with a as (select 1 x), b as (select * from A) select * from b, c", ("c",)),
    ("with recursive t as (select 1 x union all select x + 1 from t where x < 3) select * from t", ()),
    ("select * from (with a as (select 1) select * from a) where exists (from b)", ("b",)),
    ("select * from (with a as (select 1 x) select * from a), c", ("c",)),
    ("from flights where plane in (select plane from planes) union from old", ("flights", "planes", "old")),
    ("select * from flights asof join weather using (time_hour)", ("flights", "weather")),
    ("select * from flights positional join weather", ("flights", "weather")),
    ("pivot flights on origin using count(*)", ("flights",)),
    ("select * exclude (a), columns('x.*') from flights using sample 10", ("flights",)),
    ("select [x + 1 for x in list(arr_delay)] from flights qualify row_number() over () = 1", ("flights",)),
    ("select * from main.flights", ("flights",)),
    ("select * from memory.information_schema.tables", ()),
    ("values (1), (2)", ()),
    ("values (1) union all select * from flights", ("flights",)),
    ("select * from read_csv('a.csv'), range(3), unnest([1]), (values (1)) t(x)", ()),
    ("select '-- from x', \"from\" from y -- from z", ("y",)),
    ("SELECT * FROM Flights", ("Flights",)),
    ("select * from größe", ("größe",)),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "tables"), QUERIES)
def test_finds_the_tables_that_a_query_reads(sql: str, tables: tuple[str, ...]) -> None:
    assert sorted(tables_in(sql)) == sorted(tables)


@pytest.mark.parametrize(("sql", "tables"), [(sql, found) for sql, found in QUERIES if "with " in sql])
def test_sees_with_as_duckdb_does(sql: str, tables: tuple[str, ...]) -> None:
    with duckdb.connect() as connection:
        assert sorted(connection.get_table_names(sql)) == sorted(tables)


@pytest.mark.parametrize("sql", ["from 'a.csv'", "from 'data/*.parquet'", "from information_schema.tables"])
def test_files_and_tables_of_duckdb_are_no_assets(sql: str) -> None:
    assert tables_in(sql) == ()


def test_frames_are_no_assets_whatever_their_case() -> None:
    assert tables_in("from Late join flights using (x)", frames=["late"]) == ("flights",)


@pytest.mark.parametrize("sql", ["from flights@3 f join planes using (x)", 'from "flights@3" f, planes'])
def test_versions_are_read_and_are_not_part_of_the_name(sql: str) -> None:
    assert tables_in(sql) == ("flights", "planes")
    assert references_in(sql) == (TableReference("flights", 3), TableReference("planes"))


def test_quote_versions_changes_nothing_else() -> None:
    sql = "select '@a@3', x @ 3, @y from flights@3 a join \"b@4\" on true -- c@5"
    assert quote_versions(sql) == sql.replace("flights@3", '"flights@3"')


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("", "the SQL is empty"),
        ("select * from (", "the SQL cannot be read"),
        ("select 'a", "the SQL cannot be read"),
        ("selec * from flights", "the SQL"),
        ("insert into flights select * from weather", "has to be a query, found INSERT INTO flights"),
        ("select 1; drop table flights", "has to be a query, found DROP TABLE"),
        ("select * from raw.flights", "the SQL names raw.flights; name assets alone: flights"),
        (
            "select * from memory.main.flights",
            "the SQL names memory.main.flights; name assets alone: flights",
        ),
    ],
)
def test_what_is_no_query_is_refused(sql: str, says: str) -> None:
    with pytest.raises(ContractError) as caught:
        tables_in(sql)
    assert says in str(caught.value)
    assert "\x1b" not in str(caught.value)


# In a notebook


@pytest.mark.parametrize(
    ("cell", "inputs"),
    [
        ('ab.sql("from flights")', ["flights"]),
        ('Q = """from flights"""\nab.sql(query=Q)', ["flights"]),
        ("ab.sql(f\"from flights where month = '{month}' limit {n}\")", ["flights"]),
        ('Q = f"from flights where x in ({x})"\nab.sql(Q)', ["flights"]),
        ('T = "flights"\nab.sql(f"from {T}")', ["flights"]),
        ('for t in ["a", "b"]:\n    ab.sql(f"from {t} where x = {y}")', ["a", "b"]),
        ('ab.sql("select * from a " + "join b using (x)")', ["a", "b"]),
        ('ab.sql("from late, flights", frames={"late": late})', ["flights"]),
        ('FRAMES = {"late": late}\nab.sql("from late, flights", frames=FRAMES)', ["flights"]),
        ('ab.sql("from late, flights", frames=dict(late=late))', ["flights"]),
        ("ab.sql(f\"from '{folder}/x.csv'\")", []),
    ],
)
def test_queries_of_a_notebook_give_inputs(lineage: Lineage, cell: str, inputs: list[str]) -> None:
    assert lineage(cell) == (inputs, [])


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('ab.sql(f"from flights_{month}")', "the table name flights_{…} is computed"),
        ('ab.sql(f"from {table()}")', "the table name {…} is computed"),
        ("ab.sql(build())", "build() has to be computed"),
        ('ab.sql("from a", frames=frames())', "frames=frames() is no dict with literal names"),
        ('ab.sql("from a", frames={n(): a})', "n() has to be computed"),
        ("ab.sql()", "ab.sql needs its query"),
        ('ab.sql("from (")', "the SQL cannot be read"),
        ("ab.sql('from \"my table\"')", "'my table' is no name for an asset"),
        ('ab.sql("delete from a")', "has to be a query"),
    ],
)
def test_queries_that_cannot_be_read_are_problems(lineage: Lineage, cell: str, says: str) -> None:
    inputs, [problem] = lineage(cell)
    assert inputs == []
    assert problem.startswith("nb.ipynb, cell 2, line 1: ")
    assert says in problem


def test_a_table_named_by_a_parameter_is_computed(lineage: Lineage) -> None:
    inputs, [problem] = lineage('ab.sql(f"from {table}")', parameters='table = "a"')
    assert inputs == []
    assert "the table name {…} is computed" in problem
