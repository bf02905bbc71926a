"""Defects as people make them, planted into clean notebooks.

Where that can be, what is there is changed: a cell that others need is deleted, moved, or made a text cell; a seed is
taken out; a path is made another one. What no notebook has to be changed for is inserted, each time in one of several
ways of writing it.
"""

# ruff: noqa: E501 - one way of writing a defect to a line

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from assetbook.contract.source import parse_cell
from tests.checking.corpus.writing import Notebook, code_cell, code_cells, executed, lines, source_of


@dataclass(frozen=True)
class Planted:
    """A notebook with a defect.

    Attributes:
        document: the notebook.
        cell: the number of the code cell in which it is to be found; None for the notebook as a whole.
        also: codes that may rightly be found too.
        stem: what the file is called; "" for its own name.
    """

    document: Notebook
    cell: int | None
    also: frozenset[str] = field(default_factory=frozenset)
    stem: str = ""


@dataclass(frozen=True)
class Defect:
    """One way to break one rule; `plant` returns None where a notebook has nothing to break."""

    code: str
    name: str
    plant: Callable[[Notebook, Random], Planted | None]


DEFECTS: list[Defect] = []


def defect(code: str, *, also: str = "") -> Callable[[Callable[[Notebook, Random], Any]], Any]:
    """Register a function that breaks a copy of a notebook, and returns the cell that it has broken."""

    def register(break_it: Callable[[Notebook, Random], int | None]) -> Any:
        def plant(document: Notebook, rng: Random) -> Planted | None:
            broken = deepcopy(document)
            cell = break_it(broken, rng)
            return None if cell is None else Planted(broken, cell or None, frozenset(also.split()))

        DEFECTS.append(Defect(code, break_it.__name__, plant))
        return break_it

    return register


# ---- small steps


def append_to(document: Notebook, number: int, text: str) -> int:
    """Add a line to the end of a code cell, above what it shows; return the cell's number."""
    cell = code_cells(document)[number - 1]
    cell["source"] = lines(f"{text}\n{source_of(cell)}")
    return number


def insert_cell(document: Notebook, number: int, source: str) -> int:
    """Insert a code cell before that of a number; return the new one's number."""
    cells = document["cells"]
    numbered = code_cells(document)
    position = cells.index(numbered[number - 1]) if number <= len(numbered) else len(cells)
    cells.insert(position, code_cell(source))
    executed(document)
    return number


def inserted(document: Notebook, rng: Random, *texts: str) -> int:
    """Insert one of several texts as a cell behind the first one."""
    return insert_cell(document, rng.randint(2, len(code_cells(document)) + 1), rng.choice(texts))


def replaced(document: Notebook, pattern: str, new: str) -> int | None:
    """Replace the first place of a pattern in code; return the cell's number, None where there is none."""
    for number, cell in enumerate(code_cells(document), 1):
        source = source_of(cell)
        changed = re.sub(pattern, new, source, count=1)
        if changed != source:
            cell["source"] = lines(changed)
            return number
    return None


def defined_and_used(document: Notebook) -> Iterator[tuple[int, int, str]]:
    """Give the names that one cell defines and a later one uses at once: both numbers, and the name."""
    trees = [_tree(cell) for cell in code_cells(document)]
    sources = [source_of(cell) for cell in code_cells(document)]
    for number, tree in enumerate(trees, 1):
        for name in _assigned(tree):
            others = [n for n, other in enumerate(trees, 1) if n != number and name in _stored(other)]
            later = next(
                (n for n, other in enumerate(trees[number:], number + 1) if name in _loaded(other)), None
            )
            before = any(name in _words(source) for source in sources[: number - 1])
            if later and not others and not before:
                yield number, later, name


def _tree(cell: dict[str, Any]) -> ast.Module:
    return parse_cell(source_of(cell))[1]


def _assigned(tree: ast.Module) -> list[str]:
    """Return the names that statements of a cell assign alone."""
    return [
        statement.targets[0].id
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    ]


