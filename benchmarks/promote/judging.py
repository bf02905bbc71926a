"""One notebook after the other: built, promoted in an empty workspace, and looked at from outside."""

from __future__ import annotations

import json
import re
import shutil
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.promote.building import Project, build
from benchmarks.promote.commands import Answer, assetbook, environment
from benchmarks.promote.folders import SHAPE, changes, look, look_at_workspace, make_workspace
from benchmarks.promote.outputs import problems_of_outputs
from benchmarks.promote.reading import Sample, Wanted

PROMOTED, REFUSED = 0, 1  # exit codes


@dataclass
class Result:
    """What came of a notebook.

    Attributes:
        name: of the notebook.
        wanted: whether it must become an asset.
        runs: whether the original runs from top to bottom; `raised` says why not.
        corpus: what is wrong with the corpus itself.
        promoted: whether the command says that it is an asset.
        problems: what is wrong with what it did; none: it did right.
        remarks: what is less than expected, and no harm: a name, a parameter, an output that was to be proposed.
        counts: of parameters, proposals and inputs, how many were expected and how many met.
        seconds: by step.
        answer: the object that the command printed.
    """

    name: str
    wanted: Wanted
    runs: bool = False
    raised: str | None = None
    corpus: list[str] = field(default_factory=list)
    promoted: bool = False
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        """Whether it did what is wanted, and nothing wrong."""
        as_wanted = self.wanted == "maybe" or self.promoted == (self.wanted == "yes")
        return as_wanted and not self.problems


def judge(sample: Sample, place: Path, *, servers: str, promoting: bool) -> Result:
    """Build a notebook and promote it; what goes wrong on the way is in the result.

    Args:
        sample: the notebook.
        place: a folder that does not exist yet.
        servers: a name for the processes that stay between the commands.
        promoting: whether the command is there at all.
    """
    result = Result(sample.name, sample.promote)
    try:
        begun = time.perf_counter()
        project = build(sample, place)
        result.seconds["build"] = time.perf_counter() - begun
        _judge_corpus(sample, project, result)
        if promoting:
            _promote(sample, project, place, servers, result)
    except Exception:  # noqa: BLE001 - told, and the others are judged all the same
        result.corpus.append(traceback.format_exc(limit=-3))
    return result


def _judge_corpus(sample: Sample, project: Project, result: Result) -> None:
    result.runs, result.raised = project.error is None, project.error
    if result.runs != sample.runs:
        result.corpus.append(f"runs: {sample.runs} in the header, but: {project.error or 'it runs'}")
    for output in sample.outputs:
        file = output.file and (project.reference / sample.notebook).parent / output.file
        if file and sample.promote != "no" and not file.exists():
            result.corpus.append(f"the original does not write {output.file}")
        if output.variable and sample.promote != "no" and not project.variables[output.variable].exists():
            result.corpus.append(f"the original has no variable {output.variable}")


def _promote(sample: Sample, project: Project, place: Path, servers: str, result: Result) -> None:
    workspace = make_workspace(place / "workspace")
    commands = environment(place.parent, servers=servers)
    workspace_before, around_before = look_at_workspace(workspace), look(place, but=workspace)
    dry = assetbook("promote", str(project.notebook), "--dry-run", workspace=workspace, environment=commands)
    result.seconds["dry run"] = dry.seconds
    _judge_command("--dry-run", dry, result)
    result.problems += _told(
        "--dry-run wrote in the workspace", workspace_before, look_at_workspace(workspace)
    )
    words = ("promote", str(project.notebook), "--yes", "--json")
    answer = assetbook(*words, workspace=workspace, environment=commands)
    result.seconds["promote"] = answer.seconds
    _judge_command("promote", answer, result)
    result.promoted = answer.code == PROMOTED
    _judge_answer(answer, result)
    result.problems += _told("outside of the workspace", around_before, look(place, but=workspace))
    result.problems += [f"{path} was made" for path in sample.elsewhere if Path(path).exists()]
    if not result.promoted:
        after = look_at_workspace(workspace)
        result.problems += _told("not promoted, but in the workspace", workspace_before, after)
        _judge_reason(sample, answer, result)
        return
    if sample.promote == "no":
        result.problems.append("promoted, though it cannot run")
        return
    _judge_asset(sample, project, workspace, commands, result)


