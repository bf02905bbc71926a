"""What a notebook writes and nothing understands: it goes to a folder of the run, and is kept as a table of files."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial

from assetbook.checking.files import FileUse
from assetbook.checking.paths import Paths, is_url, is_whole
from assetbook.contract.names import HOLE
from assetbook.promotion.edits import replaced
from assetbook.promotion.texts import SCRATCH, path_texts
from assetbook.promotion.work import Product, Proposal, Source, Work

_SETUP = (
    "import tempfile",
    f"{SCRATCH} = tempfile.mkdtemp()  # for the files that this run writes",
)
_ADDING = re.compile(r"a[bt+]*")  # the modes of a file that is added to
_MAKES = frozenset({"os.makedirs", "os.mkdir"})
_DATABASES = (".db", ".sqlite", ".sqlite3", ".duckdb")


def write_files(work: Work) -> None:
    """Let what the notebook writes, and nothing understands, go to a folder of the run; and keep it as an asset."""
    written = Written(work)
    appended = list(_appended(work))
    done = work.exhaust(partial(_whole_outputs, work))
    done += work.exhaust(partial(_outputs, work, written))
    if not done:
        return
    work.setup.update(dict.fromkeys(_SETUP))
    for folder in written.folders_needed():
        work.setup["import os"] = None
        work.setup[f'os.makedirs(f"{{{SCRATCH}}}/{folder}")'] = None
    for path in dict.fromkeys(appended):
        _bring(path, work)
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


def _appended(work: Work) -> Iterator[str]:
    """Give the files that are written to without losing what they hold."""
    for use in work.subject.files:
        if use.path and is_whole(use.path) and appends(use):
            yield use.path


def appends(use: FileUse) -> bool:
    """Whether a call adds to what a file holds already."""
    modes = [keyword.value for keyword in use.call.keywords if keyword.arg == "mode"] + use.call.args[1:2]
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    return use.kind == "write" and any(_ADDING.fullmatch(text) for text in texts)


def was_written(use: FileUse, work: Work) -> bool:
    """Whether a file is read that the notebook itself has written before."""
    start = work.subject.scopes.start
    return any(
        other.kind == "write" and other.path == use.path and start(other.call) < start(use.call)
        for other in work.subject.files
    )


def _bring(path: str, work: Work) -> None:
    """Let a file that is added to begin with what it holds now."""
    found = work.places.find(path, moved=work.moved)
    if found is None or not found.is_file():
        return
    name = work.naming.source(path, fallback="files")
    work.sources[name] = Source(name, found, work.landing(found, name), None, path)
    work.setup["import shutil"] = None
    work.setup[f'shutil.copy({work.alias}.path("{name}"), f"{{{SCRATCH}}}/{_root_of(path)}")'] = None


def single_uses(work: Work) -> list[FileUse]:
    """Return the uses of files whose path is known, one only, where they are."""
    uses = work.subject.files
    count = Counter(use.call for use in uses)
    return [use for use in uses if use.path and count[use.call] == 1 and use.argument is not None]


def _whole_outputs(work: Work) -> Iterator[Proposal]:
    """Give the paths that are worked out where a file is written: the whole expression goes."""
    for use in single_uses(work):
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


class Written:
    """The paths that a notebook writes to, as its code names them."""

    def __init__(self, work: Work) -> None:
        uses = work.subject.files
        self._work = work
        made = [use.path for use in uses if use.kind == "write" and use.path]
        opened = (use.path for use in uses if use.kind == "connect" and use.path)
        made += [path for path in opened if not path.startswith(":") and not self._there(path)]
        self.unpacked = list(_unpacked_folders(work))
        self.folders = [*_made_folders(work), *self.unpacked]
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
        if any(plain.startswith(f"{_plain(folder)}/") for folder in self.unpacked) and not self._there(text):
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


def _unpacked_folders(work: Work) -> Iterator[str]:
    """Give the folders that archives are unpacked into."""
    paths = Paths(work.subject)
    for call in work.subject.calls:
        place = 1 if work.subject.origin(call.func) == "shutil.unpack_archive" else 0
        if place or getattr(call.func, "attr", "") == "extractall":
            named = next((k.value for k in call.keywords if k.arg in ("path", "extract_dir")), None)
            node = call.args[place] if len(call.args) > place else named
            text = paths.text(node) if node is not None else None
            if text and HOLE not in text and text.strip("./"):
                yield text


def _outputs(work: Work, written: Written) -> Iterator[Proposal]:
    for constant in path_texts(work):
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


def _is_start_of(text: str, written: Written) -> bool:
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
