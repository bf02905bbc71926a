"""Paths that a notebook names otherwise than for tables: raw assets of files, and a folder for what it writes."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assetbook.checking.files import FileUse
from assetbook.checking.model import Edit
from assetbook.checking.paths import PERSONAL, Paths, is_url, is_whole
from assetbook.contract.names import HOLE
from assetbook.promotion.edits import appended, replaced
from assetbook.promotion.work import Product, Proposal, Source, Work

SCRATCH = "scratch"  # the name of the folder for what a run writes
_SCRATCH_SETUP = (
    "import tempfile",
    f"{SCRATCH} = tempfile.mkdtemp()  # for the files that this run writes",
)
_LIMIT = 200_000_000  # bytes of a folder that becomes an asset
_FOLDER_CALLS_TEXT = """
    os.path.join os.listdir os.walk os.scandir glob.glob glob.iglob pathlib.Path os.makedirs os.mkdir
    os.path.exists os.path.isdir os.path.isfile os.path.abspath os.path.expanduser open shutil.copy shutil.copyfile
    shutil.move shutil.rmtree os.remove os.path.getsize os.stat
"""
_FOLDER_CALLS = frozenset(_FOLDER_CALLS_TEXT.split())
_MAKES = frozenset({"os.makedirs", "os.mkdir"})
_PATHLIKE = re.compile(
    r"(^|_)(path|dir|folder|file|filename|root|base|csv|db|out|output|url|location|src|dest)s?(_|$|\d)",
    re.IGNORECASE,
)
_LONGEST = 300  # characters of a text that is taken for a path
_DATABASES = (".db", ".sqlite", ".sqlite3", ".duckdb")
_WORD = re.compile(r"[\w./~-]+")
_QUOTED = re.compile(r"'(?P<path>[^'\n]+\.\w+)'")


def read_files(work: Work) -> None:
    """Turn the paths of files and folders that are there into the paths of assets."""
    written = _Written(work)
    work.apply(list(_of_queries(work)))
    work.exhaust(partial(_of_commands, work))
    work.exhaust(partial(_whole_inputs, work))
    work.exhaust(partial(_inputs, work, written))


def write_files(work: Work) -> None:
    """Let what the notebook writes, and nothing understands, go to a folder of the run; and keep it as an asset."""
    written = _Written(work)
    done = work.exhaust(partial(_whole_outputs, work))
    done += work.exhaust(partial(_outputs, work, written))
    if not done:
        return
    work.setup.update(dict.fromkeys(_SCRATCH_SETUP))
    for folder in written.folders_needed():
        work.setup["import os"] = None
        work.setup[f'os.makedirs(f"{{{SCRATCH}}}/{folder}")'] = None
    for path in dict.fromkeys(written.kept()):
        _keep(path, work)


def _keep(path: str, work: Work) -> None:
    """Let what is written under a path be an asset."""
    key = f"keep:{path}"
    if not work.allows(key):
        return
    name = work.naming.product(path, fallback="files")
    work.setup["from pathlib import Path"] = None
    work.setup["from assetbook.landing import read_files"] = None
    work.last[f'{work.alias}.save("{name}", read_files(Path({SCRATCH}, "{path}")))'] = None
    work.products[name] = Product(name, "files", None, f"what it writes to {path}", key)


# ---- what is read


def _whole_inputs(work: Work) -> Iterator[Proposal]:
    """Give the paths that are worked out where a file is read: the whole expression goes."""
    for use in _single(work):
        node, path = use.argument, use.path or ""
        if use.kind == "write" or node is None or isinstance(node, ast.Constant) or not is_whole(path):
            continue
        if isinstance(node, ast.Name) and not _is_computed(node, work):
            continue
        found = work.places.find(path, moved=work.moved)
        key = work.key("path", node, path)
        if found is None or _was_written(use, work) or _is_too_much(found, work) or not work.allows(key):
            continue
        name = _asset(found, path, work)
        title = f"{path} becomes a raw asset of files: {name}."
        edits = replaced(work.subject, node, f'{work.alias}.path("{name}")')
        yield Proposal("input", title, node, tuple(edits), key)


def _is_computed(node: ast.Name, work: Work) -> bool:
    """Whether a name stands for an expression that is worked out, outside of functions."""
    definition = work.subject.definition(node)
    plain = isinstance(definition, ast.Constant | ast.JoinedStr) or definition is node
    return not plain and work.subject.scopes.scope(node) is None


def _single(work: Work) -> list[FileUse]:
    """Return the uses of files whose path is known, one only, where they are."""
    uses = work.subject.files
    count = Counter(use.call for use in uses)
    return [use for use in uses if use.path and count[use.call] == 1 and use.argument is not None]


def _was_written(use: FileUse, work: Work) -> bool:
    """Whether a file is read that the notebook itself has written before."""
    start = work.subject.scopes.start
    return any(
        other.kind == "write" and other.path == use.path and start(other.call) < start(use.call)
        for other in work.subject.files
    )


def _inputs(work: Work, written: _Written) -> Iterator[Proposal]:
    for constant in _constants(work):
        text = constant.text
        if written.covers(text) or _is_in_write(constant.node, work) or _is_never_called(constant.node, work):
            continue
        found = work.places.find(text.rstrip("/\\") or text, moved=work.moved)
        prefix = text
        if found is None and constant.has_rest:
            prefix, found = _existing_part(text, work)
        if found is None or not constant.is_path(work, exists=True) or _is_too_much(found, work):
            continue
        key = work.key("path", constant.node, text)
        if not work.allows(key):
            continue
        name = _asset(found, prefix, work)
        rest = text[len(prefix.rstrip("/\\")) :] if prefix != text else text[len(text.rstrip("/\\")) :]
        title = f"{prefix} becomes a raw asset of files: {name}."
        yield Proposal("input", title, constant.node, tuple(constant.edits(work, name, rest)), key)


def _is_in_write(node: ast.AST, work: Work) -> bool:
    """Whether a text is part of a path that is written to."""
    around = set(work.subject.scopes.ancestors(node))
    return any(use.kind == "write" and use.argument in around for use in work.subject.files)


def _is_never_called(node: ast.AST, work: Work) -> bool:
    """Whether a text stands in a function that nothing calls any more."""
    function = work.subject.scopes.scope(node)
    return isinstance(function, ast.FunctionDef) and not work.subject.bindings.uses[function.name]


def _existing_part(text: str, work: Work) -> tuple[str, Path | None]:
    """Return the longest beginning of a path, up to a ``/``, that is a folder."""
    head = text.split(HOLE)[0]
    while "/" in head:
        head = head.rpartition("/")[0]
        found = work.places.find(head, moved=work.moved) if head.strip("./") else None
        if found is not None and found.is_dir():
            return head, found
    return text, None


def _is_too_much(found: Path, work: Work) -> bool:
    """Whether a folder is none of data: the notebook's own, one above it, or a very large one."""
    if not found.is_dir():
        return False
    if work.places.folder.is_relative_to(found):
        return True
    size = 0
    for file in found.rglob("*"):
        size += file.stat().st_size if file.is_file() else 0
        if size > _LIMIT:
            work.leave(f"the folder {found.name} is larger than {_LIMIT // 10**6} MB, and stays where it is.")
            return True
    return size == 0


