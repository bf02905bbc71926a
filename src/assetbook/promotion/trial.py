"""The proof: the promoted notebook runs in a fresh kernel and an empty folder, on copies of its inputs."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assetbook.contract import read_contract
from assetbook.errors import AssetbookError
from assetbook.landing import read_files
from assetbook.promotion.compare import Difference, compare
from assetbook.promotion.draft import KERNEL
from assetbook.promotion.modules import PACKAGE, moved_source
from assetbook.promotion.plan import Plan
from assetbook.promotion.work import Source

if TYPE_CHECKING:
    import pandas as pd

    from assetbook.execute import NotebookResult
    from assetbook.execute.failure import CellFailure

USER = "trial"  # whose scratch area the tables go to
_CODE = ("assets", "resources", "pyproject.toml", "workspace.yaml", "definitions.py")
_RUN = "0" * 32
_FOLDER_LIMIT = 300_000_000  # bytes of a folder that is copied to run the original
TIMEOUT = 1800.0  # seconds for all cells


class Watcher(Protocol):
    """Somebody who is told which cell runs."""

    def cell_started(self, number: int, total: int) -> None:
        """Hear that a cell begins."""


@dataclass(frozen=True)
class Trial:
    """How a trial went.

    Attributes:
        failure: the cell that ended it, or None.
        number: the number that this cell has in the original; None of a cell that is new.
        tables: what was saved, by name.
        saved: the names of all outputs that were saved.
        differences: of what it shows from what was saved in the original.
        compared: whether anything had been saved that could be compared.
        outputs: number of a cell in the original to what it shows.
        seconds: how long it took.
    """

    failure: CellFailure | None
    number: int | None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    saved: frozenset[str] = frozenset()
    differences: tuple[Difference, ...] = ()
    outputs: Mapping[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict, repr=False)
    compared: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every cell ran to its end."""
        return self.failure is None