def _stored(tree: ast.Module) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _loaded(tree: ast.Module) -> set[str]:
    """Return the names that the statements of a cell use while it runs: not those in functions."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.If | ast.Try
        ):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        waiting.extend(ast.iter_child_nodes(node))
    return found


def _words(source: str) -> set[str]:
    return set(re.findall(r"\w+", source))


def _chosen(document: Notebook, rng: Random) -> tuple[int, int, str] | None:
    found = list(defined_and_used(document))
    return rng.choice(found) if found else None


# ---- AB0 and AB1


@defect("AB003")
def syntax(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "print 'done'",
        "for x in range(3)\n    print(x)",
        "total = (1 +",
        "x = 5 apples",
        "if True:\nprint(1)",
    )


@defect("AB101", also="AB102 AB713")
def missing_module(document: Notebook, rng: Random) -> int:
    return append_to(document, 1, rng.choice([
        "import cv2", "import seaborn as sns", "from xgboost import XGBClassifier", "import tensorflow as tf",
        "from statsmodels.tsa.arima.model import ARIMA", "import os, missingno as msno", "import my_helpers",
        "from src.utils import load_data", "import sklearn.cross_validation", "from networkx.algorithms import community",
    ])) if not source_of(code_cells(document)[0]).startswith(("%%", '"""', "from __future__")) else None  # type: ignore[return-value]  # fmt: skip


@defect("AB103")
def missing_import_name(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "from sklearn.linear_model import RandomizedLasso", "from collections import Mapping", "from scipy.signal import hanning",
        "from pandas.io.json import json_normalise", "from matplotlib.mlab import find", "from itertools import izip",
    )  # fmt: skip


@defect("AB104", also="AB401")
def removed_api(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "import numpy as np\nz = np.zeros(3, dtype=np.float)", "import numpy as np\nlimit = np.Inf",
        "import pandas as pd\nt = pd.DataFrame({'a': [1]})\nt = t.append({'a': 2}, ignore_index=True)",
        "import pandas as pd\nt = pd.DataFrame({'a': [1]})\nt.ix[0]",
        "from sklearn.datasets import load_boston\nboston = load_boston()",
        "from sklearn.preprocessing import OneHotEncoder\nencoder = OneHotEncoder(sparse=False)",
        "import matplotlib.pyplot as plt\nplt.style.use('seaborn-whitegrid')",
        "from sklearn.metrics import mean_squared_error\nmean_squared_error([1.0], [2.0], squared=False)",
        "import pandas as pd\nfor name, values in pd.DataFrame({'a': [1]}).iteritems():\n    print(name)",
    )  # fmt: skip


@defect("AB105", also="AB111")
def search_path(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "import sys\nsys.path.append('..')",
        "import sys, os\nsys.path.insert(0, os.path.abspath('../src'))",
    )


@defect("AB111")
def absolute_path(document: Notebook, rng: Random) -> int | None:
    folder = rng.choice(
        [
            "/home/maria/project/",
            "C:/Users/Maria/Documents/",
            "/content/drive/MyDrive/",
            "~/projects/",
            "/Users/maria/",
        ]
    )
    return replaced(document, r"(?<=['\"])data/(?=\w+\.\w+['\"])", folder)


@defect("AB111", also="AB112 AB501")
def absolute_path_in_a_name(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "BASE = '/home/maria/data'\nimport os\nname = os.path.join(BASE, 'x.csv')",
        "from pathlib import Path\nroot = Path('/Users/maria/thesis')",
        "import pandas as pd\nt = pd.read_csv(r'D:\\data\\sales.csv')",
        "import pandas as pd\nt = pd.read_csv('../input/train.csv') if False else pd.read_csv('/kaggle/input/train.csv')",
        "f = open('file:///home/maria/a.txt'.replace('file://', ''))",
    )  # fmt: skip


@defect("AB112")
def missing_file(document: Notebook, rng: Random) -> int | None:
    name = rng.choice(["train.csv", "raw/old.csv", "../input/data.csv", "data/final_v2.csv"])
    return replaced(document, r"(?<=['\"])data/\w+\.(?:csv|txt|json|html)(?=['\"])", name)


