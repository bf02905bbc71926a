"""AB3: what the saved notebook tells of how it was run."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.saved import counted_cells, execution_count, outputs
from assetbook.checking.subject import Subject
from assetbook.notebook import Cell

_AGAIN = "Restart the kernel, run all cells, and save."


class OutOfOrder(Rule):
    """A cell was run before one that stands above it.

    What is saved below it is the result of another order than that in which a run goes.
    """

    code = "AB301"
    name = "run-out-of-order"
    severity = "warning"
    example = "# In [2]:\ntotal = 3\n# In [1]:\nprint('hello')"
    better = "# In [1]:\ntotal = 3\n# In [2]:\nprint('hello')"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare each execution count with that of the cell above."""
        before: tuple[int, int] | None = None
        for cell, count in counted_cells(subject):
            if before and count < before[0]:
                yield self.in_cell(
                    subject,
                    cell,
                    f"The cell was run as [{count}], before cell {before[1]} above it, which was run as [{before[0]}].",
                    hint=_AGAIN,
                )
            before = (count, cell.number or 0)


class RepeatedCount(Rule):
    """Two cells have the same execution count.

    They come from different sessions, or one was copied with its result.
    """

    code = "AB302"
    name = "repeated-count"
    severity = "warning"
    example = "# In [1]:\ntotal = 3\n# In [1]:\nprint('hello')"
    better = "# In [1]:\ntotal = 3\n# In [2]:\nprint('hello')"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare the execution counts."""
        seen: dict[int, int] = {}
        for cell, count in counted_cells(subject):
            if count in seen:
                yield self.in_cell(
                    subject,
                    cell,
                    f"The cell was run as [{count}], and so was cell {seen[count]}.",
                    hint=_AGAIN,
                )
            seen.setdefault(count, cell.number or 0)


class CountGap(Rule):
    """Execution counts are missing: cells were run again, or were run and then deleted.

    The saved results may depend on what is no longer in the notebook.
    """

    code = "AB303"
    name = "count-gap"
    severity = "warning"
    example = "# In [1]:\ntotal = 3\n# In [5]:\nprint('hello')"
    better = "# In [1]:\ntotal = 3\n# In [2]:\nprint('hello')"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for the numbers that no cell has; told once for a notebook."""
        cells = sorted(counted_cells(subject), key=lambda pair: pair[1])
        before = 0
        gaps: list[tuple[Cell, int, int]] = []
        for cell, count in cells:
            if count > before + 1:
                gaps.append((cell, before + 1, count - 1))
            before = max(before, count)
        if gaps:
            cell, first, last = gaps[0]
            missing = f"[{first}]" if first == last else f"[{first}] to [{last}]"
            more = f", and {len(gaps) - 1} more such gaps" if len(gaps) > 1 else ""
            yield self.in_cell(
                subject,
                cell,
                f"Before this cell {missing} was run, which the notebook no longer shows{more}.",
                hint=_AGAIN,
            )


class NotRun(Rule):
    """A cell was not run, but cells below it were.

    The results below may be of a notebook without it.
    """

    code = "AB304"
    name = "unexecuted-cell"
    severity = "warning"
    example = "# In [ ]:\ntotal = 3\n# In [1]:\nprint('hello')"
    better = "# In [1]:\ntotal = 3\n# In [2]:\nprint('hello')"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for code cells without a count among those that have one."""
        if not any(True for _ in counted_cells(subject)):
            return
        last = max(cell.index for cell, _ in counted_cells(subject))
        for cell in subject.notebook.code_cells:
            if execution_count(subject, cell) is None and _has_code(cell) and not subject.is_skipped(cell):
                where = "cells below it were" if cell.index < last else "the cells above it were"
                yield self.in_cell(subject, cell, f"The cell was not run, but {where}.", hint=_AGAIN)


class NeverRun(Rule):
    """No cell of the notebook was run.

    Nobody can see what it gives. In a workspace that keeps its results elsewhere that is as it should be.
    """

    code = "AB305"
    name = "never-run"
    severity = "note"
    example = "# In [ ]:\ntotal = 3"
    better = "# In [1]:\ntotal = 3"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look whether any cell has a count."""
        if subject.notebook.is_text:
            return  # text keeps no results
        if any(map(_has_code, subject.notebook.code_cells)) and not any(True for _ in counted_cells(subject)):
            yield self.of_notebook(
                subject, "No cell of the notebook was run.", hint="Run all cells, and save."
            )


class SavedError(Rule):
    """The saved output of a cell is an error.

    The last time that it was run, the notebook ended there.
    """

    code = "AB306"
    name = "saved-error"
    severity = "warning"
    example = "# In [1]: error NameError\nprint(totl)\ntotl = 3"
    better = "# In [1]:\ntotal = 3\nprint(total)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for errors among the outputs."""
        for cell in subject.notebook.code_cells:
            for output in outputs(subject, cell):
                if output.get("output_type") == "error" and "raises-exception" not in cell.tags:
                    name = output.get("ename")
                    name = name if isinstance(name, str) and name.isidentifier() else "an error"
                    yield self.in_cell(
                        subject,
                        cell,
                        f"When it was last run, the cell ended with {name}.",
                        hint="Mend it, and run all cells.",
                    )


