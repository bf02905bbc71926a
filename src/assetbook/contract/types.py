"""The types that a notebook's parameters have, and values of them: checked, from text, to JSON.

A value arrives from a launch form (JSON), the command line (text) or Python. The checks are strict: "3" is
no int, True is no int; only an int for a float, and ISO text for a date, are converted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from assetbook.errors import ParameterError

Kind = Literal[
    "str", "int", "float", "bool", "date", "datetime", "list", "dict", "none", "any", "literal", "union"
]

_EXAMPLES: dict[str, Any] = {
    "str": "text",
    "int": 200,
    "float": 0.5,
    "bool": True,
    "date": "2013-01-31",
    "datetime": "2013-01-31T12:00",
    "none": None,
    "any": "text",
}
# Which member of a union reads a text or a JSON value first: the narrowest.
_PRECEDENCE: tuple[str, ...] = (
    "none", "literal", "bool", "int", "float", "date", "datetime", "str", "list", "dict", "union", "any"
)  # fmt: skip


@dataclass(frozen=True)
class TypeSpec:
    """A parameter's type.

    ``args`` are the element type of a list, the key and value types of a dict, or the members of a union;
    ``choices`` the values of a Literal.
    """

    kind: Kind
    args: tuple[TypeSpec, ...] = ()
    choices: tuple[Any, ...] = ()

    @property
    def optional(self) -> bool:
        """Whether None is a value of the type."""
        return (
            self.kind in ("none", "any")
            or (self.kind == "literal" and None in self.choices)
            or (self.kind == "union" and any(member.optional for member in self.args))
        )

    def __str__(self) -> str:
        """Return the type as one writes it in Python."""
        match self.kind:
            case "union":
                return " | ".join(str(member) for member in self.args)
            case "literal":
                return f"Literal[{', '.join(repr(choice) for choice in self.choices)}]"
            case "none":
                return "None"
            case "any":
                return "Any"
        return self.kind + (f"[{', '.join(str(arg) for arg in self.args)}]" if self.args else "")

    @property
    def example(self) -> str:
        """Return a value of the type as one writes it on the command line."""
        value = self._example()
        if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
            return ",".join(_text_of(item) for item in value)
        return json.dumps(value) if isinstance(value, list | dict) else _text_of(value)

    def _example(self) -> Any:
        match self.kind:
            case "literal":
                return self.choices[0]
            case "union":
                return next(
                    (member for member in self.args if member.kind != "none"), self.args[0]
                )._example()
            case "list":
                return [self._argument(0)._example()] * 2
            case "dict":
                return {_text_of(self._argument(0)._example()): self._argument(1)._example()}
        return _EXAMPLES[self.kind]

    def convert(self, value: Any) -> Any:
        """Return ``value`` as this type has it; ParameterError if it is none of it."""
        match self.kind:
            case "any":
                return value
            case "union":
                return self._convert_union(value)
            case "literal":
                return self._convert_literal(value)
            case "list" if isinstance(value, list | tuple):
                return [self._argument(0).convert(item) for item in value]
            case "dict" if isinstance(value, Mapping):
                return {self._key(key): self._argument(1).convert(item) for key, item in value.items()}
            case "date" | "datetime" if isinstance(value, str):
                return self._parse_date(value)
            case "float" if type(value) in (int, float):
                return self._finite(value)
            case "none" if value is None:
                return None
        if self.kind not in ("list", "dict", "float", "none") and type(value) is _PYTHON[self.kind]:
            return value
        raise ParameterError(f"expected {self}, found {value!r} ({type(value).__name__})")

    def parse(self, text: str) -> Any:
        """Return the value that a command line's ``text`` stands for; ParameterError if there is none."""
        match self.kind:
            case "str":
                return text
            case "int" | "float":
                return self._parse_number(text)
            case "bool" if text.lower() in ("true", "false"):
                return text.lower() == "true"
            case "none" if text.lower() in ("none", "null"):
                return None
            case "date" | "datetime":
                return self._parse_date(text)
            case "list" | "dict":
                return self._parse_collection(text)
            case "literal":
                return self._parse_literal(text)
            case "union":
                return self._parse_union(text)
            case "any":
                return _json_or_text(text)
        raise self._unreadable(text)

    def _argument(self, position: int) -> TypeSpec:
        return self.args[position] if position < len(self.args) else ANY

    def _key(self, key: Any) -> Any:
        """Convert a dict's key; JSON has text only, so text stands for keys of other types too."""
        spec = self._argument(0)
        return spec.parse(key) if isinstance(key, str) and spec.kind != "any" else spec.convert(key)

    def _finite(self, value: float) -> float:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise ParameterError(f"expected a finite float, found {value}: JSON has no other")
        return number

    def _convert_literal(self, value: Any) -> Any:
        for choice in self.choices:
            if type(choice) is type(value) and choice == value:
                return choice
        known = ", ".join(repr(choice) for choice in self.choices)
        raise ParameterError(f"expected one of {known}, found {value!r}")

    def _convert_union(self, value: Any) -> Any:
        """Prefer the member that has the value as it is, then the narrowest that converts it."""
        converted: list[Any] = []
        for member in sorted(self.args, key=_precedence):
            try:
                converted.append(member.convert(value))
            except ParameterError:
                continue
        if not converted:
            raise ParameterError(f"expected {self}, found {value!r} ({type(value).__name__})")
        unchanged = (item for item in converted if type(item) is type(value) and item == value)
        return next(unchanged, converted[0])

    def _parse_number(self, text: str) -> float:
        try:
            return int(text) if self.kind == "int" else self._finite(float(text))
        except ValueError:
            raise self._unreadable(text) from None

    def _parse_date(self, text: str) -> date:
        try:
            return (datetime if self.kind == "datetime" else date).fromisoformat(text)
        except ValueError:
            raise self._unreadable(text) from None

    def _parse_literal(self, text: str) -> Any:
        for choice in self.choices:
            if text == _text_of(choice):
                return choice
        known = ", ".join(_text_of(choice) for choice in self.choices)
        raise ParameterError(f"expected one of {known}, found {text!r}")

    def _parse_collection(self, text: str) -> Any:
        stripped = text.strip()
        if stripped.startswith("[" if self.kind == "list" else "{"):
            try:
                value = json.loads(stripped, parse_constant=_refuse_constant)
            except ValueError:
                raise self._unreadable(text) from None
            return self.convert(value)
        items = [item.strip() for item in stripped.split(",")] if stripped else []
        if self.kind == "list":
            return [self._argument(0).parse(item) for item in items]
        pairs = [item.partition("=") for item in items]
        if not all(separator for _, separator, _ in pairs):
            raise self._unreadable(text)
        return {self._key(key.strip()): self._argument(1).parse(item.strip()) for key, _, item in pairs}

    def _parse_union(self, text: str) -> Any:
        collections = text.lstrip().startswith(("[", "{"))
        members = sorted(
            self.args, key=lambda m: (collections and m.kind not in ("list", "dict"), _precedence(m))
        )
        for member in members:
            try:
                return member.parse(text)
            except ParameterError:
                continue
        raise self._unreadable(text)

    def _unreadable(self, text: str) -> ParameterError:
        return ParameterError(f"expected {self}, such as {self.example}, found {text!r}")


ANY = TypeSpec("any")
NONE = TypeSpec("none")

_PYTHON: dict[str, type] = {"str": str, "int": int, "bool": bool, "date": date, "datetime": datetime}


def to_config(value: Any) -> Any:
    """Return a parameter's value as JSON has it: dates as ISO text, keys as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [to_config(item) for item in value]
    if isinstance(value, Mapping):
        return {_text_of(to_config(key)): to_config(item) for key, item in value.items()}
    return value


def _precedence(spec: TypeSpec) -> int:
    return _PRECEDENCE.index(spec.kind)


def _text_of(value: Any) -> str:
    """Return a scalar as one writes it on the command line."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return str(value)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        return text


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
