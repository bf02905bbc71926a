"""Two runs on the same inputs: what differs between them, and what that is likely to come from."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.contract import Contract
from assetbook.errors import LakeError
from assetbook.schema import MASK
from assetbook.words import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from assetbook.testing.running import TriedRun

SHOWN = 3  # differing rows, columns, cells
WIDTH = 40  # characters of a value
_VOLATILE = re.compile(
    r"0x[0-9a-fA-F]{6,}"  # addresses of objects
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b[0-9a-fA-F]{32}\b"  # random ids
    r"|\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"  # moments
    r"|\b\d\d:\d\d:\d\d(?:\.\d+)?\b"
    r"|\b\d+(?:\.\d+)?(?:e-?\d+)?\s?(?:ns|µs|us|ms|s|sec|secs|seconds?)\b"  # durations
    r"|\b\d+(?:\.\d+)?\s?it/s"
)
_COMPARED = ("text/plain", "image/png", "text/markdown", "text/latex")  # HTML and SVG are full of random ids


def differences(one: TriedRun, other: TriedRun) -> list[str]:
    """Return in words what a second run has given that the first has not; nothing where they agree."""
    contract = one.setting.node.contract
    if other.complaint:
        return [f"{contract.name}: a second run on the same inputs failed.\n{other.complaint}"]
    if contract.is_report:
        return list(_of_report(contract, one, other))
    before, after = one.contents, other.contents
    return [
        _of_table(name, one, other)
        if name in one.staged
        else f"{name}: the second fit gave another model than the first."
        for name in before
        if before[name] != after.get(name)
    ]


def likely_causes(contract: Contract, root: Path) -> list[str]:
    """Return what `assetbook check` says of a notebook that may give other results each time."""
    from assetbook.checking import Checker, Selection

    checker = Checker(root, selection=Selection())
    report = checker.check_file(root / contract.path, shown=contract.path)
    return [f"{f.where}: {f.message} {f.hint} ({f.code})" for f in report.of("AB40")]


# ---- tables


def _of_table(name: str, first: TriedRun, second: TriedRun) -> str:
    try:
        one, other = first.table(name), second.table(name)
    except LakeError as error:
        return f"{name}: what the second run gave cannot follow what the first gave: {error}"
    if one.schema != other.schema:
        return f"{name}: the second run gave other columns: {_columns(one)}, then {_columns(other)}."
    if one.num_rows != other.num_rows:
        return f"{name}: the second run gave {counted(other.num_rows, 'row')}, the first {one.num_rows:,}."
    columns = [c for c in one.column_names if not _same(one.column(c), other.column(c))]
    if columns and _rows(one) == _rows(other):
        return f"{name}: the second run gave the same rows in another order. Sort them before ab.save."
    if not columns:
        return f"{name}: the second run gave equal values, but of other bytes (such as 0.0 and -0.0)."
    listed = ", ".join(columns[:SHOWN]) + (
        f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    )
    lines = "\n".join(_differing_rows(one, other, columns, hidden=first.sensitive(name)))
    return f"{name}: the second run gave other values of {listed}.\n{lines}"


def _columns(table: pa.Table) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in table.schema)


def _same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Whether two columns have the same values, a missing number being one."""
    return bool(one.equals(other)) or [repr(v) for v in one.to_pylist()] == [
        repr(v) for v in other.to_pylist()
    ]


def _rows(table: pa.Table) -> Counter[str]:
    return Counter(repr(row) for row in table.to_pylist())


def _differing_rows(
    one: pa.Table, other: pa.Table, columns: list[str], *, hidden: Collection[str]
) -> Iterator[str]:
    """Give the first differing rows, a line each, and how many there are."""
    pairs = list(zip(one.to_pylist(), other.to_pylist(), strict=True))
    found = [
        (place, [c for c in columns if repr(first[c]) != repr(second[c])], first, second)
        for place, (first, second) in enumerate(pairs)
        if repr(first) != repr(second)
    ]
    for place, differing, first, second in found[:SHOWN]:
        values = ", ".join(
            f"{c} {MASK}" if c in hidden else f"{c} {_short(first[c])} → {_short(second[c])}"
            for c in differing[:SHOWN]
        )
        yield f"  row {place}: {values}"
    if len(found) > SHOWN:
        yield f"  … in {len(found):,} of {len(pairs):,} rows"


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


# ---- reports


def _of_report(contract: Contract, one: TriedRun, other: TriedRun) -> Iterator[str]:
    """Give the cells of a report that show something else in the second run; times and ids do not count."""
    first, second = (_shown(run) for run in (one, other))
    cells = [number for number in first if first[number] != second.get(number)]
    for number in cells[:SHOWN]:
        before, after = _first_difference(first[number], second.get(number, []))
        yield f"{contract.name}, cell {number}: the second run showed something else.\n  {before}\n  {after}"
    if len(cells) > SHOWN:
        yield f"{contract.name}: {counted(len(cells) - SHOWN, 'more cell')} showed something else."


def _shown(run: TriedRun) -> dict[int, list[str]]:
    """Return what each code cell shows, line by line, without what is never the same."""
    if run.result is None:
        return {}
    cells = json.loads(run.result.saved.read_text("utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code" and "injected-parameters" not in _tags(c)]
    return {number: [*_lines(cell)] for number, cell in enumerate(code, 1)}


def _tags(cell: dict[str, Any]) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def _lines(cell: dict[str, Any]) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output.get("name") == "stderr":
            continue
        data = output.get("data", {}) | ({"text/plain": output["text"]} if "text" in output else {})
        for kind in _COMPARED:
            if kind in data:
                text = "".join(data[kind])
                yield from [text] if kind.startswith("image") else _VOLATILE.sub("·", text).splitlines()


def _first_difference(one: list[str], other: list[str]) -> tuple[str, str]:
    for before, after in zip(one, other, strict=False):
        if before != after:
            picture = len(before) > 1_000 and " " not in before
            return ("one picture", "another picture") if picture else (_short(before), _short(after))
    longer = one if len(one) > len(other) else other
    line = longer[min(len(one), len(other))]
    return (_short(line), "(nothing)") if longer is one else ("(nothing)", _short(line))