@defect("AB112")
def missing_file_in_a_new_cell(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "import numpy as np\nweights = np.load('weights.npy')", "import joblib\nold = joblib.load('models/best.joblib')",
        "import pickle\nwith open('cache.pkl', 'rb') as f:\n    cache = pickle.load(f)",
        "from pathlib import Path\ntext = (Path('raw') / 'notes.txt').read_text()",
        "import pandas as pd\nDIR = 'raw'\nt = pd.read_parquet(f'{DIR}/t.parquet')",
        "from PIL import Image\nlogo = Image.open('logo.png')",
    )  # fmt: skip


@defect("AB121")
def installs(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "!pip install -q seaborn", "%pip install xgboost==1.7", "!conda install -y -c conda-forge geopandas", "pip install plotly",
        "import sys\n!{sys.executable} -m pip install lightgbm", "%conda install pytorch", "!pip3 install --upgrade pandas",
        "!apt-get install -y graphviz", "%%bash\npip install shap",
        "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'optuna'])",
        "import os\nos.system('pip install wget')",
    )  # fmt: skip


@defect("AB122", also="AB112")
def shell(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "!ls -la data", "files = !ls data", "%%bash\nhead data/sales.csv", "!wget https://example.org/a.zip", "import os\nos.system('mkdir out')",
        "import subprocess\nsubprocess.run(['git', 'pull'])", "!nvidia-smi", "%%sh\nunzip a.zip", "%sx du -sh .",
    )  # fmt: skip


@defect("AB123", also="AB111")
def changes_folder(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "%cd ..",
        "import os\nos.chdir('data')",
        "cd data",
        "!cd data",
        "%cd /content",
        "from os import chdir\nchdir('..')",
    )


@defect("AB124", also="AB101")
def waits(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "answer = input('How many? ')", "import getpass\nsecret = getpass.getpass()", "from google.colab import files\nup = files.upload()",
        "import pdb\npdb.set_trace()", "breakpoint()", "%debug", "n = int(input())",
    )  # fmt: skip


@defect("AB125", also="AB201 AB203")
def unknown_magic(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "%tensorflow_version 2.x",
        "%%sql\nselect 1",
        "%load_ext watermark",
        "%run helpers.py",
        "%nb_black",
        "%%cython\nx = 1",
    )


@defect("AB126")
def needs_display(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "%matplotlib notebook",
        "%matplotlib qt5",
        "%matplotlib widget",
        "import matplotlib\nmatplotlib.use('TkAgg')",
        "%matplotlib tk",
    )


# ---- AB2


@defect("AB201")
def deleted_cell(document: Notebook, rng: Random) -> int | None:
    """Delete a line that defines what another cell uses."""
    found = _chosen(document, rng)
    if found is None:
        return None
    number, used, name = found
    cell = code_cells(document)[number - 1]
    body = [
        s
        for s in _tree(cell).body
        if not (isinstance(s, ast.Assign) and getattr(s.targets[0], "id", "") == name)
    ]
    kept = "\n".join(ast.unparse(statement) for statement in body)
    if name in _words(kept):
        used = number
    cell["source"] = lines(kept or "print('nothing left')")
    executed(document)
    return used


@defect("AB201")
def mistyped_name(document: Notebook, rng: Random) -> int | None:
    found = _chosen(document, rng)
    if found is None or len(found[2]) < 3:
        return None
    _, used, name = found
    cell = code_cells(document)[used - 1]
    wrong = name[:-1] + ("x" if name[-1] != "x" else "y")
    places = [
        n
        for n in ast.walk(_tree(cell))
        if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
    ]
    first = min(places, key=lambda node: (node.lineno, node.col_offset))
    source = source_of(cell).split("\n")
    line = source[first.lineno - 1].encode()
    source[first.lineno - 1] = (
        line[: first.col_offset] + wrong.encode() + line[first.end_col_offset :]
    ).decode()
    cell["source"] = lines("\n".join(source))
    return used


