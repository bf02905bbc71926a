"""What a notebook can import, told without importing anything: the environment's modules and the workspace's."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
import warnings
from collections.abc import Sequence
from functools import cached_property
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from importlib.metadata import packages_distributions
from pathlib import Path

from assetbook.checking.packages import PACKAGES, normalized

_LOCKS = ("requirements.lock", "uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
_LOCKED = re.compile(
    r'^\s*(?:name\s*=\s*"(?P<toml>[^"]+)"|(?P<line>[A-Za-z0-9][\w.\-]*)(?:\[[^\]]*\])?\s*==|'
    r'"(?P<json>[A-Za-z0-9][\w.\-]*)":\s*\{)',
    re.MULTILINE,
)
_DECLARED = re.compile(r"\s*(?P<name>[A-Za-z0-9][\w.\-]*)")


class Environment:
    """The environment that a workspace's notebooks run in, which is this one.

    Args:
        root: where imports and runs start: the workspace, or the folder of a notebook that is in none.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._specs: dict[tuple[str, tuple[str, ...]], ModuleSpec | None] = {}
        self._texts: dict[str, str | None] = {}

    # ---- modules

    def has(self, module: str, *, folders: Sequence[Path] = ()) -> bool:
        """Whether a module can be imported; ``folders`` come before all others."""
        return self.spec(module, folders=folders) is not None

    def spec(self, module: str, *, folders: Sequence[Path] = ()) -> ModuleSpec | None:
        """Return where a module is found; None where it is not."""
        key = (module, tuple(map(str, folders)))
        if key not in self._specs:
            self._specs[key] = self._find(module, folders)
        return self._specs[key]

    def _find(self, module: str, folders: Sequence[Path]) -> ModuleSpec | None:
        top, _, rest = module.partition(".")
        spec = self._find_top(top, folders)
        name = top
        for part in rest.split(".") if rest else ():
            locations = list(spec.submodule_search_locations or ()) if spec else []
            name = f"{name}.{part}"
            spec = _below(name, locations)
            if spec is None and name in sys.stdlib_module_names | _WITHOUT_FILE:
                spec = ModuleSpec(name, None)
            if spec is None:
                return None
        return spec

    def _find_top(self, top: str, folders: Sequence[Path]) -> ModuleSpec | None:
        if top in sys.builtin_module_names:
            return ModuleSpec(top, None)
        own = _below(top, [str(folder) for folder in (*folders, self.root)])
        if own is not None and (own.origin or not self._is_installed(top)):
            return own
        return self._installed(top)

    def _is_installed(self, top: str) -> bool:
        return self._installed(top) is not None

    def _installed(self, top: str) -> ModuleSpec | None:
        try:
            with warnings.catch_warnings():  # what setuptools says of distutils
                warnings.simplefilter("ignore")
                return importlib.util.find_spec(top)
        except (
            ImportError,
            ValueError,
            AttributeError,
        ):  # a module in sys.modules without a spec: it is there
            return ModuleSpec(top, None) if top in sys.modules else None

    def is_own(self, module: str) -> bool:
        """Whether a module is the workspace's own."""
        spec = self.spec(module)
        places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec else []
        packages = ("site-packages", "dist-packages")
        return any(
            place and Path(place).is_relative_to(self.root) and not set(packages) & set(Path(place).parts)
            for place in places
        )

    def text(self, module: str) -> str | None:
        """Return the source of a module; None where it has none, being compiled or built in."""
        if module not in self._texts:
            spec = self.spec(module)
            file = Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None
            try:
                self._texts[module] = file.read_text("utf-8") if file else None
            except (OSError, UnicodeDecodeError):
                self._texts[module] = None
        return self._texts[module]

    # ---- packages

    def package(self, module: str) -> str:
        """Return the installed package that provides a module, "" for Python's own, the workspace's, and in doubt."""
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names or self.is_own(top):
            return ""
        guess = PACKAGES.get(module) or PACKAGES.get(top) or top
        if self.version(guess):
            return guess
        found = _distributions().get(top, [])
        return found[0] if len(set(found)) == 1 else ""  # folders such as google belong to many

    def version(self, package: str) -> str:
        """Return the version of an installed package, "" where it is not installed."""
        return self._versions.get(normalized(package), "")

    @cached_property
    def _versions(self) -> dict[str, str]:
        """The versions of all installed packages, told by the names of their metadata folders: those are not read."""
        found: dict[str, str] = {}
        for folder in reversed(sys.path):  # the first one that has a package counts
            for path in Path(folder or ".").glob("*-info"):
                name, dash, rest = path.stem.partition("-")
                if dash and path.suffix in (".dist-info", ".egg-info"):
                    found[normalized(name)] = rest.partition("-")[0]
        return found

    @cached_property
    def locked(self) -> frozenset[str]:
        """The packages that the workspace locks, by their normalized names; none where it locks nothing."""
        return frozenset(name for lock in self.lock_files for name in _locked(lock))

    @cached_property
    def lock_files(self) -> tuple[Path, ...]:
        """The lock files of the workspace; a list of pinned requirements is one too."""
        found = [self.root / name for name in _LOCKS if (self.root / name).is_file()]
        return tuple(found or filter(_is_pinned, sorted(self.root.glob("requirements*.txt"))))

    @cached_property
    def declared(self) -> frozenset[str]:
        """The packages that the workspace declares in ``pyproject.toml``, by their normalized names."""
        try:
            project = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8")).get("project", {})
        except (OSError, ValueError):
            return frozenset()
        lists = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
        found = (_DECLARED.match(line) for lines in lists for line in lines if isinstance(line, str))
        names = {normalized(match["name"]) for match in found if match}
        return frozenset(names | {normalized(str(project.get("name", "")))})


_WITHOUT_FILE = frozenset({"os.path", "six.moves", "xml.etree.cElementTree"})
_TABLE: dict[str, list[str]] = {}


def _below(name: str, folders: Sequence[str]) -> ModuleSpec | None:
    """Return the module of that name in the first folder that has it; else the folders of that name, as one."""
    loaders = (ExtensionFileLoader, EXTENSION_SUFFIXES), (SourceFileLoader, SOURCE_SUFFIXES)
    portions: list[str] = []
    for folder in folders:
        spec = FileFinder(folder, *loaders).find_spec(name)
        if spec is not None and spec.loader is not None:
            return spec
        portions += (spec.submodule_search_locations or []) if spec else []
    if not portions:
        return None
    namespace = ModuleSpec(name, None, is_package=True)
    namespace.submodule_search_locations = portions
    return namespace


def _distributions() -> dict[str, list[str]]:
    """Return module to packages; asked for seldom, since it reads the file lists of all packages."""
    if not _TABLE:
        _TABLE.update(packages_distributions())
    return _TABLE


def _locked(lock: Path) -> set[str]:
    try:
        text = lock.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return set()
    found = (match["toml"] or match["line"] or match["json"] for match in _LOCKED.finditer(text))
    return {normalized(name) for name in found}


def _is_pinned(file: Path) -> bool:
    try:
        return "==" in file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
