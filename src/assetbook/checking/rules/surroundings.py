"""AB40: what the clock, the network and the disk decide."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from assetbook.checking.model import Edit, Finding, Fix
from assetbook.checking.paths import is_url
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject


class Clock(Rule):
    """A date is taken from the clock.

    The same notebook on the same data gives another result tomorrow, and a run for an earlier month cannot be
    repeated. Measuring how long something takes is no such use.
    """

    code = "AB403"
    name = "date-from-the-clock"
    severity = "warning"
    example = "import pandas as pd\nsince = pd.Timestamp.now() - pd.Timedelta(days=30)"
    better = 'import pandas as pd\nmonth: str = "2013-03"\nsince = pd.Period(month).start_time'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for calls that ask the clock, unless they only time or announce something."""
        for call in subject.calls:
            name = _clock(subject, call)
            if name and not _only_timed(subject, call):
                yield self.at(
                    subject,
                    call,
                    f"{name} takes the date from the clock: the result depends on when the notebook runs.",
                    hint="Make the date a parameter of the notebook.",
                )


class Network(Rule):
    """Data is read from the network.

    It may be another tomorrow, or gone, and no version of it is kept. An asset of its own can fetch it, and keep it.
    """

    code = "AB404"
    name = "reads-from-the-network"
    severity = "note"
    example = 'import pandas as pd\nsales = pd.read_csv("https://example.org/sales.csv")'
    better = 'import assetbook as ab\nsales = ab.load("sales")'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for addresses that are read."""
        for use in subject.files:
            if use.kind == "read" and use.path and is_url(use.path):
                yield self.at(
                    subject,
                    use.argument or use.call,
                    "The data is read from the network in each run.",
                    hint="Make it an asset of its own, and load that.",
                )
        for call in subject.calls:
            if subject.origin(call.func) in (
                "requests.get",
                "requests.post",
                "urllib.request.urlopen",
                "httpx.get",
                "urllib.request.urlretrieve",
            ):
                yield self.at(
                    subject,
                    call,
                    "The data is read from the network in each run.",
                    hint="Make it an asset of its own, and load that.",
                )


class UnorderedFiles(Rule):
    """Files are listed in whatever order the disk has them.

    `glob` and `os.listdir` promise no order: the rows of tables that are put together from them change places
    from one machine to the next.
    """

    code = "AB405"
    name = "unordered-files"
    severity = "note"
    example = 'import glob\nfor name in glob.glob("*.csv"):\n    print(name)'
    better = 'import glob\nfor name in sorted(glob.glob("*.csv")):\n    print(name)'
    mends = "Puts `sorted(…)` around it."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for lists of files that are not sorted."""
        for call in subject.calls:
            if subject.origin(call.func) not in ("glob.glob", "glob.iglob", "os.listdir", "os.scandir"):
                continue
            parent = subject.scopes.parent(call)
            inside = isinstance(parent, ast.Call) and getattr(parent.func, "id", "") in (
                "sorted",
                "len",
                "set",
                "bool",
                "any",
            )
            if not inside and isinstance(parent, ast.For | ast.comprehension):
                yield self.at(
                    subject,
                    call,
                    "The files come in an order that the disk decides.",
                    hint="Put sorted(…) around it.",
                    fix=_sorted(subject, call),
                )


def _sorted(subject: Subject, call: ast.Call) -> Fix | None:
    spot = subject.spot(call)
    if spot.end is None or subject.is_translated(call):
        return None
    index = subject.cell(spot.cell).index
    start, end = (spot.line, spot.column - 1), (spot.end[0], spot.end[1] - 1)
    if subject.origin(call.func) == "os.scandir":
        return None
    return Fix(
        "Put sorted(…) around it.",
        (Edit(index, start, start, "sorted("), Edit(index, end, end, ")")),
        safe=True,
    )


def _clock(subject: Subject, call: ast.Call) -> str:
    origin = subject.origin(call.func)
    if origin in (
        "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today",
        "pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow", "time.localtime", "time.gmtime",
        "time.ctime", "pendulum.now", "pendulum.today", "arrow.now", "arrow.utcnow", "polars.Expr.now",
    ):  # fmt: skip
        return ast.unparse(call.func) if not (origin.startswith("time.") and call.args) else ""
    if origin == "time.strftime" and len(call.args) < 2:
        return ast.unparse(call.func)
    if origin in ("pandas.to_datetime", "pandas.Timestamp", "numpy.datetime64") and call.args:
        first = call.args[0]
        if isinstance(first, ast.Constant) and first.value in ("today", "now"):
            return f"{ast.unparse(call.func)}({first.value!r})"
    return ""


def _only_timed(subject: Subject, call: ast.Call) -> bool:
    """Whether what the clock says is only compared with another time of the clock, or printed."""
    if _is_told(subject, call) or _is_difference(subject, call):
        return True
    parent = subject.scopes.parent(call)
    if (
        not isinstance(parent, ast.Assign)
        or len(parent.targets) != 1
        or not isinstance(parent.targets[0], ast.Name)
    ):
        return False
    name = parent.targets[0].id
    uses = [node for node in subject.nodes(ast.Name) if node.id == name and isinstance(node.ctx, ast.Load)]
    return bool(uses) and all(_is_told(subject, use) or _is_difference(subject, use) for use in uses)


def _is_difference(subject: Subject, node: ast.expr) -> bool:
    """Whether a node is one side of a difference of two times of the clock."""
    parent = subject.scopes.parent(node)
    if not isinstance(parent, ast.BinOp) or not isinstance(parent.op, ast.Sub):
        return False
    return all(_is_clock(subject, side) for side in (parent.left, parent.right))


def _is_clock(subject: Subject, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        bound = [binding.node for binding in subject.bindings.all(node) if hasattr(binding, "node")]
        return bool(bound) and all(isinstance(value, ast.Call) and _clock(subject, value) for value in bound)
    return isinstance(node, ast.Call) and bool(_clock(subject, node))


def _is_told(subject: Subject, node: ast.expr) -> bool:
    """Whether a node is only printed or logged."""
    for parent in subject.scopes.ancestors(node):
        if isinstance(parent, ast.Call):
            function = parent.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if name in ("print", "display", "info", "debug", "warning", "log"):
                return True
            if name not in ("str", "format", "strftime", "isoformat", "repr"):
                return False
        elif isinstance(parent, ast.stmt):
            return False
    return False
