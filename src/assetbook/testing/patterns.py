"""Texts that a regular expression matches, drawn at random: what a schema's ``str_matches`` asks for."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

MOST_REPEATS = 8  # of a piece that may be repeated without end
_TRIES = 20  # of a text that has to be a new one
_ALPHABET = string.ascii_letters + string.digits + " -_.,"
_CLASSES: dict[str, str] = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_NOT_DIGIT": string.ascii_letters,
    "CATEGORY_WORD": string.ascii_letters + string.digits,
    "CATEGORY_NOT_WORD": " -.",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": string.ascii_letters + string.digits,
}


class UnknownPatternError(ValueError):
    """A pattern with a piece that texts cannot be made for, such as a look-around."""


def matching(pattern: str, *, most: int, seed: str) -> list[str]:
    """Return different texts that match a pattern from its start; fewer than `most` where there are no more.

    Args:
        pattern: as `re` takes it.
        most: how many.
        seed: of the draws; equal seeds give equal texts.

    Raises:
        UnknownPatternError: it has a piece that is not understood here.
    """
    known = re.compile(pattern)
    found = (text for text in _drawn(pattern, random.Random(seed)) if known.match(text))
    return list(islice(_different(found), most))


def _different(texts: Iterator[str]) -> Iterator[str]:
    """Give each text once; end when no new one comes for a while."""
    seen: set[str] = set()
    idle = 0
    for text in texts:
        if text not in seen:
            yield text
            seen.add(text)
            idle = 0
        elif (idle := idle + 1) > _TRIES * (1 + len(seen)):
            return


def _drawn(pattern: str, rng: random.Random) -> Iterator[str]:
    tree = _parsed(pattern)
    for count in range(1_000_000):
        text = _Writer(rng).text(tree)
        yield text
        if count > 1_000 and not text:
            return


def _parsed(pattern: str) -> Any:
    from re import _parser  # type: ignore[attr-defined]  # what re itself reads patterns with

    return _parser.parse(pattern)


class _Writer:
    """Writes one text along a pattern."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._groups: dict[int, str] = {}

    def text(self, pieces: Any) -> str:
        """Return a text for a sequence of pieces."""
        return "".join(self._piece(str(kind), value) for kind, value in pieces)

    def _piece(self, kind: str, value: Any) -> str:
        writers: dict[str, Callable[[Any], str]] = {
            "LITERAL": chr,
            "NOT_LITERAL": lambda code: self._one_of(_ALPHABET.replace(chr(code), "")),
            "ANY": lambda _: self._one_of(_ALPHABET),
            "AT": lambda _: "",
            "IN": self._in,
            "BRANCH": lambda branch: self.text(self._rng.choice(branch[1])),
            "SUBPATTERN": self._group,
            "GROUPREF": lambda number: self._groups.get(number, ""),
            "MAX_REPEAT": self._repeat,
            "MIN_REPEAT": self._repeat,
            "POSSESSIVE_REPEAT": self._repeat,
        }
        if kind not in writers:
            raise UnknownPatternError(kind.lower().replace("_", " "))
        return writers[kind](value)

    def _repeat(self, value: Any) -> str:
        low, high, pieces = value
        most = min(int(high), int(low) + MOST_REPEATS)
        return "".join(self.text(pieces) for _ in range(self._rng.randint(low, most)))

    def _group(self, value: Any) -> str:
        number, _, _, pieces = value
        text = self.text(pieces)
        if number is not None:
            self._groups[number] = text
        return text

    def _in(self, members: Any) -> str:
        negated = bool(members) and str(members[0][0]) == "NEGATE"
        chosen = "".join(_characters(str(kind), value) for kind, value in members[negated:])
        if negated:
            chosen = "".join(sorted(set(_ALPHABET) - set(chosen)))
        return self._one_of(chosen)

    def _one_of(self, characters: str) -> str:
        if not characters:
            raise UnknownPatternError("a set of characters that leaves out all usual ones")
        return self._rng.choice(characters)


def _characters(kind: str, value: Any) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "RANGE":
            first, last = value
            return "".join(map(chr, range(first, min(last, first + 0xFF) + 1)))
        case "CATEGORY" if str(value) in _CLASSES:
            return _CLASSES[str(value)]
    raise UnknownPatternError(f"{kind.lower()} {value}")
