"""What runs in a warm kernel: the same as in a fresh one."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assetbook.execute import NotebookResult, run_notebook, warm
from assetbook.execute.model import MB
from tests.execute.executing import PARAMETERS, Recorder, Runner, cell, saved

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")

IS_WARM = "import os; assert b'warm.serving' in open('/proc/self/cmdline', 'rb').read()"

THE_SAME = [
    cell("n = 1", PARAMETERS),
    "import gc, json, locale, logging, os, resource, signal, sys, threading, time",
    "print(sys.path, sys.argv[0], sys.argv[3:], sys.executable, sys.flags, os.getcwd(), __name__, n)",
    "print(sys.modules['__main__'], sys.stdin.encoding, sys.__stdout__.encoding, sys.__stdout__.line_buffering)",
    "print(locale.getlocale(), time.tzname, gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit())",
    "print({s.name: signal.getsignal(s) for s in sorted(signal.valid_signals()) if isinstance(s, signal.Signals)})",
    "print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getitimer(signal.ITIMER_REAL))",
    "limits = sorted(name for name in dir(resource) if name.startswith('RLIMIT_'))\n"
    "print({name: resource.getrlimit(getattr(resource, name)) for name in limits})",
    "mask = os.umask(0); os.umask(mask)\nprint(oct(mask), os.nice(0), os.sched_getaffinity(0), os.getgroups())",
    "import faulthandler, socket, tempfile\n"
    "print(faulthandler.is_enabled(), socket.getdefaulttimeout(), tempfile.gettempdir(), os.path.expanduser('~'))",
    "print(sys.warnoptions, sys.dont_write_bytecode, sys.getswitchinterval(), sys.get_int_max_str_digits())",
    "print(sys.getfilesystemencoding(), [type(finder).__name__ for finder in sys.meta_path], threading.stack_size())",
    "words = {'origin', 'carrier', 'dest', 'tailnum', 'year', 'month', 'day', 'hour'}\n"
    "fixed = 'PYTHONHASHSEED' in os.environ\nprint(sys.flags.hash_randomization, fixed and list(words))",
    "print(os.getpid() == os.getsid(0) == os.getpgid(0), logging.getLogger().handlers)",
    "print(sorted(t.name for t in threading.enumerate() if t.name != 'Thread-1'))",
    "import numpy as np, pandas as pd, sklearn, threadpoolctl, multiprocessing as mp\n"
    "print(sorted(i['num_threads'] for i in threadpoolctl.threadpool_info() if i['internal_api'] == 'openblas'))",
    "print(mp.get_start_method(), mp.current_process(), mp.active_children())",
    "frame = pd.DataFrame({'a': [1.5, None], 'd': pd.to_datetime(['2013-01-01', None])})\nframe",
    "print(frame.describe()); np.random.seed(0); print(np.random.rand(3), np.random.default_rng(1).random())",
    "print(np.geterr(), np.get_printoptions(), pd.options.display.max_rows, pd.options.mode.copy_on_write)",
    "import random, decimal\nprint(random.getstate()[0], np.random.get_state()[0], decimal.getcontext())",
    "from sklearn.linear_model import LogisticRegression\n"
    "model = LogisticRegression().fit([[0], [1], [2], [3]], [0, 0, 1, 1]); print(model.coef_); model",
    "import matplotlib.pyplot as plt\nprint(plt.get_backend(), dict(plt.rcParams), plt.get_fignums())",
    "plt.plot([3, 1, 2]); plt.title('a title')",
    "ax = frame.plot(x='d', y='a')",
    "import duckdb, pyarrow as pa\nprint(duckdb.sql('select a, d from frame'), pa.table({'a': [1]}).schema)",
    "os.system('echo from a shell');",
    "os.write(1, b'from the descriptor');",
    "own = {'ASSETBOOK_KERNEL', 'IPYTHONDIR', 'ASSETBOOK_KERNELS'}\n"
    "print(json.dumps({k: v for k, v in os.environ.items() if k not in own}, sort_keys=True))",
    "import warnings, workspace_module\n"
    "for kind in (UserWarning, DeprecationWarning, PendingDeprecationWarning, ResourceWarning, FutureWarning):\n"
    "    warnings.warn('look out', kind); workspace_module.warn(kind)",
    "%time 1\n!echo magic",
    "print(workspace_module.__file__)",
    "def f():\n    return frame['nothing']\nf()",
]

WORKS = {
    "OpenMP": "from sklearn.ensemble import HistGradientBoostingClassifier as C\n"
    "import numpy as np; x = np.random.rand(20_000, 5); C(max_iter=5).fit(x, x[:, 0] > 0.5)",
    "KMeans": "from sklearn.cluster import KMeans\n"
    "import numpy as np; KMeans(3, n_init=2).fit(np.random.rand(2_000, 3))",
    "BLAS": "import numpy as np, os; a = np.random.rand(1_500, 1_500); a @ a; np.linalg.svd(a[:300, :300])",
    "joblib": "from sklearn.ensemble import RandomForestClassifier as C\n"
    "import numpy as np; x = np.random.rand(500, 3); C(20, n_jobs=2).fit(x, x[:, 0] > 0.5)",
    "polars": "import polars as pl\n"
    "f = pl.DataFrame({'a': range(10_000)}); assert f.lazy().select(pl.col('a').sum()).collect().item() == 49995000",
    "deltalake": "import deltalake, pyarrow as pa\nfor i in range(3):\n"
    "    deltalake.write_deltalake('t', pa.table({'a': [i]}), mode='append')\n"
    "assert deltalake.DeltaTable('t').to_pyarrow_table().num_rows == 3",
    "DuckDB": "import duckdb\nduckdb.sql('set threads = 4')\n"
    "assert duckdb.sql('select sum(range) from range(5_000_000)').fetchall()[0][0] == 12499997500000",
    "Arrow": "import pyarrow as pa, pyarrow.parquet as pq, pyarrow.dataset as ds, pyarrow.compute as pc\n"
    "t = pa.table({'a': range(200_000)}); pq.write_table(t, 'a.parquet', row_group_size=10_000)\n"
    "assert pc.sum(ds.dataset('a.parquet').to_table(use_threads=True)['a']).as_py() == 19999900000",
    "subprocess": "import subprocess, sys\n"
    "assert subprocess.run([sys.executable, '-c', 'import pandas; print(1)'], capture_output=True).stdout == b'1\\n'",
    "spawn": "import multiprocessing as mp, math\n"
    "with mp.get_context('spawn').Pool(2) as pool: assert pool.map(math.sqrt, [4, 9]) == [2, 3]",
    "fork": "import multiprocessing as mp, numpy as np\n"
    "def work(i): return float((np.eye(300) @ np.eye(300))[0, 0]) * i\n"
    "with mp.get_context('fork').Pool(2) as pool: assert pool.map(work, range(4)) == [0, 1, 2, 3]",
    "asyncio": "import asyncio\nawait asyncio.sleep(0.01)\nassert await asyncio.to_thread(lambda: 5) == 5",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(8) as pool: assert sum(pool.map(abs, range(100))) == 4950",
    "mlflow": "import mlflow.sklearn\nfrom sklearn.linear_model import LinearRegression\n"
    "mlflow.sklearn.save_model(LinearRegression().fit([[1], [2]], [1, 2]), 'model', pip_requirements=[])",
    "gc": "import gc; gc.collect(); gc.unfreeze(); gc.collect()",
}


@pytest.fixture
def warmed(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    return warm_runner(runner, monkeypatch)


def warm_runner(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("ASSETBOOK_KERNELS", "warm")
    assert warm.warm_up(runner.root, wait=60)
    return runner


def text(result: NotebookResult) -> str:
    return result.failure.message() if result.failure else "ok"


def comparable(result: NotebookResult) -> list[Any]:
    outputs = [c.get("outputs") for c in saved(result)["cells"]]
    for output in (output for listed in outputs for output in listed or ()):
        if any("sk-" in line for line in output.get("data", {}).get("text/html", ())):
            del output["data"]["text/html"]  # scikit-learn counts its diagrams
        if output.get("name") == "stderr":
            output["text"] = [re.sub(r"ipykernel_\d+", "ipykernel_n", line) for line in output["text"]]
        if any("Wall time" in line for line in output.get("text", ())):
            output["text"] = [line for line in output["text"] if "time" not in line]
    return outputs


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize(("seed", "waiting"), [(None, True), ("7", False)])
def test_a_warm_kernel_gives_what_a_fresh_one_gives(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, umask: None, *, seed: str | None, waiting: bool
) -> None:
    if seed:
        monkeypatch.setenv("PYTHONHASHSEED", seed)
    monkeypatch.setenv("GREETING", "hello")
    monkeypatch.setenv("ODD", "\udcff")
    warmed = warm_runner(runner, monkeypatch)
    if waiting:
        assert warmed.run(["1"]).ok
    os.umask(0o077)
    (warmed.root / "workspace_module.py").write_text(
        "import warnings\ndef warn(kind):\n    warnings.warn('from a module', kind)\n"
    )
    options: dict[str, Any] = {"parameters": {"n": 2}}
    one = warmed.run([IS_WARM, *THE_SAME], **options)
    warm_outputs = comparable(one)  # before its file is written again
    monkeypatch.setenv("ASSETBOOK_KERNELS", "fresh")
    other = warmed.run(["1;", *THE_SAME], **options)
    assert one.failure
    assert other.failure
    assert one.failure.cell == len(THE_SAME) + 1, one.failure.message()
    assert one.failure.message() == other.failure.message()
    for number, (found, expected) in enumerate(zip(warm_outputs, comparable(other), strict=True)):
        assert found == expected, number
    assert len(one.figures) == 2


@pytest.mark.parametrize("what", WORKS)
def test_what_would_hang_or_break_after_a_careless_fork_works(warmed: Runner, what: str) -> None:
    result = warmed.run([IS_WARM, WORKS[what]], timeout=60.0)
    assert result.ok, text(result)


def test_kernels_do_not_share_their_random_numbers(warmed: Runner) -> None:
    source = "import random, uuid, numpy as np, tempfile\n" + (
        "print(random.random(), np.random.rand(), uuid.uuid4(), tempfile.mktemp(), np.random.default_rng().random())"
    )
    seen: list[str] = []
    for _ in range(2):
        recorder = Recorder()
        assert run_notebook(warmed.job([IS_WARM, source]), observer=recorder).ok
        seen += recorder.printed().split()
    assert len(set(seen)) == 10


def test_memory_counts_what_the_notebook_uses(warmed: Runner) -> None:
    result = warmed.run([IS_WARM, "import numpy as np\na = np.ones(20_000_000)"])
    before, after = (run.memory_mb for run in result.cells)
    assert before < 100  # the libraries in the fork server are more than twice that
    assert 150 < after - before < 180
    over = warmed.run(
        [IS_WARM, "import numpy as np", "a = np.ones(50_000_000); import time; time.sleep(60)"],
        memory=300 * MB,
    )
    assert over.failure
    assert (over.failure.cell, over.failure.reason) == (3, "memory")
    forked = "import time\nif os.fork() == 0:\n    time.sleep(60)\ntime.sleep(1)"
    assert warmed.run([IS_WARM, forked], memory=200 * MB).ok  # what is shared is not counted again


@pytest.mark.parametrize(
    ("source", "reason", "error"),
    [
        ("exit()", "exit", ""),
        ("import sys; sys.exit(3)", "exit", ""),
        ("os._exit(7)", "kernel died", "exit code 7"),
        ("os.kill(os.getpid(), 9)", "kernel died", "signal SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "kernel died", "signal SIGSEGV"),
        (
            "import time\ntry:\n    time.sleep(60)\nexcept BaseException:\n    time.sleep(60)",
            "timeout",
            "1 s",
        ),
        ("input()", "stdin", ""),
    ],
)
def test_an_early_end_is_told_as_of_a_fresh_kernel(
    warmed: Runner, source: str, reason: str, error: str
) -> None:
    failure = warmed.run([IS_WARM, source, "3"], timeout=1.0 if reason == "timeout" else None).failure
    assert failure
    assert (failure.cell, failure.reason) == (2, reason)
    assert error in failure.error
    assert "Ctrl-C" not in failure.message()


def test_a_cell_can_be_interrupted(warmed: Runner) -> None:
    source = (
        "import time\ntry:\n    os.kill(os.getpid(), 2)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('yes')"
    )
    assert warmed.run([IS_WARM, source]).ok
    assert warmed.recorder.printed() == "yes\n"


def test_what_ends_with_the_kernel_is_brought_to_its_end(warmed: Runner) -> None:
    (warmed.root / "keeper.py").write_text(
        "import atexit\nfile = open('module.txt', 'w')\nfile.write('module')\n"
    )
    cells = [
        IS_WARM,
        "file = open('variable.txt', 'w'); file.write('variable')",
        "import keeper, atexit, threading, time, logging, pathlib",
        "atexit.register(lambda: pathlib.Path('atexit.txt').write_text('atexit'))",
        "def work():\n    time.sleep(0.2); pathlib.Path('thread.txt').write_text('thread')",
        "threading.Thread(target=work).start()",
    ]
    assert warmed.run(cells).ok
    for name in ("variable", "module", "atexit", "thread"):
        assert (warmed.root / f"{name}.txt").read_text() == name


def test_eight_kernels_run_at_once(warmed: Runner, tmp_path: Path) -> None:
    results: list[NotebookResult] = []
    source = "import numpy as np, pandas as pd\npd.DataFrame(np.random.rand(10_000, 5)).groupby(0).mean()"

    def work(number: int) -> None:
        root = tmp_path / str(number)
        root.mkdir()
        job = Runner(root).job([IS_WARM, source, f"open('{number}', 'w').close(); os.getcwd()"])
        results.append(run_notebook(job, observer=Recorder()))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [text(result) for result in results] == ["ok"] * 8
    assert all((tmp_path / str(number) / str(number)).exists() for number in range(8))
