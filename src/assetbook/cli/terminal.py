"""The terminal that a command writes to: its width and colours, and nothing but our own lines on it."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 10_000  # columns where there is no terminal: nothing is folded for a reader that is a program
Command = TypeVar("Command", bound=Callable[..., Any])


def color_option(command: Command) -> Command:
    """Give a command the option ``--no-color``; the environment variable NO_COLOR says the same."""
    return click.option(
        "--no-color",
        is_flag=True,
        expose_value=False,
        callback=_no_color,
        help="No colours; also NO_COLOR=1.",
    )(command)


def _no_color(_ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        os.environ["NO_COLOR"] = "1"


def console(stream: IO[str] | None = None) -> Console:
    """Return a console as wide as the terminal; wide enough for every column where there is none."""
    from rich.console import Console

    stream = stream or sys.stdout
    wanted = os.environ.get("COLUMNS", "")
    piped = int(wanted) if wanted.isdecimal() and int(wanted) else PIPED_WIDTH
    return Console(file=stream, highlight=False, emoji=False, width=None if stream.isatty() else piped)


def say_json(data: Any) -> None:
    """Print data for a program, in UTF-8 whatever the terminal has; half a surrogate pair in JSON's own escape."""
    text = json.dumps(data, indent=1, ensure_ascii=False)
    click.echo(text.encode("utf-8", "backslashreplace"))


def say_error(message: str) -> None:
    """Print the message of a person's mistake."""
    plain = "NO_COLOR" in os.environ
    click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=False if plain else None)
    click.echo(message, err=True)


class _Terminal(io.TextIOWrapper):
    """The real stdout; when whoever read it has gone, as after ``| head -1``, the work behind it goes on."""

    def write(self, text: str) -> int:
        """Write a text, or nothing."""
        with self._heard_or_not():
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """Send on what has been written, or nothing."""
        with self._heard_or_not():
            super().flush()

    @contextmanager
    def _heard_or_not(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in {errno.EPIPE, errno.EIO}:  # a closed pipe, a closed terminal
                raise
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), self.fileno())


@contextmanager
def own_terminal(aside: Path) -> Iterator[IO[str]]:
    """Give the real stdout for our own lines alone.

    What steps print is in Dagster's compute logs; what libraries print around them goes to the file `aside`.
    """
    aside.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with (
        _Terminal(os.fdopen(os.dup(kept[0]), "wb"), encoding="utf-8", errors="replace") as terminal,
        aside.open("w", encoding="utf-8") as log,
    ):
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)
        try:
            with _stream(1) as out, _stream(2) as err, redirect_stdout(out), redirect_stderr(err):
                yield terminal
        finally:
            for descriptor, original in zip((1, 2), kept, strict=True):
                os.dup2(original, descriptor)
                os.close(original)


def _stream(descriptor: int) -> IO[str]:
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", closefd=False)