@contextmanager
def trial_folder() -> Iterator[Path]:
    """Give a folder for a trial, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="assetbook-trial-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


def try_plan(plan: Plan, folder: Path, *, rows: int | None = None, watcher: Watcher | None = None) -> Trial:
    """Run a promoted notebook in a workspace of its own.

    Args:
        plan: what the notebook becomes.
        folder: an empty folder for the workspace.
        rows: how many rows of each input table; all by default.
        watcher: is told which cell runs.

    Raises:
        AssetbookError: an input has no data, or the kernel cannot be started.
    """
    root = folder / "workspace"
    copy_code(plan.request.root, root)
    bring(plan, root)
    notebook = root / "notebooks" / f"{plan.name}.ipynb"
    notebook.parent.mkdir(exist_ok=True)
    notebook.write_bytes(plan.content())
    variables = _variables(root / "data")
    _fill(plan, root, notebook, rows=rows)
    started = time.monotonic()
    result = _run(notebook, root, folder / "run", variables, watcher)
    seconds = time.monotonic() - started
    numbers = _numbers(plan)
    shown = _outputs(result, numbers)
    saved = {cell.number: _saved(plan, cell.index) for cell in plan.draft.original.code_cells if cell.number}
    failed = result.failure
    return Trial(
        failure=failed,
        number=numbers.get(failed.cell) if failed else None,
        tables=_tables(plan, root / "data"),
        saved=_saved_names(root / "data"),
        differences=tuple(compare(saved, shown)),
        outputs=shown,
        compared=any(saved.get(number) for number in shown),
        seconds=seconds,
    )


def copy_code(workspace: Path, to: Path) -> None:
    """Copy the code of a workspace: what a notebook of it can import."""
    to.mkdir(parents=True)
    left_out = shutil.ignore_patterns("__pycache__", ".*")
    for name in (*_CODE, *(path.name for path in workspace.glob("*.py"))):
        source = workspace / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=left_out, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copy(source, to / name)


def bring(plan: Plan, root: Path) -> list[Path]:
    """Copy the modules that come along into a workspace; return the files that are new there."""
    names = {top: f"{PACKAGE}.{top}" for top in plan.modules}
    made: list[Path] = []
    for place, file in plan.scripts.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            made.append(target)
            shutil.copy(file, target)
    for path in plan.modules.values():
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if not file.is_file() or "__pycache__" in file.parts:
                continue
            target = root / PACKAGE / file.relative_to(path.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                made.append(target)
            if file.suffix == ".py":
                target.write_text(moved_source(file.read_text("utf-8"), names), "utf-8")
            else:
                shutil.copy(file, target)
    return made


def _variables(data: Path) -> dict[str, str]:
    return {
        "ASSETBOOK_DATA": str(data),
        "ASSETBOOK_LAKE": str(data / "lake"),
        "ASSETBOOK_MLFLOW": f"sqlite:///{data / 'mlflow.db'}",
        "USER": USER,
    }


def _fill(plan: Plan, root: Path, notebook: Path, *, rows: int | None) -> None:
    """Put the inputs into the lake of the trial."""
    from assetbook.lake import Lake
    from assetbook.settings import Settings

    lake = Lake(str(root / "data" / "lake"))
    real = Lake(Settings.load(plan.request.root).lake)
    contract = read_contract(notebook, root=root)
    if contract.problems:
        raise AssetbookError("\n".join(problem.message for problem in contract.problems))
    for item in contract.inputs:
        source = plan.sources.get(item.name)
        if source is None:
            if not real.exists(item.name):
                continue  # a model, or nothing: the run says so
            data = real.read(item.name, as_="arrow")
        elif source.reader is None:
            data = files_of(source)
        else:
            data = source.frame
        if rows is not None and (source is None or source.reader is not None):
            data = data.slice(0, rows) if source is None else data.head(rows)
        lake.publish([lake.stage(item.name, data, group="raw", run_id=_RUN)], stamp={"run_id": _RUN})


def files_of(source: Source) -> pd.DataFrame:
    """Return the files of a raw asset as its landing copy will give them."""
    import pandas as pd

    if not source.only:
        return read_files(source.file)
    found = pd.concat([read_files(path) for path in source.only], ignore_index=True)
    return found.assign(path=[f"{source.name}/{path}" for path in found["path"]])


@dataclass
class _Quiet:
    """Follows a run for somebody who only wants to know which cell runs."""

    watcher: Watcher | None

    def cell_started(self, number: int, total: int) -> None:
        if self.watcher:
            self.watcher.cell_started(number, total)

    def cell_finished(self, number: int, total: int, seconds: float) -> None: ...

    def text(self, stream: str, text: str) -> None: ...

    def event(self, event: dict[str, Any]) -> None: ...


def _run(
    notebook: Path, root: Path, run_dir: Path, variables: Mapping[str, str], watcher: Watcher | None
) -> NotebookResult:
    """Run a notebook in a fresh kernel."""
    from assetbook.execute import NotebookJob, run_notebook
    from assetbook.execute.warm.supply import SWITCH

    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "fresh"
    try:
        job = NotebookJob(
            notebook=notebook,
            run_dir=run_dir,
            root=root,
            environment=variables,
            timeout=TIMEOUT,
            kernel=KERNEL["name"],
        )
        return run_notebook(job, observer=_Quiet(watcher))
    finally:
        if before is None:
            del os.environ[SWITCH]
        else:
            os.environ[SWITCH] = before


def _numbers(plan: Plan) -> dict[int, int | None]:
    """Return the number that each code cell of the draft has in the original."""
    code = [position for position, cell in enumerate(plan.draft.cells) if cell.kind == "code"]
    return {number: plan.draft.number_of(position) for number, position in enumerate(code, 1)}


def _outputs(
    result: NotebookResult, numbers: Mapping[int, int | None]
) -> dict[int, Sequence[Mapping[str, Any]]]:
    document = json.loads(result.saved.read_text("utf-8"))
    code = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    found: dict[int, Sequence[Mapping[str, Any]]] = {}
    ran = {cell.number for cell in result.cells if cell.status == "ok"}
    for number, cell in enumerate(code, 1):
        original = numbers.get(number)
        if original is not None and number in ran:
            found[original] = cell.get("outputs", [])
    return found


def _saved(plan: Plan, index: int) -> Sequence[Mapping[str, Any]]:
    outputs = plan.draft.original.raw["cells"][index].get("outputs")
    return [item for item in outputs if isinstance(item, dict)] if isinstance(outputs, list) else []


def _saved_names(data: Path) -> frozenset[str]:
    from assetbook.lake import Lake

    scratch = data / "scratch" / USER
    models = {path.name for path in (scratch / "models").glob("*")}
    return frozenset({*models, *(Lake(str(scratch)).names() if scratch.is_dir() else ())})


def _tables(plan: Plan, data: Path) -> dict[str, pd.DataFrame]:
    from assetbook.lake import Lake

    scratch = data / "scratch" / USER
    if not scratch.is_dir():
        return {}
    lake = Lake(str(scratch))
    there = set(lake.names())
    return {
        p.name: lake.read(p.name) for p in plan.products.values() if p.kind == "table" and p.name in there
    }


# ---- the original


@dataclass(frozen=True)
class Original:
    """How the original runs from top to bottom, in a copy of its folder.

    Attributes:
        failed: the number of the cell that ends it; None where it runs to its end.
        error: of this cell.
        outputs: of the cells that ran.
    """

    failed: int | None
    error: str = ""
    outputs: Mapping[int, Sequence[Mapping[str, Any]]] = field(default_factory=dict, repr=False)


def run_original(plan: Plan, folder: Path) -> Original | None:
    """Run the original as it is; None where its folder is too large to be copied."""
    above = _copied_folder(plan)
    if above is None:
        return None
    copy = folder / "original" / above.name
    shutil.copytree(
        above, copy, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", "data_lake"), symlinks=True
    )
    notebook = copy / plan.request.file.absolute().relative_to(above)
    variables = _variables(folder / "original-data")
    result = _run(notebook, notebook.parent, folder / "original-run", variables, None)
    own = {cell.number: cell.number for cell in result.cells}
    failure = result.failure
    return Original(
        failed=failure.cell if failure else None,
        error=failure.error if failure else "",
        outputs=_outputs(result, own),
    )


def _copied_folder(plan: Plan) -> Path | None:
    """Return the folder that holds the notebook and all its files; None where that is too large."""
    folder = plan.request.file.absolute().parent
    files = [source.file for source in plan.sources.values()] + list(plan.modules.values())
    while not all(file.is_relative_to(folder) for file in files):
        if folder.parent == folder:
            return None
        folder = folder.parent
    size = 0
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", ".venv", "__pycache__")]
        size += sum((Path(at) / name).lstat().st_size for name in names)
        if size > _FOLDER_LIMIT:
            return None
    return folder
