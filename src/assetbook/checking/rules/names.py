"""AB2: names that are not there when the cells run once, from top to bottom."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from difflib import get_close_matches

from assetbook.checking.flow import Missing
from assetbook.checking.model import Edit, Finding, Fix
from assetbook.checking.packages import USUAL_NAMES
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject

_HISTORY = re.compile(r"_i?\d+|_{1,3}|_i{1,3}|Out|In|_oh|_ih|_dh")
_PYTHON_2 = {
    "raw_input": "input", "unicode": "str", "xrange": "range", "basestring": "str", "long": "int", "reduce":
    "functools.reduce", "unichr": "chr", "file": "open", "cmp": "a comparison", "reload": "importlib.reload",
}  # fmt: skip


class UndefinedName(Rule):
    """A name is used that no cell defines.

    It came from a cell that has been deleted or edited since: only the kernel that the author had still knew it.
    """

    code = "AB201"
    name = "undefined-name"
    severity = "error"
    example = "print(total)"
    better = "total = 3\nprint(total)"
    mends = "Imports `np`, `pd`, `plt` and the like as everybody does, where the package is installed."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give the names that are defined nowhere."""
        for missing in subject.missing_names:
            if missing.kind == "never":
                hint, fix = self._help(subject, missing)
                yield self.at(
                    subject,
                    missing.node,
                    f"The name {missing.name!r} is not defined in any cell.",
                    hint=hint,
                    fix=fix,
                )

    def _help(self, subject: Subject, missing: Missing) -> tuple[str, Fix | None]:
        if missing.name in _PYTHON_2:
            return f"It is of Python 2: use {_PYTHON_2[missing.name]}.", None
        module = USUAL_NAMES.get(missing.name)
        if module and subject.environment.has(module):
            statement = f"import {module} as {missing.name}"
            return f"Add: {statement}", _import(subject, missing.node, statement)
        known = [name for name in subject.defined_names if len(name) > 2]
        near = get_close_matches(missing.name, known, n=1, cutoff=0.75)
        return (
            f"Did you mean {near[0]!r}?" if near else "Define it in a cell above, or take its use out."
        ), None


class UsedBeforeDefinition(Rule):
    """A name is used above the cell that defines it.

    It works for who has run the lower cell before. A run goes from top to bottom, once, and ends here.
    """

    code = "AB202"
    name = "used-before-definition"
    severity = "error"
    example = "# In [1]:\nprint(total)\n# In [2]:\ntotal = 3"
    better = "# In [1]:\ntotal = 3\n# In [2]:\nprint(total)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give the names that are defined further down."""
        for missing in subject.missing_names:
            if missing.kind == "later":
                called = ""
                if missing.called is not None:
                    called = f" by what is called in cell {subject.number(missing.called)}"
                yield self.at(
                    subject,
                    missing.node,
                    f"The name {missing.name!r} is used{called} before {missing.defined} defines it.",
                    hint="Move the cell that defines it above.",
                )


class DefinedInSkippedCell(Rule):
    """A name is defined only where nothing runs: in a raw or markdown cell, a comment, or a skipped cell.

    The cell was code once, and the kernel that ran it still knew the name.
    """

    code = "AB203"
    name = "defined-in-skipped-cell"
    severity = "error"
    example = "# total = 3\nprint(total)"
    better = "total = 3\nprint(total)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give the names that are defined without being run."""
        for missing in subject.missing_names:
            if missing.kind == "skipped":
                yield self.at(
                    subject,
                    missing.node,
                    f"The name {missing.name!r} is defined only in {missing.defined}.",
                    hint="Make that a code cell again, or take the use out.",
                )


class DeletedName(Rule):
    """A name is used after `del` has taken it away.

    The cells were run in another order than they stand in.
    """

    code = "AB204"
    name = "deleted-name"
    severity = "error"
    example = "total = 3\ndel total\nprint(total)"
    better = "total = 3\nprint(total)\ndel total"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give the names that are deleted above."""
        for missing in subject.missing_names:
            if missing.kind == "deleted":
                yield self.at(
                    subject,
                    missing.node,
                    f"The name {missing.name!r} was {missing.defined}.",
                    hint="Move the deletion below, or define the name again.",
                )


class History(Rule):
    """The code uses what IPython remembers of earlier cells: `_`, `Out[3]`, `_12`.

    What that is depends on the order and the number of the cells that have been run.
    """

    code = "AB205"
    name = "uses-history"
    severity = "warning"
    example = "# In [1]:\n1 + 1\n# In [2]:\nprint(Out[1])"
    better = "# In [1]:\ntotal = 1 + 1\n# In [2]:\nprint(total)"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for names of the history that the notebook does not define itself."""
        for node in subject.nodes(ast.Name):
            if (
                isinstance(node.ctx, ast.Load)
                and _HISTORY.fullmatch(node.id)
                and not subject.bindings.all(node)
            ):
                yield self.at(
                    subject,
                    node,
                    f"{node.id} is what IPython remembers of the cells that ran before.",
                    hint="Give the value a name in the cell that computes it.",
                )


class ShadowedBuiltin(Rule):
    """A builtin's name is given to something else, and then called as the builtin.

    After `list = [1, 2]` no cell can make a list of anything.
    """

    code = "AB206"
    name = "shadowed-builtin"
    severity = "error"
    example = "# In [1]:\nsum = 3\n# In [2]:\nprint(sum([1, 2]))"
    better = "# In [1]:\ntotal = 3\n# In [2]:\nprint(sum([1, 2]))"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for calls of builtins whose name a value has been assigned to before."""
        taken: dict[str, tuple[int, int, int]] = {}
        for node in subject.nodes(ast.Assign):
            for target in node.targets:
                if (
                    isinstance(target, ast.Name)
                    and _is_value(node.value)
                    and subject.scopes.scope(node) is None
                ):
                    taken.setdefault(target.id, subject.scopes.start(node))
        deleted = {node.id for node in subject.nodes(ast.Name) if isinstance(node.ctx, ast.Del)}
        own = {
            name
            for name in taken.keys() - deleted
            if isinstance(getattr(builtins, name, None), type | type(len))
        }
        for call in subject.calls:
            function = call.func
            if not isinstance(function, ast.Name) or function.id not in own:
                continue
            bindings = subject.bindings.all(function)
            plain = all(subject.scopes.scope(binding.by) is None for binding in bindings)
            if plain and len(bindings) == 1 and taken[function.id] < subject.scopes.start(call):
                cell, line, _ = taken[function.id]
                yield self.at(
                    subject,
                    call,
                    f"{function.id} is called, but cell {cell}, line {line} has given its name to a value.",
                    hint="Give the value another name.",
                )
                own.discard(function.id)


def _is_value(node: ast.expr) -> bool:
    return isinstance(
        node,
        ast.Constant
        | ast.List
        | ast.Dict
        | ast.Set
        | ast.Tuple
        | ast.ListComp
        | ast.DictComp
        | ast.BinOp
        | ast.JoinedStr,
    ) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and hasattr(builtins, node.func.id))


def _import(subject: Subject, node: ast.Name, statement: str) -> Fix | None:
    """Return the fix that imports a module at the top of the cell that uses it."""
    cell = subject.cell(subject.number(node))
    if cell.source.lstrip().startswith("%%") or cell.source[:1] in (" ", "\t"):
        return None
    return Fix(f"Add: {statement}", (Edit(cell.index, (1, 0), (1, 0), f"{statement}\n"),), safe=True)
