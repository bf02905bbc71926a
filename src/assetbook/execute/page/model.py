"""What a page shows: text and code, with what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from assetbook.execute.page.items import Failure, Frame, Item
from assetbook.execute.page.outline import Outline
from assetbook.execute.page.outputs import Outputs


@dataclass(frozen=True)
class Prose:
    """A cell of text."""

    kind = "prose"
    html: Markup


@dataclass(frozen=True)
class Code:
    """A cell of code.

    Attributes:
        anchor: its id in the page.
        name: what people call it.
        number: from 1; None for the cell that sets the parameters of a run.
        source: with its colours.
        brief: the line that stands for it while it is folded.
        state: what became of it, if that was not the usual; empty otherwise.
        seconds: how long it took, if it ran.
        line: the one that failed, from 1.
        shown: its outputs.
    """

    kind = "code"
    anchor: str
    name: str
    number: int | None
    source: Markup
    brief: str
    state: str = ""
    seconds: float | None = None
    line: int | None = None
    shown: Sequence[Item] = ()

    @property
    def error(self) -> str:
        """What went wrong in it, in one sentence."""
        found = [item for item in self.shown if isinstance(item, Failure)]
        return f"{found[-1].name}: {found[-1].value}".removesuffix(": ") if found else ""


@dataclass
class Page:
    """What a page shows of a notebook.

    Attributes:
        cells: in order.
        outline: the headings.
        outputs: what the frames need.
        ran: whether any cell has outputs or has been run.
        titled: whether the notebook began with its title, which is not among the cells then.
    """

    cells: list[Prose | Code] = field(default_factory=list)
    outline: Outline = field(default_factory=Outline)
    outputs: Outputs = field(default_factory=Outputs)
    ran: bool = False
    titled: bool = False

    @property
    def failed(self) -> Code | None:
        """The cell that ended the run, if one did."""
        return next((cell for cell in self.code if cell.state == "failed"), None)

    @property
    def code(self) -> list[Code]:
        """The cells of code."""
        return [cell for cell in self.cells if isinstance(cell, Code)]

    @property
    def framed(self) -> bool:
        """Whether an output is in a frame."""
        return any(isinstance(item, Frame) for cell in self.code for item in cell.shown)