def _judge_asset(
    sample: Sample, project: Project, workspace: Path, commands: Mapping[str, str], result: Result
) -> None:
    """See whether the asset stands without the folder that it came from, and holds what it should."""
    _judge_source(sample, workspace / str(result.answer.get("notebook")), result)
    names = _assets(result.answer)
    again = assetbook("run", "--json", *names, workspace=workspace, environment=commands)
    _judge_run("run after promote", again, result)
    away = project.root.with_name(f"{project.root.name} (moved away)")
    project.root.rename(away)
    upstream = [f"+{name}" for name in names]
    alone = assetbook("run", "--force", "--json", *upstream, workspace=workspace, environment=commands)
    away.rename(project.root)
    result.seconds["run again"] = alone.seconds
    _judge_run("run without the original's folder", alone, result)
    if alone.code == 0:
        problems_of_outputs(sample, project, workspace, commands, result)
    strewn = {path.name for path in workspace.iterdir()} - SHAPE
    result.remarks += [f"a run leaves {name} in the workspace's folder" for name in sorted(strewn)]
    _judge_parameters(sample, result)
    _judge_inputs(sample, result)


def _assets(answer: Mapping[str, Any]) -> list[str]:
    """Return the names of the assets: of the outputs, one of which a report is itself."""
    names = [str(output.get("name")) for output in answer.get("outputs") or []]
    return names or [str(answer.get("name"))]


def _judge_source(sample: Sample, notebook: Path, result: Result) -> None:
    """See whether what decides about the meaning still stands in the code."""
    if not notebook.is_file():
        result.problems.append(f"there is no notebook {result.answer.get('notebook')}")
        return
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    gone = [text for text in sample.header.get("keeps", ()) if text not in code]
    result.problems += [f"{text!r} does not stand in the notebook any more" for text in gone]


def _judge_command(what: str, answer: Answer, result: Result) -> None:
    if answer.code is None:
        result.problems.append(f"{what} did not end")
    elif answer.code not in {PROMOTED, REFUSED}:
        result.problems.append(f"{what} ended with {answer.code}: {answer.tail}")
    if answer.shows_our_traceback:
        result.problems.append(f"{what} shows a traceback of ours")


def _judge_run(what: str, answer: Answer, result: Result) -> None:
    if answer.code != 0:
        tasks = (answer.json or {}).get("tasks", [])
        said = [
            str(task.get("message") or task.get("reason")) for task in tasks if task.get("state") != "done"
        ]
        result.problems.append(f"{what} ended with {answer.code}: {' '.join(said)[:300] or answer.tail}")


def _judge_answer(answer: Answer, result: Result) -> None:
    if answer.json is None:
        result.problems.append(f"promote --json printed no JSON object: {answer.out[:200]!r} {answer.tail}")
        return
    result.answer = answer.json
    if answer.json.get("promoted") is not result.promoted:
        result.problems.append(f"exit code {answer.code}, but promoted is {answer.json.get('promoted')}")
    for step, seconds in dict(answer.json.get("seconds") or {}).items():
        result.seconds[f"its {step}"] = float(seconds)


def _judge_reason(sample: Sample, answer: Answer, result: Result) -> None:
    """See whether a refusal says why."""
    if not result.answer.get("error"):
        result.problems.append("not promoted, and no error says why")
    why = sample.header.get("why")
    if why and not re.search(why, answer.out + answer.err, re.IGNORECASE):
        result.remarks.append(f"the refusal does not name {why!r}: {result.answer.get('error')}")


def _judge_parameters(sample: Sample, result: Result) -> None:
    proposed = {str(entry.get("name")).lower() for entry in result.answer.get("parameters") or []}
    should, must_not = sample.names("should"), sample.names("must_not")
    result.counts |= {"parameters": len(should), "parameters met": len(should & proposed)}
    result.counts |= {"parameters proposed": len(proposed), "parameters wrong": len(must_not & proposed)}
    result.remarks += [f"no parameter {name}" for name in sorted(should - proposed)]
    result.remarks += [f"{name} is no parameter" for name in sorted(must_not & proposed)]


def _judge_inputs(sample: Sample, result: Result) -> None:
    said = str(result.answer.get("inputs") or []).lower()
    expected = [str(path) for path in sample.header.get("inputs", ())]
    missed = [path for path in expected if Path(path).name.split(".")[0].lower() not in said]
    result.counts |= {"inputs": len(expected), "inputs met": len(expected) - len(missed)}
    result.remarks += [f"{path} is not among the inputs" for path in missed]


def _told(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    found = changes(before, after)
    return [f"{what}: {', '.join(found[:3])}{' …' if len(found) > 3 else ''}"] if found else []


def clear(place: Path) -> None:
    """Remove what a notebook left."""
    shutil.rmtree(place, ignore_errors=True)
