"""What `assetbook run` shows: a live table in a terminal, plain lines elsewhere, a summary at the end."""

from __future__ import annotations

import sys
import time
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from assetbook.platform.plan import Plan, Planned, State

STYLES: dict[str, tuple[str, str]] = {
    "waiting": ("·", "dim"),
    "running": ("▸", "cyan"),
    "done": ("✓", "green"),
    "current": ("=", "dim"),
    "failed": ("✗", "bold red"),
    "blocked": ("○", "yellow"),
    "broken": ("✗", "bold red"),
}
SHOWN_TASKS = 30
PLAIN_WIDTH = 180


def display(plan: Plan, terminal: IO[str]) -> PlainDisplay:
    """Return the display that suits the stream: live in a terminal, line by line elsewhere."""
    console = wide_console(terminal)
    return LiveDisplay(plan, console) if console.is_terminal else PlainDisplay(plan, console)


def wide_console(stream: IO[str] | None = None) -> Console:
    """Return a console as wide as the terminal; wide enough for every column where there is none."""
    stream = stream or sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else PLAIN_WIDTH)


class PlainDisplay:
    """One line for each change that matters; what a log file wants."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._plan = plan
        self._console = console
        self._started = time.monotonic()
        self._said: dict[int, State] = {}

    def __enter__(self) -> PlainDisplay:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End."""

    def changed(self, planned: Planned) -> None:
        """Write a line when a task starts or is settled."""
        if self._said.get(id(planned)) == planned.state:
            return
        self._said[id(planned)] = planned.state
        self._console.print(_line(planned))

    def interrupted(self) -> None:
        """Say that the person stopped it, and what was running."""
        running = [p.task.title for p in self._plan.tasks if p.state == "running"]
        self._console.print(
            f"\n[yellow]Stopped[/] while running {escape(', '.join(running) or 'nothing')}. "
            "Nothing of it was published; what was done before stays."
        )

    def summary(self) -> None:
        """Write the table of assets, the failures in full, and one line of totals."""
        self._console.print()
        self._console.print(_summary_table(self._plan))
        for planned in self._plan.tasks:
            if planned.state in {"failed", "broken"}:
                self._console.print(f"\n[bold red]✗ {escape(planned.task.title)}[/]")
                self._console.print(Text(planned.detail or planned.reason))
        self._console.print(_totals(self._plan, time.monotonic() - self._started))


class LiveDisplay(PlainDisplay):
    """A table that is redrawn in place."""

    def __init__(self, plan: Plan, console: Console) -> None:
        super().__init__(plan, console)
        self._live = Live(console=console, refresh_per_second=8, transient=True, get_renderable=self._render)

    def __enter__(self) -> LiveDisplay:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing."""
        self._live.stop()

    def changed(self, planned: Planned) -> None:
        """Draw again."""
        self._live.refresh()

    def _render(self) -> Any:
        tasks = [p for p in self._plan.tasks if p.state != "waiting"] or self._plan.tasks
        shown = tasks[-SHOWN_TASKS:]
        done = sum(p.finished for p in self._plan.tasks)
        elapsed = time.monotonic() - self._started
        head = Text(f"{done} of {len(self._plan.tasks)} · {elapsed:.0f} s", style="dim")
        return Group(*[_line(planned) for planned in shown], head)


def _line(planned: Planned) -> Text:
    symbol, style = STYLES[planned.state]
    text = Text.assemble((f"{symbol} ", style), (f"{planned.task.title:<34}", style))
    if planned.state == "running":
        text.append(planned.detail or planned.reason, style="dim")
    elif planned.state == "done":
        text.append(f"{planned.seconds:6.1f} s  ", style="green").append(planned.reason, style="dim")
    elif planned.state == "failed":
        text.append((planned.detail or "failed").splitlines()[0], style="red")
    else:
        text.append(planned.reason.splitlines()[0] if planned.reason else planned.state, style="dim")
    return text


def _summary_table(plan: Plan) -> Table:
    from assetbook.cli.inspect import headline

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("asset", "group", "result", "seconds", "state", "why"):
        table.add_column(
            column, justify="right" if column == "seconds" else "left", no_wrap=column == "asset"
        )
    by_unit: dict[str, list[Planned]] = {}
    for planned in plan.tasks:
        by_unit.setdefault(planned.task.unit.op_name, []).append(planned)
    for group in by_unit.values():
        unit = group[0].task.unit
        seconds = sum(p.seconds for p in group)
        states = " ".join(_counted(group))
        for position, key in enumerate(unit.keys):
            last = position == 0
            table.add_row(
                escape("/".join(key.path)),
                escape(unit.group),
                escape(headline(plan.currency.instance, key)),
                f"{seconds:.1f}" if last and seconds else "",
                states if last else "",
                escape(_why(group)) if last else "",
            )
    return table


def _counted(group: list[Planned]) -> list[str]:
    counts: dict[str, int] = {}
    for planned in group:
        counts[planned.state] = counts.get(planned.state, 0) + 1
    single = len(group) == 1
    return [
        f"[{STYLES[state][1]}]{STYLES[state][0]} {state if single else f'{n} {state}'}[/]"
        for state, n in counts.items()
    ]


def _why(group: list[Planned]) -> str:
    reasons = list(dict.fromkeys(p.reason.splitlines()[0] for p in group if p.reason))
    return reasons[0] + (f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else "") if reasons else ""


def _totals(plan: Plan, seconds: float) -> str:
    counts: dict[str, int] = {}
    for planned in plan.tasks:
        counts[planned.state] = counts.get(planned.state, 0) + 1
    words = {
        "done": "ran",
        "current": "current",
        "failed": "failed",
        "blocked": "not run",
        "broken": "broken",
    }
    said = ", ".join(f"{counts[state]} {word}" for state, word in words.items() if counts.get(state))
    return f"\n{said or 'nothing to do'} in {seconds:.1f} s"
