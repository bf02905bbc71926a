"""Ways of writing a defect that are easily overlooked."""

# ruff: noqa: E501 - one notebook to a line

from __future__ import annotations

import json

import pytest

from assetbook.checking import Checker, Selection

FOUND = {
    "AB003 a return": ("x = 1\nreturn x", "'return' outside function"),
    "AB003 a break": ("if True:\n    break", "'break' outside loop"),
    "AB003 two arguments of one name": ("def f(a, a):\n    pass", "duplicate argument"),
    "AB003 Python 2": ("print 'x'", "Missing parentheses"),
    "AB004 a computed name": ("import assetbook as ab\nab.load(str(1))", "has to be computed"),
    "AB004 a parameter without default": ("# In [1]: parameters\nmonth: str", "has no default"),
    "AB101 relative": ("from .tools import x", "in no package"),
    "AB101 another name": ("import yaml2, cv2", "'opencv-python' provides it"),
    "AB101 of a service": ("from google.colab import files", "There is no module 'google.colab'"),
    "AB101 a module that moved": ("from sklearn.cross_validation import KFold", "There is no module 'sklearn.cross_validation'"),
    "AB101 in the middle": ("x = 1\nif x:\n    pass\nimport nothing_like_it", "no module 'nothing_like_it'"),
    "AB103 of Python": ("from collections import Mapping", "'collections' of this environment has no 'Mapping'"),
    "AB103 compiled": ("from itertools import izip", "has no 'izip'"),
    "AB104 a method": ("import pandas as pd\ndf = pd.read_csv('a.csv')\ndf = df.dropna()\ndf = df.append({'a': 1})", "removed DataFrame.append"),
    "AB104 an argument": ("from sklearn.preprocessing import OneHotEncoder as E\nE(sparse=False)", "the argument sparse of OneHotEncoder"),
    "AB104 a style": ("from matplotlib import pyplot as plt\nplt.style.use('seaborn')", "the style 'seaborn'"),
    "AB111 in a default": ("def load(path='/Users/ada/x.csv'):\n    return open(path)", "'/Users/ada/x.csv'"),
    "AB111 joined": ("import os\nROOT = 'C:\\\\data\\\\x'\nname = os.path.join(ROOT, 'a.csv')", "holds on one machine only"),
    "AB111 in an f-string": ("name = 'a'\nopen(f'/home/ada/{name}.csv')", "'/home/ada/a.csv'"),
    "AB111 in a command": ("%run /home/ada/setup.py", "'/home/ada/setup.py'"),
    "AB111 somewhere on the disk": ("import pandas as pd\npd.read_csv('/data_of_ours/x.csv')", "'/data_of_ours/x.csv'"),
    "AB111 of a network": ("import pandas as pd\npd.read_csv(r'\\\\server\\share\\x.csv')", "holds on one machine only"),
    "AB112 by pathlib": ("from pathlib import Path\nDATA = Path('raw')\n(DATA / 'x.txt').read_text()", "'raw/x.txt'"),
    "AB112 by a function": ("import pandas as pd\ndef load(name):\n    return pd.read_csv(name)\nload('x.csv')", "'x.csv'"),
    "AB112 in a query": ("import duckdb\nduckdb.sql(\"select * from 'x.parquet'\")", "'x.parquet'"),
    "AB112 a database": ("import sqlite3\nc = sqlite3.connect('shop.db')\nc.execute('select 1')", "'shop.db'"),
    "AB112 by an address": ("from sqlalchemy import create_engine\ne = create_engine('sqlite:///shop.db')", "'shop.db'"),
    "AB121 by Python": ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])", "installs x"),
    "AB121 in a cell of the shell": ("%%bash\nset -e\nsudo apt-get install -y graphviz", "installs"),
    "AB121 the exported form": ("get_ipython().run_line_magic('pip', 'install shap')", "installs shap"),
    "AB122 assigned": ("files = !ls", "runs 'ls' in a shell"),
    "AB122 the exported form": ("get_ipython().system('nvidia-smi')", "'nvidia-smi'"),
    "AB124 under another name": ("from getpass import getpass as ask\nask()", "waits for a password"),
    "AB125 an extension": ("%load_ext watermark", "extension 'watermark' is not installed"),
    "AB125 a script": ("%run nowhere.py", "no file 'nowhere.py'"),
    "AB206": ("list = [1]\nprint(list('ab'))", "given its name to a value"),
    "AB303 at the beginning": ("# In [4]:\nx = 1", "[1] to [3]"),
    "AB306": ("# In [1]: error KeyError\nx = {}['a']", "ended with KeyError"),
    "AB308 printed": ("# In [1]: printed one\nprint('two')", "prints 'two'"),
    "AB308 nothing left": ("# In [1]: printed one\n# print('one')", "no code that could give them"),
    "AB401 seeded below": ("# In [1]:\nimport numpy as np\nx = np.random.rand()\n# In [2]:\nnp.random.seed(1)", "np.random.rand draws"),
    "AB401 seeded with nothing": ("import numpy as np\nnp.random.seed(None)\nx = np.random.rand()", "np.random.rand draws"),
    "AB401 a library of its own": ("import random, numpy as np\nnp.random.seed(1)\nrandom.shuffle([1])", "random.shuffle draws"),
    "AB401 scipy": ("from scipy.stats import norm\nnorm.rvs(size=3)", "norm.rvs draws"),
    "AB401 a bit generator": ("from numpy.random import Generator, PCG64\nrng = Generator(PCG64())", "PCG64 draws"),
    "AB402 none": ("from sklearn.ensemble import RandomForestClassifier as F\nF(10, random_state=None)", "RandomForestClassifier draws"),
    "AB402 in a pipeline": ("from sklearn.pipeline import make_pipeline\nfrom sklearn import tree\nmake_pipeline(tree.DecisionTreeClassifier())", "DecisionTreeClassifier draws"),
    "AB402 by its solver": ("from sklearn.linear_model import LogisticRegression\nLogisticRegression(solver='saga')", "LogisticRegression draws"),
    "AB403 in a function": ("from datetime import datetime\ndef age(year):\n    return datetime.now().year - year", "datetime.now takes the date"),
    "AB403 as a text": ("import pandas as pd\nend = pd.Timestamp('today')", "Timestamp('today')"),
    "AB501 by a pickle": ("import pickle\npickle.dump(1, open('x.pkl', 'wb'))", "open writes a file"),
    "AB501 of a figure": ("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nfig.savefig('x.png')", "writes a figure"),
    "AB501 by a query": ("import sqlite3\nc = sqlite3.connect('x.db')\nc.execute('insert into t values (1)')", "execute writes a table"),
    "AB501 of a model": ("import joblib as jl\nm = 1\njl.dump(m, 'm.joblib')", "ab.save_model"),
    "AB511 of a loaded table": ("import assetbook as ab\nt = ab.load('t')\nt[t.a > 0]['b'] = 1", "part of a part"),
    "AB511 in place": ("import pandas as pd\ndf = pd.read_csv('x.csv')\ndf['a'].replace(1, 2, inplace=True)", "df['a'] = df['a'].replace"),
    "AB511 by position": ("import pandas as pd\ndf = pd.read_csv('x.csv')\ndf['a'].iloc[0] = 2", "part of a part"),
    "AB521 in place": ("from sklearn.preprocessing import MinMaxScaler\nfrom sklearn.model_selection import train_test_split\nimport pandas as pd\ndf = pd.read_csv('x.csv')\nsc = MinMaxScaler()\ndf[['a', 'b']] = sc.fit_transform(df[['a', 'b']])\nX = df.drop(columns='y')\na, b, c, d = train_test_split(X, df.y, random_state=1)", "MinMaxScaler is fitted on all rows"),
    "AB521 fitted, then applied": ("from sklearn.decomposition import PCA\nfrom sklearn.model_selection import train_test_split\nX, y = [[1.0]], [1]\np = PCA()\np.fit(X)\nX_train, X_test = train_test_split(X, random_state=1)\nZ = p.transform(X_train)", "PCA is fitted on all rows"),
    "AB522 on both": ("import pandas as pd\nfrom sklearn.preprocessing import StandardScaler\nfrom sklearn.model_selection import train_test_split\ntr, te = train_test_split([1, 2], random_state=1)\nStandardScaler().fit(pd.concat([tr, te]))", "test rows: te"),
    "AB522 the model": ("from sklearn.svm import SVC\nX_test, y_test = [[1]], [1]\nSVC().fit(X_test, y_test)", "test rows: X_test"),
    "AB522 all rows": ("from sklearn.svm import SVC\nfrom sklearn.model_selection import train_test_split\nX, y = [[1]], [1]\nX_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)\nm = SVC()\nm.fit(X, y)\nm.score(X_test, y_test)", "tested on a part of them"),
    "AB601 in a comment": ("# ghp_abcdEFGH1234ijklMNOP5678qrstUVWX90ab\nx = 1", "A GitHub token"),
    "AB601 in markdown": ("# In [1]: markdown\nuse `mysql://root:N0tTh3On3@10.0.0.1/x`\n# In [2]:\nx = 1", "An address with a password stands in the markdown cell"),
    "AB601 by keyword": ("import sqlite3\nd = dict(host='db', password='s3cr3t!pw')", "'password' is a secret"),
    "AB601 in the environment": ("import os\nos.environ['API_TOKEN'] = 'a8f5f167f44f4964e6c998dee827110c'", "'API_TOKEN' is a secret"),
    "AB601 a private key": ("key = '''-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx1jXGh0W3Zl3nM9o0Q7b2sVn8yYw4uT5r6q7p8o9\n'''", "A private key"),
    "AB112 in a loop": ("import pandas as pd\nnames = ['x.csv', 'y.csv']\nfor name in names:\n    pd.read_csv(name)", "'y.csv'"),
    "AB112 put together": ("import pandas as pd\npd.read_csv('raw/%s.csv' % 'x')", "'raw/x.csv'"),
    "AB112 formatted": ("import pandas as pd\npd.read_csv('raw/{}.{}'.format('x', 'csv'))", "'raw/x.csv'"),
    "AB511 of an argument": ("def clean(df):\n    df['a'].fillna(0, inplace=True)\n    return df", "df['a'] = df['a'].fillna"),
    "AB513 in place": ("# In [1]: parameters\nnames: list = ['a']\n# In [2]:\nnames.append('b')", "The parameter 'names'"),
    "AB522 all rows, fitted at once": ("from sklearn.svm import SVC\nfrom sklearn.model_selection import train_test_split\nX, y = [[1]], [1]\nX_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)\nm = SVC().fit(X, y)\nm.score(X_test, y_test)", "tested on a part of them"),
    "AB601 in a header": ("h = {'X-Api-Key': '9f8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d'}", "'X-Api-Key' is a secret"),
    "AB601 at the end of a connection": ("c = 'DRIVER={SQL};SERVER=s;UID=admin;PWD=Winter2023!'", "A connection string with a password"),
    "AB601 as a default": ("import os\nos.environ.setdefault('SECRET_KEY', 'a9sd8f7a9s8d7f98asd7f')", "'SECRET_KEY' is a secret"),
    "AB702 after the end": ("import sys\nsys.exit()\nprint(1)", "never runs"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found(name, check):
    text, message = FOUND[name]
    found = check(text).of(name.split()[0])
    assert [f"{f.message} {f.hint}" for f in found if message in f"{f.message} {f.hint}"], found


def test_no_finding_shows_a_secret(check):
    text = "open('/home/ada/x'); password = 'hunter2-and-more'; url = 'mysql://root:N0tTh3On3@10.0.0.1/x'; print(unknown)"
    for finding in check(text).findings:
        shown = json.dumps(finding.as_json())
        assert "hunter2" not in shown
        assert "N0tTh3On3" not in shown


def test_a_secret_in_an_output_is_not_shown(check, tmp_path):
    report = check("# In [1]: printed token ghp_abcdEFGH1234ijklMNOP5678qrstUVWX90ab\nprint(token)")
    (finding,) = report.of("AB602")
    assert "ghp_" not in json.dumps(finding.as_json())


@pytest.fixture
def space(tmp_path):
    """A workspace with a notebook in a folder of its own."""
    (tmp_path / "workspace.yaml").touch()
    (tmp_path / "notebooks").mkdir()

    def check_text(text):
        document = {
            "nbformat": 4,
            "metadata": {},
            "cells": [{"cell_type": "code", "source": text, "outputs": []}],
        }
        path = tmp_path / "notebooks" / "n.ipynb"
        path.write_text(json.dumps(document), "utf-8")
        return Checker(tmp_path, selection=Selection()).check_file(path)

    return tmp_path, check_text


def test_modules_of_the_workspace_are_found(space):
    root, check_text = space
    (root / "of_mine").mkdir()
    (root / "of_mine" / "tools.py").write_text("def clean(): ...\n")
    assert not check_text("from of_mine.tools import clean\nimport of_mine.tools").of("AB10")
    assert check_text("from of_mine.tools import cleen").of("AB103")
    assert check_text("import of_mine.tolls").of("AB101")


def test_a_module_beside_the_notebook_is_told_apart(space):
    root, check_text = space
    (root / "notebooks" / "beside.py").write_text("x = 1\n")
    (finding,) = check_text("import beside").of("AB101")
    assert "stands beside the notebook" in finding.message
    assert not check_text("import sys\nsys.path.append('notebooks')\nimport beside").of("AB101")


def test_files_beside_the_notebook_are_told_apart(space):
    root, check_text = space
    (root / "notebooks" / "x.csv").touch()
    (root / "y.csv").touch()
    (finding,) = check_text("open('x.csv')").of("AB11")
    assert finding.code == "AB113"
    assert finding.hint == 'Load it as an asset, or write "notebooks/x.csv".'
    assert not check_text("open('y.csv')").of("AB11")
    assert not check_text("open('notebooks/x.csv')").of("AB11")


def test_an_absolute_path_into_the_workspace_has_a_relative_form(space):
    root, check_text = space
    (root / "x.csv").touch()
    (finding,) = check_text(f"open('{root}/x.csv')").of("AB111")
    assert finding.severity == "warning"  # it exists here
    assert finding.hint.endswith('"x.csv".')
    assert finding.fix is not None
    assert not finding.fix.safe


def test_packages_that_are_not_locked(space):
    root, check_text = space
    assert not check_text("import click, yaml").of("AB102")
    (root / "requirements.lock").write_text("pyyaml==6.0 \\\n    --hash=sha256:0\n")
    (finding,) = check_text("import click, yaml, json, assets").of("AB102")
    assert "requirements.lock does not have" in finding.message
    (root / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["Click>=8"]\n')
    assert not check_text("import click, yaml").of("AB102")


def test_star_imports_of_the_workspace_give_their_names(space):
    root, check_text = space
    (root / "tools.py").write_text("from math import *\nHERE = 1\n_private = 2\n")
    assert not check_text("from tools import *\nprint(HERE, sin)").of("AB201")
    assert len(check_text("from tools import *\nprint(_private)\nprint(THERE)").of("AB201")) == 2
