from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from assetbook.contract.source import fingerprint, parse_cell, to_python

# Cells as IPython users write them, and the Python of it that has to be found, by line.
CELLS: list[tuple[str, dict[int, str]]] = [
    ("%matplotlib inline\nx = 1", {2: "x = 1"}),
    ("!pip install a \\\n  b\nx = 1", {3: "x = 1"}),
    ("!echo \"it's (open\nx = 1", {2: "x = 1"}),
    ("files = !ls -l \"it's\nx = 1", {2: "x = 1"}),
    ("here = %pwd\nx = 1", {2: "x = 1"}),
    ("%time x = load(1)", {1: "x = load(1)"}),
    ("%timeit -n 3 -r 2 load(1)", {1: "load(1)"}),
    ("x = %time load(1)", {1: "x = load(1)"}),
    ("%%time\nx = load(1)", {2: "x = load(1)"}),
    ("\n\n%%capture out\n%%time\nx = 1", {5: "x = 1"}),
    ("if a:\n    !ls\n    x = 1", {3: "x = 1"}),
    ("f(\n  a\n  % b,\n)\n!ls", {1: "f(a % b)"}),
    ('s = """\n%matplotlib\n!ls\n"""\n!ls\nx = 1', {1: "s = '\\n%matplotlib\\n!ls\\n'", 6: "x = 1"}),
    ("x = 1 \\\n  % 2\n!ls", {1: "x = 1 % 2"}),
    ("load?\nx = 1", {2: "x = 1"}),
    ("?load\nx = 1", {2: "x = 1"}),
    ("pd.DataFrame.a??\nx = 1", {2: "x = 1"}),
    ("    x = 1\n    y = 2", {1: "x = 1", 2: "y = 2"}),
    ("    %time x = 1\n    y = 2", {1: "x = 1", 2: "y = 2"}),
    ('print("a # b")  # (\n!ls\nx = 1', {3: "x = 1"}),
    ("print('%s = !x' % 1)\n%cd x", {1: "print('%s = !x' % 1)"}),
    ("x != 1\n!ls", {1: "x != 1"}),
    ("await x\n%cd y", {1: "await x"}),
    ("pip install pandas", {}),
    ("%%bash\nls (", {}),
    ("%%writefile a.py\nimport assetbook", {}),
    ("", {}),
]


@pytest.mark.parametrize(("source", "statements"), CELLS)
def test_finds_the_python_of_a_cell_at_its_lines(source: str, statements: dict[int, str]) -> None:
    text, tree = parse_cell(source)
    found = {node.lineno: ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)}
    assert statements.items() <= found.items()
    assert len(text.split("\n")) <= len(source.split("\n"))


@pytest.mark.parametrize("source", [source for source, _ in CELLS if not source.startswith(("pip", "await"))])
def test_reads_what_ipython_runs(source: str) -> None:
    ast.parse(TransformerManager().transform_cell(source))


@pytest.mark.parametrize("source", ["def f(:", "x = = 1", "!ls\nx = (", "if a:\nx"])
def test_what_is_neither_python_nor_ipython_is_a_syntax_error(source: str) -> None:
    with pytest.raises(SyntaxError):
        parse_cell(source)


def test_text_of_commands_is_part_of_the_code() -> None:
    texts = ["!ls", "!ls -l", "%%bash\nls", "%%bash\nls -l", "%cd a", "%cd b"]
    assert len({fingerprint(parse_cell(text)[1]) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    "text", ["x = None", "x = u'a'", "def f(): ...", "x = {None: 1, **y}", "global a, b"]
)
def test_fingerprint_tells_constants_apart_and_nothing_else(text: str) -> None:
    assert fingerprint(ast.parse(text)) == fingerprint(ast.parse(f"\n{text}  # why".replace("u'", "'")))
    assert fingerprint(ast.parse("x = None")) != fingerprint(ast.parse("x = 0"))
    assert fingerprint(ast.parse("x = True")) != fingerprint(ast.parse("x = 1"))


@given(st.text(alphabet="ab =%!?\"'#()[]\\\n\t,;/\N{GREEK SMALL LETTER ALPHA}"))
def test_any_text_is_translated_without_fail_and_gains_no_lines(source: str) -> None:
    assert to_python(source).count("\n") <= source.count("\n")


@given(st.lists(st.sampled_from(["x = 1", "f(\n1)", "'''a\nb'''", "# c", "", "if x:\n  y"]), max_size=5))
def test_python_is_left_as_it_is(lines: list[str]) -> None:
    source = "\n".join(lines)
    assert parse_cell(source)[0] == source
    assert fingerprint(ast.parse(to_python(source))) == fingerprint(ast.parse(source))
