"""A function marked with `ab.table` as a Dagster asset: read the landing file or the inputs, validate, store."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import dagster as dg

from assetbook.contract.version import module_version
from assetbook.declare import TableDeclaration
from assetbook.errors import AssetbookError, LakeError, LandingError
from assetbook.lake import Lake
from assetbook.landing import fingerprint
from assetbook.platform.nodes import TableNode, key_parameter
from assetbook.platform.outcome import SCHEMA_CHECK, markdown_table
from assetbook.platform.partitioning import dependency, run_key
from assetbook.platform.report import INPUTS_KEY
from assetbook.platform.table_metadata import table_column
from assetbook.platform.translate import automation_condition, freshness_policy, retry_policy
from assetbook.platform.trigger import trigger
from assetbook.settings import Settings

LANDING = "landing"
SHOWN_FAILURES = 20


def python_asset(node: TableNode) -> dg.AssetsDefinition:
    """Return the Dagster asset of a table function.

    Args:
        node: the linked function, without problems.

    Raises:
        DagsterError, CheckError: Dagster refuses a tag, a kind, a schedule or a freshness window.
        SchemaError: its schema is none.
    """
    declaration, options = node.declaration, node.declaration.options
    partitions = node.partitions.definition if node.partitions else None

    @dg.asset(
        name=declaration.name,
        deps=[
            dependency(
                name,
                own=partitions,
                upstream=node.input_partitions.get(name),
                same_key=node.reads_own_key(name),
            )
            for name in declaration.inputs
        ],
        description=options.description or declaration.description,
        group_name=declaration.group,
        owners=list(options.owners),
        tags=dict(options.tags),
        kinds={"python", "deltalake", *options.kinds},
        code_version=module_version(declaration.source.resolve(), root=node.settings.root),
        partitions_def=partitions,
        freshness_policy=freshness_policy(options.freshness),
        automation_condition=automation_condition(options.automation),
        retry_policy=retry_policy(options),
        pool=options.pool,
        required_resource_keys={"io_manager"},
        metadata=_schema_metadata(declaration),
        check_specs=_check_specs(declaration),
        output_required=False,
    )
    def _table(context: dg.AssetExecutionContext) -> Iterator[Any]:
        try:
            yield from _run(node, context)
        except AssetbookError as error:
            message = str(error) if node.where in str(error) else f"{node.where}: {error}"
            raise dg.Failure(description=message, allow_retries=False) from None

    return _table


# ---- landing files


def landing_file(declaration: TableDeclaration, settings: Settings, key: str | None) -> Path | None:
    """Return the file that the asset, or its partition `key`, is read from; None without landing files."""
    if declaration.landing is None:
        return None
    parameter = declaration.partition_parameter
    return settings.landing / declaration.landing.format(**({parameter: key} if parameter else {}))


def landing_keys(declaration: TableDeclaration, settings: Settings) -> list[str]:
    """Return the keys whose landing file is there, sorted, whether they are partitions or not."""
    if declaration.landing is None or declaration.partition_parameter is None:
        return []
    parts = list(Formatter().parse(declaration.landing))
    pattern = "".join(re.escape(text) + ("(.+)" if name else "") for text, name, _, _ in parts)
    found = settings.landing.glob("".join(_glob(text) + ("*" if name else "") for text, name, _, _ in parts))
    matches = (re.fullmatch(pattern, path.relative_to(settings.landing).as_posix()) for path in found)
    keys = {match[1] for match in matches if match and len(set(match.groups())) == 1}
    return sorted(key for key in keys if not key.startswith("."))  # hidden: a file on its way


def _glob(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)


def _arrived(declaration: TableDeclaration, path: Path, settings: Settings) -> str:
    if not path.exists():
        keys = landing_keys(declaration, settings)
        arrived = f" Partitions that have: {', '.join(keys)}." if keys else ""
        raise LandingError(
            f"{declaration.name}: the landing file {path} has not arrived.{arrived} Put it there and run again."
        )
    return fingerprint(path)


# ---- the run


def _run(node: TableNode, context: dg.AssetExecutionContext) -> Iterator[Any]:
    declaration = node.declaration
    key = run_key(context, node.partitions.definition if node.partitions else None)
    arguments, inputs = _read(node, context.resources.io_manager.lake, key)
    frame = declaration.function(**arguments)
    if frame is None:
        raise LakeError(f"{node.where}: returned None, expected a table. Return the frame.")
    if declaration.schema is not None:
        frame, check = _validated(declaration, frame)
        yield check
        if not check.passed:
            raise dg.Failure(description=f"Nothing was published. {check.description}", allow_retries=False)
    facts: dict[str, Any] = {
        "why": trigger(context.run.tags, declaration.name)["sentence"],
        INPUTS_KEY: dg.MetadataValue.json(inputs),
    }
    if declaration.landing is not None:
        facts["landing file"] = dg.MetadataValue.path(str(arguments[LANDING]))
    yield dg.Output(frame, metadata=facts)


def _read(node: TableNode, lake: Lake, key: str | None) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the arguments of the function, and version and data version of what they were read from."""
    declaration = node.declaration
    arguments: dict[str, Any] = {}
    inputs: dict[str, dict[str, Any]] = {}
    path = landing_file(declaration, node.settings, key)
    if path is not None:
        arguments[LANDING] = path
        inputs[LANDING] = {"kind": LANDING, "data_version": _arrived(declaration, path, node.settings)}
    parameter = key_parameter(declaration)
    if parameter is not None and key is not None:
        arguments[parameter.name] = parameter.from_key(key)
    for name, form in declaration.inputs.items():
        table, partition = lake.version(name), node.partition_of(name, key)
        arguments[name] = lake.read(table, partition=partition, as_=form)
        data_version = table.partitions[partition] if partition else table.data_version
        inputs[name] = {"kind": "table", "version": table.version, "data_version": data_version}
    return arguments, inputs


# ---- the schema


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
