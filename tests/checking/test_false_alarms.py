"""Code that looks like a defect and is none: nothing is said of it."""

# ruff: noqa: E501 - one notebook to a line

from __future__ import annotations

import pytest

PD = "import pandas as pd\nimport numpy as np\ndf = pd.DataFrame({'a': [1], 'b': [2]})\n"
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
SKLEARN = (
    "from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import StandardScaler\n"
    "from sklearn.linear_model import LogisticRegression\nX, y = [[1.0]] * 9, [0, 1, 1] * 3\n"
)
CLEAN = {
    "AB003 a cell of another language": "%%javascript\nalert('x');",
    "AB003 awaiting in a cell": "import asyncio\nawait asyncio.sleep(0)",
    "AB003 pasted prompts": ">>> x = 1\n>>> x + 1",
    "AB003 a late future import": "x = 1\nfrom __future__ import annotations",
    "AB003 a help request": "len?\nlen??\n?len",
    "AB003 a question about a pattern": "str.*find*?",
    "AB101 guarded": "try:\n    import ujson\nexcept ImportError:\n    ujson = None",
    "AB101 suppressed": "from contextlib import suppress\nwith suppress(ImportError):\n    import ujson",
    "AB101 written by a cell": "# In [1]:\n%%writefile tools_here.py\nx = 1\n# In [2]:\nimport tools_here",
    "AB101 fetched": "from urllib.request import urlretrieve\nurlretrieve('https://example.org/thinkbayes.py', 'thinkbayes.py')\nimport thinkbayes",
    "AB101 submodules": "import os.path, xml.etree.ElementTree as ET, concurrent.futures, importlib.metadata\nfrom email.mime.text import MIMEText",
    "AB103 a submodule": "from sklearn import linear_model\nfrom matplotlib import pyplot as plt\nfrom os import path",
    "AB103 a lazy module": "from plotly import express as px\nfrom sklearn.experimental import enable_iterative_imputer",
    "AB104 a list that was a table": "import pandas as pd\nrows = pd.DataFrame()\nrows = []\nrows.append(1)",
    "AB104 a dict of lists": "data = {'a': []}\ndata['a'].append(1)",
    "AB104 today's names": "import numpy as np\nx = np.zeros(2, dtype=np.bool_)\ny = np.inf",
    "AB111 routes": "app = {}\nroutes = ['/api/v1/users', '/home', '/', '/login']",
    "AB111 a pattern": "import re\nre.findall(r'Q:\\s+(.*)', 'Q: a')\nre.sub(r'\\\\d+', 'x', 'y')",
    "AB111 places of the system": "open('/dev/null')\nname = '/tmp/x'\nfrom pathlib import Path\nPath('/proc/cpuinfo').read_text()",
    "AB111 an address": "url = 'https://example.org/home/ada/x.csv'",
    "AB111 XPath": "path = '/root/item[1]'\nother = '/html/body/div'",
    "AB111 prose": "text = '''\n/home/ada is where it was\n'''",
    "AB112 written before": "import pandas as pd\npd.DataFrame().to_csv('x.csv')\npd.read_csv('x.csv')",
    "AB112 written by a function": "import pandas as pd\ndef save(frame, name):\n    frame.to_csv(name)\nsave(pd.DataFrame(), str(1))\npd.read_csv('x.csv')",
    "AB112 asked for": "import os\nimport pandas as pd\nif os.path.exists('x.csv'):\n    pd.read_csv('x.csv')",
    "AB112 expected to be missing": "try:\n    open('x.csv')\nexcept FileNotFoundError:\n    pass",
    "AB112 fetched": "import pandas as pd\n!wget https://example.org/x.zip && unzip x.zip\npd.read_csv('x.csv')",
    "AB112 not known": "import sys\nopen(sys.argv[1])\nname = str(1) + '.csv'\nopen(name)",
    "AB112 in memory": "import io\nimport pandas as pd\nimport sqlite3\npd.read_csv(io.StringIO('a\\n1'))\nsqlite3.connect(':memory:')",
    "AB112 many": "import glob\nfor name in sorted(glob.glob('*.nothing')):\n    open(name)",
    "AB122 written in markdown": "# In [1]: markdown\n!ls\n# In [2]:\nprint(1)",
    "AB124 a name of its own": "def input(x):\n    return x\ninput('a')",
    "AB124 only elsewhere": "import sys\nIN_COLAB = 'google.colab' in sys.modules\nif IN_COLAB:\n    from google.colab import drive\n    drive.mount('/content/drive')\n    !pip install x\n    %tensorflow_version 2.x",
    "AB125 an extension that is loaded": "%load_ext autoreload\n%autoreload 2",
    "AB125 one's own magic": "from IPython.core.magic import register_line_magic\n@register_line_magic\ndef hello(line):\n    print(line)\n%hello you",
    "AB125 Python's modulo": "x = 7\ny = (x\n     % 3)",
    "AB205 what is thrown away": "for _ in range(3):\n    pass\na, _ = 1, 2\nprint(_)",
    "AB206 another scope": "def f(list):\n    return list(1)\nlist([1])",
    "AB206 deleted again": "sum = 3\ndel sum\nsum([1])",
    "AB303 papermill's cell": "# In [1]: parameters\na = 1\n# In [2]: injected-parameters\na = 2\n# In [3]:\nprint(a)",
    "AB304 a comment": "# In [1]:\nx = 1\n# In [ ]:\n# nothing to do here\n# In [2]:\nprint(x)",
    "AB306 expected": "# In [1]: raises-exception error ValueError\nint('x')",
    "AB308 all results": "# In [1]:\nfrom IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'all'\n# In [2]: result 2 4\n2 + 2\nx = 1",
    "AB308 a timed cell": "# In [1]: result 1 4\n%%time\n2 + 2",
    "AB401 seeded by a helper": "import numpy as np\ndef seed_everything(seed):\n    np.random.seed(seed)\nseed_everything(1)\nnp.random.rand()",
    "AB401 seeded by a helper of others": "import numpy as np\nfrom workspace_tools import set_seed\nset_seed(3)\nnp.random.rand()\n",
    "AB401 a generator": "import numpy as np\nrng = np.random.default_rng(3)\nrng.normal()\nr = np.random.RandomState(seed=3)",
    "AB401 a generator from a number": "import random\nrng = random.Random(5)\nrng.random()",
    "AB401 a function of the module": "import numpy as np\nnp.random.seed(3)\ndef f():\n    return np.random.rand()\nf()",
    "AB401 scipy with a state": "from scipy import stats\nstats.norm.rvs(size=3, random_state=1)",
    "AB402 seeded for all": "import numpy as np\nfrom sklearn.cluster import KMeans\nnp.random.seed(1)\nKMeans(3)",
    "AB402 passed on": "from sklearn.cluster import KMeans\noptions = {'random_state': 1}\nKMeans(**options)",
    "AB402 without shuffling": "from sklearn.model_selection import KFold, train_test_split\nKFold(5)\ntrain_test_split([1, 2], shuffle=False)",
    "AB402 a linear model": "from sklearn.linear_model import LogisticRegression, Ridge\nLogisticRegression()\nRidge()",
    "AB402 random.sample": "import pandas as pd\nimport random\nrandom.seed(1)\nrandom.sample([1, 2], 1)",
    "AB403 a duration": "from datetime import datetime\nstart = datetime.now()\nprint(datetime.now() - start)",
    "AB403 a duration in two cells": "# In [1]:\nimport datetime as dt\nbegin = dt.datetime.now()\n# In [2]:\nend = dt.datetime.now()\nseconds = (end - begin).total_seconds()",
    "AB403 told": "from datetime import date\nprint(f'printed on {date.today():%d %b}')",
    "AB403 a given date": "import pandas as pd\nfrom datetime import datetime, date\ndatetime(2020, 1, 1)\npd.Timestamp('2020-01-01')\ndate.fromisoformat('2020-01-01')",
    "AB403 time of the process": "import time\nt = time.time()\ntime.perf_counter() - t",
    "AB501 a text": PD
    + "print(df.to_csv())\nprint(df.to_html(), df.to_json(orient='records'), df.to_markdown())",
    "AB501 in memory": PD + "import io\nbuffer = io.BytesIO()\ndf.to_parquet(buffer)",
    "AB501 temporary": PD
    + "import tempfile, pathlib\nwith tempfile.TemporaryDirectory() as folder:\n    df.to_csv(pathlib.Path(folder) / 'x.csv')",
    "AB501 reading": "import sqlite3\nwith sqlite3.connect(':memory:') as c:\n    c.execute('create table t (a)')",
    "AB501 an asset": "import assetbook as ab\nimport pandas as pd\nab.save('out', pd.DataFrame())",
    "AB511 one step": PD + "df.loc[df.a > 1, 'b'] = 0\ndf['c'] = 1\ndf.iloc[0, 0] = 2\ndf.at[0, 'a'] = 1",
    "AB511 no table": "config = {'a': {}}\nconfig['a']['b'] = 1\nm = [[0]]\nm[0][0] = 1",
    "AB511 an array": "import numpy as np\nx = np.zeros((2, 2))\nx[0][1] = 1\nx[x > 0][0] = 2",
    "AB511 of the whole table": PD
    + "df.drop(columns='a', inplace=True)\ndf.fillna(0, inplace=True)\ndf.columns.values[0] = 'x'",
    "AB511 a column by itself": PD + "a = df['a'].copy()\na[0] = 1",
    "AB512 made anew": "def f(names=[]):\n    names = list(names)\n    names.append(1)\n    return names",
    "AB512 only read": "def f(options={}):\n    return options.get('a')",
    "AB513 made from it": "# In [1]: parameters\nmonth: str = '2013-03'\n# In [2]:\nmonth = month.strip()",
    "AB513 in a function": "# In [1]: parameters\nn: int = 1\n# In [2]:\ndef f():\n    n = 2\n    return n",
    "AB521 after the split": SKLEARN + SPLIT + "StandardScaler().fit(X_train)",
    "AB521 for a picture": SKLEARN
    + "from sklearn.decomposition import PCA\npoints = PCA(2).fit_transform(X)\n"
    + SPLIT
    + "LogisticRegression().fit(X_train, y_train)",
    "AB521 split once more": SKLEARN
    + SPLIT
    + "Z = StandardScaler().fit_transform(X_train)\nA, B = train_test_split(Z, random_state=1)",
    "AB521 labels": SKLEARN
    + "from sklearn.preprocessing import LabelEncoder\ny = LabelEncoder().fit_transform(y)\n"
    + SPLIT,
    "AB522 transformed": SKLEARN
    + SPLIT
    + "s = StandardScaler().fit(X_train)\ns.transform(X_test)\nLogisticRegression().fit(X_train, y_train).score(X_test, y_test)",
    "AB522 to watch": "from xgboost_like import Model\nfrom sklearn.model_selection import train_test_split\nX_train, X_test, y_train, y_test = train_test_split([1], [1], random_state=0)\nModel().fit(X_train, y_train, eval_set=[(X_test, y_test)])",
    "AB522 fitted again at the end": SKLEARN
    + SPLIT
    + "m = LogisticRegression().fit(X_train, y_train)\nm.score(X_test, y_test)\nm.fit(X, y)",
    "AB522 calibrated": SKLEARN
    + "X_fit, X_cal, y_fit, y_cal = train_test_split(X, y, random_state=0)\nLogisticRegression().fit(X_cal, y_cal)",
    "AB601 placeholders": "api_key = 'YOUR_API_KEY'\npassword = '********'\ntoken = '<your token here>'\nsecret_key = 'changeme-please'\nPASSWORD = 'password'",
    "AB601 columns and tokens": "token_column = 'access_token_2'\npad_token = '[PAD_TOKEN_0]'\ntokens = ['a1']\ntoken = 'hello'\nsecret_name = 'prod/db/password1'",
    "AB601 from the environment": "import os\npassword = os.environ['DB_PASSWORD']\nurl = f'postgresql://{os.environ[\"U\"]}:{password}@db/x'",
    "AB601 examples of documentation": "key = 'AKIAIOSFODNN7EXAMPLE'\nurl = 'postgresql://user:password@localhost/db'\nother = 'mysql://scott:tiger@host/x'",
    "AB601 identifiers": "sha = '3f786850e387550fdab836ed7e6dc881de23001b'\nuid = '550e8400-e29b-41d4-a716-446655440000'",
    "AB701 at the end": "# In [1]:\nx = 1\n# In [ ]:\n\n",
    "AB702 prose": "# Now the model.\n# It is small.",
    "AB702 a solution to load": "# %load solutions/one.py",
    "AB702 a remark": "# TODO: more of this",
}
NOTES = {
    "AB703 small cells": "# In [1]:\nplt = 1\n# In [2]:\nplt = 1",
    "AB705 a quiet end": "x = 1\nx;",
    "AB707 overloads": "# In [1]:\nfrom functools import singledispatch\n@singledispatch\ndef f(x):\n    pass\n# In [2]:\n@f.register\ndef f(x: int):\n    pass",
    "AB711 used in a command": "import os\nname = 1\n!echo {os.getcwd()}",
    "AB711 used in a text": "import numpy as np\nimport pandas as pd\npd.DataFrame().query('a > @np.pi')",
    "AB711 for what it does": "from mpl_toolkits.mplot3d import Axes3D\nfrom sklearn.experimental import enable_iterative_imputer",
    "AB713 with the first work": "# In [ ]: markdown\n# T\n# In [1]:\n%matplotlib inline\nimport json\n# In [2]:\nimport math\nprint(json, math)",
    "AB714 a heading below a picture": "# In [ ]: markdown\n![](x.png)\n# In [ ]: markdown\n<h1>Title</h1>\n# In [1]:\nx = 1",
}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_said_of_it(name, check):
    code = name.split()[0]
    found = check(CLEAN[name]).of(code)
    assert [f"{finding.where}: {finding.message}" for finding in found if finding.severity != "note"] == []


@pytest.mark.parametrize("name", NOTES)
def test_no_note_is_made_of_it(name, check):
    assert [finding.message for finding in check(NOTES[name]).of(name.split()[0])] == []
