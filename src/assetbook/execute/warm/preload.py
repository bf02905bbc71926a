"""What the fork server imports: libraries only, and nothing of them is used that starts a thread."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterable

from assetbook.execute.warm.exercise import exercise
from assetbook.threads import end_idle_threads

# Left out: polars, which starts a thread while it is imported, and mlflow, which imports it; what else mlflow
# needs is here.
# Neither is matplotlib_inline here, which connects itself to the notebook's shell while it is imported.
MODULES = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect", "IPython.core.logger"),
    *("IPython.core.pylabtools", "IPython.extensions.storemagic", "tornado.platform.asyncio"),
    *(
        "numpy",
        "pandas",
        "pandas.core.arrays.arrow.extension_types",
        "pyarrow",
        "pyarrow.compute",
        "pyarrow.dataset",
        "pyarrow.parquet",
    ),
    *("pandas.io.formats.csvs", "pandas.io.formats.html", "pandas.io.formats.string", "deltalake.fs"),
    *("duckdb", "deltalake", "sqlglot", "sqlglot.dialects.duckdb", "pandera.pandas", "cloudpickle"),
    *("narwhals.stable.v2", "narwhals._pandas_like.dataframe", "narwhals._pandas_like.namespace"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg"),
    *("sklearn.cluster", "sklearn.compose", "sklearn.dummy", "sklearn.ensemble", "sklearn.impute"),
    *("sklearn.inspection", "sklearn.linear_model", "sklearn.metrics", "sklearn.model_selection"),
    *("sklearn.neighbors", "sklearn.pipeline", "sklearn.preprocessing", "sklearn.tree"),
    *("fastapi", "opentelemetry.sdk.trace", "requests", "sqlparse", "yaml"),
    *("assetbook", "assetbook.session.run", "assetbook.session.jupyter", "assetbook.session.models"),
    *("assetbook.schema", "assetbook.contract.options", "assetbook.contract.sqltables"),
)


def preload(modules: Iterable[str]) -> None:
    """Import the modules that are installed, and do what they put off to their first use."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # not installed, or broken: the notebook that needs it will say so
        except Exception:  # noqa: BLE001 - as above; it is told in the log of the fork server
            traceback.print_exc()
    exercise()
    end_idle_threads()


def imported() -> list[str]:
    """Return the top-level names of all modules that are imported now."""
    return sorted({name.partition(".")[0] for name in sys.modules if name != "__main__"})