def _asset(found: Path, text: str, work: Work) -> str:
    for known in work.sources.values():
        if known.file == found and known.reader is None:
            return known.name
    name = work.naming.source(found.name, fallback="files")
    work.sources[name] = Source(name, found, f"{work.name}/{found.name}", None, text)
    return name


def _of_queries(work: Work) -> Iterator[Proposal]:
    """Give the files that stand in quotes in a text of SQL."""
    for node in work.subject.nodes(ast.Constant):
        if not isinstance(node.value, str) or "'" not in node.value or _in_fstring(node, work):
            continue
        if not re.search(r"\b(from|join|read_\w+)\b", node.value, re.IGNORECASE):
            continue
        calls: list[str] = []
        for match in _QUOTED.finditer(node.value):
            path, rest = _before_pattern(match["path"])
            found = work.places.find(path, moved=work.moved)
            if found is not None and not _is_too_much(found, work):
                name = _asset(found, path, work)
                calls.append(f'.replace("{path}{rest}", {work.alias}.path("{name}"){_added(rest)})')
        calls = list(dict.fromkeys(calls))
        key = work.key("path", node, "sql")
        if calls:
            title = "Files in a query become raw assets."
            yield Proposal("input", title, node, tuple(appended(work.subject, node, "".join(calls))), key)


