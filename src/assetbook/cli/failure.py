"""The message of a failure as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def print_failure(out: Console, message: str) -> None:
    """Print a message, in which the failing line stands out."""
    from rich.text import Text

    for line in message.splitlines():
        out.print(Text(line, style="bold red" if line.startswith("→ ") else ""), soft_wrap=True)
