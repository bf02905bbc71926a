"""Contracts kept on disk: a notebook is read again only when it, or a module that it imports, has changed.

Content decides, not times. One JSON file holds all contracts of a workspace; an entry holds as long as the
notebook's bytes are the same, the modules that its code version covers are the same, and those that it
looked for in vain are still not there. Another version of the reader starts afresh.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date, datetime
from functools import cache as once
from pathlib import Path
from typing import Any

from assetbook.contract import model
from assetbook.contract.parameters import Parameter, TypeSpec
from assetbook.contract.reader import Reading, read_content, relative_path, unreadable
from assetbook.contract.version import Modules
from assetbook.errors import ContractError
from assetbook.forms import is_text, twin_problem
from assetbook.notebook import digest_of, read_bytes

_log = logging.getLogger(__name__)

_FILE = "contracts.json"
_TYPE = "$type"
_DATACLASSES: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        model.Place, model.Input, model.Output, model.Check, model.Partitions, model.Freshness, model.Options,
        model.Problem, model.Contract, Parameter, TypeSpec,
    )
}  # fmt: skip

_FIELDS = {name: len(fields(kind)) for name, kind in _DATACLASSES.items()}


@dataclass(frozen=True)
class _Entry:
    """A contract, and the content that it was read from; None is a module that was not there."""

    digest: str
    modules: dict[str, str | None]
    contract: model.Contract


def read_contracts(paths: Iterable[Path], *, root: Path, cache: Path | None = None) -> list[model.Contract]:
    """Read many notebooks as assets, in the order of ``paths``.

    Args:
        paths: the notebooks, absolute or relative to ``root``.
        root: the workspace root.
        cache: the folder to keep contracts in; None reads all of them anew.
    """
    modules = Modules(root)
    file = cache / _FILE if cache else None
    entries = _load(file) if file else {}
    kept = dict(entries)
    contracts: list[model.Contract] = []
    for path in paths:
        shown = relative_path(path, root=root)
        key = shown.as_posix()
        try:
            content = read_bytes(root / path, shown=shown)
        except ContractError as error:
            contracts.append(unreadable(shown, error))
            kept.pop(key, None)
            continue
        digest = digest_of(content)
        entry = entries.get(key)
        if entry is None or not _holds(entry, digest=digest, modules=modules):
            entry = _entry(read_content(content, path=shown, modules=modules), digest=digest, modules=modules)
            kept[key] = entry
        contracts.append(entry.contract)
    if file and kept != entries:
        _store(file, kept)
    return _with_twins(contracts)


def _with_twins(contracts: list[model.Contract]) -> list[model.Contract]:
    """Note the notebooks whose names differ in their form only: ``x.ipynb`` and ``x.py`` would be one asset."""
    if not any(is_text(contract.path) for contract in contracts):
        return contracts
    groups: dict[Path, list[Path]] = {}
    for contract in contracts:
        groups.setdefault(contract.path.with_suffix(""), []).append(contract.path)
    told: list[model.Contract] = []
    for contract in contracts:
        others = [path for path in groups[contract.path.with_suffix("")] if path != contract.path]
        problems = tuple(model.Problem(twin_problem(contract.path, other)) for other in others)
        told.append(replace(contract, problems=(*contract.problems, *problems)) if problems else contract)
    return told


def contract_to_json(contract: model.Contract) -> dict[str, Any]:
    """Return a contract as JSON-ready data; every object names its type under ``$type``."""
    encoded: dict[str, Any] = _encode(contract)
    return encoded


def contract_from_json(data: Any) -> model.Contract:
    """Return the contract that `contract_to_json` gave; ValueError for anything else."""
    contract = _decode_all(data)
    if not isinstance(contract, model.Contract):
        raise ValueError(f"expected a contract, found {type(contract).__name__}")
    return contract


def _holds(entry: _Entry, *, digest: str, modules: Modules) -> bool:
    return entry.digest == digest and all(
        modules.digest(path) == known for path, known in entry.modules.items()
    )


def _entry(reading: Reading, *, digest: str, modules: Modules) -> _Entry:
    covered = (*reading.version.modules, *reading.version.absent)
    return _Entry(digest, {path: modules.digest(path) for path in covered}, reading.contract)


@once
def _reader_version() -> str:
    """Return what identifies this reader: its own source, and the Python whose parser it uses."""
    folder = Path(__file__).parent
    above = (folder.parent / name for name in ("notebook.py", "forms.py", "textform.py"))
    sources = [*sorted(folder.glob("*.py")), *above]
    return digest_of(
        b"".join(source.read_bytes() for source in sources) + repr(sys.version_info[:2]).encode()
    )


def _load(file: Path) -> dict[str, _Entry]:
    """Read the cache; one that is missing, broken or another reader's is empty."""
    try:
        stored = json.loads(file.read_bytes(), object_hook=_decode)
        if stored["reader"] != _reader_version():
            return {}
        entries = {
            path: _Entry(digest, dict(modules), contract)
            for path, (digest, modules, contract) in stored["entries"]
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        _log.info("The cache %s cannot be read (%s); the notebooks are read anew.", file, error)
        return {}
    return {path: entry for path, entry in entries.items() if isinstance(entry.contract, model.Contract)}


def _store(file: Path, entries: dict[str, _Entry]) -> None:
    """Write the cache at once: others see the old file or the new one."""
    stored = {
        "reader": _reader_version(),
        "entries": [
            [path, [entry.digest, list(entry.modules.items()), contract_to_json(entry.contract)]]
            for path, entry in entries.items()
        ],
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as new:
            json.dump(stored, new)
        os.replace(new.name, file)  # noqa: PTH105 - the temporary file's name is text
    except OSError as error:
        _log.warning("The cache %s cannot be written (%s); reading stays slower.", file, error)


def _encode(value: Any) -> Any:
    """Return a value as JSON has it, with a type where JSON has none of its own."""
    kind = type(value).__name__
    if kind in _DATACLASSES:
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        default = _defaults(kind)
        return {_TYPE: kind} | {
            name: _encode(item)
            for name, item in given.items()
            if name not in default or item != default[name]
        }
    if isinstance(value, tuple):
        return {_TYPE: "tuple", "items": [_encode(item) for item in value]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        return {_TYPE: "dict", "items": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, Path):
        return {_TYPE: "path", "text": value.as_posix()}
    if isinstance(value, date):
        return {_TYPE: "datetime" if isinstance(value, datetime) else "date", "text": value.isoformat()}
    return value


def _decode(data: dict[str, Any]) -> Any:
    """Return what an encoded object stands for; what it holds is decoded already."""
    kind = data.get(_TYPE)
    match kind:
        case "tuple":
            return tuple(data["items"])
        case "dict":
            return dict(data["items"])
        case "path":
            return Path(data["text"])
        case "date":
            return date.fromisoformat(data["text"])
        case "datetime":
            return datetime.fromisoformat(data["text"])
    if kind in _DATACLASSES:
        return _made(kind, data)
    return data


def _made(kind: str, data: dict[str, Any]) -> Any:
    """Return an object of these fields, and of the defaults of the others.

    Past ``__init__``, which takes longer for the fields of a thousand contracts than everything else here.
    """
    made = object.__new__(_DATACLASSES[kind])
    kept = vars(made)
    kept.update(_defaults(kind))
    kept.update(data)
    del kept[_TYPE]
    if len(kept) != _FIELDS[kind]:
        raise ValueError(f"{kind} is not made of {', '.join(data)}")
    return made


@once
def _defaults(kind: str) -> dict[str, Any]:
    """Return the defaults of a type; what stands for them is never changed."""
    found = fields(_DATACLASSES[kind])
    simple = {field.name: field.default for field in found if field.default is not MISSING}
    return simple | {f.name: f.default_factory() for f in found if f.default_factory is not MISSING}


def _decode_all(data: Any) -> Any:
    """Decode data that has been read without the hook, from the inside out."""
    if isinstance(data, dict):
        return _decode({key: _decode_all(value) for key, value in data.items()})
    return [_decode_all(item) for item in data] if isinstance(data, list) else data
