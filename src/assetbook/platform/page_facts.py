"""What heads the page of an executed notebook: how its run went, what it read and made, and where to look further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from assetbook.execute.html import Fact
from assetbook.record import FILE, Record

BRIEF = 200  # characters of a parameter's value


def page_facts(record: Record) -> dict[str, Fact]:
    """Return what the readable page tells of the run, each with where to look further on Dagster's web server."""
    run, mlflow = str(record.dagster.get("run_id") or ""), str((record.mlflow or {}).get("run_id") or "")
    facts: dict[str, Fact] = {
        "status": record.status,
        "started": f"{datetime.fromisoformat(record.started).astimezone(UTC):%-d %b %Y, %H:%M} UTC",
        "duration": f"{record.seconds:.1f} s",
        "asset": [(name, f"/assets/{quote(name)}") for name in record.assets],
        "partition": record.partition or "",
        "why": str(record.dagster.get("trigger", {}).get("sentence") or ""),
        "parameters": [f"{name} = {_brief(value)}" for name, value in record.parameters.items()],
        "inputs": [_read(name, facts) for name, facts in record.inputs.items()],
        "outputs": [_made(name, facts) for name, facts in record.outputs.items() if "version" in facts],
        "checks": _judged(record.checks),
        "run": (run, f"/runs/{run}"),
        "MLflow run": (mlflow, f"/mlflow/runs/{mlflow}") if mlflow else "",
        "memory": f"{record.peak_memory_mb:,.0f} MB at most" if record.peak_memory_mb else "",
        "code": _code(record),
        "environment": _environment(record.environment),
        "record": (FILE, FILE),
    }
    return {name: value for name, value in facts.items() if value}


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= BRIEF else f"{text[: BRIEF - 1]}…"


def _read(name: str, facts: Mapping[str, Any]) -> str | tuple[str, str]:
    """Return what was read, with the run that had made it."""
    if facts.get("version") is None:
        return f"{name}: nothing there yet"
    partition, run = facts.get("partition"), facts.get("run_id")
    text = f"{name} version {facts['version']}" + (f", {partition}" if partition else "")
    return (f"{text}, of run {run[:8]}", f"/runs/{run}") if run else text


def _made(name: str, facts: Mapping[str, Any]) -> str:
    rows = facts.get("rows")
    return f"{name} version {facts['version']}" + (f", {rows:,} rows" if rows is not None else "")


def _judged(checks: Sequence[Mapping[str, Any]]) -> str:
    failed = [check["name"] for check in checks if not check["passed"]]
    if failed:
        return f"{len(failed)} of {len(checks)} failed: {', '.join(failed)}"
    return f"{len(checks)} passed" if checks else ""


def _code(record: Record) -> str:
    commit = (record.git or {}).get("commit")
    text = f"{record.notebook}, version {record.code_version[:8]}"
    return f"{text}, at commit {commit[:8]}" if commit else text


def _environment(facts: Mapping[str, Any]) -> str:
    python = facts.get("kernel_python") or facts.get("python")
    packages = f"{facts.get('packages')} packages ({str(facts.get('hash'))[:8]})"
    return f"Python {python}, assetbook {facts.get('assetbook')}, {packages}"
