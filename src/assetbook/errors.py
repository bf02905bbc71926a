"""Every error that Assetbook raises for a mistake somebody can mend.

One base class, one subclass for each part of the library. A message says what is wrong, where, what was
found and expected, and what to do; an unknown name lists the known ones. The command line prints the
message alone, without a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class AssetbookError(Exception):
    """A mistake that the person who made it can mend; the message says how."""


class WorkspaceError(AssetbookError):
    """The workspace is not found, or its settings are wrong."""


class ContractError(AssetbookError):
    """A notebook that cannot be read as an asset: the message names file, cell and fix."""


class ParameterError(AssetbookError):
    """A parameter value of the wrong type, or a name that the notebook does not have."""


class LakeError(AssetbookError):
    """A table, version, partition or column that the lake does not have or cannot keep."""


class LandingError(AssetbookError):
    """A file that arrived from outside and cannot be taken as it is."""

    @classmethod
    def at(cls, path: Path, *, found: str, expected: str, fix: str) -> LandingError:
        """Say which file, what was found in it, what was expected, and what to do."""
        return cls(f"{path}: found {found}; expected {expected}. {fix}")

    @classmethod
    def cut_short(cls, path: Path, found: str) -> LandingError:
        """For a file that ends before its end, or is damaged on the way."""
        return cls.at(
            path,
            found=found,
            expected="a whole file that ends with a line end",
            fix="It was cut short or damaged on the way: deliver it again.",
        )

    @classmethod
    def fields(cls, path: Path, line: int, found: int, expected: int) -> LandingError:
        """For a record with more or fewer fields than the header."""
        return cls.at(
            path,
            found=f"{found} fields in line {line}",
            expected=f"{expected}, as in the header",
            fix="Quote fields that hold a delimiter; if fields were lost on the way, deliver it again.",
        )

    @classmethod
    def encoding(cls, path: Path, found: str, likely: str) -> LandingError:
        """For a text that is not UTF-8."""
        return cls.at(
            path,
            found=f"{found}, which is not UTF-8 (likely {likely})",
            expected="UTF-8",
            fix="Deliver it as UTF-8, for instance with iconv.",
        )

    @classmethod
    def columns(cls, path: Path, found: str, expected: Iterable[str]) -> LandingError:
        """For a header that is not the schema's."""
        return cls.at(
            path,
            found=found,
            expected=f"the columns {', '.join(expected)}",
            fix="Deliver it with these columns, or change the schema of the table.",
        )


class SchemaError(AssetbookError):
    """A table that does not meet its pandera schema."""


class SessionError(AssetbookError):
    """A call of the notebook side that the run does not allow, or that makes no sense where it is made."""


class RunError(AssetbookError):
    """A notebook run that could not be started or did not come to its end."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence that names the nearest known name, whatever its case, and all of them where they are few.

    Args:
        name: what was asked for.
        known: the names that exist.
    """
    names = sorted(set(known))
    if not names:
        return "There are none yet."
    spelled = {known_name.casefold(): known_name for known_name in names}
    close = get_close_matches(name.casefold(), spelled, n=1, cutoff=0.6)
    hint = f"Did you mean {spelled[close[0]]!r}? " if close else ""
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    return f"{hint}Known: {shown}."
