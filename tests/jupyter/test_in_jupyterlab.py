"""The plan as a person sees it in JupyterLab, light and dark."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
PATIENCE = 150  # seconds; only a test that fails waits so long
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


@pytest.fixture
def jupyterlab(made: Any, doubles: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """JupyterLab in the workspace, in a theme; its address. The first cell of the notebook loads the extension."""
    document = json.loads(doubles.read_text())
    document["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    document["cells"].insert(0, {"cell_type": "code", "source": "%load_ext assetbook", "metadata": {}})
    document["cells"][0] |= {"id": "first", "outputs": [], "execution_count": None}
    doubles.write_text(json.dumps(document))
    home, said = tmp_path / "home", tmp_path / "jupyter.log"
    settings = home / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": request.param}))
    (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false"}))
    variables = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token=", "--allow-root"]
    with said.open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=made.root,
            env=variables,
            stdout=log,
            stderr=log,
        )
    try:
        yield wait_for(lambda: _answering(said), what="JupyterLab")
    finally:
        server.terminate()
        server.wait(30)


def wait_for(condition: Callable[[], Any], *, what: str) -> Any:
    """Return the first true value of `condition`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE} s for {what}")


def _answering(said: Path) -> str:
    found = ADDRESS.search(said.read_text())
    if not found:
        return ""
    try:
        with urlopen(f"{found[0]}api/status", timeout=5):
            return found[0]
    except OSError:  # it is still starting, or too busy to answer
        return ""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("jupyterlab", ["JupyterLab Light", "JupyterLab Dark"], indirect=True)
def test_the_plan_stands_below_the_first_cell(
    jupyterlab: str, chromium: Any, request: pytest.FixtureRequest
) -> None:
    with chromium.visit(f"{jupyterlab}lab/tree/notebooks/maths/doubles.ipynb") as visit:
        page = visit.page
        page.set_default_timeout(PATIENCE * 1000)
        first = page.locator(".jp-NotebookPanel .jp-CodeCell").first
        plan = page.locator(".assetbook-plan")
        first.wait_for()

        def is_shown() -> bool:
            """Run the cell, again where JupyterLab has dropped it since its kernel was still starting."""
            if first.locator(".jp-InputPrompt").inner_text() == "[ ]:":
                first.locator(".cm-content").click()
                page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(500)  # playwright's own loop has to go on
            return bool(plan.count())

        wait_for(is_shown, what="the plan")
        for text in ("doubles", "version 0, 3 rows", "sample draws at random"):
            assert text in plan.inner_text()
        plan.locator("details summary").first.click()
        assert plan.locator("details .why").first.is_visible()
        visit.keep(request.node.name.partition("[")[2].strip("]").replace(" ", "-").lower())
