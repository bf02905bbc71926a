"""Findings as lines of text, for a terminal: grouped by notebook, each with its line and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from assetbook.checking.model import SEVERITIES, Finding, Report, Severity
from assetbook.checking.rule import Rule
from assetbook.words import counted

Piece = tuple[str, str]
"""A text and its style, as rich knows it: "" for none."""
Line = list[Piece]

_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_LONGEST = 120  # characters of a source line that are shown


def report_lines(report: Report, *, level: Severity) -> Iterator[Line]:
    """Give the lines about one notebook; none where there is nothing to say."""
    found = report.at_least(level)
    if not found:
        return
    for path in dict.fromkeys(finding.path for finding in found):
        yield [(str(path), "bold")]
        for finding in found:
            if finding.path == path:
                yield from _finding(finding)
        yield []


def _finding(finding: Finding) -> Iterator[Line]:
    place = _place(finding)
    style = _STYLES[finding.severity]
    yield [
        (f"  {place:<11}", "dim" if not place else ""),
        (f"{finding.severity:<8}", style),
        (f"{finding.code}  ", "dim"),
        (finding.message, ""),
    ]
    if finding.source.strip():
        yield from _source(finding)
    if finding.hint:
        fixable = "  (--fix does it)" if finding.fix and finding.fix.safe else ""
        yield [("    → ", "green"), (finding.hint, ""), (fixable, "dim")]


def _place(finding: Finding) -> str:
    """Return cell and line as ``3:2``; of a cell without a number its position in the file."""
    if finding.cell is not None:
        return f"cell {finding.cell}:{finding.line or 1}"
    return "" if finding.index is None else f"({finding.index + 1}):{finding.line or 1}"


def _source(finding: Finding) -> Iterator[Line]:
    text = finding.source.replace("\t", " ")
    cut = len(text) - len(text.lstrip())
    shown = text[cut:]
    margin = f"{finding.file_line or '':>3} "  # where the notebook is text, an editor goes to this line
    yield [(f"{margin}│ ", "dim"), (shown[:_LONGEST] + ("…" if len(shown) > _LONGEST else ""), "dim")]
    column = (finding.column or 1) - 1 - cut
    if finding.end and finding.end[0] == finding.line and 0 <= column < min(len(shown), _LONGEST):
        width = max(1, min(finding.end[1] - 1 - cut, len(shown), _LONGEST) - column)
        if width < len(shown.rstrip()):
            yield [("    │ ", "dim"), (" " * column + "^" * width, _STYLES[finding.severity])]


def summary(reports: Sequence[Report], *, notebooks: int, level: Severity) -> str:
    """Return the last line: how much was found in how many notebooks, and how much was not shown."""
    counts = Counter(finding.severity for report in reports for finding in report.findings)
    shown = [severity for severity in SEVERITIES if SEVERITIES.index(severity) <= SEVERITIES.index(level)]
    found = [counted(counts[severity], severity) for severity in shown if counts[severity]]
    checked = counted(notebooks, "notebook")
    text = f"{_list(found)} in {checked}." if found else f"{checked} checked, nothing found."
    hidden = [
        counted(counts[severity], severity)
        for severity in SEVERITIES
        if severity not in shown and counts[severity]
    ]
    if hidden:
        text += f" {_list(hidden)} not shown: --level note"
    return text


def _list(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def explanation(rule: type[Rule]) -> Iterator[Line]:
    """Give what there is to know of a rule."""
    yield [(f"{rule.code} {rule.name}", "bold"), (f"  {rule.severity}", _STYLES[rule.severity])]
    yield [(rule.summary(), "")]
    if rule.why():
        yield []
        yield [(rule.why(), "")]
    for title, code in (("Not so:", rule.example), ("Better:", rule.better)):
        if code:
            yield []
            yield [(title, "")]
            yield from ([(f"    {line}", "cyan")] for line in code.split("\n"))
    if rule.mends:
        yield []
        yield [("--fix: ", "green"), (rule.mends, "")]


def diff_lines(lines: Iterable[str]) -> Iterator[Line]:
    """Give the lines of a diff, coloured."""
    for line in lines:
        if line.startswith(("---", "+++")):
            yield [(line, "bold")]
        elif line.startswith("@@"):
            yield [(line, "cyan")]
        else:
            yield [(line, {"+": "green", "-": "red"}.get(line[:1], ""))]
