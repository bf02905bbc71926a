"""Where the files are that a notebook names: beside it, above it, or below a folder of another person's machine."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from keyword import iskeyword
from pathlib import Path

from assetbook.checking.paths import is_system, is_url

_ABOVE = 3  # folders above the notebook that are searched
_ENTRIES = 5000  # files below the notebook's folder that are looked at
_LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "data_lake"})
_ENDINGS = re.compile(r"(?<=.)(\.[A-Za-z]\w{0,8}){1,2}$")  # .csv.gz
_GENERIC = frozenset(
    {"data", "dataset", "train", "test", "input", "inputs", "df", "file", "files", "output", "result", "results",
     "raw", "table", "values", "sample", "model", "clf", "final", "out", "final_model", "clean", "cleaned", "summary",
     "metrics", "predictions", "submission", "report", "scores"}
)  # fmt: skip

_SQL = frozenset(
    {"all", "and", "any", "case", "column", "cross", "distinct", "end", "except", "false", "from", "full", "group",
     "having", "inner", "join", "left", "limit", "not", "null", "offset", "order", "outer", "right", "select", "table",
     "true", "union", "unique", "user", "using", "where", "window", "with", "view"}
)  # fmt: skip


class Places:
    """Finds the files of one notebook.

    Args:
        notebook: its file.
        also: other folders that its paths may start in, such as the workspace.
    """

    def __init__(self, notebook: Path, *, also: tuple[Path, ...] = ()) -> None:
        self.folder = notebook.absolute().parent
        self._also = also
        self._found: dict[str, Path | None] = {}

    def find(self, path: str, *, moved: tuple[str, ...] = ()) -> Path | None:
        """Return the file or folder that a path of the notebook means, or None.

        Args:
            path: as the notebook has it: relative, or absolute on whatever machine it was written on.
            moved: the folders that the notebook changes to.
        """
        key = f"{moved}\0{path}"
        if key not in self._found:
            self._found[key] = self._find(path, moved)
        return self._found[key]

    def _find(self, path: str, moved: tuple[str, ...]) -> Path | None:
        if not path.strip() or is_url(path) or "\0" in path or "\n" in path or len(path) > 1000:
            return None
        plain = path.removeprefix("file://").replace("\\", "/")
        for candidate in self._candidates(plain, moved):
            if _exists(candidate):
                return Path(os.path.normpath(candidate))
        return None

    def _candidates(self, path: str, moved: tuple[str, ...]) -> Iterator[Path]:
        as_written = Path(path).expanduser() if path.startswith("~") and "/" in path else Path(path)
        if as_written.is_absolute():
            if not is_system(path):
                yield as_written
        else:
            for text in moved:
                yield self.folder / text.replace("\\", "/") / path
            for folder in self._starts():
                yield folder / path
        parts = [
            part for part in re.sub(r"^[A-Za-z]:", "", path).split("/") if part not in ("", ".", "..", "~")
        ]
        for length in range(len(parts), 0, -1):  # the longest end of it that is there
            for folder in self._starts():
                yield folder.joinpath(*parts[-length:])
        if parts and "." in parts[-1].strip("."):
            same = self._below.get(parts[-1], [])
            if len(same) == 1:
                yield same[0]

    def _starts(self) -> Iterator[Path]:
        yield self.folder
        for parent in islice(self.folder.parents, _ABOVE):
            if parent.parent == parent or parent == Path.home():
                break
            yield parent
            if (parent / ".git").exists():
                break
        yield from self._also

    @cached_property
    def _below(self) -> dict[str, list[Path]]:
        """The files below the notebook's folder, by name."""
        found: dict[str, list[Path]] = {}
        for path in islice(_walk(self.folder), _ENTRIES):
            found.setdefault(path.name, []).append(path)
        return found


def _walk(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _LEFT_OUT)
        yield from (Path(at, name) for name in sorted(files))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def slug(text: str, *, fallback: str = "table") -> str:
    """Return a name made of a text: lower case, letters of ASCII, digits and ``_``; a name of Python, too."""
    folded = text.replace("ß", "ss").replace("æ", "ae").replace("ø", "o")
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    joined = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)).strip("_").lower()
    if not joined:
        return fallback
    return f"{fallback}_{joined}" if joined[0].isdigit() or iskeyword(joined) else joined


def is_generic(name: str) -> bool:
    """Whether a name says nothing where there are other notebooks beside, or is a word of SQL."""
    return name in _GENERIC or name in _SQL or len(name) < 3


class Naming:
    """Gives names to assets, each once.

    Args:
        notebook: the name of the notebook, which goes before names that say nothing or are taken.
        taken: the names that the workspace has already.
    """

    def __init__(self, notebook: str, *, taken: frozenset[str]) -> None:
        self._notebook = notebook
        self._taken = set(taken)

    def source(self, file: str, *, fallback: str = "table") -> str:
        """Return a name after a file that is read, and take it; that of the notebook stays free."""
        name = self._name(file, fallback)
        return self._take(f"raw_{name}" if name == self._notebook else name)

    def product(self, file: str, *, fallback: str = "table") -> str:
        """Return a name after a file that is written, or a variable, and take it."""
        return self._take(self._name(file, fallback))

    def _name(self, file: str, fallback: str) -> str:
        name = slug(
            _ENDINGS.sub("", file.replace("\\", "/").rstrip("/").rpartition("/")[2]), fallback=fallback
        )
        own = name == fallback or (is_generic(name) and not self._notebook.endswith(name))
        return f"{self._notebook}_{name}" if own else name

    def _take(self, name: str) -> str:
        longer = name if name.startswith(self._notebook) else f"{self._notebook}_{name}"
        candidates = [name, longer, *(f"{name}_{n}" for n in range(2, 1000))]
        chosen = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(chosen)
        return chosen
