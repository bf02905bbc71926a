"""`try_notebook`: the trial of a notebook inside a test that somebody writes."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.testing.model import ROWS, Trial, TrialFailed

FOLDER = "notebooks"
FORMS = frozenset({".ipynb", ".py", ".md"})

if TYPE_CHECKING:
    from assetbook.testing.bench import Bench

_BENCHES: dict[tuple[Path, int, int, tuple[tuple[str, int, int], ...]], Bench] = {}


def try_notebook(
    name: str,
    *,
    rows: int = ROWS,
    parameters: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    again: bool = True,
    strict: bool = False,
    seed: int = 0,
    root: str | Path | None = None,
) -> Trial:
    """Run a notebook of the workspace on small inputs, as `assetbook test` does, and return what it gave.

    Inputs are sampled from the lake, or made from their schemas. Nothing but a temporary folder is written.

    Args:
        name: of the notebook, of an asset that it gives, or the path of its file.
        rows: of each input.
        parameters: values other than the defaults; the partition key under the name of its parameter.
        inputs: asset to the table that is loaded instead: a pandas or Polars frame, or an Arrow table.
        again: whether a second run on the same inputs must give the same.
        strict: whether a blocking check that fails is a failure; a warning otherwise.
        seed: another one samples and makes other rows.
        root: the workspace; that of the calling file or of the current folder by default.

    Returns:
        The trial: tables, rows, metrics, checks.

    Raises:
        TrialFailed: it did not pass; the message names the cell.
        unittest.SkipTest: there is nothing to give it for one of its inputs.
        AssetbookError: no such notebook, parameter or input.
    """
    __tracebackhide__ = True  # of a failure pytest shows the line of the test
    bench = _bench(_root(root, sys._getframe(1).f_globals.get("__file__")), rows, seed)
    (contract, *others) = bench.named([name])
    if others:
        from assetbook.errors import WorkspaceError

        paths = ", ".join(str(each.path) for each in (contract, *others))
        raise WorkspaceError(f"{name!r} means several notebooks. Name one by its path: {paths}.")
    trial = bench.trial(contract, parameters=parameters, inputs=inputs, again=again, strict=strict)
    if trial.status == "skipped":
        from unittest import SkipTest  # which pytest takes for its own

        raise SkipTest(trial.message)
    if not trial.ok:
        raise TrialFailed(_told(trial))
    return trial


def _told(trial: Trial) -> str:
    kept = f"\n\nInputs and outputs: {trial.folder}" if trial.folder else ""
    return f"{trial.title} failed its trial.\n{trial.message}{kept}"


def _root(root: str | Path | None, caller: str | None) -> Path:
    from assetbook.errors import WorkspaceError
    from assetbook.settings import find_root

    if root is not None:
        return find_root(Path(root))
    try:
        return find_root(Path(caller).parent if caller else None)
    except WorkspaceError:
        return find_root()


def _bench(root: Path, rows: int, seed: int) -> Bench:
    """Return a bench for the workspace as it is now; it stays until the tests are over, with what it has tried."""
    from assetbook.testing.bench import Bench

    files = sorted(path for path in (root / FOLDER).rglob("*") if path.suffix in FORMS)
    state = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    asked = (root, rows, seed, state)
    if asked not in _BENCHES:
        _BENCHES[asked] = Bench.open(root, rows=rows, seed=seed)
        atexit.register(_BENCHES[asked].close)
    return _BENCHES[asked]
