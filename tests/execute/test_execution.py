from __future__ import annotations

import json
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from assetbook.errors import RunError
from assetbook.execute import NotebookResult, run_notebook
from tests.execute.executing import PARAMETERS, Recorder, Runner, cell, saved, source_of

ABOUT = """
import os, sys, json, warnings
print(json.dumps({
    "cwd": os.getcwd(), "python": sys.executable, "environment": dict(os.environ),
    "module": __import__("mine").VALUE,
}))
"""


def test_a_notebook_runs_with_its_parameters(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    (runner.root / "mine.py").write_text("VALUE = 42\n")
    for name in ("DAGSTER_HOME", "MLFLOW_TRACKING_URI", "PYDEVD_X", "ASSETBOOK_RUN"):
        monkeypatch.setenv(name, "of the platform")
    monkeypatch.setenv("MPLBACKEND", "agg")
    before = {path.name for path in Path.home().glob("*")}
    cells = [
        cell("# Title", kind="markdown"),
        cell("day = None\nn: int = 1", PARAMETERS),
        "day, n",
        ABOUT,
        cell("raise ValueError", "skip"),
        cell("1 / 0", "raises-exception"),
        "n + 1",
    ]
    parameters = {"day": date(2013, 3, 1), "n": 5}
    result = runner.run(cells, parameters=parameters, environment={"MORE": "yes"})
    original = json.loads((runner.root / "nb.ipynb").read_text())
    executed = saved(result)

    assert result.ok
    assert [c.status for c in result.cells] == ["ok", "ok", "ok", "skipped", "ok", "ok"]
    assert [c.number for c in result.cells] == [1, 2, 3, 4, 5, 6]
    assert all(c.memory_mb > 10 for c in result.cells if c.status == "ok")
    assert result.peak_memory_mb >= max(c.memory_mb for c in result.cells)
    assert result.started < result.finished
    assert result.saved == runner.run_dir / "notebook.ipynb"
    assert [c["source"] for c in original["cells"]] == [
        c if isinstance(c, str) else c["source"] for c in cells
    ]

    code = [c for c in executed["cells"] if c["cell_type"] == "code"]
    assert code[2]["outputs"][0]["data"]["text/plain"] == ["(datetime.date(2013, 3, 1), 5)"]
    assert code[6]["outputs"][0]["data"]["text/plain"] == ["6"]
    assert [c["execution_count"] for c in code] == [1, None, 2, 3, None, 4, 5]
    assert code[1]["metadata"]["tags"] == ["injected-parameters"]
    assert source_of(code[0]) == "day = None\nn: int = 1"
    states = [c["metadata"]["papermill"]["status"] for c in code]
    assert states == ["completed"] * 4 + ["skipped"] + ["completed"] * 2
    assert executed["metadata"]["papermill"]["parameters"] == {"day": "2013-03-01", "n": 5}
    assert executed["metadata"]["papermill"]["duration"] > 0
    assert executed["metadata"]["language_info"]["name"] == "python"

    about = json.loads(runner.recorder.printed())
    assert about["cwd"] == str(runner.root)
    assert about["python"] == sys.executable
    assert about["module"] == 42
    environment = about["environment"]
    assert not [n for n in environment if n.startswith(("DAGSTER", "MLFLOW", "PYDEVD_X", "ASSETBOOK_RUN"))]
    assert environment["MORE"] == "yes"
    assert environment["MPLBACKEND"].endswith("backend_inline")
    assert not Path(environment["IPYTHONDIR"]).exists()
    assert {path.name for path in Path.home().glob("*")} == before
    assert [path.name for path in runner.run_dir.iterdir()] == ["notebook.ipynb"]

    steps = [call[:2] for call in runner.recorder.calls if call[0] in ("started", "finished")]
    assert steps == [(what, n) for n in (1, 2, 3, 5, 6) for what in ("started", "finished")]


def test_displays_become_outputs_and_figures(runner: Runner) -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    result = runner.run(
        [
            f"from IPython.display import display, Image, clear_output\nimport base64\n"
            f"image = Image(base64.b64decode('{png}'))\nimage",
            "handle = display('first', display_id='bar')\nhandle.update('second')",
            "display('third', display_id='bar'); print('a'); clear_output(wait=True); print('b')",
            "for i in range(200):\n    print(i, flush=True)",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        ]
    )
    assert result.ok, result.failure
    assert [f["cell"] for f in result.figures] == [1, 5]
    assert result.figures[0]["png_base64"] == png
    cells = saved(result)["cells"]
    assert cells[1]["outputs"][0]["data"]["text/plain"] == ["'third'"]
    assert [o["text"] for o in cells[2]["outputs"]] == [["b\n"]]
    assert len(cells[3]["outputs"]) == 1
    assert "".join(cells[3]["outputs"][0]["text"]).split() == [str(i) for i in range(200)]
    assert runner.recorder.printed().split() == ["a", "b", *(str(i) for i in range(200))]


def test_text_that_utf8_cannot_hold_is_printed_all_the_same(runner: Runner) -> None:
    result = runner.run(
        [f"print('{number} \\ud800')" for number in range(50)] + ["'\\ud800'", "1 / 0 # \\ud800"]
    )
    assert runner.recorder.printed() == "".join(f"{number} \ud800\n" for number in range(50))
    assert result.failure
    assert result.failure.cell == 52
    assert saved(result)["cells"][49]["outputs"][0]["text"] == ["49 \ud800\n"]


def test_two_notebooks_run_at_once(tmp_path: Path) -> None:
    results: dict[str, NotebookResult] = {}

    def work(name: str) -> None:
        root = tmp_path / name
        root.mkdir()
        job = Runner(root).job([cell("x = ''", PARAMETERS), "print(x)", "x"], parameters={"x": name})
        results[name] = run_notebook(job, observer=Recorder())

    before = Path.cwd()
    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, result in results.items():
        assert result.ok
        assert saved(result)["cells"][2]["outputs"][0]["text"] == [f"{name}\n"]
    assert len(results) == 2
    assert Path.cwd() == before


async def _inside_a_loop(runner: Runner) -> NotebookResult:
    return runner.run(["1 + 1"])


def test_a_notebook_runs_from_inside_an_event_loop(runner: Runner) -> None:
    import asyncio

    assert asyncio.run(_inside_a_loop(runner)).ok


def test_a_kernel_that_is_not_installed_is_named_with_those_that_are(runner: Runner) -> None:
    with pytest.raises(
        RunError,
        match=r"nb\.ipynb: .*'nonsense', which is not installed.*ipykernel install --user --name nonsense",
    ):
        runner.run(["1"], metadata={"kernelspec": {"name": "nonsense"}})


def test_a_kernel_that_does_not_start_says_why(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = runner.root / "kernels" / "broken"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-c", "raise SystemExit('no such library')", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "B", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(runner.root))
    with pytest.raises(RunError, match=r"did not start \(exit code 1\).\nno such library"):
        runner.run(["1"], kernel="broken")
    states = json.loads((runner.run_dir / "notebook.ipynb").read_text())["cells"][0]["metadata"]["papermill"]
    assert states["status"] == "pending"

    (spec / "kernel.json").write_text(json.dumps({"argv": ["x"], "display_name": "R", "language": "R"}))
    with pytest.raises(RunError, match="runs R"):
        runner.run(["1"], kernel="broken")


def test_a_workspace_that_is_not_there_is_named(runner: Runner) -> None:
    job = runner.job(["1"])
    with pytest.raises(RunError, match="does not exist"):
        run_notebook(
            type(job)(notebook=job.notebook, run_dir=job.run_dir, root=runner.root / "no"),
            observer=Recorder(),
        )
