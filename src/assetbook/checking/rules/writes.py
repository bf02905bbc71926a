"""AB50: what is written where no asset is made of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assetbook.checking.missing import MAKES
from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject

_TEMPORARY = ("tempfile.", "io.BytesIO", "io.StringIO")


class WriteOutsideLake(Rule):
    """Something is written to a file or database outside of the lake.

    No asset is made of it: it has no version, no lineage and no check, a failed run leaves half of it, and two runs
    at once overwrite each other's.
    """

    code = "AB501"
    name = "writes-outside-the-lake"
    severity = "warning"
    example = 'import pandas as pd\ntable = pd.DataFrame({"a": [1]})\ntable.to_csv("out.csv")'
    better = (
        'import assetbook as ab\nimport pandas as pd\ntable = pd.DataFrame({"a": [1]})\nab.save("out", table)'
    )

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for the calls that write files and tables."""
        lines: set[tuple[int, int]] = set()
        for use in subject.files:
            if use.kind != "write" or _is_temporary(subject, use.argument):
                continue
            spot = subject.spot(use.call)
            if (spot.cell, spot.line) in lines:
                continue
            lines.add((spot.cell, spot.line))
            name = use.function.rpartition(".")[2]
            what, hint = _advice(name)
            yield self.at(subject, use.call, f"{name} writes {what} outside of the lake.", hint=hint)
        yield from self._queries(subject)
        for command in subject.commands:
            if command.name in ("writefile", "file") and command.kind == "cell":
                yield self.at(
                    subject,
                    command.node,
                    "The cell writes a file outside of the lake.",
                    hint="Keep the file in the workspace.",
                )

    def _queries(self, subject: Subject) -> Iterator[Finding]:
        """Give the queries that write into a database file."""
        files = [use for use in subject.files if use.kind == "connect" and use.argument is not None]
        if not any(use.path is None or not use.path.startswith(":") for use in files):
            return
        for call in subject.calls:
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in (
                "execute",
                "executemany",
                "executescript",
            ):
                continue
            query = subject.definition(call.args[0]) if call.args else None
            if isinstance(query, ast.Constant) and isinstance(query.value, str) and MAKES.match(query.value):
                yield self.at(
                    subject,
                    call,
                    f"{call.func.attr} writes a table outside of the lake.",
                    hint='Save it as an asset: ab.save("name", table).',
                )
                return


def _advice(name: str) -> tuple[str, str]:
    if name in ("savefig", "write_image", "write_html", "imsave", "imwrite"):
        return "a figure", "Show it: the figures of a run are kept with its record."
    if name in ("dump", "save_weights") or name == "save":
        return (
            "a file",
            'Save a model with ab.save_model("name", model, sample=…), a table with ab.save("name", table).',
        )
    if name == "to_sql":
        return "a table", 'Save it as an asset: ab.save("name", table).'
    if name in ("open", "write_text", "write_bytes", "ZipFile", "File"):
        return "a file", "Save tables with ab.save, models with ab.save_model, numbers with ab.metric."
    return "a file", 'Save it as an asset: ab.save("name", table).'


def _is_temporary(subject: Subject, node: ast.expr | None) -> bool:
    """Whether what is written goes to memory, or to a temporary place."""
    if node is None:
        return False
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            values = [getattr(binding, "node", binding.by) for binding in subject.bindings.all(inner)]
            if any(_mentions_temporary(subject, value) for value in values):
                return True
            if any(_with_temporary(subject, binding.by) for binding in subject.bindings.all(inner)):
                return True
    return _mentions_temporary(subject, node)


def _mentions_temporary(subject: Subject, node: ast.AST) -> bool:
    texts = (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant))
    if any(isinstance(text, str) and text.startswith("/tmp/") for text in texts):
        return True
    calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(subject.origin(call.func).startswith(_TEMPORARY) for call in calls)


def _with_temporary(subject: Subject, node: ast.AST) -> bool:
    parent = subject.scopes.parent(node)
    return isinstance(parent, ast.withitem) and _mentions_temporary(subject, parent.context_expr)
