"""Reading a notebook's contract: the steps, from the file to a `Contract`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assetbook.contract.calls import FUNCTIONS, Call, find_calls
from assetbook.contract.headings import read_headings
from assetbook.contract.imports import Imports
from assetbook.contract.lineage import Lineage
from assetbook.contract.literals import NotLiteralError, literal
from assetbook.contract.model import Contract, Options, Output, Place
from assetbook.contract.names import Names
from assetbook.contract.options import read_options
from assetbook.contract.parameters import Parameter
from assetbook.contract.parameters_cell import TAG, check_tags, read_parameters
from assetbook.contract.problems import Problems
from assetbook.contract.scopes import Scopes
from assetbook.contract.source import CellCode, read_code
from assetbook.contract.version import CodeVersion, Modules, code_version
from assetbook.errors import ContractError, ParameterError, did_you_mean
from assetbook.notebook import Notebook, parse_notebook, read_bytes

_PYTHON_LANGUAGES = frozenset({"", "python", "ipython"})


@dataclass(frozen=True)
class Reading:
    """A contract, and what has to be unchanged for it to hold still."""

    contract: Contract
    version: CodeVersion


def read_contract(path: Path, *, root: Path) -> Contract:
    """Read a notebook as an asset, without running it.

    Args:
        path: the notebook, absolute or relative to ``root``.
        root: the workspace root.

    Returns:
        The contract; whatever is wrong with the notebook is in its ``problems``, nothing is raised.
    """
    shown = relative_path(path, root=root)
    try:
        content = read_bytes(root / shown, shown=shown)
    except ContractError as error:
        return unreadable(shown, error)
    return read_content(content, path=shown, modules=Modules(root)).contract


def relative_path(path: Path, *, root: Path) -> Path:
    """Return a notebook's path as contracts have it: relative to the root where it is under it."""
    start = f"{root.as_posix().rstrip('/')}/"
    text = (
        path.as_posix()
    )  # pathlib's own ways to find this take most of the time that a contract in the cache does
    return Path(text[len(start) :]) if path.is_absolute() and text.startswith(start) else path


def unreadable(path: Path, error: ContractError) -> Contract:
    """Return the contract of a file that is no notebook: a report that says what is wrong."""
    problems = Problems(path)
    message = str(error).removeprefix(f"{path}: ")
    problems.add(message)
    name = asset_name(path)
    return Contract(
        path, name, outputs=(Output(name, "report", Place(1, 1)),), problems=tuple(problems.found)
    )


def asset_name(path: Path) -> str:
    """Return the name that a notebook's file gives: letters, digits and _ only."""
    return re.sub(r"[^A-Za-z0-9_]", "_", path.stem)


def read_content(content: bytes, *, path: Path, modules: Modules) -> Reading:
    """Read a notebook from its bytes; ``path`` is what the contract and its messages call it."""
    try:
        notebook = parse_notebook(content, path=path)
    except ContractError as error:
        return Reading(unreadable(path, error), CodeVersion(""))
    return read_parsed(notebook, modules=modules)


def read_parsed(notebook: Notebook, *, modules: Modules) -> Reading:
    """Read the contract of a notebook whose file has been read."""
    try:
        return _read_notebook(notebook, modules=modules)
    except RecursionError:
        deep = ContractError(f"{notebook.path}: a cell nests expressions too deeply to be read. Simplify it.")
        return Reading(unreadable(notebook.path, deep), CodeVersion(""))


def _read_notebook(notebook: Notebook, *, modules: Modules) -> Reading:
    problems = Problems(notebook.path)
    title, paragraph = read_headings(notebook)
    contract = Contract(
        notebook.path,
        asset_name(notebook.path),
        title=title,
        description=paragraph,
        kernel=_kernel(notebook),
    )
    if (language := notebook_language(notebook)).lower() not in _PYTHON_LANGUAGES:
        problems.add(f"the notebook's language is {language}, expected python. Choose a Python kernel.")
        report = Output(contract.name, "report", Place(1, 1))
        return Reading(replace(contract, outputs=(report,), problems=tuple(problems.found)), CodeVersion(""))
    check_tags(notebook, problems=problems)
    cells = read_code(notebook, problems=problems)
    version = code_version(cells, modules=modules)
    contract = replace(contract, code_version=version.digest, modules=version.modules)
    return Reading(_read_cells(contract, cells, problems=problems), version)


