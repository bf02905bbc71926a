"""The IO manager: plain `@dg.asset` functions and notebooks share the tables of one lake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from pydantic import Field

from assetbook.errors import AssetbookError
from assetbook.lake import Form, Lake, StagedTable, TableVersion
from assetbook.platform.table_metadata import sensitive, table_metadata
from assetbook.session.frames import preview

COLUMNS = "columns"  # input metadata: the columns to load
PREVIEW = 5  # rows shown with a materialization
ALLOW_MISSING = "allow_missing_partitions"  # input metadata, as in Dagster's own IO managers


class LakeIOManager(dg.ConfigurableIOManager):
    """Keeps what an asset returns as a Delta table of the lake, and gives it to the assets downstream.

    A function may return a pandas or Polars frame, an Arrow table or a DuckDB relation, and asks for its inputs
    by annotation: ``def late(flights: pl.DataFrame) -> pl.DataFrame``; without one it is given pandas. Input
    metadata ``{"columns": [...]}`` loads some columns only. Content that is the same as before keeps its data
    version, so that nothing downstream becomes stale.
    """

    root: str = Field(description="Folder or URI of the lake, such as s3://bucket/lake.")
    storage_options: dict[str, str] = Field(
        default_factory=dict, description="What deltalake needs to open the URI: keys, region, endpoint."
    )

    @property
    def lake(self) -> Lake:
        """The lake itself."""
        return Lake(self.root, storage_options=self.storage_options)

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Publish what the asset has returned; None publishes nothing."""
        if obj is None:
            return
        try:
            staged, version = _publish(self.lake, context, obj)
        except AssetbookError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        of_partition = version.partitions.get(staged.partition or "", version.data_version)
        context.step_context.set_data_version(context.asset_key, dg.DataVersion(of_partition))
        context.add_output_metadata(_metadata(self.lake, context, staged, version))

    def load_input(self, context: dg.InputContext) -> Any:
        """Return the table of an upstream asset in the form that the annotation asks for."""
        try:
            return _load(self.lake, context)
        except AssetbookError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None


def _stamp(context: dg.OutputContext, name: str) -> dict[str, str]:
    code = context.asset_spec.code_version
    return {"run_id": context.run_id, "asset": name, **({"code_version": code} if code else {})}


def _publish(lake: Lake, context: dg.OutputContext, obj: Any) -> tuple[StagedTable, TableVersion]:
    if not context.has_asset_key:
        raise dg.Failure(
            description=f"Output {context.name!r} of op {context.op_def.name!r} is no asset, and the lake holds "
            "assets only. Give it another `io_manager_key`, or make one asset of the graph.",
            allow_retries=False,
        )
    name = "/".join(context.asset_key.path)
    staged = lake.stage(
        name,
        obj,
        group=context.asset_spec.group_name or "default",
        run_id=context.run_id,
        partition=_output_partition(context, name=name),
    )
    try:
        return staged, lake.publish([staged], stamp=_stamp(context, name))[0]
    except AssetbookError:
        lake.discard([staged])
        raise


def _output_partition(context: dg.OutputContext, *, name: str) -> str | None:
    if not context.has_asset_partitions:
        return None
    keys = sorted(context.asset_partition_keys)
    if len(keys) != 1:
        raise dg.Failure(
            description=f"Asset {name!r}: this run is for {len(keys)} partitions ({keys[0]} to {keys[-1]}), and "
            "one table cannot be split among them. Give the asset "
            "`backfill_policy=dg.BackfillPolicy.multi_run()`, or launch one run for each partition.",
            allow_retries=False,
        )
    return str(keys[0])


def _metadata(
    lake: Lake, context: dg.OutputContext, staged: StagedTable, version: TableVersion
) -> Mapping[str, Any]:
    head = lake.read(version, partition=staged.partition, as_="arrow", limit=PREVIEW)
    declared = (context.definition_metadata or {}).get("dagster/column_schema")
    names = [column["name"] for column in staged.columns]
    metadata: dict[str, Any] = {
        "dagster/row_count": staged.rows,
        "dagster/uri": version.uri,
        "lake version": version.version,
        "size (bytes)": staged.size,
        "preview": table_metadata(
            preview(head, rows=PREVIEW, hidden=sensitive(declared, names)), columns=names
        ),
    }
    if declared is None:
        columns = [dg.TableColumn(column["name"], column["type"]) for column in staged.columns]
        metadata["dagster/column_schema"] = dg.TableSchema(columns)
    return metadata


# ---- loading


def _load(lake: Lake, context: dg.InputContext) -> Any:
    name = "/".join(context.asset_key.path)
    table = lake.version(name)
    return lake.read(
        table,
        columns=(context.definition_metadata or {}).get(COLUMNS),
        partition=_input_partitions(context, table),
        as_=_form(context, name=name),
    )


def _input_partitions(context: dg.InputContext, table: TableVersion) -> list[str] | None:
    """Return the partitions to load; None is the whole table, which all partitions are."""
    if not context.has_asset_partitions or not table.partitions:
        return None
    wanted = sorted(str(key) for key in context.asset_partition_keys)
    every = context.asset_partitions_def.get_partition_keys(dynamic_partitions_store=context.instance)
    if set(every) <= set(wanted):
        return None  # not each of them has been materialized yet
    if (context.definition_metadata or {}).get(ALLOW_MISSING):
        return [key for key in wanted if key in table.partitions]
    return wanted


_FORMS: dict[tuple[str, str], Form] = {
    ("pandas", "DataFrame"): "pandas",
    ("polars", "DataFrame"): "polars",
    ("pyarrow", "Table"): "arrow",
    ("duckdb", "DuckDBPyRelation"): "relation",
}


def _form(context: dg.InputContext, *, name: str) -> Form:
    """Return the form that the annotation asks for: known by its name, so that no library is imported for it."""
    wanted = context.dagster_type.typing_type
    if wanted is Any or wanted is None:
        return "pandas"
    library = getattr(wanted, "__module__", "").lstrip("_").partition(".")[0]
    form = _FORMS.get((library, getattr(wanted, "__name__", "")))
    if form is None:
        raise dg.Failure(
            description=f"The input {name!r} is annotated as {wanted}. Expected pd.DataFrame, pl.DataFrame, "
            "pa.Table or duckdb.DuckDBPyRelation.",
            allow_retries=False,
        )
    return form
