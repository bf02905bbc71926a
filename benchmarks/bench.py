"""One invocation of the benchmarks: where it works, how often it measures, and the interleaved rounds themselves."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.processes import Driver, Server, environment
from benchmarks.report import Report, Unit

Candidate = Callable[[], float]  # does it once, and returns the seconds


@dataclass(frozen=True)
class Bench:
    """What a group of measurements works with.

    Attributes:
        folder: of this group, empty.
        rounds: how often each candidate is measured.
        report: takes the figures.
    """

    folder: Path
    rounds: int
    report: Report
    _held: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def group(self, name: str) -> Iterator[Bench]:
        """Give a bench for one group; its drivers end with it."""
        folder = self.folder / name
        folder.mkdir()
        with ExitStack() as held:
            yield Bench(folder, self.rounds, self.report, held)

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of what is measured."""
        return environment(self.folder, **variables)

    def driver(self, script: str, python: Path, **variables: str) -> Driver:
        """Start a process that does what it is told, until the group ends."""
        started = Driver(script, python, environment=self.environment(**variables), folder=self.folder)
        self._held.callback(started.close)
        return started

    def server(self, arguments: Iterable[object], *, folder: Path, url: str, **variables: str) -> None:
        """Start a web server, which runs until the group ends, and wait until it answers `url`."""
        started = Server(arguments, url=url, environment=self.environment(**variables), folder=folder)
        self._held.callback(started.close)

    def measure(
        self, candidates: Mapping[str, Candidate], *, rounds: int | None = None, warm: int = 1
    ) -> Medians:
        """Measure the candidates in interleaved rounds, each of which begins with another one.

        Args:
            candidates: by name.
            rounds: how many; as many as somebody asked for by default.
            warm: rounds before those that count.
        """
        samples: dict[str, list[float]] = {name: [] for name in candidates}
        lost: set[str] = set()
        names = list(candidates)
        for turn in range(warm + (rounds or self.rounds)):
            start = turn % len(names)
            for name in (n for n in names[start:] + names[:start] if n not in lost):
                try:
                    seconds = candidates[name]()
                except Exception as error:  # noqa: BLE001 - told, and the others are measured all the same
                    self.report.failed(f"{self.folder.name}, {name}", error)
                    lost.add(name)
                    continue
                if turn >= warm:
                    samples[name].append(seconds)
        kept = {name: values for name, values in samples.items() if name not in lost}
        self.report.samples(kept)
        return Medians({name: statistics.median(values) for name, values in kept.items()}, self.report)

    def ask(self, driver: Driver, do: str, **arguments: Any) -> Candidate:
        """Return the candidate that tells a driver to do something."""
        return lambda: float(driver.ask(do, **arguments)["seconds"])


@dataclass(frozen=True)
class Medians:
    """The medians of the candidates that could be measured, in seconds, and figures made of them."""

    seconds: Mapping[str, float]
    report: Report

    def ratio(self, name: str, ours: str, peer: str) -> None:
        """Print one candidate divided by another."""
        if {ours, peer} <= self.seconds.keys():
            self.report.figure("ratio", name, self.seconds[ours] / self.seconds[peer])

    def difference(self, name: str, ours: str, peer: str) -> None:
        """Print by how many seconds one candidate is slower than another."""
        if {ours, peer} <= self.seconds.keys():
            self.report.figure("seconds", name, self.seconds[ours] - self.seconds[peer])

    def figure(self, unit: Unit, name: str, candidate: str) -> None:
        """Print one candidate by itself."""
        if candidate in self.seconds:
            scale = 1000 if unit == "ms" else 1
            self.report.figure(unit, name, self.seconds[candidate] * scale)