def _of_commands(work: Work) -> Iterator[Proposal]:
    """Give the files that a shell command names: a variable stands for each in braces, as IPython has it."""
    for command in work.subject.commands:
        if command.kind != "shell":
            continue
        spot = work.subject.spot(command.node)
        cell = work.subject.cell(spot.cell)
        line = cell.source.split("\n")[spot.line - 1]
        for word in _WORD.finditer(line, line.find("!") + 1):
            found = work.places.find(word[0], moved=work.moved) if "." in word[0] or "/" in word[0] else None
            key = work.key("path", command.node, word[0])
            if found is None or not work.allows(key) or _is_too_much(found, work):
                continue
            name = _asset(found, word[0], work)
            work.setup[f'{name}_path = {work.alias}.path("{name}")'] = None
            edit = Edit(cell.index, (spot.line, word.start()), (spot.line, word.end()), f"{{{name}_path}}")
            yield Proposal(
                "input", f"{word[0]} becomes a raw asset of files: {name}.", command.node, (edit,), key
            )


def _before_pattern(path: str) -> tuple[str, str]:
    """Return the folder of a pattern of files, and the rest; of a plain path nothing is left."""
    if not any(sign in path for sign in "*?["):
        return path, ""
    head, _, rest = path.partition("*")[0].rpartition("/")
    return head, "/" + rest


def _added(rest: str) -> str:
    return f' + "{rest}"' if rest else ""


# ---- what is written


def _whole_outputs(work: Work) -> Iterator[Proposal]:
    """Give the paths that are worked out where a file is written: the whole expression goes."""
    for use in _single(work):
        node, path = use.argument, use.path or ""
        if (
            use.kind != "write"
            or node is None
            or isinstance(node, ast.Constant | ast.Name)
            or not is_whole(path)
        ):
            continue
        root = _root_of(path)
        key = work.key("scratch", node, root)
        edits = replaced(work.subject, node, f'f"{{{SCRATCH}}}/{root}"')
        if root and use.function != "to_sql":
            yield Proposal("output", f"{path} is written to a folder of the run.", node, tuple(edits), key)


class _Written:
    """The paths that a notebook writes to, as its code names them."""

    def __init__(self, work: Work) -> None:
        uses = work.subject.files
        self._work = work
        made = [use.path for use in uses if use.kind == "write" and use.path]
        opened = (use.path for use in uses if use.kind == "connect" and use.path)
        made += [path for path in opened if not path.startswith(":") and not self._there(path)]
        self.folders = list(_made_folders(work))
        self.paths = [path for path in made if not is_url(path)] + self.folders
        self._read = [use.path for use in uses if use.kind == "read" and use.path]
        self.unknown = [use for use in uses if use.kind == "write" and not use.path]

    def _there(self, path: str) -> bool:
        return self._work.places.find(path, moved=self._work.moved) is not None

    def covers(self, text: str) -> bool:
        """Whether a text is a path that is written to, or the beginning of one and no folder of inputs."""
        plain = _plain(text)
        if any(plain == _plain(path) for path in self.paths):
            return True
        above = any(_plain(path).startswith(f"{plain}/") for path in self.paths)
        return above and not self._holds_inputs(plain)

    def _holds_inputs(self, folder: str) -> bool:
        return any(
            _plain(path).startswith(f"{folder}/") and self._there(path)
            for path in self._read
            if is_whole(path)
        )

    def kept(self) -> Iterator[str]:
        """Give what is more than an intermediate, below the run's folder: files, and folders of files by any name."""
        for path in self.paths:
            if path in self.folders or path.endswith(_DATABASES) or self._is_read(path):
                continue
            whole = _root_of(path.split(HOLE)[0].rpartition("/")[0] if HOLE in path else path)
            if whole:
                yield whole

    def folders_needed(self) -> list[str]:
        """Return the folders below the run's that must be there, and that the notebook does not make."""
        roots = {
            _root_of(path.split(HOLE)[0].rpartition("/")[0])
            for path in self.paths
            if path not in self.folders
        }
        own = {_root_of(folder) for folder in self.folders}
        return sorted(
            r
            for r in roots
            if r and not any(r == o or r.startswith(f"{o}/") or o.startswith(f"{r}/") for o in own)
        )

    def _is_read(self, path: str) -> bool:
        """Whether the notebook itself reads again what it has written there."""
        plain = _plain(path)
        return any(_plain(read) == plain or _plain(read).startswith(f"{plain}/") for read in self._read)


