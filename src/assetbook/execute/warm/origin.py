"""What the libraries in a fork server may have read while they were imported: its key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assetbook import resident

_NAMES = frozenset({"HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "TEMP", "TMP", "TMPDIR", "TZ", "USER"})
_PREFIXES = (
    *("PYTHON", "LD_", "LC_", "XDG_", "MALLOC_", "GLIBC_", "CONDA_", "VIRTUAL_ENV"),
    *("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "BLIS_", "NUMEXPR_", "VECLIB_"),
    *("NUMPY_", "NPY_", "PANDAS_", "PYARROW_", "ARROW_", "JE_ARROW_", "_RJEM_", "MIMALLOC_", "DUCKDB_"),
    *("OTEL_", "PILLOW_", "SSL_CERT_"),
    *("MPL", "MATPLOTLIB", "SCIPY_", "SKLEARN_", "JOBLIB_", "LOKY_", "PANDERA_", "PYDANTIC_", "SQLGLOT_"),
)
_SET_BY_LIBRARIES = frozenset(  # of this process while it imports them: polars, scikit-learn, pandera
    {"_RJEM_MALLOC_CONF", "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK", "PYARROW_IGNORE_TIMEZONE"}
)
_INSIDE = "ASSETBOOK_KERNEL"  # names the kernel that this process has come from, if any
_OWN = Path(__file__).parents[2]
_NOT_IN_KERNELS = frozenset({"catalogue", "cli", "component", "platform", "standby"})
_ADDED_BY_SITE = ("sitecustomize", "usercustomize")
_READ_IN_FOLDER = "matplotlibrc"


@dataclass(frozen=True)
class Origin:
    """What a fork server was started from; when it is another one today, so is the fork server.

    Attributes:
        python: the interpreter.
        environment: the variables that libraries and the interpreter read when they start.
        search: the folders of ``PYTHONPATH`` but that of the workspace.
        packages: the folders that packages are installed in, and when they were last changed.
        sources: the files of this package that it may import, and when they were last changed; likewise
            settings that matplotlib reads.
        modules: what it imports.
    """

    python: str
    environment: tuple[tuple[str, str], ...]
    search: tuple[str, ...]
    packages: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int, int], ...]
    modules: tuple[str, ...]

    @classmethod
    def of(cls, environment: Mapping[str, str], *, folder: Path, modules: Iterable[str]) -> Origin:
        """Return that of a kernel.

        Args:
            environment: its variables.
            folder: the workspace, its working folder.
            modules: what is to be imported for it.
        """
        return cls(
            sys.executable,
            _relevant(environment),
            _others(environment, folder),
            tuple(resident.packages()),
            (*resident.sources(str(_OWN), leave_out=_NOT_IN_KERNELS), *_settings(environment)),
            tuple(modules),
        )

    def is_like(self, environment: Mapping[str, str], *, folder: Path) -> bool:
        """Tell whether a kernel with these variables in this folder is of this origin."""
        return (_relevant(environment), _others(environment, folder)) == (self.environment, self.search)


def search_path(environment: Mapping[str, str], *, folder: Path) -> list[str]:
    """Return the folders of ``PYTHONPATH``, as the interpreter takes them when it starts in `folder`."""
    entries = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    return [os.path.abspath(folder / entry) for entry in entries]  # noqa: PTH100 - symbolic links stay


def shadowing(folder: Path, modules: frozenset[str]) -> str | None:
    """Return a file of the workspace that a fresh kernel would have taken in place of what is imported already.

    Args:
        folder: the workspace, the first place where a notebook looks for modules.
        modules: the top-level names of the imported ones.
    """
    with os.scandir(folder) as entries:
        return next((entry.name for entry in entries if _goes_before(entry, modules)), None)


def _relevant(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    found = {
        name: value
        for name, value in environment.items()
        if name in _NAMES or (name.startswith(_PREFIXES) and name not in _SET_BY_LIBRARIES | {"PYTHONPATH"})
    }
    if inside := os.environ.get(_INSIDE):  # what a notebook starts ends with it, and is not for others
        found[_INSIDE] = inside
    return tuple(sorted(found.items()))


def _others(environment: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    return tuple(path for path in search_path(environment, folder=folder) if path != str(folder))


def _goes_before(entry: os.DirEntry[str], modules: frozenset[str]) -> bool:
    name, _, suffix = entry.name.partition(".")
    if entry.name == _READ_IN_FOLDER or (name in _ADDED_BY_SITE and suffix == "py"):
        return True
    if name not in modules:
        return False
    if entry.is_dir():
        return not suffix and Path(entry.path, "__init__.py").is_file()
    return suffix in ("py", "pyc") or suffix.endswith("so")


def _settings(environment: Mapping[str, str]) -> Iterator[tuple[str, int, int]]:
    home = environment.get("HOME", "")
    places = (
        environment.get("MATPLOTLIBRC"),
        f"{environment.get('XDG_CONFIG_HOME') or f'{home}/.config'}/matplotlib/{_READ_IN_FOLDER}",
        f"{home}/.matplotlib/{_READ_IN_FOLDER}",
    )
    for path in filter(None, places):
        with suppress(OSError):  # there is none
            facts = os.stat(path)  # noqa: PTH116 - with each notebook
            yield path, facts.st_mtime_ns, facts.st_size
