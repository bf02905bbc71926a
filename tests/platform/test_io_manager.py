"""Plain Dagster assets on the lake, in real runs on a real instance."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from assetbook.lake import Lake
from assetbook.platform.io_manager import LakeIOManager

MONTHS = dg.StaticPartitionsDefinition(["2013-01", "2013-02", "2013-03"])
Run = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def run(lake: Lake, instance: dg.DagsterInstance) -> Run:
    def run(*assets: Any, **options: Any) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            assets, instance=instance, resources={"io_manager": LakeIOManager(root=lake.root)}, **options
        )

    return run


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    (event,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_FAILURE]
    data = event.step_failure_data
    return str(data.user_failure_data.description if data.user_failure_data else data.error)


def materialization(instance: dg.DagsterInstance, name: str) -> dg.AssetMaterialization:
    event = instance.get_latest_materialization_event(dg.AssetKey(name.split("/")))
    assert event is not None
    assert event.asset_materialization is not None
    return event.asset_materialization


FRAME = pd.DataFrame({"origin": ["EWR", "JFK"], "delay": pd.array([1, None], "Int64")})


@pytest.mark.parametrize("form", ["pandas", "polars", "arrow", "relation", "reader"])
def test_any_table_that_an_asset_returns_is_kept(run: Run, lake: Lake, form: str) -> None:
    arrow = pa.table({"a": [1, 2]})
    made = {
        "pandas": arrow.to_pandas,
        "polars": lambda: pl.DataFrame({"a": [1, 2]}),
        "arrow": lambda: arrow,
        "relation": lambda: duckdb.connect().from_arrow(arrow),
        "reader": arrow.to_reader,
    }

    @dg.asset
    def flights() -> Any:
        return made[form]()

    run(flights)
    assert lake.read("flights")["a"].tolist() == [1, 2]


def test_inputs_come_as_they_are_annotated(run: Run, instance: dg.DagsterInstance) -> None:
    seen: dict[str, Any] = {}

    @dg.asset
    def flights() -> pd.DataFrame:
        return FRAME

    @dg.asset
    def plain(flights) -> None:  # type: ignore[no-untyped-def]  # that is the case under test
        seen["plain"] = flights

    @dg.asset
    def pandas(flights: pd.DataFrame) -> None:
        seen["pandas"] = flights

    @dg.asset
    def polars(flights: pl.DataFrame) -> None:
        seen["polars"] = flights

    @dg.asset
    def arrow(flights: pa.Table) -> None:
        seen["arrow"] = flights

    @dg.asset
    def relation(flights: duckdb.DuckDBPyRelation) -> None:
        seen["relation"] = flights.fetchall()

    run(flights, plain, pandas, polars, arrow, relation)
    pd.testing.assert_frame_equal(seen["plain"], FRAME)
    pd.testing.assert_frame_equal(seen["pandas"], FRAME)
    assert seen["polars"].to_dict(as_series=False) == {"origin": ["EWR", "JFK"], "delay": [1, None]}
    assert seen["arrow"].column_names == ["origin", "delay"]
    assert seen["relation"] == [("EWR", 1), ("JFK", None)]


def test_other_annotations_are_refused(run: Run) -> None:
    @dg.asset
    def flights() -> pd.DataFrame:
        return FRAME

    @dg.asset
    def late(flights: dict) -> None:  # type: ignore[type-arg]
        pass

    result = run(flights, late, raise_on_error=False)
    assert "'flights' is annotated as <class 'dict'>. Expected pd.DataFrame" in failure_of(result)


def test_some_columns_of_an_input(run: Run) -> None:
    @dg.asset
    def flights() -> pd.DataFrame:
        return FRAME

    @dg.asset(ins={"flights": dg.AssetIn(metadata={"columns": ["delay"]})})
    def late(flights: pd.DataFrame) -> pd.DataFrame:
        assert list(flights) == ["delay"]
        return flights

    assert run(flights, late).success


def test_the_materialization_tells_of_the_table(run: Run, lake: Lake, instance: dg.DagsterInstance) -> None:
    @dg.asset(group_name="raw")
    def flights() -> pd.DataFrame:
        return FRAME

    run(flights)
    version = lake.version("flights")
    done = materialization(instance, "flights")
    metadata = {key: value.value for key, value in done.metadata.items()}
    assert version.group == "raw"
    assert metadata["dagster/row_count"] == 2
    assert metadata["dagster/uri"] == version.uri
    assert metadata["lake version"] == 0
    assert metadata["size (bytes)"] == Path(version.files[0]).stat().st_size
    preview = done.metadata["preview"]
    assert [record.data for record in preview.records] == FRAME.to_dict("records")
    columns = {column.name: column.type for column in metadata["dagster/column_schema"].columns}
    assert columns == {"origin": "string", "delay": "int64"}
    assert done.tags is not None
    assert done.tags["dagster/data_version"] == version.data_version
    assert lake.history("flights")[0]["stamp"]["asset"] == "flights"


def test_the_column_schema_of_the_asset_goes_first(run: Run, instance: dg.DagsterInstance) -> None:
    schema = dg.TableSchema([dg.TableColumn("origin", "airport", description="where from")])

    @dg.asset(metadata={"dagster/column_schema": schema})
    def flights() -> pd.DataFrame:
        return FRAME

    run(flights)
    assert "dagster/column_schema" not in materialization(instance, "flights").metadata


def test_equal_content_leaves_downstream_current(run: Run, instance: dg.DagsterInstance) -> None:
    from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
    from dagster._core.loader import LoadingContextForTest

    values = [1]

    @dg.asset(code_version="1")
    def flights() -> pd.DataFrame:
        return pd.DataFrame({"a": values})

    @dg.asset(code_version="1")
    def late(flights: pd.DataFrame) -> pd.DataFrame:
        return flights

    def status() -> StaleStatus:
        graph = dg.Definitions(assets=[flights, late]).get_repository_def().asset_graph
        resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
        return resolver.get_status(dg.AssetKey("late"))

    run(flights, late)
    run(flights)
    assert status() is StaleStatus.FRESH
    values.append(2)
    run(flights)
    assert status() is StaleStatus.STALE


def test_keys_of_several_parts_are_names_with_slashes(run: Run, lake: Lake) -> None:
    @dg.asset(key_prefix="raw")
    def flights() -> pd.DataFrame:
        return FRAME

    @dg.asset(ins={"flights": dg.AssetIn(key=["raw", "flights"])})
    def late(flights: pd.DataFrame) -> pd.DataFrame:
        return flights

    run(flights, late)
    assert lake.names() == ["late", "raw/flights"]


@pytest.mark.parametrize("result", [None, dg.MaterializeResult(metadata={"a": 1})])
def test_assets_that_return_no_table_write_nothing(run: Run, lake: Lake, result: Any) -> None:
    @dg.asset
    def report():  # type: ignore[no-untyped-def]
        return result

    assert run(report).success
    assert lake.names() == []


def test_what_is_no_table_fails_with_the_fix(run: Run, lake: Lake) -> None:
    @dg.asset
    def flights() -> dict:  # type: ignore[type-arg]
        return {"a": [1]}

    assert "found dict, which is no table" in failure_of(run(flights, raise_on_error=False))
    assert lake.names() == []


def test_an_upstream_that_was_never_materialized_is_named(run: Run) -> None:
    @dg.asset
    def flights() -> pd.DataFrame:
        return FRAME

    @dg.asset
    def late(flights: pd.DataFrame) -> pd.DataFrame:
        return flights

    result = run(flights, late, selection=[late], raise_on_error=False)
    assert "There is no table 'flights'" in failure_of(result)


def test_outputs_of_ops_are_no_tables(lake: Lake) -> None:
    @dg.op
    def number() -> int:
        return 1

    @dg.job(resource_defs={"io_manager": LakeIOManager(root=lake.root)})
    def work() -> None:
        number()

    result = work.execute_in_process(raise_on_error=False)
    assert "of op 'number' is no asset" in failure_of(result)


# ---- partitions


@dg.asset(partitions_def=MONTHS)
def by_month(context: dg.AssetExecutionContext) -> pd.DataFrame:
    return pd.DataFrame({"month": [context.partition_key]})


def test_a_partition_has_its_own_data_version(run: Run, lake: Lake, instance: dg.DagsterInstance) -> None:
    for key in ("2013-01", "2013-02"):
        run(by_month, partition_key=key)
    version = lake.version("by_month")
    assert lake.read(version)["month"].tolist() == ["2013-01", "2013-02"]
    done = materialization(instance, "by_month")
    assert done.partition == "2013-02"
    assert done.tags is not None
    assert done.tags["dagster/data_version"] == version.partitions["2013-02"]
    assert done.metadata["dagster/row_count"].value == 1


def test_a_partition_reads_its_own_partition(run: Run) -> None:
    seen: list[Any] = []

    @dg.asset(partitions_def=MONTHS)
    def late(by_month: pd.DataFrame) -> pd.DataFrame:
        seen.append(by_month["month"].tolist())
        return by_month

    for key in ("2013-01", "2013-02"):
        run(by_month, late, partition_key=key)
    assert seen == [["2013-01"], ["2013-02"]]


def test_an_asset_without_partitions_reads_the_whole_table(run: Run) -> None:
    seen: list[Any] = []

    @dg.asset
    def late(by_month: pd.DataFrame) -> pd.DataFrame:
        seen.append(by_month["month"].tolist())
        return by_month

    for key in ("2013-01", "2013-03"):  # one is not there yet
        run(by_month, partition_key=key)
    run(by_month, late, selection=[late])
    assert seen == [["2013-01", "2013-03"]]


@pytest.mark.parametrize(("allowed", "expected"), [(True, ["2013-01"]), (False, None)])
def test_several_mapped_partitions(run: Run, allowed: bool, expected: list[str] | None) -> None:
    seen: list[Any] = []
    mapping = dg.SpecificPartitionsPartitionMapping(["2013-01", "2013-02"])

    @dg.asset(
        ins={
            "by_month": dg.AssetIn(partition_mapping=mapping, metadata={"allow_missing_partitions": allowed})
        }
    )
    def late(by_month: pd.DataFrame) -> pd.DataFrame:
        seen.append(by_month["month"].tolist())
        return by_month

    run(by_month, partition_key="2013-01")
    result = run(by_month, late, selection=[late], raise_on_error=False)
    if expected is None:
        assert "no partition '2013-02'" in failure_of(result)
    else:
        assert seen == [expected]


def test_a_run_over_several_partitions_is_refused(run: Run, lake: Lake) -> None:
    @dg.asset(partitions_def=MONTHS)
    def flights() -> pd.DataFrame:
        return FRAME

    tags = {
        "dagster/asset_partition_range_start": "2013-01",
        "dagster/asset_partition_range_end": "2013-03",
    }
    result = run(flights, tags=tags, raise_on_error=False)
    assert "this run is for 3 partitions (2013-01 to 2013-03)" in failure_of(result)
    assert "BackfillPolicy.multi_run()" in failure_of(result)
    assert lake.names() == []


# ---- several processes


@dg.asset
def other() -> pd.DataFrame:
    return FRAME


def in_process(root: str, home: str, key: str | None) -> bool:
    with dg.DagsterInstance.from_config(home) as instance:
        asset = by_month if key else other
        resources = {"io_manager": LakeIOManager(root=root)}
        result = dg.materialize([asset], instance=instance, resources=resources, partition_key=key)
        return result.success


def test_processes_write_tables_and_partitions_at_once(
    lake: Lake, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    keys = [*MONTHS.get_partition_keys(), None]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(in_process, lake.root, str(tmp_path), key) for key in keys]
        assert all(job.result() for job in jobs)
    assert lake.names() == ["by_month", "other"]
    assert lake.read("by_month")["month"].tolist() == MONTHS.get_partition_keys()
