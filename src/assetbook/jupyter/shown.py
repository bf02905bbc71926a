"""A plan as it is shown below a cell: HTML, and text beside it for where there is none.

Nothing that goes wrong here stops the person's notebook: it is told in a line of text.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.checking import Finding
from assetbook.checking.rules import BY_CODE
from assetbook.checking.wording import report_lines, summary
from assetbook.errors import AssetbookError
from assetbook.jupyter.plan import Plan, read_plan
from assetbook.jupyter.which import notebook_of

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).parent / "templates"
SHOWN_NOTES = "assetbook check --level note"


def show(ipython: Any, line: str) -> None:
    """Show the plan of the notebook, or of the file that a line names."""
    try:
        plan = read_plan(notebook_of(ipython.user_ns, given=line))
        shown = {"text/plain": as_text(plan), "text/html": as_html(plan)}
    except AssetbookError as error:
        print(f"assetbook: {error}")
        return
    except Exception as error:  # noqa: BLE001 - a notebook of a person's goes on, whatever is wrong here
        print(
            f"assetbook: what this notebook is as an asset cannot be shown ({type(error).__name__}: {error})."
        )
        return
    from IPython.display import display

    display(shown, raw=True)


def as_html(plan: Plan) -> str:
    """Return a plan as HTML."""
    return _template().render(plan=plan, findings=findings(plan), summary=_summary(plan), rules=BY_CODE)


def as_text(plan: Plan) -> str:
    """Return a plan as lines of text."""
    return "\n".join(_lines(plan))


def findings(plan: Plan) -> tuple[Finding, ...]:
    """Return the findings that are shown: errors and warnings."""
    return plan.report.at_least("warning")


def _summary(plan: Plan) -> str:
    return summary([plan.report], notebooks=1, level="warning").replace("--level note", SHOWN_NOTES)


def _lines(plan: Plan) -> Iterator[str]:
    yield f"{plan.name}  {plan.file}, as saved at {plan.saved}"
    yield f"group {plan.group}, {', '.join(plan.kinds)}"
    yield from plan.remarks
    for source in plan.inputs:
        told = f"{source.there}, {source.age}" if source.there else source.problem
        yield f"  in   {source.name}: {told}" + (f" (make it: {source.command})" if source.command else "")
    for result in plan.outputs:
        parts = [result.kind, result.schema, "" if result.kind == "report" else result.there or "never made"]
        yield f"  out  {result.name}: {', '.join(part for part in parts if part)}"
    for knob in plan.parameters:
        described = f"  # {knob.description}" if knob.description else ""
        yield f"  set  {knob.name}: {knob.type} = {knob.default}{described}"
    yield from _last(plan)
    for line in report_lines(plan.report, level="warning"):
        yield "".join(text for text, _ in line)
    yield _summary(plan)


def _last(plan: Plan) -> Iterator[str]:
    if plan.last is None:
        yield "never run" + (f"; run it: {plan.make}" if plan.make else "")
        return
    changed = "" if plan.last.same_code else ", with other code than this"
    yield f"last run: {plan.last.status}, {plan.last.when}{changed}: {plan.last.page}"
    if plan.last.failure:
        yield f"  {plan.last.failure.splitlines()[0]}"


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("plan.html.j2")
