"""A notebook as a Dagster asset: specs, checks and launch form from its contract, the run from `step`."""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context` itself.

from collections.abc import Iterator
from inspect import Parameter, Signature
from typing import Any

import dagster as dg
from dagster_shared.utils.warnings import disable_dagster_warnings

from assetbook.contract import Output
from assetbook.errors import ContractError
from assetbook.platform.launch_form import config_schema
from assetbook.platform.nodes import NotebookNode
from assetbook.platform.outcome import SCHEMA_CHECK
from assetbook.platform.partitioning import dependency, run_key
from assetbook.platform.report import notebook_url
from assetbook.platform.step import run_step
from assetbook.platform.stepthread import KERNEL_TAG
from assetbook.platform.table_metadata import table_column
from assetbook.platform.translate import automation_condition, freshness_policy, retry_policy
from assetbook.platform.workspace import resource_names

KINDS: dict[str, set[str]] = {
    "table": {"jupyter", "deltalake"},
    "model": {"jupyter", "mlflow"},
    "report": {"jupyter"},
}
_SIGNATURE = Signature(  # Dagster asks each function for it sixteen times
    [Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=dg.AssetExecutionContext)],
    return_annotation=Iterator[Any],
)


def notebook_asset(node: NotebookNode, *, resource_keys: set[str]) -> dg.AssetsDefinition:
    """Return the Dagster assets that a notebook gives.

    Args:
        node: the linked notebook, without problems.
        resource_keys: the resources that its run may use: ``io_manager``, and ``mlflow`` where there is one.

    Raises:
        DagsterError, CheckError: Dagster refuses a tag, a kind, a schedule or a freshness window.
        ContractError: a schema cannot be imported.
    """
    contract, options = node.contract, node.contract.options
    bound, partitions = (
        (node.partitions.parameter, node.partitions.definition) if node.partitions else (None, None)
    )
    parameters = [p for p in contract.parameters if p.name != bound]

    def _run(context: dg.AssetExecutionContext) -> Iterator[Any]:
        run_key(context, partitions)  # refuses a run for a range of partitions
        yield from run_step(node, context)

    _run.__signature__ = _SIGNATURE  # type: ignore[attr-defined]
    return dg.multi_asset(
        name=node.op_name,
        specs=[_spec(node, output) for output in contract.outputs],
        check_specs=_check_specs(node),
        config_schema=config_schema(parameters, owner=node.op_name, secrets=options.secrets),
        partitions_def=partitions,
        retry_policy=retry_policy(options),
        pool=options.pool,
        required_resource_keys=resource_keys,
        op_tags={KERNEL_TAG: "true"},
        can_subset=False,
    )(_run)


def _spec(node: NotebookNode, output: Output) -> dg.AssetSpec:
    contract, options = node.contract, node.contract.options
    own = node.partitions.definition if node.partitions else None
    spec = dg.AssetSpec(
        output.name,
        deps=[
            dependency(
                source.name,
                own=own,
                upstream=node.input_partitions.get(source.name),
                same_key=node.reads_own_key(source.name),
            )
            for source in contract.inputs
        ],
        description=_description(node),
        group_name=node.group(output),
        owners=list(options.owners),
        tags=dict(options.tags),
        kinds=KINDS[output.kind] | set(options.kinds),
        code_version=contract.code_version,
        freshness_policy=freshness_policy(options.freshness),
        automation_condition=automation_condition(options.automation),
        metadata={
            "notebook source": dg.MetadataValue.url(_source_url(node)),
            "dagster/code_references": _code_references(node),
            **_declared_schema(output),
        },
    )
    if node.settings.project is None:
        return spec
    # what takes it as an argument there is given the table of the lake, not what the project's own IO manager has
    return spec.with_io_manager_key(resource_names(node.settings).storage)


def _description(node: NotebookNode) -> str:
    contract = node.contract
    text = contract.options.description or contract.description or ""
    title = f"**{contract.title}**\n\n" if contract.title else ""
    return f"{title}{text}".strip() or f"Notebook {contract.path}"


def _source_url(node: NotebookNode) -> str:
    settings = node.settings
    return notebook_url(settings.root / node.contract.path, settings=settings, location=settings.name)


def _code_references(node: NotebookNode) -> dg.CodeReferencesMetadataValue:
    path = str(node.settings.root / node.contract.path)
    with disable_dagster_warnings():  # "beta" in every release since 2024; a user can do nothing about it
        return dg.CodeReferencesMetadataValue(
            code_references=[dg.LocalFileCodeReference(file_path=path, label=str(node.contract.path))]
        )


def _declared_schema(output: Output) -> dict[str, Any]:
    """The columns of a table before it was ever made, where its schema can be told without running."""
    if not output.schema_ref:
        return {}
    from importlib import import_module

    from assetbook.schema import column_schema

    module, _, name = output.schema_ref.partition(":")
    try:
        schema = getattr(import_module(module), name)
    except Exception as error:  # noqa: BLE001 - whatever a user's module raises
        raise ContractError(
            f"{output.place}: the schema {name} of {output.name!r} cannot be had from {module}: "
            f"{type(error).__name__}: {error}"
        ) from None
    return {"dagster/column_schema": dg.TableSchema(columns=[table_column(c) for c in column_schema(schema)])}


def _check_specs(node: NotebookNode) -> list[dg.AssetCheckSpec]:
    specs = [
        dg.AssetCheckSpec(
            check.name,
            asset=dg.AssetKey(check.asset.split("/")),
            blocking=check.blocking,
            description=check.description,
        )
        for check in node.contract.checks
    ]
    specs += [
        dg.AssetCheckSpec(
            SCHEMA_CHECK,
            asset=dg.AssetKey(output.name.split("/")),
            blocking=True,
            description="The table meets its pandera schema.",
        )
        for output in node.contract.outputs
        if output.has_schema
    ]
    return specs
