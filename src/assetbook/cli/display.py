"""What `assetbook run` shows while it runs: a table redrawn in place in a terminal, a line for each event elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from assetbook.platform.plan import Plan, Planned, State

STYLES: dict[State, tuple[str, str]] = {
    "waiting": ("·", "dim"),
    "running": ("▸", "cyan"),
    "done": ("✓", "green"),
    "current": ("=", "dim"),
    "failed": ("✗", "bold red"),
    "blocked": ("○", "yellow"),
    "broken": ("✗", "bold red"),
}
URGENCY: Sequence[State] = ("running", "failed", "broken", "blocked", "done", "waiting", "current")
TITLE_WIDTH = 44
MARGIN = 4  # lines of a terminal that are not for assets


class Silent:
    """Shows nothing: what a program reads comes at the end."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing to end."""

    def changed(self, planned: Planned) -> None:
        """Show nothing."""


class Lines(Silent):
    """Writes a line when a task starts and when it is settled, but for what is current: what a log file wants."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._console = console
        self._width = _title_width(planned.task.title for planned in plan.tasks)
        self._said: dict[Planned, State] = dict.fromkeys(plan.tasks, "waiting")

    def changed(self, planned: Planned) -> None:
        """Write the line, once for each state."""
        if self._said[planned] != planned.state:
            self._said[planned] = planned.state
            if planned.state != "current":
                self._console.print(_line(planned, self._width), soft_wrap=True)


class Table(Silent):
    """Draws a line for each asset again and again in its place; a partitioned one shows what its partitions do."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._plan = plan
        self._console = console
        self._started = time.monotonic()
        self._assets = by_unit(plan)
        self._width = _title_width(group[0].task.unit.title for group in self._assets)
        self._live = Live(
            console=console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,  # what others print goes where they think it does
            redirect_stderr=False,
            get_renderable=self._render,
        )

    def __enter__(self) -> Table:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def changed(self, planned: Planned) -> None:
        """Nothing to do: the table is drawn several times a second."""

    def _render(self) -> Any:
        lines = _chosen(self._assets, self._console.height - MARGIN)
        done = sum(planned.finished for planned in self._plan.tasks)
        words = [f"{done} of {len(self._plan.tasks)}", f"{time.monotonic() - self._started:.0f} s"]
        if len(lines) < len(self._assets):
            words.append(f"{len(self._assets) - len(lines)} assets not shown")
        head = Text(" · ".join(words), style="dim")
        return Group(*[_asset_line(group, self._width) for group in lines], head)


def by_unit(plan: Plan) -> list[list[Planned]]:
    """Return the tasks of each unit, upstream first."""
    found: dict[str, list[Planned]] = {}
    for planned in plan.tasks:
        found.setdefault(planned.task.unit.op_name, []).append(planned)
    return list(found.values())


def state_of(group: Iterable[Planned]) -> State:
    """Return the state of several partitions together: that of which a person must know first."""
    states = {planned.state for planned in group}
    if "waiting" in states and states & {"done", "current"} and states <= {"waiting", "done", "current"}:
        return "waiting"
    return min(states, key=URGENCY.index)


def _chosen(assets: list[list[Planned]], room: int) -> list[list[Planned]]:
    """Return the assets that a small terminal has room for: the most urgent ones, in their order."""
    if len(assets) <= room:
        return assets
    urgent = sorted(assets, key=lambda group: URGENCY.index(state_of(group)))[: max(room, 1)]
    kept = {group[0] for group in urgent}
    return [group for group in assets if group[0] in kept]


def _asset_line(group: list[Planned], width: int) -> Text:
    if len(group) == 1:
        return _line(group[0], width, title=group[0].task.unit.title).append(_elapsed(group[0]), style="dim")
    state = state_of(group)
    text = _head(group[0].task.unit.title, state, width)
    finished = sum(planned.finished for planned in group)
    if finished == len(group) and (seconds := sum(planned.seconds for planned in group)):
        text.append(f"{seconds:6.1f} s  ", style="green")
    text.append(f"{finished} of {len(group)} partitions", style="dim")
    for planned in group:
        if planned.state == state and state in {"running", "failed"}:
            said = f"  {planned.task.partition}: {_said(planned)}{_elapsed(planned)}"
            text.append(said, style=STYLES[state][1])
            break
    return _one_line(text)


def _line(planned: Planned, width: int, *, title: str | None = None) -> Text:
    text = _head(title or planned.task.title, planned.state, width)
    if planned.state == "done":
        text.append(f"{planned.seconds:6.1f} s  ", style="green")
    text.append(_said(planned), style="red" if planned.state == "failed" else "dim")
    return _one_line(text)


def _head(title: str, state: State, width: int) -> Text:
    symbol, style = STYLES[state]
    return Text.assemble((f"{symbol} ", style), (f"{title:<{width}}  ", style))


def _said(planned: Planned) -> str:
    """Return the first line of what there is to say of a task."""
    if planned.state in {"running", "failed"} and planned.detail:
        return planned.detail.splitlines()[0]
    return planned.reason.splitlines()[0] if planned.reason else planned.state


def _elapsed(planned: Planned) -> str:
    return f" · {time.time() - planned.started:.0f} s" if planned.state == "running" else ""


def _one_line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _title_width(titles: Iterable[str]) -> int:
    return min(max((len(title) for title in titles), default=0), TITLE_WIDTH)
