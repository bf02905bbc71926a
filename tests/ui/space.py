"""A workspace with an asset of each kind, some of what goes wrong, and its user interface."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.conftest import WorkspaceFolder

PATIENCE = 120
NAME = "shop"
DEFINITIONS = """
from pathlib import Path
from assetbook.platform import definitions
defs = definitions(Path(__file__).parent)
"""
CUSTOMERS = '''
import pandas as pd
import pandera.pandas as pa
import assetbook as ab

class Customers(pa.DataFrameModel):
    id: int = pa.Field(unique=True, description="our own number")
    email: str = pa.Field(metadata={"sensitive": True}, description="where to write to")
    spent: float = pa.Field(ge=0, description="in euros, this year")

@ab.table(group="raw", schema=Customers, owners=["team:shop"])
def customers() -> pd.DataFrame:
    """Everybody who has ever bought something."""
    return pd.DataFrame({"id": [1, 2, 3], "email": ["ann@example.org", "bo@example.org", "cy@example.org"],
                         "spent": [10.0, 0.0, 99.5]})
'''
SPENDERS = [
    "# Spenders\n\nCustomers by what they spend.",
    "import assetbook as ab\nimport matplotlib.pyplot as plt\nfrom assets.customers import Customers",
    "customers = ab.load('customers')\ncustomers['rank'] = customers.spent.rank(ascending=False)",
    "plt.bar(customers.id.astype(str), customers.spent); plt.title('Spent'); plt.show()",
    "customers.groupby('rank').spent.sum().to_frame()",
    "ab.check('all_spend', bool((customers.spent > 0).all()), blocking=False, description='1 has spent nothing')",
    "ab.metric('mean_spent', customers.spent.mean())\nab.save('spenders', customers, schema=Customers)",
]
SPENDERS_PARAMETERS = """
from datetime import date
from typing import Literal
since: date = date(2026, 1, 31)   # customers from this day on
currency: Literal['EUR', 'USD'] = 'EUR'   # what amounts are in
at_least: int = 0   # leave out who has spent less
"""
MODEL = [
    "# Guess\n\nGuesses what a customer will spend.",
    "import assetbook as ab\nfrom sklearn.dummy import DummyRegressor",
    "spenders = ab.load('spenders')\nX, y = spenders[['rank']], spenders['spent']",
    "ab.save_model('guess', DummyRegressor().fit(X, y), sample=X, metrics={'mae': 36.0})",
]
REPORT = [
    "# Overview\n\nWho has bought what.",
    "import assetbook as ab\nfrom IPython.display import HTML, display",
    "ab.load('spenders')",
    'display(HTML(\'<p id=mark>from a script</p><script>fetch("/graphql").then('
    '() => mark.textContent = "reached Dagster", () => mark.textContent = "refused")</script>\'))',
]
FAILING = ["import assetbook as ab", "prices = {'tea': 2}\n\nprices['coffee']"]


def write(root: Path) -> WorkspaceFolder:
    """Write the workspace."""
    space = WorkspaceFolder(root)
    location = f"location_name: {NAME}"
    space.write(
        "workspace.yaml", f"load_from:\n  - python_file: {{relative_path: definitions.py, {location}}}\n"
    )
    space.write("definitions.py", DEFINITIONS)
    space.write("with_mlflow", "")
    space.write("assets/customers.py", CUSTOMERS)
    space.notebook("features/spenders", SPENDERS, parameters=SPENDERS_PARAMETERS)
    space.notebook("models/guess", MODEL)
    space.notebook("reports/overview", REPORT)
    space.notebook("reports/prices", FAILING)
    return space


def variables(root: Path) -> dict[str, str]:
    """Return the environment of the workspace's commands."""
    ours = ("ASSETBOOK_", "DAGSTER_", "PYTEST", "MLFLOW_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "ASSETBOOK_STAY": "0", "ASSETBOOK_DATA": str(root / "data"), "NO_COLOR": "1"}


def assetbook(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the workspace."""
    command = [sys.executable, "-m", "assetbook", *arguments]
    return subprocess.run(
        command, cwd=root, env=variables(root), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@dataclass(frozen=True)
class Interface:
    """The user interface of a workspace.

    Attributes:
        root: the workspace.
        url: of Dagster's.
        mlflow: of MLflow's.
        process: what serves them.
    """

    root: Path
    url: str
    mlflow: str
    process: subprocess.Popen[str]

    def notebook(self, path: Path) -> str:
        """Return the address of a notebook's page."""
        return f"{self.url}/notebook?path={quote(str(path))}&repoLocName={NAME}"

    def record(self, name: str) -> Path:
        """Return the folder of the last run of a notebook."""
        return max((self.root / "data" / "records" / name).iterdir())


@contextmanager
def serving(root: Path) -> Iterator[Interface]:
    """Serve the workspace until the block ends."""
    port, mlflow = free_port(), free_port()
    command = [sys.executable, "-m", "assetbook", "ui", "--port", str(port), "--mlflow-port", str(mlflow)]
    process = subprocess.Popen(
        command, cwd=root, env=variables(root), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        shown: list[str] = []
        deadline = time.monotonic() + PATIENCE
        while not any(line.startswith("MLflow") for line in shown):
            assert process.poll() is None, "".join(shown)
            assert time.monotonic() < deadline, "".join(shown)
            shown.append(process.stdout.readline())
        urls = re.findall(r"http://\S+", "".join(shown))
        yield Interface(root, *urls, process)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
