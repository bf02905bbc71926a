"""Names of tables, versions, columns and partitions: which can be, and which there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assetbook.errors import LakeError, did_you_mean
from assetbook.lake.columns import PARTITION

if TYPE_CHECKING:
    from assetbook.lake.tables import TableVersion


def split_version(name: str) -> tuple[str, int | None]:
    """Return name and version of ``flights@3``."""
    base, at, version = name.partition("@")
    if not at:
        return name, None
    if not version.isdigit():
        raise LakeError(f"{name!r} names no version. Expected a number after @, as in '{base}@3'.")
    return base, int(version)


def check_names(name: str, *, group: str, partition: str | None) -> None:
    for kind, text in (("group", group), ("table", name)):
        parts = text.split("/") if kind == "table" else [text]
        wrong = any(
            not part or part.startswith((".", "_")) or set(part) & set('\\/@:*?"<>|\0') for part in parts
        )
        if wrong:
            raise LakeError(
                f"The {kind} name {text!r} cannot name a folder. Expected letters, digits, '-' and '_', "
                "beginning with a letter or digit."
            )
    if partition is not None and not (isinstance(partition, str) and partition):
        raise LakeError(
            f"Table {name!r}: the partition key is {partition!r}. Expected text that is not empty."
        )


def check_columns(name: str, columns: Sequence[str] | None, known: Sequence[str]) -> None:
    if columns is None:
        return
    if isinstance(columns, str) or not columns:
        raise LakeError(f"Table {name!r}: columns is {columns!r}. Expected a list of at least one name.")
    for column in columns:
        if column not in known:
            raise LakeError(f"Table {name!r} has no column {column!r}. {did_you_mean(str(column), known)}")


def files_of(table: TableVersion, partition: str | Sequence[str] | None) -> tuple[str, ...]:
    if partition is None:
        return table.files
    if not table.partitions:
        raise LakeError(f"Table {table.name!r} is not partitioned. Read it without `partition`.")
    keys = [partition] if isinstance(partition, str) else list(dict.fromkeys(partition))
    for key in keys:
        if key not in table.partitions:
            raise LakeError(
                f"Table {table.name!r} has no partition {key!r}. {did_you_mean(key, table.partitions)}"
            )
    return tuple(file for key in keys for file in table.partition_files[key])


def check_column_names(names: Sequence[object], *, name: str) -> None:
    """Refuse column names that SQL engines cannot tell apart, or that are no text.

    Raises:
        LakeError: the name, and how to change it.
    """
    for found in names:
        if not isinstance(found, str) or not found:
            raise LakeError(
                f"Table {name!r}: the column name {found!r} is {_what(found)}. Expected text: rename it, "
                "`df.columns = [str(c) for c in df.columns]` for numbers, "
                "`df.columns = ['_'.join(map(str, c)) for c in df.columns]` for several levels."
            )
    twice = sorted(column for column, count in Counter(names).items() if count > 1)
    if twice:
        raise LakeError(
            f"Table {name!r}: column names found more than once: {', '.join(map(repr, twice))}. "
            "Rename or drop one of each."
        )
    folded: dict[str, str] = {}
    for found in names:
        other = folded.setdefault(found.casefold(), found)
        if other != found:
            raise LakeError(
                f"Table {name!r}: columns {other!r} and {found!r} differ only in case, and SQL engines take "
                "them for one. Rename one of them."
            )
    if PARTITION in folded:
        raise LakeError(
            f"Table {name!r}: the column name {folded[PARTITION]!r} belongs to the lake. Rename it."
        )
    if not names:
        raise LakeError(f"Table {name!r}: found a table without columns. Expected at least one.")


def _what(found: object) -> str:
    return "empty" if found == "" else f"of type {type(found).__name__}"
