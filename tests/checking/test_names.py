"""Names that are missing in a run from top to bottom, and all those that are not."""

# ruff: noqa: E501 - one notebook to a line

from __future__ import annotations

import pytest

PRESENT = {
    "comprehension": "squares = [n * n for n in range(3) if n]",
    "nested comprehension": "pairs = [(a, b) for a in range(2) for b in range(a)]",
    "walrus in a comprehension": "found = [y for x in range(3) if (y := x)]\nprint(y)",
    "walrus": "if (n := 3) > 2:\n    print(n)",
    "lambda": "add = lambda a, b=1: a + b\nadd(2)",
    "class body": "class A:\n    x = 1\n    y = x + 1\n    def get(self):\n        return self.x, __class__\nA().get()",
    "match": "point = (1, 2)\nmatch point:\n    case (x, *rest):\n        print(x, rest)\n    case {'a': v, **more}:\n        print(v, more)\n    case other:\n        print(other)",
    "try except ImportError": "try:\n    import ujson as json\nexcept ImportError:\n    import json\njson.dumps(1)",
    "except as": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print(error)",
    "with": "with open(__name__) as f, open(f.name) as g:\n    print(f, g)",
    "global": "def init():\n    global state\n    state = 1\ninit()\nprint(state)",
    "nonlocal": "def outer():\n    n = 0\n    def inner():\n        nonlocal n\n        n += 1\n    inner()\n    return n",
    "function before the names that it uses": "# In [1]:\ndef area():\n    return SIDE ** 2\n# In [2]:\nSIDE = 3\n# In [3]:\narea()",
    "recursion": "def f(n):\n    return 1 if n < 1 else f(n - 1) + g(n - 1)\ndef g(n):\n    return f(n)\nf(3)",
    "method that uses a later name": "# In [1]:\nclass A:\n    def show(self):\n        return TITLE\na = A()\n# In [2]:\nTITLE = 'x'\na.show()",
    "of a loop": "for i in range(3):\n    if i:\n        print(before)\n    before = i",
    "loop else": "for i in []:\n    pass\nelse:\n    done = True\nprint(done)",
    "after a loop": "for i in range(3):\n    pass\nprint(i)",
    "augmented": "n = 0\nn += 1",
    "unpacking": "(a, [b, *c]), d = (1, [2, 3]), 4\nprint(a, b, c, d)",
    "star import of a module with a list": "from textwrap import *\ndedent('x')",
    "star import of a compiled module": "from math import *\nsin(0)",
    "IPython's own": "display(1)\nget_ipython()\nexit\nquit",
    "magic that names a variable": "# In [1]:\n%%capture out\nprint(1)\n# In [2]:\nprint(out)",
    "shell output": "files = !ls\nprint(files)",
    "store": "%store -r model\nprint(model)",
    "exec": "exec('x = 1')\nprint(x)",
    "globals": "globals()['x'] = 1\nprint(x)",
    "guarded by globals": "if 'x' not in globals():\n    x = 1\nprint(x)",
    "guarded by NameError": "try:\n    x\nexcept NameError:\n    x = 1\nprint(x)",
    "del in a branch": "x = 1\nif x > 2:\n    del x\nprint(x)",
    "deleted and made anew": "x = 1\ndel x\nx = 2\nprint(x)",
    "annotation only in a function": "def f():\n    n: Undefined = 1\n    return n",
    "decorator": "import functools\n@functools.cache\ndef f(x):\n    return x",
    "type of a name without value, then assigned": "x: int\nx = 1\nprint(x)",
    "default argument": "n = 1\ndef f(a=n, *args, b, **kwargs):\n    return a, args, b, kwargs",
    "conditional import": "import sys\nif sys.version_info > (3, 11):\n    import tomllib as toml\nelse:\n    toml = None\nprint(toml)",
    "generator": "total = sum(x for x in range(3))",
    "async": "async def f():\n    async with open() as g:\n        async for line in g:\n            print(line)\nawait f()",
    "kernel names": "print(__name__, __builtins__, In)",
    "dunder of a class": "class A:\n    name = __qualname__ + __module__",
    "timeit without names": "%%timeit\nx = 1\nx + 1",
    "syntax error that defines": "# In [1]:\nx = 1 +\n# In [2]:\nprint(x)",
    "cell of another language": "# In [1]:\n%%bash\necho $HOME\n# In [2]:\nprint(1)",
    "raises-exception is expected": "import json",
}


@pytest.mark.parametrize("text", PRESENT.values(), ids=PRESENT)
def test_a_name_that_is_there_is_left_alone(text, check):
    assert [finding.message for finding in check(text).of("AB201", "AB202", "AB203", "AB204")] == []


