"""The code version: a digest of what a notebook or a Python file runs, the workspace's modules included.

Trees, not text: comments, layout, outputs and markdown do not change it. Modules are those that an import
finds as files under the workspace root; installed packages are the environment's subject.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assetbook.contract.source import CellCode, fingerprint, parse_python
from assetbook.notebook import digest_of


@dataclass(frozen=True)
class CodeVersion:
    """A code version, and the files under the root that it covers.

    ``absent`` are files that an import looked for and did not find: where one appears, the version changes.
    """

    digest: str
    modules: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Module:
    """A module file: the digest of its bytes, the fingerprint of its code, and where its imports may lead."""

    digest: str
    fingerprint: str
    candidates: tuple[str, ...]


class Modules:
    """The Python files of a workspace, each read at most once.

    Args:
        root: the workspace root, where imports start.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, _Module | None] = {}

    def digest(self, path: str) -> str | None:
        """Return the digest of a file's bytes, None where there is no such file."""
        module = self.module(path)
        return module.digest if module else None

    def module(self, path: str) -> _Module | None:
        """Return a module by its file, relative to the root; None where there is no such file."""
        if path not in self._read:
            file = self._root / path
            self._read[path] = _read_module(file.read_bytes(), path=path) if file.is_file() else None
        return self._read[path]

    def closure(self, candidates: Iterable[str]) -> tuple[dict[str, _Module], tuple[str, ...]]:
        """Follow imports: return the modules that they reach, by file, and the files that are not there."""
        found: dict[str, _Module] = {}
        absent: set[str] = set()
        waiting = list(candidates)
        while waiting:
            path = waiting.pop()
            if path in found or path in absent:
                continue
            module = self.module(path)
            if module is None:
                absent.add(path)
            else:
                found[path] = module
                waiting.extend(module.candidates)
        return dict(sorted(found.items())), tuple(sorted(absent))


def code_version(cells: Sequence[CellCode], *, modules: Modules) -> CodeVersion:
    """Return the version of a notebook's code: of its cells in order, and of the modules they import."""
    candidates = [path for cell in cells for path in _candidates(cell.nodes, package=())]
    return _version([cell.fingerprint for cell in cells], candidates, modules=modules)


def module_version(path: Path, *, root: Path) -> str:
    """Return the version of a Python file's code, and of the workspace modules that it imports.

    Args:
        path: the file, under ``root``.
        root: the workspace root.
    """
    relative = path.relative_to(root) if path.is_absolute() else path
    module = _read_module((root / relative).read_bytes(), path=relative.as_posix())
    return _version([module.fingerprint], module.candidates, modules=Modules(root)).digest


def _version(own: Sequence[str], candidates: Iterable[str], *, modules: Modules) -> CodeVersion:
    found, absent = modules.closure(candidates)
    digest = hashlib.sha256()
    for part in (*own, *(f"{path}\n{module.fingerprint}" for path, module in found.items())):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return CodeVersion(digest.hexdigest(), tuple(found), absent)


def _read_module(content: bytes, *, path: str) -> _Module:
    """Read a module; one that is no Python counts by its bytes, and fails where it is imported."""
    digest = digest_of(content)
    try:
        tree = parse_python(content.decode("utf-8-sig"))
        code = fingerprint(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _Module(digest, digest, ())
    package = Path(path).parent.parts  # of a package's __init__ and of its modules alike
    return _Module(digest, code, tuple(dict.fromkeys(_candidates(ast.walk(tree), package=package))))


def _candidates(nodes: Iterable[ast.AST], *, package: tuple[str, ...]) -> Iterator[str]:
    """Give the files that the imports among nodes may mean; ``package`` is where relative ones start."""
    for node in nodes:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield from _files(tuple(alias.name.split(".")))
            case ast.ImportFrom(module=name, names=aliases, level=level) if level <= len(package) + 1:
                base = (*package[: len(package) + 1 - level], *(name or "").split(".")) if level else ()
                base = tuple(part for part in base or (name or "").split(".") if part)
                yield from _files(base)
                for alias in aliases:
                    yield from _files((*base, alias.name)) if alias.name != "*" else ()


def _files(module: tuple[str, ...]) -> Iterator[str]:
    """Give the files of a dotted module: the packages around it, and the module or package itself."""
    for depth in range(1, len(module) + 1):
        yield "/".join((*module[:depth], "__init__.py"))
    if module:
        yield "/".join(module) + ".py"
