"""Texts in a notebook's code that are paths, and what may stand in their place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assetbook.checking.model import Edit
from assetbook.checking.paths import PERSONAL
from assetbook.contract.names import HOLE
from assetbook.promotion.edits import replaced
from assetbook.promotion.work import Work

SCRATCH = "scratch"  # the name of the folder for what a run writes
_FOLDER_CALLS_TEXT = """
    os.path.join os.listdir os.walk os.scandir glob.glob glob.iglob pathlib.Path os.makedirs os.mkdir
    os.path.exists os.path.isdir os.path.isfile os.path.abspath os.path.expanduser open shutil.copy shutil.copyfile
    shutil.move shutil.rmtree os.remove os.path.getsize os.stat
"""
_FOLDER_CALLS = frozenset(_FOLDER_CALLS_TEXT.split())
_PATHLIKE = re.compile(
    r"(^|_)(path|dir|folder|file|filename|root|base|csv|db|out|output|url|location|src|dest)s?(_|$|\d)",
    re.IGNORECASE,
)
_LONGEST = 300  # characters of a text that is taken for a path


@dataclass(frozen=True)
class PathText:
    """A text in the code that may be a path; of an f-string the whole of it, with holes."""

    node: ast.Constant | ast.JoinedStr
    text: str

    @property
    def has_rest(self) -> bool:
        """Whether something follows that only a run, or a pattern, tells."""
        return any(sign in self.text for sign in (HOLE, "*", "?", "{", "%"))

    def is_path(self, work: Work, *, exists: bool) -> bool:
        """Whether the text is meant as a path, and not as a word that a file happens to have, too."""
        parent = work.subject.scopes.parent(self.node)
        if isinstance(parent, ast.Call) and getattr(parent.func, "attr", "") == "replace":
            return False
        if "/" in self.text or "\\" in self.text or PERSONAL.match(self.text):
            return True
        if isinstance(parent, ast.keyword):
            parent = work.subject.scopes.parent(parent)
        if isinstance(parent, ast.Call):
            origin = work.subject.origin(parent.func)
            if origin in _FOLDER_CALLS or getattr(parent.func, "id", "") == "open":
                return True
            if any(use.call is parent for use in work.subject.files):
                return True
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div | ast.Add):
            return True
        target = _assigned(self.node, work)
        if target and (_PATHLIKE.search(target) or _is_in_path(target, work)):
            return True
        if _PATHLIKE.search(_argument_name(self.node, work)):
            return True
        return exists and re.search(r"\.\w{1,8}$", self.text) is not None

    def edits(self, work: Work, name: str, rest: str) -> list[Edit]:
        """Return the edit that puts the path of an asset here, and behind it what followed."""
        call = f'{work.alias}.path("{name}")'
        return self._with(work, call, rest)

    def scratch(self, work: Work, root: str) -> list[Edit]:
        """Return the edit that puts a path below the run's folder here."""
        return self._with(work, SCRATCH, f"/{root}" + ("/" if self.text.endswith("/") else ""))

    def _with(self, work: Work, expression: str, rest: str) -> list[Edit]:
        if isinstance(self.node, ast.Constant):
            text = f"{expression} + {rest!r}" if rest else expression
            simple = not rest or not isinstance(
                work.subject.scopes.parent(self.node), ast.BinOp | ast.Attribute
            )
            if rest and (expression == SCRATCH or not simple):
                text = f"f{_quoted('{' + expression + '}' + _escaped(rest))}"
            return replaced(work.subject, self.node, text)
        texts = rest.split(HOLE)
        holes = [piece for piece in self.node.values if isinstance(piece, ast.FormattedValue)]
        if len(holes) < len(texts) - 1:
            return []
        kept = holes[len(holes) - (len(texts) - 1) :]
        body = "{" + expression + "}" + _escaped(texts[0])
        for hole, text in zip(kept, texts[1:], strict=True):
            body += ast.unparse(ast.JoinedStr(values=[hole]))[2:-1] + _escaped(text)
        return replaced(work.subject, self.node, f"f{_quoted(body)}")


def _escaped(text: str) -> str:
    return text.replace("\\", "/").replace("{", "{{").replace("}", "}}")


def _quoted(body: str) -> str:
    for mark in ("'", '"', "'''", '"""'):
        if mark not in body and mark[0] not in body[-1:]:
            return f"{mark}{body}{mark}"
    return repr(body)


def path_texts(work: Work) -> Iterator[PathText]:
    """Give the texts of a notebook that may be paths, in order; no docstrings."""
    subject = work.subject
    found: list[PathText] = []
    for node in subject.nodes(ast.Constant):
        is_text = isinstance(node.value, str) and node.value.strip() and len(node.value) < _LONGEST
        if is_text and not in_fstring(node, work) and not isinstance(subject.scopes.parent(node), ast.Expr):
            found.append(PathText(node, str(node.value)))
    for joined in subject.nodes(ast.JoinedStr):
        text = "".join(str(v.value) if isinstance(v, ast.Constant) else HOLE for v in joined.values)
        if text.strip() and "\n" not in text and not in_fstring(joined, work):
            found.append(PathText(joined, text))
    yield from sorted(found, key=lambda constant: subject.scopes.start(constant.node))


def _assigned(node: ast.AST, work: Work) -> str:
    """Return the name that a text is assigned to, also as one of several; "" of any other text."""
    parent = work.subject.scopes.parent(node)
    match parent:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Tuple(elts=values):
            match work.subject.scopes.parent(parent):
                case ast.Assign(targets=[ast.Tuple(elts=targets)]) if len(targets) == len(values):
                    target = targets[next(i for i, value in enumerate(values) if value is node)]
                    return target.id if isinstance(target, ast.Name) else ""
    return ""


def _is_in_path(name: str, work: Work) -> bool:
    """Whether a name is part of a path by which a file is read or written."""
    arguments = (use.argument for use in work.subject.files if use.argument is not None)
    return any(isinstance(n, ast.Name) and n.id == name for node in arguments for n in ast.walk(node))


def _argument_name(node: ast.AST, work: Work) -> str:
    """Return what an argument is called that a text is passed for, or is the default of; "" of any other text."""
    parent = work.subject.scopes.parent(node)
    match parent:
        case ast.keyword(arg=str() as name):
            return name
        case ast.arguments():
            named = [*parent.posonlyargs, *parent.args]
            pairs = [
                *zip(named[::-1], parent.defaults[::-1], strict=False),
                *zip(parent.kwonlyargs, parent.kw_defaults, strict=True),
            ]
            return next((argument.arg for argument, default in pairs if default is node), "")
    return ""


def in_fstring(node: ast.AST, work: Work) -> bool:
    """Whether a node is part of an f-string."""
    return isinstance(work.subject.scopes.parent(node), ast.JoinedStr | ast.FormattedValue)
