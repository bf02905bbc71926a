"""What the command server imports: libraries and ourselves, no module of a workspace, nothing that starts a thread."""

from __future__ import annotations

import importlib
import os
import pkgutil
import traceback
from collections.abc import Iterator

import assetbook
from assetbook.threads import end_idle_threads

# Left out: polars, which starts a thread while it is imported, and mlflow, which imports it; what else mlflow
# needs is here.
LIBRARIES = (
    *("dagster", "dagster._cli.api", "dagster_duckdb", "dagster._core.storage.sqlite_storage"),
    *(
        "dagster._core.storage.event_log.sqlite",
        "dagster._core.storage.runs.sqlite",
        "dagster._daemon.daemon",
    ),
    *(
        "dagster._core.storage.schedules.sqlite",
        "dagster._core.storage.root",
        "dagster._core.instance.factory",
    ),
    *("dagster._core.instance.runs.run_domain", "dagster._core.op_concurrency_limits_counter"),
    *("dagster._core.definitions.antlr_asset_selection.antlr_asset_selection", "dagster._core.assets"),
    *("dagster._core.definitions.external_asset", "dagster._core.definitions.freshness_evaluator"),
    *("dagster._core.definitions.repository_definition.repository_data_builder",),
    *("dagster._core.system_config.composite_descent", "dagster._core.types.primitive_mapping"),
    *("dagster._core.types.transform_typing", "dagster._daemon.run_coordinator"),
    *("alembic.command", "alembic.config", "sqlalchemy.dialects.sqlite", "sqlalchemy.orm", "sqlite3"),
    *("sqlalchemy.ext.mutable", "click.shell_completion", "rich.columns", "rich.panel", "rich.table"),
    *("rich.live", "rich.traceback", "rich._unicode_data.unicode17-0-0", "structlog", "upath.core"),
    *("fsspec.implementations.local", "fsspec.implementations.memory", "upath.implementations.local"),
    *("numpy", "pandas", "pandas.io.formats.string", "pandas.core.arrays.arrow._arrow_utils", "tzdata"),
    *("pyarrow", "pyarrow.compute", "pyarrow.dataset", "pyarrow.parquet", "deltalake", "deltalake.fs"),
    *("duckdb", "sqlglot", "sqlglot.dialects.duckdb", "pandera.pandas", "pandera.io", "cloudpickle"),
    *("papermill", "nbclient", "nbformat", "jupyter_client"),
    *("zmq.asyncio", "IPython.core.interactiveshell", "IPython.lib.lexers", "tornado.platform.asyncio"),
    *("bleach", "bs4", "jinja2", "mistune", "soupsieve", "fastapi", "requests", "sqlparse", "yaml"),
    *("opentelemetry.sdk.trace", "google.protobuf.descriptor_pb2", "cryptography.hazmat.backends"),
)
_WITHOUT_THREADS = {  # allocators, which look when they are loaded: a thread of theirs could hold a lock at a fork
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "_RJEM_MALLOC_CONF": "background_thread:false",
}
_NOT_OURS = ("assetbook.standby.", "assetbook.execute.warm.serving", "assetbook.__main__")


def preload() -> None:
    """Import the modules that are installed; what is broken is said by the command that needs it."""
    before = {name: os.environ.get(name) for name in _WITHOUT_THREADS}
    os.environ.update(_WITHOUT_THREADS)
    for name in (*LIBRARIES, *_ours()):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        except Exception:  # noqa: BLE001 - as above; it is told where the server was started by hand
            traceback.print_exc()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    _exercise()
    end_idle_threads()


def _ours() -> Iterator[str]:
    for module in pkgutil.walk_packages(assetbook.__path__, "assetbook."):
        if not module.name.startswith(_NOT_OURS):
            yield module.name


def _exercise() -> None:
    """Do once what the first run of a process would have to."""
    from assetbook.execute import html
    from assetbook.platform import storages
    from assetbook.record import environment

    storages.keep()
    storages.read_migrations()
    environment()
    html.prepare()
