"""What the asset of a promoted notebook holds, against what its header expects and the original wrote."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
import joblib  # type: ignore[import-untyped]

from assetbook.lake import Lake
from benchmarks.promote.building import Project
from benchmarks.promote.commands import PATIENCE
from benchmarks.promote.reading import Expected, Sample
from benchmarks.promote.values import model_difference, read_table, table_difference

if TYPE_CHECKING:
    from benchmarks.promote.judging import Result

_LOAD_MODEL = """
import sys, cloudpickle
import assetbook as ab
with open(sys.argv[2], "wb") as file:
    cloudpickle.dump(ab.load(sys.argv[1]), file)
"""


def problems_of_outputs(
    sample: Sample, project: Project, workspace: Path, environment: Mapping[str, str], result: Result
) -> None:
    """Add to the result what is wrong with the outputs of an asset that has run."""
    said = {(str(o.get("kind")), str(o.get("name"))) for o in result.answer.get("outputs") or []}
    left, proposed = set(said), [o for o in sample.outputs if o.proposed]
    met = 0
    for output in sample.outputs:
        names = sorted(name for kind, name in left if kind == output.kind)
        if output.kind == "report":
            if said - {pair for pair in said if pair[0] not in {"table", "model"}}:
                result.remarks.append(f"saves {sorted(said)}; a report was expected")
            continue
        wrong, name = _best(output, names, sample, project, workspace, environment)
        files = sorted(name for kind, name in left if kind == "files")
        if wrong is not None and (kept := _kept_as_file(output, files, sample, project, workspace)):
            result.remarks.append(f"{output.file} is kept as a file, {kept!r}: a {output.kind} was expected")
            left.discard(("files", kept))
            continue
        if name is not None:
            left.discard((output.kind, name))
            met += output.proposed
            if not re.fullmatch(output.name, name, re.IGNORECASE):
                result.remarks.append(f"{output.kind} {name!r} is called otherwise than {output.name!r}")
        if wrong is not None:
            (result.remarks if output.proposed and name is None else result.problems).append(wrong)
    result.counts |= {"proposals": len(proposed), "proposals met": met}
    if sample.outputs and (more := sorted(pair for pair in left if pair[0] in {"table", "model"})):
        result.remarks.append(f"also saves {more}")


def _best(
    output: Expected,
    names: list[str],
    sample: Sample,
    project: Project,
    workspace: Path,
    environment: Mapping[str, str],
) -> tuple[str | None, str | None]:
    """Return what is wrong, and the name of the output that is meant: one of that name, or else of that content."""
    expected = _original(output, sample, project)
    wrong: dict[str, str] = {}
    for name in sorted(names, key=lambda name: not re.fullmatch(output.name, name, re.IGNORECASE)):
        if output.kind == "table":
            found = _read_table(name, workspace)
            difference = "it is not in the lake" if found is None else None
            if found is not None and expected is not None:
                difference = table_difference(expected, found, output=output)
        else:
            found = _read_model(name, workspace, environment)
            difference = found if isinstance(found, str) else None
            if difference is None and expected is not None:
                difference = model_difference(expected, found, output=output)
        if difference is None:
            return None, name
        wrong[name] = difference
    if not wrong:
        return f"no {output.kind} {output.name!r}", None
    if output.proposed and output.variable not in wrong:  # another result of the notebook
        return f"no {output.kind} of {output.variable!r}, which is a result", None
    name, difference = next(iter(wrong.items()))
    return f"{output.kind} {name}: {difference}", name


def _kept_as_file(
    output: Expected, names: list[str], sample: Sample, project: Project, workspace: Path
) -> str | None:
    """Return the table of files in which the file that the original wrote lies, with the same content."""
    if not output.file:
        return None
    expected, path = _original(output, sample, project), workspace.parent / Path(output.file).name
    for name in names:
        frame = _read_table(name, workspace)
        rows = [] if frame is None else zip(frame["path"], frame["content"], strict=True)
        for inside, content in rows:
            if Path(inside).name != path.name:
                continue
            path.write_bytes(content)
            if output.kind == "table":
                difference = table_difference(expected, read_table(output, path), output=output)
            else:
                difference = model_difference(expected, joblib.load(path), output=output)
            path.unlink()
            if difference is None:
                return name
    return None


def _original(output: Expected, sample: Sample, project: Project) -> Any:
    """Return what the original wrote, or had in its variable."""
    if output.variable:
        return cloudpickle.loads(project.variables[output.variable].read_bytes())
    if not output.file:
        return None
    file = (project.reference / sample.notebook).parent / output.file
    if output.kind == "table":
        return read_table(output, file)
    try:
        return joblib.load(file)
    except (AttributeError, ImportError):  # of a class that only the notebook knows
        return None


def _read_table(name: str, workspace: Path) -> Any:
    lake = Lake(str(workspace / "data" / "lake"))
    return lake.read(name) if lake.exists(name) else None


def _read_model(name: str, workspace: Path, environment: Mapping[str, str]) -> Any:
    """Load a model as somebody does who works in the workspace; a text says why that failed."""
    file = workspace.parent / "model.pickle"
    words = [sys.executable, "-c", _LOAD_MODEL, name, str(file)]
    answer = subprocess.run(
        words,
        cwd=workspace,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if answer.returncode != 0:
        return f"it cannot be loaded: {json.dumps(answer.stderr.strip().splitlines()[-1:])}"
    try:
        return cloudpickle.loads(file.read_bytes())
    except (AttributeError, ImportError):
        return None
    finally:
        file.unlink()
