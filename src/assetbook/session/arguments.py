"""What the public functions accept: every argument is checked here, in the same way in every session."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from assetbook.errors import SessionError

SCRATCH = "scratch"

_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


@dataclass(frozen=True)
class Reference:
    """What a load names: an asset, and possibly one of its versions (a number, or the scratch copy)."""

    name: str
    version: int | None = None
    scratch: bool = False


def reference(name: object, *, version: object) -> Reference:
    """Read ``"flights"``, ``"flights@3"`` or ``"flights@scratch"``, and the argument `version`."""
    base, at, suffix = name.partition("@") if isinstance(name, str) else (name, "", "")
    base = asset_name("load", base)
    if at and version is not None:
        raise SessionError(f"load({name!r}, version={version!r}) names two versions. Give one of them.")
    if suffix == SCRATCH:
        return Reference(base, scratch=True)
    if at and not suffix.isdecimal():
        raise SessionError(
            f"load({name!r}): {suffix!r} is not a version. Write a number as in {base + '@3'!r}; "
            f"`assetbook show {base}` lists them."
        )
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise SessionError(f"load({name!r}): version must be an int, found {_found(version)}.")
    return Reference(base, version=int(suffix) if at else version)


def asset_name(call: str, name: object) -> str:
    """Return the name of an asset or a check when it is one: letters, digits and ``_``."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise SessionError(
        f"{call}(…): a name is a text of letters, digits and _, such as 'flights'; found {_found(name)}."
    )


def metric_name(name: object) -> str:
    """Return the name of a metric when it is one: any text."""
    if isinstance(name, str) and name.strip():
        return name
    raise SessionError(f"metric(…): the name must be a text such as 'auc', found {_found(name)}.")


def verdict(name: str, passed: object) -> bool:
    """Return the outcome of a check as a bool.

    Anything but a bool (Python's or NumPy's) is refused: the truth of a Series, of an empty list or of a
    text is seldom what was meant.
    """
    if isinstance(passed, bool):
        return passed
    if type(passed).__module__ == "numpy" and type(passed).__name__ in ("bool", "bool_"):
        return bool(passed)
    hint = (
        "Reduce it to one value with .all() or .any()." if hasattr(passed, "all") else "Wrap it in bool(…)."
    )
    raise SessionError(f"check({name!r}, …): passed must be a bool, found {_found(passed)}. {hint}")


def number(call: str, value: object) -> float | int:
    """Return a number of Python or NumPy as Python's own; nan is one, the infinities are not."""
    if not isinstance(value, Real | Decimal) or isinstance(value, bool):
        hint = "Use ab.check for a yes or no." if isinstance(value, bool) else "Give a single number."
        raise SessionError(f"{call}: the value must be a number, found {_found(value)}. {hint}")
    plain = int(value) if isinstance(value, Integral) else float(value)
    if math.isinf(plain):
        raise SessionError(f"{call}: the value is infinite. Give a finite number, or nan for none.")
    return plain


def numbers(call: str, values: Mapping[str, Any] | None) -> dict[str, float | int]:
    """Return a mapping of metrics with plain numbers."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise SessionError(f"{call}: metrics must be a dict of numbers, found {_found(values)}.")
    return {metric_name(key): number(f"{call}, metric {key!r}", value) for key, value in values.items()}


def facts(name: str, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the metadata of a check."""
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping) or not all(isinstance(key, str) for key in metadata):
        raise SessionError(
            f"check({name!r}, metadata=…) must be a dict with texts as keys, found {_found(metadata)}."
        )
    return dict(metadata)


def _found(value: object) -> str:
    kind, text = type(value).__name__, repr(value)
    return kind if len(text) > 60 or "\n" in text else f"{kind} ({text})"
