"""Names of assets and computations: which can be used, which clash, and one for each notebook's computation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

from dagster._core.definitions.utils import is_valid_name  # Dagster tells its reserved words nowhere else

from assetbook.contract import Contract
from assetbook.platform.members import Given
from assetbook.platform.nodes import record_name


def is_free_word(name: str) -> bool:
    """Whether an asset can have the name: no word of Python's (``class``) or Dagster's own (``meta``)."""
    return bool(is_valid_name(name))


def is_loadable(name: str) -> bool:
    """Whether ``ab.load`` takes the name: letters, digits and ``_``; keys of Dagster's own may have more parts."""
    return re.fullmatch(r"[A-Za-z0-9_]+", name, re.ASCII) is not None


def clash(given: Given, others: Sequence[Given]) -> str | None:
    """Return what is wrong with giving an asset whose name others give too, if only in another case.

    A report gives way to tables and models: it is only called after its file, and nobody reads it.
    """
    if given.kind != "report":
        others = [other for other in others if other.kind != "report"]
    if not others:
        return None
    also = " and ".join(other.where for other in others)
    if given.kind == "report":
        return (
            f"the notebook saves nothing and is called after its file, but {others[0].name!r} is also given by "
            f"{also}. Rename the file."
        )
    if all(other.name == given.name for other in others):
        return (
            f"asset {given.name!r} is given here and also by {also}. An asset has one source: rename it in all "
            "but one."
        )
    names = " and ".join(f"{other.name!r} by {other.where}" for other in others)
    return (
        f"asset {given.name!r} is given here, and {names}. SQL takes names that differ in case only for one: "
        "rename all but one."
    )


def op_names(contracts: Iterable[Contract], *, taken: Collection[str]) -> dict[Path, str]:
    """Name each notebook's computation by its file; by its path where files or others share a name.

    Args:
        contracts: the notebooks.
        taken: the names of other computations and jobs.
    """
    contracts = list(contracts)
    stems = Counter(contract.name for contract in contracts)
    used = set(taken)
    names: dict[Path, str] = {}
    for contract in contracts:
        shared = stems[contract.name] > 1 or contract.name in taken
        by_file = [] if shared or not is_free_word(contract.name) else [contract.name]
        by_path = word(record_name(contract.path))
        names[contract.path] = first_free([*by_file, by_path, f"{by_path}_notebook"], used=used)
        used.add(names[contract.path])
    return names


def word(text: str) -> str:
    """Return a path or name as a word that Dagster allows: ``flights/delay-model`` as ``flights__delay_model``."""
    return re.sub(r"[^A-Za-z0-9_]", "_", text.replace("/", "__"))


def first_free(wanted: Iterable[str], *, used: Collection[str]) -> str:
    """Return the first name that is no reserved word and not used yet; the last one numbered if none is."""

    def candidates() -> Iterator[str]:
        last = ""
        for last in wanted:
            yield last
        yield from (f"{last}_{number}" for number in count(2))

    return next(name for name in candidates() if is_free_word(name) and name not in used)
