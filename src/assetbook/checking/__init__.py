"""The check of notebooks: what would break in production, told without running anything.

It knows nothing of Dagster and imports none of the libraries that notebooks use. `Checker` is the way in::

    report = Checker(root).check_file(path)
    for finding in report.findings: ...
"""

from __future__ import annotations

from assetbook.checking.check import Checker, find_notebooks, root_of
from assetbook.checking.model import Edit, Finding, Fix, Report, Severity
from assetbook.checking.rule import Rule
from assetbook.checking.rules import BY_CODE, RULES
from assetbook.checking.selection import Selection

__all__ = [
    "BY_CODE",
    "RULES",
    "Checker",
    "Edit",
    "Finding",
    "Fix",
    "Report",
    "Rule",
    "Selection",
    "Severity",
    "find_notebooks",
    "root_of",
]