@defect("AB201")
def undefined_in_many_places(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "[value for value in unknown_values]", "print(f'{unknown_total:.2f}')", "def helper():\n    return unknown_setting\n",
        "helper = lambda x: x + unknown_offset", "class Holder:\n    size = unknown_size", "with unknown_manager as m:\n    print(m)",
        "for n in range(unknown_limit):\n    print(n)", "x = {k: v for k, v in unknown_items}\n", "unknown_counter += 1",
        "try:\n    value = unknown_thing\nexcept KeyError:\n    value = 0", "[k for k in range(3)]\nprint(k_leaked)",
    )  # fmt: skip


@defect("AB202")
def moved_cell(document: Notebook, rng: Random) -> int | None:
    """Move the cell that defines a name below the one that uses it."""
    found = [
        (n, used, name)
        for n, used, name in defined_and_used(document)
        if not _loaded(_tree(code_cells(document)[n - 1])) & _stored(_tree(code_cells(document)[used - 1]))
    ]
    if not found:
        return None
    number, used, _ = rng.choice(found)
    cells, numbered = document["cells"], code_cells(document)
    moved, target = numbered[number - 1], numbered[used - 1]
    cells.remove(moved)
    cells.insert(cells.index(target) + 1, moved)
    executed(document)
    return code_cells(document).index(target) + 1


@defect("AB202")
def called_too_early(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "def scale(value):\n    return value * FACTOR_X\n\nprint(scale(2))\nFACTOR_X = 3",
        "def outer_step():\n    return inner_step()\n\nouter_step()\ndef inner_step():\n    return 1",
        "class Model_:\n    def __init__(self):\n        self.n = SIZE_X\n\nm = Model_()\nSIZE_X = 3",
        "print(late_value)\nlate_value = 3", "late_list = [late_n for _ in range(3)]\nlate_n = 1",
    )  # fmt: skip


@defect("AB203")
def made_text(document: Notebook, rng: Random) -> int | None:
    """Make the cell that defines a name a raw or markdown cell."""
    found = _chosen(document, rng)
    if found is None:
        return None
    number, used, _ = found
    cell = code_cells(document)[number - 1]
    names = set(_assigned(_tree(cell))) | _stored(_tree(cell)) | _imported(_tree(cell))
    position = document["cells"].index(cell)
    kind = rng.choice(["raw", "markdown"])
    source = source_of(cell) if kind == "raw" else f"```python\n{source_of(cell)}\n```"
    document["cells"][position] = {"cell_type": kind, "metadata": {}, "source": lines(source)}
    executed(document)
    after = code_cells(document)[number - 1 :]
    return next((n for n, other in enumerate(after, number) if names & _loaded(_tree(other))), used - 1)


