"""A function marked with `ab.table` as a Dagster asset: read the landing file or the inputs, validate, store."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import dagster as dg

from assetbook.contract import Partitions
from assetbook.contract.version import module_version
from assetbook.declare import TableDeclaration
from assetbook.errors import AssetbookError, LandingError
from assetbook.landing import fingerprint
from assetbook.platform.outcome import SCHEMA_CHECK, markdown_table
from assetbook.platform.report import INPUTS_KEY, table_column
from assetbook.platform.translate import (
    automation_condition,
    dependency,
    freshness_policy,
    partitions_definition,
    retry_policy,
)
from assetbook.platform.trigger import trigger
from assetbook.settings import Settings

LANDING = "landing"
SHOWN_FAILURES = 20


def python_asset(
    declaration: TableDeclaration,
    *,
    partitions: Partitions | None,
    input_partitions: Mapping[str, Partitions],
    settings: Settings,
) -> dg.AssetsDefinition:
    """Return the Dagster asset of a declared function.

    Args:
        declaration: what ``ab.table`` kept of the function.
        partitions: the asset's own, with ``like`` followed to its end.
        input_partitions: those of the inputs that have any.
        settings: the workspace's folders.
    """
    options = declaration.options

    @dg.asset(
        name=declaration.name,
        ins=_inputs(declaration, partitions, input_partitions),
        description=options.description or declaration.description,
        group_name=declaration.group,
        owners=list(options.owners),
        tags=dict(options.tags),
        kinds={"python", "deltalake", *options.kinds},
        code_version=module_version(declaration.source, root=settings.root),
        partitions_def=partitions_definition(partitions),
        freshness_policy=freshness_policy(options.freshness),
        automation_condition=automation_condition(options.automation),
        retry_policy=retry_policy(options),
        pool=options.pool,
        io_manager_key="io_manager",
        metadata=_schema_metadata(declaration),
        check_specs=_check_specs(declaration),
        output_required=False,
    )
    def _table(context: dg.AssetExecutionContext, **frames: Any) -> Iterator[Any]:
        yield from _run(declaration, partitions, settings, context, frames)

    return _table


def _inputs(
    declaration: TableDeclaration, own: Partitions | None, of_inputs: Mapping[str, Partitions]
) -> dict[str, dg.AssetIn]:
    hints = get_type_hints(declaration.function)
    return {
        name: dg.AssetIn(
            dagster_type=hints.get(name, Any),
            partition_mapping=dependency(
                name, own=own, upstream=of_inputs.get(name), bound_to=None
            ).partition_mapping,
        )
        for name in declaration.inputs
    }


def landing_file(declaration: TableDeclaration, settings: Settings, key: str | None) -> Path | None:
    """Return the file that the asset, or its partition `key`, is read from; None without landing files."""
    if declaration.landing is None:
        return None
    partitions = declaration.options.partitions
    keys = {partitions.parameter: key} if partitions else {}
    return settings.landing / declaration.landing.format(**keys)


def landing_keys(declaration: TableDeclaration, settings: Settings) -> list[str]:
    """Return the partition keys whose landing file is there, sorted."""
    partitions = declaration.options.partitions
    if declaration.landing is None or partitions is None:
        return []
    before, after = declaration.landing.split("{" + partitions.parameter + "}", 1)
    length = len(str(settings.landing / before)) - len(str(settings.landing))
    found = settings.landing.glob(before + "*" + after)
    names = (str(path)[len(str(settings.landing)) + length :] for path in found)
    return sorted(name[: len(name) - len(after)] for name in names)


def _run(
    declaration: TableDeclaration,
    partitions: Partitions | None,
    settings: Settings,
    context: dg.AssetExecutionContext,
    frames: Mapping[str, Any],
) -> Iterator[Any]:
    key = context.partition_key if partitions else None
    facts: dict[str, Any] = {"why": trigger(context.run.tags, declaration.name)["sentence"]}
    try:
        arguments = dict(frames)
        inputs: dict[str, dict[str, Any]] = {}
        path = landing_file(declaration, settings, key)
        if path is not None:
            inputs[LANDING] = {"kind": LANDING, "data_version": _arrived(declaration, path, settings)}
            arguments[LANDING] = path
            facts["landing file"] = dg.MetadataValue.path(str(path))
        if partitions and partitions.parameter in declaration.takes:
            arguments[partitions.parameter] = key
        frame = declaration.function(**arguments)
        if declaration.schema is not None:
            frame, check = _validated(declaration, frame)
            yield check
            if not check.passed:
                raise dg.Failure(
                    description=f"{declaration.name}: {check.description} Nothing was published."
                )
    except AssetbookError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
    if not frames:  # with upstream tables Dagster's own input versions say what was read
        facts[INPUTS_KEY] = dg.MetadataValue.json(inputs)
    yield dg.Output(frame, metadata=facts)


def _arrived(declaration: TableDeclaration, path: Path, settings: Settings) -> str:
    if not path.is_file():
        keys = landing_keys(declaration, settings)
        arrived = f" Partitions that have: {', '.join(keys)}." if keys else ""
        raise LandingError(
            f"{declaration.name}: the landing file {path} has not arrived.{arrived} Put it there and run again."
        )
    return fingerprint(path)


def _validated(declaration: TableDeclaration, frame: Any) -> tuple[Any, dg.AssetCheckResult]:
    from assetbook.schema import validate

    table = validate(frame, declaration.schema, name=declaration.name)
    metadata: dict[str, Any] = {}
    if table.failures is not None:
        rows = table.failures.head(SHOWN_FAILURES).to_dict("records")
        metadata = {
            "failing rows": len(table.failures),
            "failure cases": dg.MetadataValue.md(markdown_table(rows)),
        }
    result = dg.AssetCheckResult(
        check_name=SCHEMA_CHECK,
        passed=table.failures is None,
        description=table.summary,
        metadata=metadata,
    )
    return table.frame, result


def _schema_metadata(declaration: TableDeclaration) -> dict[str, Any]:
    if declaration.schema is None:
        return {}
    from assetbook.schema import column_schema

    columns = [table_column(column) for column in column_schema(declaration.schema)]
    return {"dagster/column_schema": dg.TableSchema(columns=columns)}


def _check_specs(declaration: TableDeclaration) -> list[dg.AssetCheckSpec]:
    if declaration.schema is None:
        return []
    return [
        dg.AssetCheckSpec(
            SCHEMA_CHECK,
            asset=declaration.name,
            blocking=True,
            description="The table meets its pandera schema.",
        )
    ]
