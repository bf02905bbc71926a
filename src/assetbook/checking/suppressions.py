"""What authors have asked not to be told: for a notebook, or for a line.

For a notebook: ``# assetbook: ignore AB101, AB4`` in its first code cell, or ``{"assetbook": {"ignore":
["AB101"]}}`` in its metadata. For a line: ``# assetbook: ignore[AB101]``, or ``# noqa: AB101`` behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assetbook.checking.model import Finding
from assetbook.notebook import Notebook

_CODES = r"[A-Z]+\d*(?:[\s,]+[A-Z]+\d+)*"
_WHOLE = re.compile(rf"^\s*#\s*assetbook:\s*ignore\s+(?P<codes>{_CODES})", re.MULTILINE | re.IGNORECASE)
_LINE = re.compile(
    rf"#\s*(?:assetbook:\s*ignore\[(?P<codes>{_CODES})\]|noqa\b(?::\s*(?P<noqa>{_CODES}))?)", re.IGNORECASE
)
_CODE = re.compile(r"AB\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Suppressions:
    """What is ignored in one notebook.

    Attributes:
        codes: ignored everywhere in it.
        lines: cell position and line to the codes that are ignored there; an empty code stands for all.
    """

    codes: tuple[str, ...]
    lines: dict[tuple[int, int], tuple[str, ...]]

    @classmethod
    def of(cls, notebook: Notebook) -> Suppressions:
        """Read what a notebook asks for."""
        codes = list(_of_metadata(notebook))
        if first := next(iter(notebook.code_cells), None):
            for match in _WHOLE.finditer(first.source):
                codes += _read(match["codes"])
        lines: dict[tuple[int, int], tuple[str, ...]] = {}
        for cell in notebook.code_cells:
            if "ignore[" not in cell.source and "noqa" not in cell.source.lower():
                continue
            for number, line in enumerate(cell.source.split("\n"), 1):
                if found := _LINE.search(line):
                    lines[cell.index, number] = _of_line(found)
        return cls(tuple(codes), lines)

    def cover(self, finding: Finding) -> bool:
        """Whether the author has asked not to be told of this."""
        if self.codes and finding.code.startswith(self.codes):
            return True
        if finding.index is None or finding.line is None:
            return False
        places = {(finding.index, finding.line), (finding.index, finding.end[0] if finding.end else 0)}
        return any(finding.code.startswith(self.lines[place]) for place in places if place in self.lines)


def _of_line(found: re.Match[str]) -> tuple[str, ...]:
    written = found["codes"] or found["noqa"]
    if written is None:
        return ("",)  # a bare noqa, as other linters take it
    return _read(written) or ("no rule of ours",)


def _read(text: str) -> tuple[str, ...]:
    return tuple(code.upper() for code in _CODE.findall(text))


def _of_metadata(notebook: Notebook) -> tuple[str, ...]:
    own = notebook.metadata.get("assetbook")
    codes = own.get("ignore") if isinstance(own, dict) else None
    if not isinstance(codes, list):
        return ()
    return tuple(code for code in codes if isinstance(code, str) and _CODE.fullmatch(code))
