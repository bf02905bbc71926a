"""Tables in a terminal: columns that there is no room for are left out, and no line ends in blanks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

GAP = 2  # characters between two columns
FOLDED = 16  # the fewest characters of a column whose texts may be folded


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its heading.
        cells: from top to bottom, in rich's markup.
        spare: 0 is always shown; in a narrow terminal the highest numbers are left out first.
        right: numbers stand at the right.
        folds: whether a long text may go on in the next line.
    """

    name: str
    cells: Sequence[str]
    spare: int = 0
    right: bool = False
    folds: bool = False

    @property
    def width(self) -> int:
        """The fewest characters that it can be shown in."""
        from rich.text import Text

        texts = (Text.from_markup(cell).cell_len for cell in self.cells)
        widest = max(len(self.name), *texts, 0)
        return min(widest, FOLDED) if self.folds else widest


def print_table(out: Console, columns: Sequence[Column]) -> None:
    """Print the columns side by side, those that there is room for."""
    from rich.table import Table

    shown = that_fit(columns, out.width)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in shown:
        table.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=not column.folds,
            overflow="fold",
        )
    for row in zip(*(column.cells for column in shown), strict=True):
        table.add_row(*row)
    print_trimmed(out, table)


def that_fit(columns: Sequence[Column], width: int) -> list[Column]:
    """Return the columns that a terminal of `width` characters has room for."""
    shown = list(columns)
    room = width - sum(column.width + GAP for column in shown) + GAP
    for column in sorted((c for c in columns if c.spare), key=lambda c: c.spare, reverse=True):
        if room >= 0:
            break
        shown.remove(column)
        room += column.width + GAP
    return shown


def print_trimmed(out: Console, renderable: Any) -> None:
    """Print what rich lays out, without the blanks that it fills lines with."""
    from rich.text import Text

    for line in out.render_lines(renderable, pad=False):
        text = Text.assemble(*((segment.text, segment.style or "") for segment in line))
        text.rstrip()
        out.print(text, no_wrap=True, overflow="ignore", crop=False)