MISSING = {
    "nowhere": ("AB201", "print(total)", "'total' is not defined in any cell"),
    "in a function that is never called": ("AB201", "def f():\n    return total", "'total' is not defined"),
    "the variable of a comprehension": ("AB201", "[n for n in range(3)]\nprint(n)", "'n' is not defined"),
    "in a comprehension's condition": ("AB201", "[n for n in range(3) if m]", "'m' is not defined"),
    "a function's local": ("AB201", "def f():\n    n = 1\nf()\nprint(n)", "'n' is not defined"),
    "a class's own name in its method": (
        "AB201",
        "class A:\n    x = 1\n    def f(self):\n        return x\n",
        "'x' is not defined",
    ),
    "in an f-string": ("AB201", "print(f'{total:,}')", "'total' is not defined"),
    "in a default": ("AB201", "def f(a=total):\n    return a", "'total' is not defined"),
    "as a decorator": ("AB201", "@cached\ndef f():\n    pass", "'cached' is not defined"),
    "after a star import that does not have it": (
        "AB201",
        "from textwrap import *\nprint(total)",
        "'total' is not defined",
    ),
    "Python 2": ("AB201", "xrange(3)", "'xrange' is not defined"),
    "in timed code": ("AB203", "# In [1]:\n%%timeit\nx = 1\n# In [2]:\nprint(x)", "%%timeit throws away"),
    "below": ("AB202", "# In [1]:\nprint(n)\n# In [2]:\nn = 1", "before cell 2, line 1 defines it"),
    "below in the same cell": ("AB202", "print(n)\nn = 1", "before cell 1, line 2 defines it"),
    "augmented before": ("AB202", "n += 1\nn = 0", "'n' is used"),
    "by a function that is called above": (
        "AB202",
        "# In [1]:\ndef f():\n    return n\n# In [2]:\nf()\n# In [3]:\nn = 1",
        "'n' is used by what is called in cell 2 before cell 3, line 1",
    ),
    "by a function that is applied above": (
        "AB202",
        "# In [1]:\nimport pandas as pd\ndef f(x):\n    return x + n\npd.Series([1]).apply(f)\n# In [2]:\nn = 1",
        "'n' is used by what is called in cell 1",
    ),
    "by a function of a function": (
        "AB202",
        "# In [1]:\ndef f():\n    return g()\ndef g():\n    return n\nf()\n# In [2]:\nn = 1",
        "'n' is used",
    ),
    "by making an object": (
        "AB202",
        "# In [1]:\nclass A:\n    def __init__(self):\n        self.n = n\nA()\n# In [2]:\nn = 1",
        "'n' is used",
    ),
    "raw cell": ("AB203", "# In [1]: raw\nn = 1\n# In [2]:\nprint(n)", "a raw cell"),
    "markdown cell": ("AB203", "# In [1]: markdown\n```python\nn = 1\n```\n# In [2]:\nprint(n)", "a markdown cell"),
    "comment": ("AB203", "# n = 1\nprint(n)", "a comment of cell 1"),
    "skipped by its tag": ("AB203", "# In [1]: skip-execution\nn = 1\n# In [2]:\nprint(n)", "skip-execution"),
    "skipped by a magic": ("AB203", "# In [1]:\n%%script false\nn = 1\n# In [2]:\nprint(n)", "keeps from being run"),
    "deleted": ("AB204", "n = 1\ndel n\nprint(n)", "'n' was deleted in cell 1, line 2"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "text", "message"), MISSING.values(), ids=MISSING)
def test_a_missing_name_is_found(code, text, message, only):
    assert message in only(code, text).message


def test_a_name_is_told_once(check):
    assert len(check("print(total)\nprint(total + total)").of("AB201")) == 1


def test_the_place_is_that_of_the_use(only):
    finding = only("AB201", "# In [1]:\nx = 1\n# In [2]:\nif x:\n    print('ä', total)")
    assert (finding.cell, finding.line, finding.column, finding.end) == (2, 2, 16, (2, 21))


def test_a_usual_name_is_imported_by_a_fix(only):
    finding = only("AB201", "print(pd.DataFrame())")
    assert finding.hint == "Add: import pandas as pd"
    assert finding.fix is not None
    assert finding.fix.safe


def test_names_of_a_script_that_is_run(check, tmp_path):
    (tmp_path / "setup.py").write_text("from os import path\nTITLE = 'x'\n")
    assert (
        check("%run setup.py\nprint(TITLE, path)\nprint(total)")
        .of("AB2")[0]
        .message.startswith("The name 'total'")
    )


def test_a_script_that_cannot_be_read_may_define_anything(check):
    assert not check("%run nowhere.py\nprint(total)").of("AB201")


def test_a_near_name_is_proposed(only):
    assert only("AB201", "total_sales = 1\nprint(total_sale)").hint == "Did you mean 'total_sales'?"
