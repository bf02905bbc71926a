"""Findings as SARIF 2.1.0, which code hosts and editors show beside the code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from assetbook.checking.model import Finding, Report, Severity
from assetbook.checking.rule import Rule
from assetbook.checking.rules import RULES

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}


def to_sarif(reports: Iterable[Report], *, level: Severity, version: str) -> dict[str, Any]:
    """Return the findings of notebooks that are as bad as a level, as a SARIF log."""
    positions = {rule.code: position for position, rule in enumerate(RULES)}
    results = [
        _result(finding, positions[finding.code]) for report in reports for finding in report.at_least(level)
    ]
    driver = {"name": "assetbook", "version": version, "rules": _rules(RULES)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _rules(rules: Sequence[type[Rule]]) -> list[dict[str, Any]]:
    return [
        {
            "id": rule.code,
            "name": rule.name,
            "shortDescription": {"text": rule.summary()},
            "fullDescription": {"text": f"{rule.summary()} {rule.why()}".strip()},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in rules
    ]


def _result(finding: Finding, position: int) -> dict[str, Any]:
    where: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": finding.path.as_posix()}, "region": _region(finding)}
    }
    if finding.where:
        where["logicalLocations"] = [{"name": finding.where, "kind": "member"}]
    text = finding.message if not finding.where else f"{finding.where}: {finding.message}"
    return {
        "ruleId": finding.code,
        "ruleIndex": position,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{text} {finding.hint}".strip()},
        "locations": [where],
        "partialFingerprints": {"source": f"{finding.code}:{finding.source.strip()}"},
    }


def _region(finding: Finding) -> dict[str, Any]:
    """Return the place: the line of a text file, of an ``.ipynb`` the line in its cell."""
    above = finding.file_line - (finding.line or 1) if finding.file_line else 0
    region: dict[str, Any] = {"startLine": above + (finding.line or 1)}
    if finding.column:
        region["startColumn"] = finding.column
    if finding.end and finding.line and finding.end[0] >= finding.line:
        region["endLine"], region["endColumn"] = above + finding.end[0], finding.end[1]
    if finding.source:
        region["snippet"] = {"text": finding.source}
    return region
