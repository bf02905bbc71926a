"""Landing files: what arrives from outside, read strictly and put in place whole.

A CSV file is taken as it was meant or not at all: a file that is cut short, has other columns than the
schema, or is not UTF-8 is a `LandingError` that says what was found and what to do. Nothing is guessed,
because a guess becomes a wrong number three tables further on. Values are the schema's business.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.errors import LandingError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

_GZIP = b"\x1f\x8b"
_MARKS = {  # the longer ones first: UTF-32's begins with UTF-16's
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", ":": "colon"}


def read_csv(
    path: Path,
    *,
    schema: Any = None,
    columns: Iterable[str] | None = None,
    delimiter: str = ",",
    missing: Sequence[str] = ("",),
) -> pd.DataFrame:
    """Read a landing file, plain or gzipped, whole or not at all.

    Args:
        path: the file.
        schema: the pandera model or schema of the table. It gives the expected columns, and which of them are
            text, so that the code ``"007"`` stays one. Its other types and checks are applied when the table is saved.
        columns: the expected columns where they differ from the schema's. Any order is accepted.
        delimiter: what stands between two fields.
        missing: the texts that stand for a missing value, in every column.

    Returns:
        The table, its columns in the expected order, numbers as pandas' nullable types.

    Raises:
        LandingError: the file is missing, empty, cut short, damaged, not UTF-8, or has other columns.
    """
    import pandas as pd

    text = _decode(path, _content(path))
    dtypes = _dtypes(schema)
    expected = list(columns) if columns is not None else list(dtypes)
    header = _check_records(path, text, expected, delimiter)
    frame = pd.read_csv(
        io.StringIO(text),
        sep=delimiter,
        dtype={name: str for name in header if name in dtypes and _is_text(dtypes[name])},
        keep_default_na=False,
        na_values=list(missing),
        low_memory=False,
        float_precision="round_trip",
        dtype_backend="numpy_nullable",  # a missing value must not turn large integers into rounded floats
    )
    return frame[expected or header]


def read_files(path: Path) -> pd.DataFrame:
    """Read a landing file, or all files of a landing folder, as they are: a table that ``ab.path`` gives back.

    Args:
        path: the file or folder. Files whose names begin with ``.`` are left out.

    Returns:
        A row for each file: ``path`` as seen from where the landing file or folder lies, with ``/`` between its parts;
        ``content``, the bytes; ``size`` in bytes.

    Raises:
        LandingError: there is no such file, or no file in the folder.
    """
    import pandas as pd

    if not path.exists():
        raise _absent(path)
    files = list(_files(path))
    if not files:
        raise LandingError.at(
            path, found="an empty folder", expected="at least one file", fix="Deliver what belongs there."
        )
    contents = [file.read_bytes() for file in files]
    return pd.DataFrame(
        {
            "path": [file.relative_to(path.parent).as_posix() for file in files],
            "content": contents,
            "size": [len(content) for content in contents],
        }
    )


def _files(path: Path) -> Iterator[Path]:
    """Give a file itself, or the files below a folder in the order of their names."""
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):
        if not entry.name.startswith("."):
            yield from _files(entry)


def changed_at(path: Path) -> float:
    """Return when a landing file, or the newest of a landing folder, was modified, in seconds since 1970."""
    return max((file.stat().st_mtime for file in _files(path)), default=path.stat().st_mtime)


def fingerprint(path: Path) -> str:
    """Return the hash of a file's content: the data version of a landing file; of a folder that of all its files.

    Hashed once for each size and modification time, so that asking again costs a `stat`.

    Raises:
        LandingError: there is no such file.
    """
    if path.is_dir():
        every = (f"{file.relative_to(path).as_posix()}\0{fingerprint(file)}" for file in _files(path))
        return hashlib.sha256("\n".join(every).encode()).hexdigest()
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise _absent(path) from None
    return _digest(path, stat.st_size, stat.st_mtime_ns)


def arrive(write: Callable[[Path], object], path: Path) -> bool:
    """Put a file in place in one step, so that no reader ever sees half of it.

    Args:
        write: writes the whole file to the path that it is given, in the same folder.
        path: where the file shall be.

    Returns:
        Whether anything changed: content that is already there is left alone, modification time included.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own for each process; the leading dot keeps it out of every sensor's pattern.
    arriving = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(arriving)
        if path.exists() and fingerprint(arriving) == fingerprint(path):
            return False
        arriving.replace(path)
    finally:
        arriving.unlink(missing_ok=True)
    return True


