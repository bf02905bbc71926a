"""What a run shows against what the notebook had saved: numbers within a tolerance, texts, tables, figures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose, isnan
from typing import Any

RELATIVE = 1e-6  # of numbers that count as the same
_NUMBER = re.compile(r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+\b")
_CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TIMES = re.compile(
    r"^.*\b(?:CPU times|Wall time|per loop|ms ±|µs ±|elapsed|it/s|s/it)\b.*$", re.MULTILINE | re.IGNORECASE
)
_PATH = re.compile(r"(?:[A-Za-z]:)?[\w.@~+ -]*(?:[/\\]+[\w.@~+-]+)+(?=[^\w]|$)")
_OWN = re.compile(
    r"^(?:\w+(?: \[.*\])?: [\d,]+ (?:rows?|files?)\b.*|\w+: .*\bIn your scratch area: ab\.load.*)$\n?",
    re.MULTILINE,
)
_TAGS = re.compile(r"<style\b.*?</style>|<[^>]+>", re.DOTALL)
_SHOWN = 60  # characters of a value in a message
_PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


@dataclass(frozen=True)
class Difference:
    """Something that a cell shows otherwise than it did.

    Attributes:
        cell: its number in the original.
        message: in one sentence.
        is_gone: whether it shows less than before, and nothing else.
    """

    cell: int
    message: str
    is_gone: bool = False

    def __str__(self) -> str:
        return f"cell {self.cell}: {self.message}"


def compare(
    before: Mapping[int, Sequence[Mapping[str, Any]]], after: Mapping[int, Sequence[Mapping[str, Any]]]
) -> list[Difference]:
    """Return what differs between the outputs of cells.

    Args:
        before: number of a cell to its outputs; cells without any are not compared: they may never have been run.
        after: the same of another run.
    """
    found: list[Difference] = []
    for number in sorted(before.keys() & after.keys()):
        if before[number]:
            found += _differences(number, before[number], after[number])
    return found


def _differences(
    number: int, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    old, new = _errors(before), _errors(after)
    if old != new:
        yield Difference(number, f"{new or 'no error'} instead of {old or 'no error'}")
        return
    for name, text in (("prints", _printed), ("shows", _results)):
        message = _text_difference(text(before), text(after))
        if message:
            yield Difference(number, f"{name} {message}", is_gone=not text(after).strip())
    figures = _figures(before), _figures(after)
    if figures[0] > figures[1]:
        yield Difference(number, f"shows {figures[1]} figures, {figures[0]} were saved")


def _errors(outputs: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(
        str(output.get("ename", "")) for output in outputs if output.get("output_type") == "error"
    )


def _printed(outputs: Sequence[Mapping[str, Any]]) -> str:
    texts = (
        _joined(output.get("text"))
        for output in outputs
        if output.get("output_type") == "stream" and output.get("name") == "stdout"
    )
    return _OWN.sub("", "".join(texts))


def _results(outputs: Sequence[Mapping[str, Any]]) -> str:
    texts: list[str] = []
    for output in outputs:
        data = output.get("data")
        if not isinstance(data, dict) or any(kind in data for kind in _PICTURES):
            continue
        if "text/html" in data and "<table" in _joined(data["text/html"]):
            texts.append(html.unescape(_TAGS.sub(" ", _joined(data["text/html"]))))
        else:
            texts.append(_joined(data.get("text/plain")))
    return "\n".join(texts)


def _figures(outputs: Sequence[Mapping[str, Any]]) -> int:
    return sum(any(kind in (output.get("data") or {}) for kind in _PICTURES) for output in outputs)


def _joined(text: Any) -> str:
    if isinstance(text, list):
        return "".join(map(str, text))
    return text if isinstance(text, str) else ""


def _text_difference(before: str, after: str) -> str:
    """Return how two texts differ, "" where they say the same."""
    old, new = (_plain(text) for text in (before, after))
    one, other = _NUMBER.findall(old), _NUMBER.findall(new)
    words = [" ".join(_NUMBER.sub("#", text).split()) for text in (old, new)]
    if words[0] != words[1]:
        place = next(
            (i for i, (a, b) in enumerate(zip(*words, strict=False)) if a != b), min(map(len, words))
        )
        start = max(0, place - 20)
        return f"{_cut(words[1][start:])} instead of {_cut(words[0][start:])}"
    for a, b in zip(one, other, strict=True):
        if not _is_close(a, b):
            return f"{b} instead of {a}"
    return ""


def _plain(text: str) -> str:
    """Return a text without what is another in each run: addresses, times, and the folders of files."""
    text = _TIMES.sub("", _ADDRESS.sub("0x", _CODES.sub("", text)))
    return _PATH.sub(lambda path: re.split(r"[/\\\\]", path[0])[-1], text)


def _is_close(one: str, other: str) -> bool:
    if one == other:
        return True
    a, b = (float(text.replace(",", "") or "nan") for text in (one, other))
    return (isnan(a) and isnan(b)) or isclose(a, b, rel_tol=RELATIVE, abs_tol=1e-9)


def _cut(text: str) -> str:
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return repr(shown) if shown else "nothing"
