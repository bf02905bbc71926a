"""The data version of a model: a hash over what makes its predictions, equal for the same fit in another kernel."""

from __future__ import annotations

import hashlib
import json
import pickletools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# MLflow's own descriptions and the sample: they carry times and random ids, and predict nothing
_DESCRIPTIONS = frozenset(
    {
        "MLmodel",
        "conda.yaml",
        "python_env.yaml",
        "requirements.txt",
        "input_example.json",
        "serving_input_example.json",
    }
)
# What cloudpickle writes of code that a notebook defines differs from kernel to kernel though the code does
# not: the file that IPython says a cell is, with its process id, and a random number for each class.
_CELL_FILE = re.compile(r".*[/\\]ipykernel_\d+[/\\]\d+\.py")
_CLASS_ID = re.compile(r"[0-9a-f]{32}")


def content_hash(folder: Path, *, signature: Mapping[str, Any] | None) -> str:
    """Return the data version of a model.

    Args:
        folder: the model in MLflow's format.
        signature: of its input and output, which belongs to what it is.
    """
    digest = hashlib.sha256(json.dumps(signature, sort_keys=True).encode())
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in _DESCRIPTIONS)
    for path in sorted(files):
        digest.update(f"\0{path.relative_to(folder).as_posix()}\0".encode())
        for part in _parts(path):
            digest.update(part)
    return digest.hexdigest()[:32]


def _parts(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    if path.suffix != ".pkl":
        yield content
        return
    try:
        for code, argument, _ in pickletools.genops(content):
            yield _operation(code.name, argument)
    except ValueError:  # no pickle, in spite of its name
        yield content


def _operation(name: str, argument: Any) -> bytes:
    """Return one operation of a pickle as bytes to hash."""
    if name == "FRAME":  # how many bytes follow: the length of what is left out
        return b""
    if isinstance(argument, bytes | bytearray):
        return name.encode() + b"\0" + bytes(argument)
    if isinstance(argument, str) and (_CELL_FILE.fullmatch(argument) or _CLASS_ID.fullmatch(argument)):
        argument = ""
    return f"{name}\0{argument!r}\0".encode("utf-8", "backslashreplace")