@lru_cache(maxsize=4096)
def _digest(path: Path, size: int, modified: int) -> str:  # noqa: ARG001 - size and time are the cache's key
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _absent(path: Path) -> LandingError:
    known = (entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else ()
    return LandingError.at(
        path,
        found="no such file",
        expected="a file that has arrived",
        fix=f"Deliver it. {path.parent}: {did_you_mean(path.name, known)}",
    )


def _content(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where it is gzipped."""
    if not path.is_file():
        raise _absent(path)
    content = path.read_bytes()
    if content.startswith(_GZIP):
        try:
            content = gzip.decompress(content)
        except EOFError:
            raise LandingError.cut_short(path, "the gzip stream ends before its end mark") from None
        except (zlib.error, gzip.BadGzipFile) as error:
            raise LandingError.cut_short(path, f"damaged gzip data ({error})") from None
    if not content.strip():
        raise LandingError.at(
            path,
            found="an empty file",
            expected="a header and at least one row",
            fix="Deliver the file again, or remove it if there is nothing to deliver.",
        )
    return content


def _decode(path: Path, content: bytes) -> str:
    """Return the text of a UTF-8 file (a byte order mark is dropped)."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            raise LandingError.encoding(path, f"the byte order mark {mark.hex(' ')} at offset 0", encoding)
    if (zero := content.find(0)) >= 0:
        raise LandingError.encoding(path, f"byte 0x00 at offset {zero}", "UTF-16, or damaged")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (3 if content.startswith(b"\xef\xbb\xbf") else 0)
        line = content.count(b"\n", 0, start) + 1
        found = f"byte 0x{content[start]:02x} at offset {start} (line {line})"
        raise LandingError.encoding(path, found, _likely_encoding(content)) from None


def _likely_encoding(content: bytes) -> str:
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "ISO-8859-1"
    return "Windows-1252"


def _check_records(path: Path, text: str, expected: list[str], delimiter: str) -> list[str]:
    """Return the header, having seen that it is the expected one and that every record is whole."""
    last = text.rsplit("\n", 1)[-1]
    if last:
        raise LandingError.cut_short(path, f"the last line has no line end: {last[-60:]!r}")
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(records)
        _check_columns(path, header, expected or header, delimiter)
        for record in records:
            if record and len(record) != len(header):
                raise LandingError.fields(path, records.line_num, len(record), len(header))
    except csv.Error as error:
        raise LandingError.cut_short(path, f"line {records.line_num}: {error}") from None
    if records.line_num == 1:
        raise LandingError.cut_short(path, "a header without rows")
    return header


def _check_columns(path: Path, header: list[str], expected: list[str], delimiter: str) -> None:
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise LandingError.columns(path, f"more than one column {_listed(twice)}", expected)
    lacking = [name for name in expected if name not in header]
    surplus = [name for name in header if name not in expected]
    if lacking and (other := _other_delimiter(header, expected, delimiter)):
        raise LandingError.at(
            path,
            found=f"a {_DELIMITERS[other]} ({other!r}) between the fields",
            expected=f"a {_DELIMITERS.get(delimiter, 'delimiter')} ({delimiter!r})",
            fix=f"Deliver it with {delimiter!r}, or read it with read_csv(…, delimiter={other!r}).",
        )
    if lacking or surplus:
        found = [f"no column {_listed(lacking)}"] if lacking else []
        found += [f"the column {_listed(surplus)} that the schema does not have"] if surplus else []
        raise LandingError.columns(path, " and ".join(found), expected)


def _other_delimiter(header: list[str], expected: list[str], delimiter: str) -> str | None:
    """Return the delimiter with which the header would be the expected one."""
    line = delimiter.join(header)
    for other in _DELIMITERS.keys() - {delimiter}:
        if set(expected) <= {name.strip('" ') for name in line.split(other)}:
            return other
    return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _dtypes(schema: Any) -> dict[str, Any]:
    """Return the columns of a pandera model or schema with their types."""
    if schema is None:
        return {}
    resolved = schema.to_schema() if hasattr(schema, "to_schema") else schema
    return {str(name): column.dtype for name, column in resolved.columns.items()}


def _is_text(dtype: Any) -> bool:
    """Whether values of the type must not be taken for numbers while reading."""
    from pandera import dtypes

    return dtype is not None and not dtypes.is_numeric(dtype) and not dtypes.is_bool(dtype)
