"""Notebooks as tests of pytest: collected without being read, tried on one bench for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assetbook.errors import AssetbookError
from assetbook.testing.model import ROWS, Trial, TrialFailed
from assetbook.testing.plugin import REMARKS

if TYPE_CHECKING:
    from assetbook.testing.bench import Bench

BENCHES: pytest.StashKey[dict[Path, Bench]] = pytest.StashKey()


class NotebookFile(pytest.File):
    """The file of a notebook."""

    def __init__(self, *, root: Path, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.root = root

    def collect(self) -> Iterator[NotebookItem]:
        """Give the notebook itself."""
        yield NotebookItem.from_parent(self, name=self.path.stem, root=self.root)


class NotebookItem(pytest.Item):
    """A notebook that is tried."""

    def __init__(self, *, root: Path, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.root = root

    def runtest(self) -> None:
        """Try it."""
        bench, option = _bench(self.config, self.root), self.config.getoption
        (contract,) = (c for c in bench.linked.workspace.contracts if self.root / c.path == self.path)
        trial = bench.trial(
            contract, again=not option("--assetbook-once"), strict=bool(option("--assetbook-strict"))
        )
        self._note(trial)
        if trial.status == "skipped":
            pytest.skip(trial.message)
        if not trial.ok:
            raise TrialFailed(
                trial.message + (f"\n\nInputs and outputs: {trial.folder}" if trial.folder else "")
            )

    def _note(self, trial: Trial) -> None:
        """Keep what is worth telling beside the outcome."""
        self.user_properties += [(f"rows of {name}", count) for name, count in trial.rows.items()]
        told = self.config.stash.setdefault(REMARKS, [])
        told += [f"{trial.notebook.as_posix()}: {warning}" for warning in trial.warnings]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the message alone of what is wrong with the notebook or the workspace."""
        if isinstance(excinfo.value, TrialFailed | AssetbookError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int | None, str]:
        """Return file and name, as reports show them."""
        return self.path, None, f"notebook {self.name}"


def _bench(config: pytest.Config, root: Path) -> Bench:
    """Return the bench of a workspace, opened for its first notebook and closed when pytest ends."""
    from assetbook.testing.bench import Bench

    benches = config.stash.setdefault(BENCHES, {})
    if root not in benches:
        bench = Bench.open(root, rows=config.getoption("--assetbook-rows") or ROWS)
        benches[root] = bench
        config.add_cleanup(bench.close)
    return benches[root]
