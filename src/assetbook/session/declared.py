"""What a run allows: the inputs, outputs and checks that static reading found in the notebook.

Everything else is refused, so that the lineage which Dagster shows is what happened.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assetbook.errors import SessionError, did_you_mean
from assetbook.session.context import (
    DeclaredCheck,
    DeclaredOutput,
    MissingPin,
    ModelPin,
    RunContext,
    TablePin,
)

if TYPE_CHECKING:
    from assetbook.lake import TableVersion

_CALLS = {"table": "save", "model": "save_model"}
_IN_THE_NOTEBOOK = {
    "load": "Load it in the notebook, and pass the table on.",
    "path": "Take its path in the notebook, and pass the path on.",
    "sql": "Query it in the notebook, and pass the result on.",
    "save": "Return the table, and save it in the notebook.",
    "save_model": "Return the model, and save it in the notebook.",
    "check": "Return the outcome, and check it in the notebook.",
}


class Declared:
    """The declarations of one run, and which of them have been used."""

    def __init__(self, context: RunContext) -> None:
        self._root = Path(context.root)
        self._pins = context.pins
        self._outputs = context.outputs
        self._checks = context.checks
        self._saved: set[str] = set()
        self._evaluated: set[DeclaredCheck] = set()

    def pin(self, name: str, *, call: str) -> TablePin | ModelPin:
        """Return the pinned version of a declared input."""
        pin = self._pins.get(name)
        if pin is None:
            raise self._undeclared(call, name, self._pins)
        if isinstance(pin, MissingPin):
            never = f"{name!r} has never been materialized. Run `assetbook run {name}` first."
            raise SessionError(pin.reason or never)
        return pin

    def table(self, name: str, *, call: str = "sql") -> TableVersion:
        """Return the pinned version of a table that a query, or another call, names."""
        pin = self.pin(name, call=call)
        if isinstance(pin, ModelPin):
            raise SessionError(
                f"{call}(…): {name!r} is a model, not a table. Read it with ab.load({name!r})."
            )
        return pin.table

    def is_input(self, name: str) -> bool:
        """Tell whether an input of that name is declared."""
        return name in self._pins

    def output(self, name: str, *, kind: Literal["table", "model"]) -> DeclaredOutput:
        """Return a declared output that has not been saved yet."""
        call = _CALLS[kind]
        output = self._outputs.get(name)
        if output is None:
            raise self._undeclared(
                call, name, (known for known, o in self._outputs.items() if o.kind == kind)
            )
        if output.kind != kind:
            raise SessionError(
                f"{call}({name!r}, …): {name!r} is a {output.kind}. Use ab.{_CALLS[output.kind]}."
            )
        if name in self._saved:
            raise SessionError(
                f"{call}({name!r}, …): saved twice in one run. Save it once, when it is complete."
            )
        return output

    def saved(self, name: str) -> None:
        """Note that an output is complete."""
        self._saved.add(name)

    def check(self, name: str, *, asset: str | None, blocking: bool) -> DeclaredCheck:
        """Return a declared check, which counts as evaluated from now on."""
        check = self._named_check(name, asset)
        if blocking is not check.blocking:
            raise SessionError(
                f"check({name!r}, blocking={blocking!r}): read from the notebook as {check.blocking}. "
                "Write True or False itself, not an expression."
            )
        if check in self._evaluated:
            raise SessionError(
                f"check({name!r}, …): evaluated twice in one run. Combine the outcomes in one call."
            )
        self._evaluated.add(check)
        return check

    def _named_check(self, name: str, asset: str | None) -> DeclaredCheck:
        named = [check for check in self._checks if check.name == name]
        if not named:
            raise self._undeclared("check", name, (check.name for check in self._checks))
        matching = [check for check in named if asset in (None, check.asset)]
        if not matching:
            known = did_you_mean(str(asset), (check.asset for check in named))
            raise SessionError(f"check({name!r}, asset={asset!r}): declared for another asset. {known}")
        if len(matching) > 1:
            assets = ", ".join(repr(check.asset) for check in matching)
            raise SessionError(f"check({name!r}, …) is declared for {assets}. Say which with asset=….")
        return matching[0]

    def _undeclared(self, call: str, name: str, known: Iterable[str]) -> SessionError:
        what = f"{call}(…) of {name!r} was not read from the notebook before it ran"
        module = _calling_module(self._root)
        if module:
            return SessionError(
                f"{what}: it is called in {module}, and calls inside modules are not read. {_IN_THE_NOTEBOOK[call]}"
            )
        declared = sorted(known)
        hint = did_you_mean(name, declared) if declared else "None was read."
        return SessionError(f"{what}: use a literal name. {hint}")


def _calling_module(root: Path) -> str | None:
    """Return the workspace's module, and the line in it, that makes the call; None if the notebook does."""
    package = __name__.partition(".")[0]
    frame = inspect.currentframe()
    while frame is not None and (name := str(frame.f_globals.get("__name__"))) != "__main__":
        path = Path(frame.f_code.co_filename)
        inside = path.is_relative_to(root) and "site-packages" not in path.parts
        if inside and name.partition(".")[0] != package:
            return f"{path.relative_to(root)}, line {frame.f_lineno}"
        frame = frame.f_back
    return None
