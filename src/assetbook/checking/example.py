"""The examples of rules as notebooks: text in which a line such as ``# In [2]:`` begins a cell.

What follows the colon may say more: ``parameters`` and some other words tag the cell, ``result 2 4`` saves the result
``4`` numbered 2, ``error NameError`` an error, ``printed text`` what was printed, ``markdown`` or ``raw`` make it
another cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TAGS = ("parameters", "injected-parameters", "skip-execution", "raises-exception")
_CELL = re.compile(r"^# In \[(?P<count>\d+| )\]:(?P<more>.*)\n?", re.MULTILINE)


def parse_example(text: str) -> dict[str, Any]:
    """Return the notebook of an example, as JSON."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(_cells(text))}


def _cells(text: str) -> Iterator[dict[str, Any]]:
    starts = list(_CELL.finditer(text))
    if not starts:
        yield _cell(text, None, "")
        return
    for position, found in enumerate(starts):
        end = starts[position + 1].start() if position + 1 < len(starts) else len(text)
        count = int(found["count"]) if found["count"].strip() else None
        yield _cell(text[found.end() : end].rstrip("\n"), count, found["more"].strip())


def _cell(source: str, count: int | None, more: str) -> dict[str, Any]:
    kind, _, rest = more.partition(" ")
    if kind in ("markdown", "raw"):
        return {"cell_type": kind, "metadata": {}, "source": source}
    tags = {"metadata": {"tags": [kind]}} if kind in _TAGS else {"metadata": {}}
    if kind in _TAGS:
        kind, _, rest = rest.partition(" ")
    return {
        "cell_type": "code", "execution_count": count, "outputs": list(_outputs(kind, rest)), "source": source, **tags,
    }  # fmt: skip


def _outputs(kind: str, rest: str) -> Iterator[dict[str, Any]]:
    if kind == "result":
        number, _, text = rest.partition(" ")
        data = {"text/plain": text}
        yield {"output_type": "execute_result", "execution_count": int(number), "data": data, "metadata": {}}
    elif kind == "error":
        yield {"output_type": "error", "ename": rest, "evalue": "", "traceback": [rest]}
    elif kind == "printed":
        yield {"output_type": "stream", "name": "stdout", "text": rest + "\n"}
