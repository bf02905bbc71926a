"""AB104: what libraries had when the notebook was written, and have no longer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assetbook.checking.frames import Frames
from assetbook.checking.guards import catches
from assetbook.checking.model import Edit, Finding, Fix
from assetbook.checking.removed import KEYWORDS, METHODS, REMOVED, TABLE_METHODS, Removal, as_versions
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject

_FAILS = frozenset({"ImportError", "AttributeError", "Exception", "BaseException"})
_STYLES = Removal("matplotlib", "3.8", 'the style "seaborn-v0_8", with what follows')


class RemovedApi(Rule):
    """A function, method or argument is used that the installed version of its library has removed.

    Courses and books outlive the libraries that they show. What `np.int`, `DataFrame.append` or `load_boston` did is
    written otherwise today.
    """

    code = "AB104"
    name = "removed-api"
    severity = "error"
    example = "import numpy as np\nages = np.zeros(3, dtype=np.int)"
    better = "import numpy as np\nages = np.zeros(3, dtype=int)"
    mends = "Writes what is the same under its name of today: `np.int` becomes `int`, `np.NaN` `np.nan`."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare what is used with what is known to be gone."""
        yield from self._attributes(subject)
        yield from self._imports(subject)
        for call in subject.calls:
            yield from self._arguments(subject, call)

    def _attributes(self, subject: Subject) -> Iterator[Finding]:
        frames = Frames(subject)
        for node in subject.nodes(ast.Attribute):
            origin = subject.origin(node)
            if (removal := REMOVED.get(origin)) is not None:
                yield from self._say(subject, node, origin, removal)
            elif origin or not isinstance(node.ctx, ast.Load):
                continue
            elif node.attr in TABLE_METHODS and (frames.is_table(node.value) or frames.is_part(node.value)):
                yield from self._say(subject, node, f"DataFrame.{node.attr}", TABLE_METHODS[node.attr])
            elif (
                node.attr in METHODS
                and _is_called(subject, node)
                and METHODS[node.attr][0] in subject.imported
            ):
                yield from self._say(subject, node, node.attr, METHODS[node.attr][1])

    def _imports(self, subject: Subject) -> Iterator[Finding]:
        for statement in subject.nodes(ast.ImportFrom):
            for alias in statement.names:
                origin = f"{statement.module}.{alias.name}"
                if origin in REMOVED and not catches(subject.scopes, statement, _FAILS):
                    yield from self._say(subject, alias, origin, REMOVED[origin])

    def _arguments(self, subject: Subject, call: ast.Call) -> Iterator[Finding]:
        origin = subject.origin(call.func)
        name = origin.rpartition(".")[2] or getattr(call.func, "attr", "")
        for keyword in call.keywords:
            known = KEYWORDS.get((name, keyword.arg or ""))
            if known and (origin.startswith(known[0]) or (not origin and name.startswith("to_"))):
                yield from self._say(subject, keyword, f"the argument {keyword.arg} of {name}", known[1])
        if origin in ("matplotlib.pyplot.style.use", "matplotlib.style.use") and call.args:
            style = call.args[0]
            text = style.value if isinstance(style, ast.Constant) else ""
            if isinstance(text, str) and text.startswith("seaborn") and "v0_8" not in text:
                yield from self._say(
                    subject,
                    style,
                    f"the style {text!r}",
                    _STYLES,
                    write=repr(text.replace("seaborn", "seaborn-v0_8", 1)),
                )

    def _say(
        self, subject: Subject, node: ast.AST, what: str, removal: Removal, *, write: str = ""
    ) -> Iterator[Finding]:
        installed = subject.environment.version(removal.package)
        if (
            not installed
            or as_versions(installed) < as_versions(removal.version)
            or catches(subject.scopes, node, _FAILS)
        ):
            return
        yield self.at(
            subject,
            node,
            f"{removal.package} {removal.version} has removed {what} (installed: {installed}).",
            hint=f"Use {removal.instead}.",
            fix=_written(subject, node, write or removal.write),
        )


def _written(subject: Subject, node: ast.AST, text: str) -> Fix | None:
    """Return the fix that writes something else in a node's place."""
    spot = subject.spot(node)
    if not text or spot.end is None or isinstance(node, ast.alias) or subject.is_translated(node):
        return None
    if text.startswith("."):  # only the last part of it changes
        owner = node.value if isinstance(node, ast.Attribute) else None
        if not isinstance(owner, ast.Name):
            return None
        text = f"{owner.id}{text}"
    start, end = (spot.line, spot.column - 1), (spot.end[0], spot.end[1] - 1)
    edit = Edit(subject.cell(spot.cell).index, start, end, text)
    return Fix(f"Write {text}.", (edit,), safe=True)


def _is_called(subject: Subject, node: ast.Attribute) -> bool:
    parent = subject.scopes.parent(node)
    return isinstance(parent, ast.Call) and parent.func is node
