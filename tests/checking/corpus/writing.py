"""From texts to notebooks as Jupyter saves them after a run, and the files that they read."""

# ruff: noqa: E501 - one file to a line

from __future__ import annotations

import ast
import json
import re
import sqlite3
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assetbook.contract.source import parse_cell

_CELL = re.compile(r"^# %%(?P<kind> \[\w+\])?(?P<more>.*)\n?", re.MULTILINE)

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """A notebook of the corpus: its name, and its text."""

    name: str
    text: str

    def notebook(self) -> Notebook:
        """Return it as Jupyter saves it when all cells have been run once, from the first to the last."""
        starts = list(_CELL.finditer(self.text))
        ends = [found.start() for found in starts[1:]] + [len(self.text)]
        cells = [
            _cell(self.text[found.end() : end].strip("\n"), found["kind"], found["more"])
            for found, end in zip(starts, ends, strict=True)
        ]
        document = {"cells": cells, "metadata": deepcopy(_METADATA), "nbformat": 4, "nbformat_minor": 5}
        return executed(document)


_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "version": "3.11.7"},
}


def code_cell(source: str, *, tags: list[str] | None = None) -> dict[str, Any]:
    """Return a code cell that has not been run."""
    metadata = {"tags": tags} if tags else {}
    return {
        "cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": lines(source),
    }  # fmt: skip


def _cell(source: str, kind: str | None, more: str) -> dict[str, Any]:
    if kind:
        return {"cell_type": kind.strip(" []"), "metadata": {}, "source": lines(source)}
    return code_cell(source, tags=re.findall(r"tags=(\w+)", more))


def lines(source: str) -> list[str]:
    """Return a source as Jupyter saves it: its lines, each with its end."""
    return source.splitlines(keepends=True)


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's source as one text."""
    return "".join(cell["source"])


def code_cells(document: Notebook) -> list[dict[str, Any]]:
    """Return the code cells of a notebook."""
    return [cell for cell in document["cells"] if cell["cell_type"] == "code"]


def executed(document: Notebook) -> Notebook:
    """Give the code cells the counts and outputs of a run from the first to the last."""
    count = 0
    for number, cell in enumerate(document["cells"]):
        cell["id"] = f"cell-{number}"
        if cell["cell_type"] != "code":
            continue
        ran = bool(source_of(cell).strip())  # Jupyter gives no number to a cell without text
        count += ran
        cell["execution_count"] = count if ran else None
        cell["outputs"] = list(_outputs(source_of(cell), count)) if ran else []
    return document


def _outputs(source: str, count: int) -> list[dict[str, Any]]:
    try:
        tree = parse_cell(source)[1]
    except SyntaxError:
        return []
    found: list[dict[str, Any]] = []
    prints = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    if prints:
        texts = [
            node.args[0].value for node in prints if node.args and isinstance(node.args[0], ast.Constant)
        ]
        found.append(
            {"name": "stdout", "output_type": "stream", "text": [f"{text}\n" for text in texts or ["1.25"]]}
        )
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not prints and not source.rstrip().endswith(";"):
        data = {"text/plain": ["0.8125"]}
        found.append(
            {"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"}
        )
    return found


def write(document: Notebook, path: Path) -> Path:
    """Write a notebook as Jupyter does."""
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path


def write_data(folder: Path) -> None:
    """Write the files that the notebooks read."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, text in _FILES.items():
        (data / name).write_text(text, "utf-8")
    (data / "sales.csv").write_text(_sales(), "utf-8")
    (data / "shop.db").unlink(missing_ok=True)
    with sqlite3.connect(data / "shop.db") as connection:
        connection.execute("create table orders (id integer, customer text, amount real, day text)")
        rows = [(n, f"c{n % 5}", 10.0 + n % 7, f"2023-01-{n % 28 + 1:02}") for n in range(60)]
        connection.executemany("insert into orders values (?, ?, ?, ?)", rows)
    connection.close()


def _sales() -> str:
    rows = ["date,store,product,units,price,promo"]
    for n in range(240):
        day = f"2023-{n // 20 + 1:02}-{n % 20 + 1:02}"
        rows.append(
            f"{day},S{n % 4},{'tea' if n % 3 else 'coffee'},{5 + n * 7 % 13},{2.5 + n % 5 * 0.5},{n % 6 == 0}"
        )
    return "\n".join(rows) + "\n"


def _people() -> str:
    rows = ["id,age,income,city,visits,churned"]
    for n in range(200):
        income = "" if n % 17 == 0 else 20_000 + n * 137 % 30_000
        rows.append(
            f"{n},{18 + n * 7 % 60},{income},{['Oslo', 'Bergen', 'Moss'][n % 3]},{n * 3 % 11},{int(n % 4 == 0)}"
        )
    return "\n".join(rows) + "\n"


def _series() -> str:
    rows = ["month,passengers"]
    rows += [f"{1950 + n // 12}-{n % 12 + 1:02},{112 + n + n * 5 % 12}" for n in range(96)]
    return "\n".join(rows) + "\n"


_FILES = {
    "customers.csv": _people(),
    "passengers.csv": _series(),
    "reviews.csv": "text,stars\n" + "".join(f"{'good and warm' if n % 2 else 'cold and late'} tea {n},{1 + n % 5}\n" for n in range(80)),
    "events.json": json.dumps([{"user": n % 9, "kind": ["view", "buy"][n % 2], "ms": 100 + n} for n in range(50)]),
    "page.html": "<html><body><table><tr><th>name</th><th>goals</th></tr><tr><td>Ada</td><td>3</td></tr></table></body></html>",
    "book.txt": "It was a bright cold day in April, and the clocks were striking thirteen.\n" * 20,
    "config.yaml": "threshold: 0.5\ncolumns: [age, income]\n",
    "matrix.txt": "1 2 3\n4 5 6\n7 8 10\n",
}  # fmt: skip
