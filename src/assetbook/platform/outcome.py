"""What a notebook has given, read from its events and held against what it had declared."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from assetbook.contract import Contract
from assetbook.execute.outputs import cut
from assetbook.lake import StagedTable

SCHEMA_CHECK = "schema"
TEXT_LIMIT = 4_000  # characters of one text in Dagster's event log
CELL_LIMIT = 200  # characters of one cell of a table there


@dataclass(frozen=True)
class Outcome:
    """The events of one run, sorted by what they are.

    Attributes:
        saves: table name to the ``save`` event (staged table, preview, columns, schema).
        models: model name to the ``model`` event (folder, metrics, signature).
        checks: (asset, check) to the ``check`` or ``schema`` event.
        metrics: metric name to its last value.
        loads: asset name to the versions that were read.
    """

    saves: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    checks: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    loads: dict[str, set[Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, events: Iterable[Mapping[str, Any]]) -> Outcome:
        """Sort the events of a run."""
        outcome = cls()
        for event in map(dict, events):
            match event.get("event"):
                case "save":
                    outcome._save(event)
                case "schema":
                    outcome.checks[event["name"], SCHEMA_CHECK] = event
                case "model":
                    outcome.models[event["name"]] = event
                    outcome.metrics.update(event.get("metrics") or {})
                case "check":
                    outcome.checks[event["asset"], event["name"]] = event
                case "metric":
                    outcome.metrics[event["name"]] = event["value"]
                case "load":
                    outcome.loads.setdefault(event["name"], set()).add(event["version"])
        return outcome

    def _save(self, event: dict[str, Any]) -> None:
        name = event["staged"]["name"]
        self.saves[name] = event
        if event.get("schema"):
            self.checks[name, SCHEMA_CHECK] = event["schema"]

    @property
    def staged(self) -> list[StagedTable]:
        """The tables that wait to be published."""
        return [StagedTable.from_json(event["staged"]) for event in self.saves.values()]

    def missing(self, contract: Contract) -> list[str]:
        """Return a sentence for each thing that the notebook declares and did not do."""
        sentences = []
        for output in contract.outputs:
            done = {"table": self.saves, "model": self.models}.get(output.kind, {output.name: None})
            if output.name not in done:
                verb = "save_model" if output.kind == "model" else "save"
                sentences.append(
                    f"{output.place} declares {verb}({output.name!r}), but the run never came there. "
                    "A declared output must be saved in every run."
                )
            elif output.has_schema and (output.name, SCHEMA_CHECK) not in self.checks:
                sentences.append(
                    f"{output.place} declares a schema for {output.name!r}, but the run gave None. "
                    "Give the schema itself, or leave the argument out."
                )
        for check in contract.checks:
            if (check.asset, check.name) not in self.checks:
                sentences.append(
                    f"{check.place} declares check({check.name!r}), but the run never evaluated it. "
                    "Evaluate it in every run, or remove it."
                )
        return sentences

    def failed_blocking(self, contract: Contract) -> list[tuple[str, str]]:
        """Return (asset, check) of the blocking checks that failed."""
        free = _not_blocking(contract)
        return [key for key, event in self.checks.items() if not event["passed"] and key not in free]

    def sentences(self, keys: Iterable[tuple[str, str]], contract: Contract) -> list[str]:
        """Return for each (asset, check) what was checked, where, and what was found."""
        places = {(check.asset, check.name): f", {check.place}" for check in contract.checks}
        return [
            f"{name!r} on {asset!r}{places.get((asset, name), '')}"
            + (f": {text}" if (text := self.checks[asset, name].get("description")) else "")
            for asset, name in keys
        ]

    def check_results(self, contract: Contract) -> list[dg.AssetCheckResult]:
        """Return Dagster's result for each evaluated check."""
        free = _not_blocking(contract)
        return [
            dg.AssetCheckResult(
                asset_key=dg.AssetKey(asset.split("/")),
                check_name=name,
                passed=bool(event["passed"]),
                severity=dg.AssetCheckSeverity.WARN if (asset, name) in free else dg.AssetCheckSeverity.ERROR,
                description=cut(event["description"], TEXT_LIMIT) if event.get("description") else None,
                metadata=_check_metadata(event),
            )
            for (asset, name), event in self.checks.items()
        ]


def _not_blocking(contract: Contract) -> set[tuple[str, str]]:
    return {(check.asset, check.name) for check in contract.checks if not check.blocking}


def _check_metadata(event: Mapping[str, Any]) -> dict[str, Any]:
    facts = {str(k): _metadata_value(v) for k, v in (event.get("metadata") or {}).items()}
    failures = event.get("failures")
    if failures:
        facts["failing rows"] = int(event.get("count") or len(failures))
        facts["failure cases"] = dg.MetadataValue.md(markdown_table(failures))
    return facts


def _metadata_value(value: Any) -> Any:
    """Return a value as Dagster shows it: bounded, and without the numbers that JSON does not have."""
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, dict | list) and len(json.dumps(value)) <= TEXT_LIMIT:
        return dg.MetadataValue.json(value)
    return cut(str(value), TEXT_LIMIT)


def markdown_table(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Return rows of equal keys as a Markdown table, long cells cut."""
    columns = list(rows[0])
    lines = ["| " + " | ".join(map(_cell, columns)) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(_cell(row.get(c)) for c in columns) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    text = " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= CELL_LIMIT else text[:CELL_LIMIT] + "…"
