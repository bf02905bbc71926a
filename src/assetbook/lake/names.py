"""Names of tables, versions, columns and partitions: which can be, and which there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from assetbook.errors import LakeError, did_you_mean
from assetbook.lake.columns import PARTITION

if TYPE_CHECKING:
    from assetbook.lake.tables import TableVersion

_LONGEST_KEY = 240  # characters, as a folder of the key is named
_NOT_IN_NAMES = frozenset('\\/@:*?"<>|\0')


def split_version(name: str) -> tuple[str, int | None]:
    """Return name and version of ``flights@3``.

    Raises:
        LakeError: what comes after the @ is no number.
    """
    base, at, version = name.partition("@")
    if not at:
        return name, None
    if not version.isdigit():
        raise LakeError(f"{name!r} names no version. Expected a number after @, as in '{base}@3'.")
    return base, int(version)


def check_names(name: str, *, group: str, partition: str | None) -> None:
    """Refuse names of tables and groups that cannot be folders, and an empty partition key.

    Raises:
        LakeError: the name, and what is expected.
    """
    for kind, text, parts in (("group", group, [group]), ("table", name, name.split("/"))):
        if not all(map(_is_folder, parts)):
            raise LakeError(
                f"The {kind} name {text!r} cannot name a folder. Expected letters, digits, '-' and '_', "
                "beginning with a letter or digit."
            )
    if partition is not None and not (isinstance(partition, str) and partition):
        raise LakeError(f"Table {name!r}: the partition key is {partition!r}. Expected text, not empty.")
    if partition is not None and len(quote(partition, safe="")) > _LONGEST_KEY:
        raise LakeError(
            f"Table {name!r}: the partition key {partition[:40]!r}… is too long to name a folder. Shorten it."
        )


def _is_folder(part: str) -> bool:
    return bool(part) and not part.startswith((".", "_")) and not set(part) & _NOT_IN_NAMES


def check_column_names(names: Sequence[object], *, name: str) -> None:
    """Refuse column names that are no text, or that SQL engines cannot tell apart.

    Raises:
        LakeError: the name, and how to change it.
    """
    if not names:
        raise LakeError(f"Table {name!r}: found a table without columns. Expected at least one.")
    texts = [found for found in names if isinstance(found, str) and found]
    if len(texts) < len(names):
        wrong = next(found for found in names if not isinstance(found, str) or not found)
        what = "empty" if wrong == "" else f"of type {type(wrong).__name__}"
        raise LakeError(
            f"Table {name!r}: the column name {wrong!r} is {what}. Expected text: rename it, "
            "`df.columns = [str(c) for c in df.columns]` for numbers, "
            "`df.columns = ['_'.join(map(str, c)) for c in df.columns]` for several levels."
        )
    twice = sorted(column for column, count in Counter(texts).items() if count > 1)
    if twice:
        raise LakeError(
            f"Table {name!r}: column names found more than once: {', '.join(map(repr, twice))}. "
            "Rename or drop one of each."
        )
    _check_case(texts, name=name)


def _check_case(names: Sequence[str], *, name: str) -> None:
    folded: dict[str, str] = {PARTITION: PARTITION}
    for found in names:
        other = folded.setdefault(found.casefold(), found)
        if other == PARTITION:
            raise LakeError(f"Table {name!r}: the column name {found!r} belongs to the lake. Rename it.")
        if other != found:
            raise LakeError(
                f"Table {name!r}: columns {other!r} and {found!r} differ only in case, and SQL engines take "
                "them for one. Rename one of them."
            )


def check_columns(name: str, columns: Sequence[str] | None, known: Sequence[str]) -> None:
    """Refuse a choice of columns that the table does not have, or that is no choice.

    Raises:
        LakeError: the column, and the known ones.
    """
    if columns is None:
        return
    if isinstance(columns, str) or not columns:
        raise LakeError(f"Table {name!r}: columns is {columns!r}. Expected a list of at least one name.")
    for column in columns:
        if column not in known:
            raise LakeError(f"Table {name!r} has no column {column!r}. {did_you_mean(str(column), known)}")
    if len(set(columns)) < len(columns):
        raise LakeError(f"Table {name!r}: columns lists a name twice: {', '.join(columns)}.")


def files_of(table: TableVersion, partition: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the files of some partitions, in the order of the keys; all files without keys.

    Raises:
        LakeError: the table has no such partition, or none at all.
    """
    if partition is None:
        return table.files
    if not table.partitions:
        raise LakeError(f"Table {table.name!r} is not partitioned. Read it without `partition`.")
    keys = partition if isinstance(partition, list | tuple) else [partition]
    for key in keys:
        if key not in table.partitions:
            known = did_you_mean(str(key), table.partitions)
            raise LakeError(f"Table {table.name!r} has no partition {key!r}. {known}")
    return tuple(file for key in dict.fromkeys(keys) for file in table.partition_files[key])
