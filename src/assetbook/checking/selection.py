"""Which rules count: the workspace's choices in ``[tool.assetbook.check]``, and those of one call."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path, PurePath
from typing import Any

from assetbook.checking.model import SEVERITIES, Severity
from assetbook.errors import WorkspaceError, did_you_mean

_TABLE = "[tool.assetbook.check]"
_LISTS = ("select", "ignore", "exclude")
_NUMBERS = {"max-cell-lines": "max_cell_lines", "max-cells": "max_cells", "max-output-kb": "max_output_kb"}
_LEVELS = {"level": "level", "fail-on": "fail_on"}
_KNOWN = (*_LISTS, *_LEVELS, *_NUMBERS, "notebooks")


@dataclass(frozen=True)
class Selection:
    """The rules that count, how bad a finding has to be, and the thresholds of some rules.

    Attributes:
        select: codes or beginnings of codes; empty for all rules.
        ignore: codes or beginnings of codes that do not count, whatever `select` says.
        notebooks: pattern of paths to the codes that are ignored there.
        exclude: patterns of paths of notebooks that are not checked.
        level: the least severity that is reported.
        fail_on: the least severity that makes the command fail.
        max_cell_lines: lines of a cell before it counts as long.
        max_cells: cells of a notebook before it counts as long.
        max_output_kb: kilobytes of a cell's outputs before they count as large.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    notebooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    level: Severity = "warning"
    fail_on: Severity = "warning"
    max_cell_lines: int = 60
    max_cells: int = 80
    max_output_kb: int = 1000

    def wants(self, code: str) -> bool:
        """Whether a rule counts."""
        return (not self.select or code.startswith(self.select)) and not (
            self.ignore and code.startswith(self.ignore)
        )

    def ignored_in(self, path: PurePath) -> tuple[str, ...]:
        """Return the codes that are ignored in a notebook, by its path in the workspace."""
        return tuple(
            code
            for pattern, codes in self.notebooks.items()
            if fnmatch(path.as_posix(), pattern)
            for code in codes
        )

    def excludes(self, path: PurePath) -> bool:
        """Whether a notebook is not checked, by its path in the workspace."""
        return any(fnmatch(path.as_posix(), pattern) for pattern in self.exclude)

    @classmethod
    def of_workspace(cls, root: Path) -> Selection:
        """Read the workspace's choices.

        Raises:
            WorkspaceError: ``pyproject.toml`` is no TOML, or has settings that do not exist.
        """
        file = root / "pyproject.toml"
        try:
            tables: Any = tomllib.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"{file} cannot be read as TOML: {error}") from None
        for key in ("tool", "assetbook", "check"):
            tables = tables.get(key, {}) if isinstance(tables, dict) else {}
        return cls().with_settings(tables, where=f"{file}: {_TABLE}")

    def with_settings(self, table: Any, *, where: str) -> Selection:
        """Return the selection with settings as ``pyproject.toml`` has them."""
        if not isinstance(table, dict):
            raise WorkspaceError(f"{where} is no table.")
        changes: dict[str, Any] = {}
        for key, value in table.items():
            if key in _LISTS:
                changes[key] = _codes(value, where=f"{where} {key}", are_codes=key != "exclude")
            elif key in _LEVELS:
                changes[_LEVELS[key]] = _level(value, where=f"{where} {key}")
            elif key in _NUMBERS:
                changes[_NUMBERS[key]] = _number(value, where=f"{where} {key}")
            elif key == "notebooks" and isinstance(value, dict):
                changes[key] = {
                    pattern: _codes(codes, where=f"{where} notebooks.{pattern!r}")
                    for pattern, codes in value.items()
                }
            else:
                raise WorkspaceError(
                    f"{where} has an unknown setting {key!r}. {did_you_mean(str(key), _KNOWN)}"
                )
        return replace(self, **changes)


def known_codes(codes: Iterable[str], *, where: str) -> tuple[str, ...]:
    """Return codes, or beginnings of them, if there are such rules.

    Raises:
        WorkspaceError: there is none.
    """
    from assetbook.checking.rules import BY_CODE

    given = tuple(codes)
    for code in given:
        if not any(known.startswith(code) for known in BY_CODE) or not code.startswith("AB"):
            raise WorkspaceError(f"{where}: there is no rule {code!r}. {did_you_mean(code, BY_CODE)}")
    return given


def _codes(value: Any, *, where: str, are_codes: bool = True) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(map(_is_text, value)):
        raise WorkspaceError(f'{where} is {value!r}, expected a list of texts such as ["AB401"].')
    return known_codes(value, where=where) if are_codes else tuple(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _level(value: Any, *, where: str) -> Severity:
    if value not in SEVERITIES:
        raise WorkspaceError(f"{where} is {value!r}, expected one of {', '.join(SEVERITIES)}.")
    level: Severity = value
    return level


def _number(value: Any, *, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise WorkspaceError(f"{where} is {value!r}, expected a number from 1.")
    return value
