"""Making fixes: in cells first, then in the file, as far as they do not touch each other."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from assetbook.checking.check import Checker
from assetbook.checking.document import with_sources
from assetbook.checking.model import Edit, Finding, Fix, Report, Severity
from assetbook.forms import is_text
from assetbook.notebook import parse_notebook

_ROUNDS = 10  # one fix may make room for another


@dataclass(frozen=True)
class Mended:
    """A notebook with fixes made: the new content of its file, what is left to say of it, and what was done."""

    content: bytes
    report: Report
    done: tuple[Finding, ...]


def mend(
    checker: Checker, path: Path, *, shown: Path | None = None, safe: bool = True, level: Severity = "note"
) -> Mended:
    """Make the fixes of a notebook; nothing is written.

    Args:
        checker: of its workspace.
        path: the file.
        shown: what findings call it.
        safe: only those that can change no result.
        level: only those of findings of this severity or a worse one.
    """
    report = checker.check_file(path, shown=shown)
    content, done = report.content, []
    for _ in range(_ROUNDS):
        wanted = (f for f in report.at_least(level) if f.fix and (f.fix.safe or not safe))
        chosen = list(_compatible(wanted))
        if not chosen:
            break
        changed = apply_fixes(content, [finding.fix for finding in chosen if finding.fix], path=path)
        if changed == content:
            break
        done += chosen
        content = changed
        report = checker.check_content(content, path=path, shown=shown)
    return Mended(content, report, tuple(done))


def apply_fixes(content: bytes, fixes: Iterable[Fix], *, path: Path) -> bytes:
    """Return a notebook's file with fixes made, and all else as it was."""
    notebook = parse_notebook(content, path=path)
    edits: dict[int, list[Edit]] = defaultdict(list)
    sources: dict[int, str | None] = {}
    for fix in fixes:
        for edit in fix.edits:
            edits[edit.index].append(edit)
        if fix.delete_cell is not None:
            sources[fix.delete_cell] = None
    for index, given in edits.items():
        if index not in sources:
            sources[index] = edited(notebook.cells[index].source, given)
    if is_text(path):
        from assetbook.checking import text_document  # which imports jupytext

        return text_document.with_sources(content, sources, path=path)
    return with_sources(content, sources)


def edited(source: str, edits: Iterable[Edit]) -> str:
    """Return a source with pieces of it replaced."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        begin = starts[edit.start[0] - 1] + edit.start[1]
        end = min(starts[edit.end[0] - 1] + edit.end[1], len(source))
        source = source[:begin] + edit.text + source[end:]
    return source


def _compatible(findings: Iterable[Finding]) -> Iterable[Finding]:
    """Give the findings whose fixes do not touch those of earlier ones."""
    taken: dict[int, list[tuple[tuple[int, int], tuple[int, int]]]] = defaultdict(list)
    for finding in findings:
        fix = finding.fix
        if fix is None:
            continue
        if fix.delete_cell is not None:
            if fix.delete_cell not in taken:
                taken[fix.delete_cell].append(((0, 0), (10**9, 0)))
                yield finding
        elif not any(_touches(edit, taken[edit.index]) for edit in fix.edits):
            for edit in fix.edits:
                taken[edit.index].append((edit.start, edit.end))
            yield finding


def _touches(edit: Edit, taken: list[tuple[tuple[int, int], tuple[int, int]]]) -> bool:
    return any(edit.start <= end and start <= edit.end for start, end in taken)


def source_diff(before: bytes, after: bytes, *, path: Path) -> list[str]:
    """Return the lines of a diff of two notebooks, as a person reads it: of text, else of the sources, cell by cell."""
    if is_text(path):
        was, becomes = (content.decode().splitlines() for content in (before, after))
        return list(unified_diff(was, becomes, str(path), str(path), lineterm="", n=1))
    old, new = (parse_notebook(content, path=path).cells for content in (before, after))
    sources = [cell.source for cell in new]
    lines: list[str] = []
    position = 0
    for cell in old:
        gone = position >= len(sources) or (
            len(old) != len(new) and cell.source != sources[position] and not cell.source.strip()
        )
        after_text = "" if gone else sources[position]
        position += not gone
        if after_text != cell.source or gone:
            where = (
                f"{path}, cell {cell.number}" if cell.number else f"{path}, cell {cell.index + 1} of the file"
            )
            name = f"{where} (deleted)" if gone else where
            lines += list(
                unified_diff(
                    cell.source.split("\n"),
                    [] if gone else after_text.split("\n"),
                    where,
                    name,
                    lineterm="",
                    n=1,
                )
            )
    return lines


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once: whoever reads it sees the old one or the new one, never half of it."""
    path = path.resolve()  # what a link leads to
    mode = path.stat().st_mode
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
