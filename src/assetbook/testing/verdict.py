"""From a run to what is to be said of it: outputs against schemas, checks, and whether a second run agrees."""

from __future__ import annotations

import os
from collections.abc import Iterator

from assetbook.errors import AssetbookError, SchemaError
from assetbook.execute.redact import MASK, Redactor, secret_values, strip_ansi
from assetbook.platform.outcome import SCHEMA_CHECK
from assetbook.schema import validate
from assetbook.testing.comparing import differences, likely_causes
from assetbook.testing.hashing import sets_in
from assetbook.testing.holdings import declared_schema
from assetbook.testing.model import Trial, TriedInput
from assetbook.testing.running import TriedRun


def judged(run: TriedRun, inputs: tuple[TriedInput, ...], *, again: bool, strict: bool) -> Trial:
    """Return what a run has come to; with `again` it is repeated first.

    Args:
        run: the first run.
        inputs: what it was given.
        again: whether the notebook is run a second time.
        strict: whether a blocking check that fails is a failure.
    """
    contract = run.setting.node.contract
    complaints = [run.complaint] if run.complaint else list(_against_schemas(run))
    checks = list(_failed_checks(run)) if not run.complaint else []
    if strict:
        complaints += checks
    if again and not complaints:
        complaints += _compared(run)
    message = "\n".join(complaints)
    if message and inputs:
        message = f"{message}\n\n{_about(inputs)}"
    return Trial(
        name=contract.name,
        notebook=contract.path,
        status="failed" if complaints else "passed",
        message=strip_ansi(_redactor(run).text(message)),
        warnings=() if strict else (*checks, *_empty(run)),
        partition=run.setting.key,
        parameters=_shown(run),
        inputs=inputs,
        rows={name: table.rows for name, table in run.staged.items()},
        models=tuple(run.models),
        metrics=dict(run.outcome.metrics),
        checks={name: bool(event["passed"]) for (_, name), event in run.outcome.checks.items()},
        tables={} if complaints else {name: run.frame(name) for name in run.staged},
    )


def _against_schemas(run: TriedRun) -> Iterator[str]:
    """Give what is wrong with the tables as they come back from the lake."""
    contract = run.setting.node.contract
    try:
        tables = run.published
    except AssetbookError as error:
        yield f"{contract.path}: {error}"
        return
    for name in tables:
        try:
            schema = declared_schema(contract, name)
            if schema is None:
                continue
            found = validate(run.frame(name), schema, name=name)
        except SchemaError as error:
            yield f"{contract.path}: {error}"
            continue
        if found.failures is not None:
            yield f"{contract.path}: read back from the lake it is not what it was.\n{found.summary}"


def _failed_checks(run: TriedRun) -> Iterator[str]:
    contract = run.setting.node.contract
    for asset, name in run.outcome.failed_blocking(contract):
        if name != SCHEMA_CHECK:
            (told,) = run.outcome.sentences([(asset, name)], contract)
            yield f"check {told.rstrip('.').replace(repr(name), name, 1)}: fails on this sample."


def _empty(run: TriedRun) -> Iterator[str]:
    for name, table in run.staged.items():
        if table.rows == 0:
            yield f"{name} has no rows: nothing in its columns was tried."


def _compared(run: TriedRun) -> list[str]:
    """Run the notebook again; return what differs, and why it may."""
    contract, root = run.setting.node.contract, run.setting.node.settings.root
    sets = sets_in(root / contract.path)
    # the order of a set is that of hashes, which are the same in kernels that are forked from one process
    again = run.setting.run("second", environment={"PYTHONHASHSEED": "1"} if sets else None)
    found = differences(run, again)
    if not found:
        return []
    causes = likely_causes(contract, root) or sets
    if causes:
        return [*found, "Likely from", *(f"  {cause}" for cause in causes)]
    return [
        *found,
        "`assetbook check` knows no cause: look for threads, and for what libraries draw.",
    ]


def _about(inputs: tuple[TriedInput, ...]) -> str:
    lines = ["It was given"] + [f"  {each.text}" for each in inputs]
    if any(each.made for each in inputs):
        lines.append(
            "What a schema allows, the notebook must take, or the schema has to say more. "
            "Real rows are taken where the lake has them."
        )
    return "\n".join(lines)


def _redactor(run: TriedRun) -> Redactor:
    values = run.setting.parameters
    secrets = {name: values[name] for name in run.setting.node.contract.options.secrets}
    return Redactor(secret_values(secrets, os.environ, values))


def _shown(run: TriedRun) -> dict[str, object]:
    """Return the parameters as they may be written down."""
    contract, values = run.setting.node.contract, run.setting.parameters
    secret = contract.options.secrets
    return {p.name: MASK if p.name in secret else p.to_config(values[p.name]) for p in contract.parameters}