def _imported(tree: ast.Module) -> set[str]:
    nodes = (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    found = {(alias.asname or alias.name).partition(".")[0] for node in nodes for alias in node.names}
    return found | {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@defect("AB203", also="AB702")
def commented_out(document: Notebook, rng: Random) -> int | None:
    found = _chosen(document, rng)
    if found is None:
        return None
    number, used, _ = found
    cell = code_cells(document)[number - 1]
    if source_of(cell).startswith("%%"):
        return None
    names = set(_assigned(_tree(cell))) | _stored(_tree(cell)) | _imported(_tree(cell))
    cell["source"] = lines("\n".join(f"# {line}" for line in source_of(cell).split("\n")))
    executed(document)
    after = list(enumerate(code_cells(document), 1))[number:]
    return next((n for n, other in after if names & _loaded(_tree(other))), used)


@defect("AB204")
def deleted_name(document: Notebook, rng: Random) -> int | None:
    found = _chosen(document, rng)
    if found is None:
        return None
    number, used, name = found
    insert_cell(document, number + 1, f"del {name}")
    return used + 1


@defect("AB205")
def history(document: Notebook, rng: Random) -> int:
    return inserted(
        document, rng, "kept = _", "kept = Out[3]", "print(_2)", "again = In[1]", "kept = _3 + _4"
    )


@defect("AB206", also="AB203")
def shadowed(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "list = [1, 2]\nprint(list((3, 4)))",
        "sum = 0\nprint(sum([1]))",
        "dict = {}\nd = dict(a=1)",
        "max = 3.5\nmax(1, 2)",
    )


# ---- AB3


@defect("AB301")
def out_of_order(document: Notebook, rng: Random) -> int:
    cells = code_cells(document)
    n = rng.randint(1, len(cells) - 1)
    _renumber(cells[n - 1], n + 1)
    _renumber(cells[n], n)
    return n + 1


@defect("AB302")
def repeated(document: Notebook, rng: Random) -> int:
    cells = code_cells(document)
    n = rng.randint(1, len(cells) - 1)
    _renumber(cells[n], n)
    for number, cell in enumerate(cells[n + 1 :], n + 1):
        _renumber(cell, number)
    return n + 1


@defect("AB303")
def gap(document: Notebook, rng: Random) -> int:
    cells = code_cells(document)
    n = rng.randint(1, len(cells))
    for number, cell in enumerate(cells[n - 1 :], n):
        _renumber(cell, number + rng.choice([1, 2, 10]))
    values = [cell["execution_count"] for cell in cells[n - 1 :]]
    for number, cell in enumerate(cells[n - 1 :]):
        _renumber(cell, values[0] + number)
    return n


@defect("AB304", also="AB303 AB307")
def not_run(document: Notebook, rng: Random) -> int:
    cells = code_cells(document)
    n = rng.randint(1, len(cells))
    cells[n - 1]["execution_count"], cells[n - 1]["outputs"] = None, []
    for number, cell in enumerate(cells[n:], n):
        _renumber(cell, number)
    return n


@defect("AB306")
def saved_error(document: Notebook, rng: Random) -> int:
    cells = code_cells(document)
    n = rng.randint(1, len(cells))
    error = {
        "output_type": "error",
        "ename": "KeyError",
        "evalue": "'x'",
        "traceback": ["Traceback", "KeyError: 'x'"],
    }
    cells[n - 1]["outputs"] = [error]
    return n


@defect("AB307")
def output_of_another_run(document: Notebook, rng: Random) -> int | None:
    shown = [
        (n, o) for n, c in enumerate(code_cells(document), 1) for o in c["outputs"] if "execution_count" in o
    ]
    if not shown:
        return None
    number, output = rng.choice(shown)
    output["execution_count"] += 30
    return number


@defect("AB308")
def changed_after_run(document: Notebook, rng: Random) -> int | None:
    """Change a cell after it was run: what showed a result now assigns it."""
    shown = [
        n for n, c in enumerate(code_cells(document), 1) if any("execution_count" in o for o in c["outputs"])
    ]
    if not shown:
        return None
    number = rng.choice(shown)
    cell = code_cells(document)[number - 1]
    last = _tree(cell).body[-1]
    source = source_of(cell).split("\n")
    source[last.lineno - 1] = f"result = {source[last.lineno - 1]}"
    cell["source"] = lines("\n".join(source))
    return number


@defect("AB309")
def large_output(document: Notebook, rng: Random) -> int:
    cells = code_cells(document)
    n = rng.randint(1, len(cells))
    text = ["0.123456 0.654321\n"] * 70_000
    cells[n - 1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    return n


def _renumber(cell: dict[str, Any], count: int) -> None:
    cell["execution_count"] = count
    for output in cell["outputs"]:
        if "execution_count" in output:
            output["execution_count"] = count


# ---- AB4


@defect("AB401", also="AB402 AB308")
def seed_taken_out(document: Notebook, rng: Random) -> int | None:
    """Take out the line that seeds numpy or random."""
    pattern = r"(?m)^(?:np\.random|random)\.seed\(.*\)$"
    found = replaced(document, pattern, "# seed")
    if found is None:
        return None
    for number, cell in enumerate(code_cells(document), 1):
        if re.search(
            r"np\.random\.(?!default_rng|Generator|PCG64|RandomState|seed)\w+|(?<!\.)random\.(?!Random|seed)\w+\(",
            source_of(cell),
        ):
            return number
    return None


@defect("AB401")
def generator_without_seed(document: Notebook, rng: Random) -> int | None:
    return replaced(document, r"(default_rng|Random|RandomState|PCG64)\((?:seed=)?\d+\)", r"\1()")


@defect("AB401")
def unseeded(document: Notebook, rng: Random) -> int | None:
    if any("seed(" in source_of(cell) for cell in code_cells(document)):
        return None
    return inserted(document, rng,
        "import numpy as np\njitter = np.random.uniform(size=10)", "from numpy.random import randn\nz = randn(3)",
        "import random\npick = random.choice([1, 2, 3])", "from random import shuffle\nitems = [1, 2]\nshuffle(items)",
        "import numpy as np\ndef noisy(x):\n    return x + np.random.normal()\nnoisy(1)",
    )  # fmt: skip


@defect("AB402")
def random_state_taken_out(document: Notebook, rng: Random) -> int | None:
    if any("np.random.seed" in source_of(cell) for cell in code_cells(document)):
        return None
    return replaced(document, r",?\s*random_state=\w+", "")


@defect("AB402")
def estimator_without_state(document: Notebook, rng: Random) -> int | None:
    if any("np.random.seed" in source_of(cell) for cell in code_cells(document)):
        return None
    return inserted(document, rng,
        "from sklearn.model_selection import train_test_split\na, b = train_test_split([1, 2, 3, 4])",
        "from sklearn.cluster import KMeans\nkm = KMeans(n_clusters=3)", "from sklearn.manifold import TSNE\nt = TSNE()",
        "import pandas as pd\npart = pd.DataFrame({'a': range(9)}).sample(frac=0.5)",
        "from sklearn.model_selection import KFold\nfolds = KFold(5, shuffle=True)",
        "from sklearn.ensemble import RandomForestRegressor as RF\nm = RF()",
        "from sklearn import ensemble\nm = ensemble.ExtraTreesClassifier(n_estimators=10)",
    )  # fmt: skip


@defect("AB403")
def clock(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "from datetime import datetime\ntoday = datetime.now()\nage = today.year - 1980",
        "import datetime\ncutoff = datetime.date.today() - datetime.timedelta(days=30)",
        "import pandas as pd\nend = pd.Timestamp.today().normalize()", "import pandas as pd\nend = pd.to_datetime('today')",
        "import time\nstamp = time.strftime('%Y-%m-%d')", "import datetime as dt\nyear = dt.datetime.utcnow().year",
        "import pandas as pd\ndays = (pd.Timestamp.now() - pd.Timestamp('2023-01-01')).days",
    )  # fmt: skip


# ---- AB5


@defect("AB501")
def writes(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('out.csv', index=False)",
        "import pandas as pd\npd.DataFrame({'a': [1]}).to_parquet('out.parquet')",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('figure.png', dpi=200)",
        "import joblib\njoblib.dump({'a': 1}, 'model.joblib')", "import pickle\nwith open('model.pkl', 'wb') as f:\n    pickle.dump(1, f)",
        "with open('notes.txt', 'w') as f:\n    f.write('done')", "import numpy as np\nnp.save('a.npy', np.ones(3))",
        "from pathlib import Path\nPath('notes.txt').write_text('done')", "import json\njson.dump([1], open('a.json', mode='w'))",
        "import pandas as pd, sqlite3\npd.DataFrame({'a': [1]}).to_sql('t', sqlite3.connect(':memory:'))",
        "import pandas as pd\nwith pd.ExcelWriter('out.xlsx') as w:\n    pass",
    )  # fmt: skip


@defect("AB511")
def chained(document: Notebook, rng: Random) -> int:
    table = "import pandas as pd\ntt = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})\n"
    return inserted(document, rng, *(table + text for text in (
        "tt[tt.a > 1]['b'] = 0", "tt['b'][tt['a'] > 1] = 0", "tt.loc[tt.a > 1]['b'] = 5", "tt['a'].fillna(0, inplace=True)",
        "tt.b[0] = 9", "tt[['a', 'b']]['a'] = 1", "part = tt[tt.a > 1].copy()\npart['b'].iloc[0] = 2",
    )))  # fmt: skip


@defect("AB512")
def changed_default(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "def remember(x, seen=[]):\n    seen.append(x)\n    return seen", "def count(word, counts={}):\n    counts[word] = counts.get(word, 0) + 1\n    return counts",
        "def gather(x, *, found=set()):\n    found.add(x)\n    return found", "def extend(more, base=list()):\n    base += more\n    return base",
    )  # fmt: skip


@defect("AB513")
def changed_parameter(document: Notebook, rng: Random) -> int | None:
    cells = [cell for cell in code_cells(document) if "parameters" in cell["metadata"].get("tags", [])]
    if not cells:
        return None
    name = _tree(cells[0]).body[0].target.id  # type: ignore[attr-defined]
    number = code_cells(document).index(cells[0]) + 2
    return insert_cell(document, number, f"{name} = {rng.choice(['3', 'None', repr('2013-07')])}")


@defect("AB521")
def fit_before_split(document: Notebook, rng: Random) -> int | None:
    for number, cell in enumerate(code_cells(document), 1):
        found = re.search(r"train_test_split\(\s*([\w\[\]\"']+)\s*,\s*([\w\[\]\"']+)", source_of(cell))
        if not found:
            continue
        data = found[1]
        scaler = rng.choice(["StandardScaler", "MinMaxScaler", "PCA"])
        module = "decomposition" if scaler == "PCA" else "preprocessing"
        text = rng.choice([
            f"from sklearn.{module} import {scaler}\nscaled = {scaler}().fit_transform({data})",
            f"from sklearn.{module} import {scaler} as Prepare\nprepare = Prepare()\nprepare.fit({data})\nscaled = prepare.transform({data})",
        ])  # fmt: skip
        source = source_of(cell).replace(f"{found[0]}", found[0].replace(data, "scaled", 1), 1).split("\n")
        line = next(
            n for n, written in enumerate(source) if "train_test_split" in written and "import" not in written
        )
        cell["source"] = lines("\n".join([*source[:line], *text.split("\n"), *source[line:]]))
        return number
    return None


@defect("AB522")
def fit_on_test(document: Notebook, rng: Random) -> int | None:
    found = replaced(document, r"\.transform\((\w*(?:test|Te|te))\)", r".fit_transform(\1)")
    if found is None:
        found = replaced(
            document, r"(?m)^(\s*\w+)\.fit\(X_train, y_train\)(?=[\s\S]*X_test)", r"\1.fit(X_test, y_test)"
        )
    if found is None:
        found = replaced(document, r"\.fit_transform\(train_text\)", ".fit_transform(test_text)")
    return found


# ---- AB6


@defect("AB601")
def secret(document: Notebook, rng: Random) -> int:
    letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    made = lambda n: "".join(rng.choices(letters, k=n))  # noqa: E731 - short
    return inserted(document, rng,
        f"api_key = 'sk-{made(32)}'", f"AWS_KEY = 'AKIA{made(16).upper()}'", f"TOKEN = 'ghp_{made(36)}'",
        f"import os\nos.environ['HF_TOKEN'] = 'hf_{''.join(rng.choices(letters[:20], k=34))}'", f"password = '{made(10)}!'",
        f"url = 'postgresql://etl:{made(12)}@db.internal:5432/sales'", f"config = {{'secret_key': '{made(24)}'}}",
        f"engine = dict(user='sa', password='{made(9)}#1')", f"headers = {{'Authorization': 'Bearer eyJ{made(20)}.eyJ{made(30)}.{made(30)}'}}",
        f"conn = 'Server=db;Database=x;User Id=sa;Password={made(10)};'", f"slack = 'xoxb-{made(24)}'",
        f"# token: glpat-{made(20)}\nready = True", f"GOOGLE = 'AIza{made(35)}'",
    )  # fmt: skip


@defect("AB602")
def secret_in_output(document: Notebook, rng: Random) -> int:
    cells = code_cells(document)
    n = rng.randint(1, len(cells))
    text = rng.choice(
        [
            "token ghp_abcdEFGH1234ijklMNOP5678qrstUVWX90ab\n",
            "mysql://root:N0tTh3On3@10.0.0.1/x\n",
            "AKIAQ7RZ4MN2PLK8W5XT\n",
        ]
    )
    cells[n - 1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [text]}]
    return n


# ---- AB7


@defect("AB701")
def empty_cell(document: Notebook, rng: Random) -> int:
    return insert_cell(document, rng.randint(1, len(code_cells(document))), rng.choice(["", "\n", "   "]))


@defect("AB702")
def dead_cell(document: Notebook, rng: Random) -> int:
    return inserted(document, rng,
        "# old = compute(1)\n# print(old)", "if False:\n    print('never')", "# df.head()\n# df.plot()", "while 0:\n    pass",
        "raise SystemExit\nprint('after')", "# !pip install x", "assert False\nx = 1",
    )  # fmt: skip


@defect("AB703")
def duplicate_cell(document: Notebook, rng: Random) -> int | None:
    long = [
        n
        for n, c in enumerate(code_cells(document), 1)
        if len(source_of(c)) > 80 and "def " not in source_of(c)
    ]
    if not long:
        return None
    number = rng.choice(long)
    return insert_cell(document, number + 1, source_of(code_cells(document)[number - 1]))


@defect("AB711", also="AB713")
def unused_import(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "import fractions",
        "from decimal import Decimal, getcontext as gc_\nDecimal(1)",
        "import colorsys as cs_",
    )


@defect("AB712", also="AB713")
def star_import(document: Notebook, rng: Random) -> int:
    return inserted(
        document,
        rng,
        "from colorsys import *\nrgb_to_hls(0, 0, 0)",
        "from fractions import *\nFraction(1, 2)",
    )


@defect("AB704")
def long_cell(document: Notebook, rng: Random) -> int:
    return inserted(document, rng, "\n".join(f"value_{n} = {n}" for n in range(rng.randint(61, 200))))


@defect("AB705")
def several_statements(document: Notebook, rng: Random) -> int:
    return inserted(document, rng, "one_ = 1; two_ = 2", "import colorsys; print(colorsys)")


@defect("AB706")
def long_comment(document: Notebook, rng: Random) -> int:
    return append_to(
        document, len(code_cells(document)), "\n".join(f"# what was thought of {n}" for n in range(8))
    )


@defect("AB707")
def redefined_function(document: Notebook, rng: Random) -> int:
    first = inserted(document, rng, "def repeated_():\n    return 1")
    return insert_cell(document, first + 1, "def repeated_():\n    return 2")


@defect("AB713", also="AB711")
def late_import(document: Notebook, rng: Random) -> int:
    return insert_cell(
        document,
        len(code_cells(document)) + 1,
        rng.choice(["import colorsys", "from fractions import Fraction"]),
    )


@defect("AB714")
def no_title(document: Notebook, rng: Random) -> int:
    document["cells"] = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    return 0


@defect("AB715", also="AB714")
def little_text(document: Notebook, rng: Random) -> int:
    document["cells"] = code_cells(document)
    while len(document["cells"]) < 7:
        document["cells"].append(code_cell(f"print({len(document['cells'])})"))
    executed(document)
    return 0


@defect("AB716", also="AB715")
def many_cells(document: Notebook, rng: Random) -> int:
    while len(document["cells"]) < 90:
        document["cells"].append(code_cell(f"print({len(document['cells'])})"))
    executed(document)
    return 0


def _named(document: Notebook, rng: Random) -> Planted:
    stems = ["Untitled", "Untitled3", "analysis-Copy1", "final version (2)", "größe", "what?", "Copy of lab"]
    return Planted(document, None, stem=rng.choice(stems))


DEFECTS.append(Defect("AB717", "bad_file_name", _named))
