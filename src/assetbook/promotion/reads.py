"""Tables that a notebook reads from files: raw assets, where the lake gives back exactly what was read."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.checking.files import FileUse
from assetbook.checking.packages import USUAL_NAMES
from assetbook.checking.paths import is_whole
from assetbook.errors import AssetbookError
from assetbook.lake.incoming import is_a
from assetbook.promotion.edits import replaced
from assetbook.promotion.literal import LIBRARIES, literal_text
from assetbook.promotion.scratch import was_written
from assetbook.promotion.work import Proposal, Source, Work

if TYPE_CHECKING:
    import pandas as pd

    from assetbook.lake import Lake

_READERS = frozenset(
    {
        "read_csv", "read_table", "read_excel", "read_parquet", "read_feather", "read_json", "read_fwf", "read_stata",
        "read_sas", "read_spss", "read_orc", "read_xml", "read_pickle", "read_hdf",
    }
)  # fmt: skip
_PATH_NAMES = frozenset(
    {"filepath_or_buffer", "path", "io", "path_or_buf", "path_or_buffer", "filepath", "source"}
)


def read_tables(work: Work) -> None:
    """Turn the reading of tables into loading them, wherever the same table comes back."""
    work.apply(list(_proposals(work)))


def _proposals(work: Work) -> Iterator[Proposal]:
    for use in work.subject.files:
        reader = _reader(use, work)
        if reader is None or use.path is None or not is_whole(use.path):
            continue
        if was_written(use, work):
            continue
        key = work.key("load", use.call, ast.unparse(use.call))
        file = work.places.find(use.path, moved=work.moved)
        if file is None or not file.is_file() or not work.allows(key):
            continue
        source = _source(use, file, reader, work)
        if source is not None:
            work.sources.setdefault(source.name, source)
            said = "is in the lake" if source.landing is None else "becomes a raw asset"
            title = f"{use.path} {said}: {source.name}."
            form = ', as_="polars"' if reader.startswith("pl.") else ""
            edits = replaced(work.subject, use.call, f'{work.alias}.load("{source.name}"{form})')
            yield Proposal("input", title, use.call, tuple(edits), key)


def _reader(use: FileUse, work: Work) -> str | None:
    """Return the function of pandas or Polars that a call reads a whole table with, by its usual name."""
    if use.kind != "read" or not isinstance(use.call.func, ast.Attribute | ast.Name):
        return None
    package, _, name = work.subject.origin(use.call.func).rpartition(".")
    if not package and isinstance(use.call.func, ast.Attribute) and isinstance(use.call.func.value, ast.Name):
        package, name = USUAL_NAMES.get(use.call.func.value.id, ""), use.call.func.attr
    return f"{LIBRARIES[package]}.{name}" if package in ("pandas", "polars") and name in _READERS else None


def _source(use: FileUse, file: Path, function: str, work: Work) -> Source | None:
    """Return the raw asset that gives what a call reads; None where only the file itself will do."""
    arguments = _arguments(use, work)
    if arguments is None:
        return None
    reader = f"{function}({', '.join(['landing', *arguments])})"
    for known in work.sources.values():
        if known.file == file and known.reader == reader:
            return known
    frame = _read(reader, file)
    if frame is None or not comes_back(frame):
        return None
    described = f"{function}({', '.join([repr(use.path), *arguments])})"
    there = work.tables.same(frame, like=file.stem) if work.tables and function.startswith("pd.") else None
    if there is not None:
        return Source(there, file, None, reader, described, frame)
    name = work.naming.source(file.name)
    return Source(name, file, work.landing(file, name), reader, described, frame)


def _arguments(use: FileUse, work: Work) -> list[str] | None:
    """Return the arguments after the path as text that means the same elsewhere."""
    call = use.call
    rest = call.args[1:] if call.args and call.args[0] is use.argument else call.args
    texts = [literal_text(argument, work.subject) for argument in rest]
    for keyword in call.keywords:
        if keyword.value is use.argument and keyword.arg in _PATH_NAMES:
            continue
        value = literal_text(keyword.value, work.subject)
        texts.append(f"{keyword.arg}={value}" if value is not None and keyword.arg else None)
    return None if None in texts else [text for text in texts if text is not None]


def _read(reader: str, file: Path) -> Any:
    """Return what a reader gives for a file; None where that fails, or is no table."""
    import numpy as np
    import pandas as pd

    names: dict[str, Any] = {"pd": pd, "np": np, "landing": file}
    if reader.startswith("pl."):
        import polars as pl

        names["pl"] = pl
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = eval(reader, names)
        except Exception:  # noqa: BLE001 - whatever it is, the notebook itself will say it
            return None
    if hasattr(found, "close"):  # a reader of pieces
        found.close()
    return found if type(found) is pd.DataFrame or is_a(found, "polars.DataFrame") else None


def comes_back(frame: Any) -> bool:
    """Whether a table that is saved comes back as it was: values, dtypes, index, missing values."""
    from assetbook.lake.from_pandas import check_dtypes, from_pandas
    from assetbook.lake.incoming import to_arrow
    from assetbook.lake.outgoing import to_pandas, to_polars

    try:
        if is_a(frame, "polars.DataFrame"):
            return bool(to_polars(to_arrow(frame, name="table")).equals(frame))
        table = from_pandas(frame, name="table")
        check_dtypes(frame, table, name="table")
        return is_same(frame, to_pandas(table))
    except AssetbookError:
        return False


def is_same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables are the same in every respect that a notebook can see."""
    import pandas as pd

    try:
        pd.testing.assert_frame_equal(one, other, check_exact=True, check_freq=False)
    except (AssertionError, TypeError, ValueError):
        return False
    return all(_missing(one, place) == _missing(other, place) for place in range(one.shape[1]))


def _missing(frame: pd.DataFrame, place: int) -> list[str]:
    """Return the kinds of missing values of a column of objects, which print differently."""
    values = frame.iloc[:, place]
    if values.dtype != object:
        return []
    return [type(value).__name__ for value in values[values.isna()].tolist()]


class LakeTables:
    """The tables of a lake, asked whether one of them is the same as another table."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._frames: dict[str, Any] = {}

    def same(self, frame: pd.DataFrame, *, like: str) -> str | None:
        """Return the name of the table that has the content of a frame; one named like the file before others."""
        names = sorted(self._lake.names(), key=lambda name: (name.lower() != like.lower(), name))
        return next((name for name in names if self._is(name, frame)), None)

    def _is(self, name: str, frame: pd.DataFrame) -> bool:
        try:
            table = self._lake.version(name)
            if table.rows != len(frame):
                return False
            if name not in self._frames:
                self._frames[name] = self._lake.read(table)
            return is_same(frame, self._frames[name])
        except AssetbookError:
            return False