def _made_folders(work: Work) -> Iterator[str]:
    paths = Paths(work.subject)
    for call in work.subject.calls:
        node: ast.expr | None = None
        if work.subject.origin(call.func) in _MAKES and call.args:
            node = call.args[0]
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "mkdir":
            node = call.func.value
        text = paths.text(node) if node is not None else None
        if text and HOLE not in text:
            yield text


def _outputs(work: Work, written: _Written) -> Iterator[Proposal]:
    for constant in _constants(work):
        text = constant.text
        if not text.strip("./ ") or is_url(text):
            continue
        if text not in written.paths and not constant.is_path(work, exists=False):
            continue
        if not written.covers(text) and not _is_start_of(text, written):
            continue
        root = _root_of(text)
        key = work.key("scratch", constant.node, root)
        title = f"{text} is written to a folder of the run."
        yield Proposal("output", title, constant.node, tuple(constant.scratch(work, root)), key)


def _is_start_of(text: str, written: _Written) -> bool:
    """Whether a text of an f-string is where a path begins that only a run can tell whole."""
    head = _plain(text.split(HOLE)[0])
    return bool(head) and any(
        _plain(path.split(HOLE)[0]).startswith(head) for path in written.paths if HOLE in path
    )


def _root_of(path: str) -> str:
    """Return a path below the run's folder for any path: its last folder and file, without what is above."""
    plain = path.replace("\\", "/")
    if plain.startswith("/") or re.match(r"[A-Za-z]:|~", plain):
        return "/".join(part for part in plain.split("/")[-2:] if part)
    return "/".join(part for part in plain.split("/") if part not in ("", ".", ".."))


def _plain(path: str) -> str:
    return re.sub(r"^(?:\./)+", "", path.replace("\\", "/")).rstrip("/")


# ---- texts in the code


@dataclass(frozen=True)
class _Constant:
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
        if isinstance(parent, ast.Assign) and any(
            isinstance(target, ast.Name) and _PATHLIKE.search(target.id) for target in parent.targets
        ):
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


def _constants(work: Work) -> Iterator[_Constant]:
    """Give the texts of a notebook that may be paths, in order; no docstrings."""
    subject = work.subject
    found: list[_Constant] = []
    for node in subject.nodes(ast.Constant):
        is_text = isinstance(node.value, str) and node.value.strip() and len(node.value) < _LONGEST
        if is_text and not _in_fstring(node, work) and not isinstance(subject.scopes.parent(node), ast.Expr):
            found.append(_Constant(node, str(node.value)))
    for joined in subject.nodes(ast.JoinedStr):
        text = "".join(str(v.value) if isinstance(v, ast.Constant) else HOLE for v in joined.values)
        if text.strip() and "\n" not in text and not _in_fstring(joined, work):
            found.append(_Constant(joined, text))
    yield from sorted(found, key=lambda constant: subject.scopes.start(constant.node))


def _in_fstring(node: ast.AST, work: Work) -> bool:
    return isinstance(work.subject.scopes.parent(node), ast.JoinedStr | ast.FormattedValue)
