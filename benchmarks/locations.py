"""Code locations to materialize and to load: workspaces of ours, dagstermill's assets, and plain Dagster assets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.notebooks import write_notebook
from benchmarks.processes import dagster_home

_OURS = """\
from pathlib import Path
from assetbook.platform import definitions
defs = definitions(Path(__file__).parent)
"""
_RESOURCES = """\
from assetbook.platform import LakeIOManager, MlflowResource

def resources(settings):
    found = {{"io_manager": LakeIOManager(root=settings.lake)}}
    if {mlflow}:
        found["mlflow"] = MlflowResource(tracking_uri=settings.mlflow, experiment="bench",
                                         artifact_location=settings.mlflow_artifacts.as_uri())
    return found
"""
_DAGSTERMILL = """\
import json
from pathlib import Path

import dagster as dg
from dagstermill import define_dagstermill_asset, local_output_notebook_io_manager

ASSETS = json.loads(Path(__file__).with_name("assets.json").read_text())
defs = dg.Definitions(
    assets=[define_dagstermill_asset(name, notebook_path=path, deps=deps) for name, path, deps in ASSETS],
    resources={{"output_notebook_io_manager": local_output_notebook_io_manager}},
    executor=dg.{executor}_executor,
)
"""
_PLAIN = """\
import json
from pathlib import Path

import dagster as dg

def plain(name, deps, script):
    @dg.asset(name=name, deps=deps)
    def asset_() -> None:
        if code:
            exec(code, {{}})

    code = script and compile(open(script).read(), script, "exec")
    return asset_

ASSETS = json.loads(Path(__file__).with_name("assets.json").read_text())
defs = dg.Definitions(
    assets=[plain(name, deps, script) for name, deps, script in ASSETS],
    executor=dg.{executor}_executor,
)
"""


@dataclass(frozen=True)
class Location:
    """A file with ``defs``, and the home of the Dagster instance that its runs are recorded in."""

    file: Path
    home: Path

    @property
    def root(self) -> Path:
        """The folder of the file."""
        return self.file.parent


def ours(
    root: Path,
    notebooks: Mapping[str, Sequence[str]],
    *,
    outputs: Mapping[int, str] | None = None,
    mlflow: bool = False,
) -> Location:
    """Write a workspace.

    Args:
        root: its folder.
        notebooks: name to the cells.
        outputs: what each notebook shows already; see `write_notebook`.
        mlflow: whether its runs are tracked, too.
    """
    for name, cells in notebooks.items():
        write_notebook(root / "notebooks" / f"{name}.ipynb", cells, outputs=outputs)
    (root / "resources").mkdir(parents=True)
    (root / "workspace.yaml").write_text("load_from:\n  - python_file: definitions.py\n")
    (root / "resources" / "local.py").write_text(_RESOURCES.format(mlflow=mlflow))
    file = root / "definitions.py"
    file.write_text(_OURS)
    return Location(file, dagster_home(root / "data" / "dagster"))


def dagstermill(
    root: Path, notebooks: Mapping[str, Path], *, deps: Mapping[str, Iterable[str]], executor: str
) -> Location:
    """Write a location of dagstermill's assets.

    Args:
        root: its folder.
        notebooks: asset to the file of its notebook.
        deps: asset to those above it.
        executor: ``in_process`` or ``multiprocess``, which is Dagster's default.
    """
    assets = [(name, str(path), list(deps.get(name, ()))) for name, path in notebooks.items()]
    return _written(root, _DAGSTERMILL.format(executor=executor), assets)


def plain(
    root: Path, scripts: Mapping[str, Path | None], *, deps: Mapping[str, Iterable[str]], executor: str
) -> Location:
    """Write a location of plain assets.

    Args:
        root: its folder.
        scripts: asset to the file with its code; None for one that does nothing.
        deps: as for `dagstermill`.
        executor: likewise.
    """
    assets = [(name, list(deps.get(name, ())), script and str(script)) for name, script in scripts.items()]
    return _written(root, _PLAIN.format(executor=executor), assets)


def _written(root: Path, text: str, assets: object) -> Location:
    root.mkdir(parents=True)
    (root / "assets.json").write_text(json.dumps(assets))
    file = root / "definitions.py"
    file.write_text(text)
    return Location(file, dagster_home(root / "dagster"))