class OutputOfOtherRun(Rule):
    """A saved output does not belong to the cell as it was last run.

    Its number is another one than the cell's, or the cell has outputs but no number: they are left from an earlier
    run.
    """

    code = "AB307"
    name = "output-of-another-run"
    severity = "warning"
    example = "# In [3]: result 2 4\n2 + 2"
    better = "# In [1]: result 1 4\n2 + 2"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare the numbers of cells with those of their outputs."""
        for cell in subject.notebook.code_cells:
            count = execution_count(subject, cell)
            shown = outputs(subject, cell)
            counts = [
                output.get("execution_count")
                for output in shown
                if output.get("output_type") == "execute_result"
            ]
            other = next((number for number in counts if isinstance(number, int) and number != count), None)
            if count is not None and other is not None:
                yield self.in_cell(
                    subject,
                    cell,
                    f"The cell was run as [{count}], but its result is that of [{other}].",
                    hint=_AGAIN,
                )
            elif count is None and shown and any(True for _ in counted_cells(subject)):
                yield self.in_cell(
                    subject, cell, "The cell has outputs, but was not run since it was changed.", hint=_AGAIN
                )


class OutputOfOtherCode(Rule):
    """A saved output cannot come from the cell's code.

    The code was changed after it was run: the saved result is that of other code.
    """

    code = "AB308"
    name = "output-of-other-code"
    severity = "warning"
    example = "# In [1]: result 1 4\ntotal = 2 + 2"
    better = "# In [1]: result 1 4\n2 + 2"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for results of cells that show none, and for printed text that a cell cannot print."""
        if any("ast_node_interactivity" in cell.source for cell in subject.notebook.code_cells):
            return  # each statement shows its result
        for code in subject.cells:
            cell = subject.cell(code.number)
            if code.number in subject.broken:
                continue
            shown = outputs(subject, cell)
            kinds = {str(output.get("output_type")) for output in shown}
            if "execute_result" in kinds and not _shows_result(code.tree, cell):
                yield self.in_cell(
                    subject,
                    cell,
                    "The saved result cannot come from this code, which shows none.",
                    hint=_AGAIN,
                )
            elif kinds and not code.tree.body:
                yield self.in_cell(
                    subject, cell, "The cell has outputs, but no code that could give them.", hint=_AGAIN
                )
            elif kinds == {"stream"} and (text := _printed(code.tree) or "") not in _streamed(shown):
                yield self.in_cell(
                    subject,
                    cell,
                    f"The cell prints {text.strip()[:40]!r}, but what is saved is something else.",
                    hint=_AGAIN,
                )


class LargeOutput(Rule):
    """The saved outputs of a cell are large.

    The notebook opens slowly, and each commit keeps another copy of them. The size is `max-output-kb` in the settings.
    """

    code = "AB309"
    name = "large-output"
    severity = "warning"
    example = ""
    better = ""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Add up the outputs of each cell."""
        limit = subject.selection.max_output_kb * 1000
        for cell in subject.notebook.code_cells:
            shown = outputs(subject, cell)
            size = len(json.dumps(shown)) if shown else 0
            if size > limit:
                yield self.in_cell(
                    subject,
                    cell,
                    f"The saved outputs of the cell take {size / 1e6:.1f} MB.",
                    hint="Show less of it, or clear the outputs before saving.",
                )


def _has_code(cell: Cell) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in cell.source.split("\n"))


def _shows_result(tree: ast.Module, cell: Cell) -> bool:
    """Whether IPython shows a result of these statements, all but the last of which it runs silently."""
    if not tree.body or cell.source.lstrip().startswith("%%"):
        return True
    last = tree.body[-1]
    names = {name for node in ast.walk(tree) for name in (getattr(node, "attr", ""), getattr(node, "id", ""))}
    if names & {"display", "InteractiveShell", "exec"}:
        return True
    return not isinstance(
        last,
        ast.Assign
        | ast.AnnAssign
        | ast.AugAssign
        | ast.Import
        | ast.ImportFrom
        | ast.FunctionDef
        | ast.ClassDef
        | ast.Delete,
    )


def _printed(tree: ast.Module) -> str | None:
    """Return what a cell prints if that is one literal text and nothing else."""
    match tree.body:
        case [
            ast.Expr(
                value=ast.Call(
                    func=ast.Name(id="print"), args=[ast.Constant(value=str() as text)], keywords=[]
                )
            )
        ]:
            return text
    return None


def _streamed(shown: list[dict[str, Any]]) -> str:
    texts = (output.get("text", "") for output in shown)
    return "".join("".join(text) if isinstance(text, list) else str(text) for text in texts)