def _read_cells(contract: Contract, cells: Sequence[CellCode], *, problems: Problems) -> Contract:
    """Fill in what the code declares."""
    parameters = read_parameters(cells, problems=problems)
    scopes = Scopes(cells)
    imports = Imports(cells, scopes=scopes, star=tuple(FUNCTIONS))
    calls = find_calls(cells, imports=imports, scopes=scopes, problems=problems)
    names = Names(cells, scopes=scopes, parameters=(parameter.name for parameter in parameters))
    lineage = Lineage(names, imports, problems)
    lineage.read(calls, report=contract.name)
    if not any(call.function in ("save", "save_model") for call in calls):
        _check_report_name(contract, problems=problems)
    declarations = [call for call in calls if call.function == "asset"]
    options = _options(declarations, problems=problems)
    if declarations:
        _check_bindings(options, parameters, place=declarations[0].place, problems=problems)
    return replace(
        contract,
        description=options.description or contract.description,
        parameters=parameters,
        inputs=tuple(lineage.inputs.values()),
        outputs=tuple(lineage.outputs.values()),
        checks=tuple(lineage.checks.values()),
        metrics=tuple(lineage.metrics),
        options=options,
        problems=tuple(problems.found),
    )


def _options(calls: Sequence[Call], *, problems: Problems) -> Options:
    for call in calls[1:]:
        problems.add(
            f"ab.asset is called twice; the first call is in {calls[0].place}. Put all options into one call.",
            place=call.place,
        )
    if not calls:
        return Options()
    call = calls[0]
    if call.node.args or any(keyword.arg is None for keyword in call.node.keywords):
        problems.add(
            'ab.asset takes options by name only, such as ab.asset(group="features").', place=call.place
        )
    values: dict[str, Any] = {}
    for name, value in ((keyword.arg, keyword.value) for keyword in call.node.keywords if keyword.arg):
        try:
            values[name] = literal(value)
        except NotLiteralError as error:
            problems.add(
                f"ab.asset: option {name!r}: {error} has to be computed. Options are read without "
                "running the notebook: write a literal.",
                place=Place(call.place.cell, value.lineno),
            )
    return read_options(
        values, complain=lambda message: problems.add(f"ab.asset: {message}", place=call.place)
    )


def _check_bindings(
    options: Options, parameters: Sequence[Parameter], *, place: Place, problems: Problems
) -> None:
    """Check that the options' parameters exist, and that the partition's can take a key."""
    known = {parameter.name: parameter for parameter in parameters}
    for secret in options.secrets:
        if secret not in known:
            problems.add(
                f"ab.asset: option 'secrets': there is no parameter {secret!r}. {_assign(secret, known)}",
                place=place,
            )
    partitions = options.partitions
    if partitions is None:
        return
    if partitions.parameter not in known:
        problems.add(
            f"ab.asset: option 'partitions': there is no parameter {partitions.parameter!r} to receive the key. "
            f"{_assign(partitions.parameter, known)}",
            place=place,
        )
        return
    if partitions.kind == "like":
        return  # whose keys those are shows only when the workspace is linked
    for key in partitions.keys or (partitions.start or "key",):
        try:
            known[partitions.parameter].from_key(key)
        except ParameterError as error:
            problems.add(
                f"ab.asset: option 'partitions': the parameter cannot take the key {key!r}. {error} "
                f"Give it a type that takes all keys, such as {partitions.parameter}: str = {key!r}.",
                place=place,
            )


def _assign(name: str, known: Collection[str]) -> str:
    """Say how a notebook gets a parameter that it declares something of."""
    return f'Assign it in the cell tagged "{TAG}".' + (f" {did_you_mean(name, known)}" if known else "")


def _check_report_name(contract: Contract, *, problems: Problems) -> None:
    stem = contract.path.stem
    if not re.fullmatch(r"[A-Za-z0-9_ -]+", stem):
        problems.add(
            f"the notebook saves nothing, so that its file name names the asset, but {stem!r} is no name: "
            "use letters, digits, _ and - only."
        )


def _kernel(notebook: Notebook) -> str | None:
    name = _metadata(notebook, "kernelspec").get("name")
    return name if isinstance(name, str) else None


def notebook_language(notebook: Notebook) -> str:
    """Return the language that a notebook says it is written in, "" where it says nothing."""
    language = _metadata(notebook, "kernelspec").get("language")
    return str(language or _metadata(notebook, "language_info").get("name") or "")


def _metadata(notebook: Notebook, key: str) -> dict[str, Any]:
    value = notebook.metadata.get(key)
    return value if isinstance(value, dict) else {}
