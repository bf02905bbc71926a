"""AB71: imports, and names of files."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from assetbook.checking.commands import Command
from assetbook.checking.model import Edit, Finding, Fix
from assetbook.checking.rule import Rule
from assetbook.checking.rules.commands import line_span
from assetbook.checking.subject import Subject
from assetbook.contract.parameters_cell import TAG

_PLAIN = frozenset(
    {"numpy", "pandas", "matplotlib", "sklearn", "scipy", "polars", "statsmodels", "plotly", "PIL"}
)
_FOR_EFFECT = (
    "mpl_toolkits",
    "sklearn.experimental",
    "janitor",
    "swifter",
    "hvplot",
    "cufflinks",
    "scienceplots",
    "readline",
)
_DEFAULT_NAME = re.compile(
    r"Untitled[\s_-]?\d*|.*[-_ ][Cc]opy\s?\d*|.*\(\d+\)|Copy of .*|notebook\d*|test\d*|new\d*", re.DOTALL
)


class UnusedImport(Rule):
    """A name is imported and never used.

    It costs time at each start, and asks for a package that the notebook does not need.
    """

    code = "AB711"
    name = "unused-import"
    severity = "note"
    example = "import json\nimport math\nprint(math.pi)"
    better = "import math\nprint(math.pi)"
    mends = "Takes the import out, where the module belongs to Python or to a library that does nothing when imported."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for imported names that no code, command or text of code mentions."""
        used = _mentioned(subject)
        for node in subject.nodes(ast.Import, ast.ImportFrom):
            if subject.scopes.scope(node) is not None or _for_effect(node):
                continue
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                if alias.name == "*" or name in used or (alias.asname == alias.name):
                    continue
                yield self.at(
                    subject,
                    alias,
                    f"{name!r} is imported, but not used.",
                    hint="Take the import out.",
                    fix=_without(subject, node, alias),
                )


class StarImport(Rule):
    """All names of a module are imported.

    Nobody sees where a name comes from, and a new version of the module can take one that the notebook uses itself.
    """

    code = "AB712"
    name = "star-import"
    severity = "note"
    example = "from math import *\nprint(pi)"
    better = "from math import pi\nprint(pi)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for star imports, and for ``%pylab``."""
        for node in subject.nodes(ast.ImportFrom):
            if any(alias.name == "*" for alias in node.names):
                yield self.at(
                    subject,
                    node,
                    f"All names of {node.module or '.'} are imported.",
                    hint="Import the names that are used.",
                )
        for command in subject.commands:
            if command.name == "pylab":
                yield self.at(
                    subject,
                    command.node,
                    "%pylab imports all names of numpy and matplotlib.",
                    hint="Import numpy as np, and matplotlib.pyplot as plt.",
                )


class LateImport(Rule):
    """A module is imported far down in the notebook.

    When it is missing, a run fails after the work of all cells above it.
    """

    code = "AB713"
    name = "late-import"
    severity = "note"
    example = (
        "# In [1]:\nimport math\n# In [2]:\narea = math.pi\n# In [3]:\nimport json\nprint(json.dumps(area))"
    )
    better = "# In [1]:\nimport json\nimport math\n# In [2]:\nprint(json.dumps(math.pi))"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for imports below the first cell that does anything else."""
        working = False
        for code in subject.cells:
            statements = code.tree.body
            imports = [node for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
            if working and imports and code.number not in subject.broken:
                yield self.at(
                    subject,
                    imports[0],
                    "The import stands below cells that do work.",
                    hint="Move it to the first code cell.",
                )
            working = working or (bool(statements) and not imports and TAG not in code.tags)


class FileName(Rule):
    """The file is called as Jupyter called it, or has characters that not every system allows.

    The name of the file is the name of the asset, unless it saves one.
    """

    code = "AB717"
    name = "bad-file-name"
    severity = "note"
    example = "total = 3"
    better = "total = 3"
    file_name = "Untitled1"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look at the name of the file."""
        stem = subject.path.stem
        hint = f"Rename it to what it makes: delay_report{subject.path.suffix}."
        if _DEFAULT_NAME.fullmatch(stem):
            yield self.of_notebook(
                subject, f"{subject.path.name!r} does not say what the notebook is.", hint=hint
            )
        elif not re.fullmatch(r"[A-Za-z0-9_.-]+", stem):
            yield self.of_notebook(
                subject, f"{subject.path.name!r} has characters that not every system allows.", hint=hint
            )
        elif len(stem) > 80 or len(stem) < 2:
            yield self.of_notebook(
                subject, f"{subject.path.name!r} is {'long' if len(stem) > 80 else 'short'}.", hint=hint
            )


def _mentioned(subject: Subject) -> set[str]:
    """Return the names that are used, also in commands and in texts that may be code."""
    found = {node.id for node in subject.nodes(ast.Name)}
    texts = [node.value for node in subject.nodes(ast.Constant) if isinstance(node.value, str)]
    texts += [_text(command) for command in subject.commands]
    texts += [subject.cell(number).source for number in subject.broken]
    return found.union(*(re.findall(r"[A-Za-z_]\w*", text) for text in texts))


def _text(command: Command) -> str:
    return f"{command.text}\n{command.body}"


def _for_effect(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import is made for what it does."""
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    return any(module.startswith((*_FOR_EFFECT, "__future__", ".")) for module in modules)


def _without(subject: Subject, node: ast.Import | ast.ImportFrom, alias: ast.alias) -> Fix | None:
    """Return the fix that takes a name out of an import: safe where importing the module does nothing else."""
    spot, cell = subject.spot(node), subject.cell(subject.number(node))
    lines = cell.source.split("\n")
    module = node.module or "" if isinstance(node, ast.ImportFrom) else alias.name
    top = module.partition(".")[0]
    alone = isinstance(subject.scopes.parent(node), ast.Module) and lines[
        spot.line - 1
    ].strip() == ast.unparse(node)
    if spot.end is None or spot.end[0] != spot.line or not alone:
        return None
    safe = top in sys.stdlib_module_names or top in _PLAIN
    index = cell.index
    if len(node.names) == 1:
        return Fix("Take the line out.", (Edit(index, *line_span(lines, spot.line), ""),), safe=safe)
    rest = [other for other in node.names if other is not alias]
    kept = (
        ast.Import(names=rest)
        if isinstance(node, ast.Import)
        else ast.ImportFrom(node.module, rest, node.level)
    )
    edit = Edit(index, (spot.line, spot.column - 1), (spot.line, spot.end[1] - 1), ast.unparse(kept))
    return Fix(f"Take {alias.name} out.", (edit,), safe=safe)
