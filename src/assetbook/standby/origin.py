"""What a command server was started from: whatever a process hands on to a copy of itself and cannot be told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from assetbook import resident

_NAMES = frozenset(  # variables that libraries and the interpreter read while they start
    {
        *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "TEMP", "TMP", "TMPDIR", "TZ", "USER"),
        *("FORCE_COLOR", "NO_COLOR", "DISABLE_PANDERA_IMPORT_WARNING", "SILENCE_WARNING_PYDANTIC_MODEL"),
        *("FRESHNESS_DAEMON_INTERVAL_SECONDS", "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION", "PSUTIL_DEBUG"),
        *("PY_SAX_PARSER", "TYPEGUARD_DISABLE_PLUGIN_AUTOLOAD", "DISABLE_SQLALCHEMY_CEXT_RUNTIME"),
    }
)
_PREFIXES = (
    *("PYTHON", "LD_", "LC_", "XDG_", "MALLOC_", "GLIBC_", "CONDA_", "VIRTUAL_ENV", "SSL_CERT_"),
    *("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "GOTO_", "BLIS_", "NUMEXPR_", "VECLIB_"),
    *("NUMPY_", "NPY_", "PANDAS_", "PYARROW_", "ARROW_", "JE_ARROW_", "_RJEM_", "MIMALLOC_", "DUCKDB_"),
    *("SCIPY_", "PANDERA_", "PYDANTIC_", "SQLGLOT_", "OTEL_", "DAGSTER_", "HYPOTHESIS_", "TQDM_", "FSSPEC_"),
    *("HUMANFRIENDLY_", "COLOREDLOGS_", "JUPYTER_", "IPYTHON", "PYZMQ_", "TORNADO_", "GRPC_"),
)
_LEFT_OUT = frozenset(
    {
        "DAGSTER_HOME",  # read when it is needed
        *(
            "_RJEM_MALLOC_CONF",
            "KMP_DUPLICATE_LIB_OK",
            "KMP_INIT_AT_FORK",
            "PYARROW_IGNORE_TIMEZONE",
        ),  # by libraries
    }
)
_SECRET = ("TOKEN", "SECRET", "PASSW", "KEY", "CREDENTIAL")
_STATUS = ("Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "Cpus_allowed:", "Mems_allowed:")
_FILES = ("/proc/self/cgroup", "/proc/self/limits", "/proc/self/oom_score_adj")
_NAMESPACES = "/proc/self/ns"
_OWN = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120


def origin(environment: Mapping[str, str]) -> tuple[object, ...]:
    """Return what a command server of this process is started from, of types whose `repr` says it all.

    Args:
        environment: the variables of this process.
    """
    return (
        (sys.executable, sys.version, sys.prefix),
        (tuple(sys.flags), tuple(sys.warnoptions), sorted(set(sys._xoptions) - {"utf8"})),
        tuple(sys.path[0 if sys.flags.safe_path else 1 :]),  # before it: where the script is
        tuple(sorted(variables(environment).items())),
        (*resident.packages(), *resident.sources(_OWN)),
        tuple(_process()),
    )


def places(found: tuple[object, ...]) -> tuple[str, str]:
    """Return the addresses of the command server of an origin: when it serves, and while it is starting."""
    return resident.address("commands", *found), resident.address("commands starting", *found)


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a command server is started with."""
    return {
        name: value
        for name, value in environment.items()
        if (name in _NAMES or name.startswith(_PREFIXES))
        and name not in _LEFT_OUT
        and not any(word in name for word in _SECRET)
    }


def _process() -> Iterator[object]:
    """Give the rights and limits of this process, and the container that it is in."""
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        yield [line for line in file if line.startswith(_STATUS)]
    for path in _FILES:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            yield file.read()
    yield [(name, os.readlink(f"{_NAMESPACES}/{name}")) for name in sorted(os.listdir(_NAMESPACES))]  # noqa: PTH115, PTH208
    root = os.stat("/")  # noqa: PTH116
    yield root.st_dev, root.st_ino, os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)
