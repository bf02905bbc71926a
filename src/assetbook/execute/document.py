"""The executed notebook: papermill's parameter injection and metadata, and how it is saved.

The only module that imports papermill. Its own engine saves after every cell and as it is; here a save is
bounded in time, atomic, and holds no secret.
"""

from __future__ import annotations

import json
import keyword
import secrets
import time
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.contract.types import to_config
from assetbook.errors import RunError
from assetbook.execute.redact import MASK, Redactor
from assetbook.imports import IRI_GRAMMAR, without
from assetbook.notebook import read_notebook

with without(IRI_GRAMMAR):
    from nbformat import v4
    from papermill.engines import NotebookExecutionManager
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook
    from papermill.translators import PythonTranslator, papermill_translators

if TYPE_CHECKING:
    from nbformat import NotebookNode

INJECTED = "injected-parameters"
SAVE_EVERY = 30.0  # seconds between two saves while cells run
SAVE_SHARE = 20  # saving takes at most one part in so many of the time

_COMMENT = "Parameters"
_DATETIME = "_datetime"  # the module's name in the injected cell: `datetime` may be the notebook's own


class Translator(PythonTranslator):  # type: ignore[misc] # papermill has no types
    """Writes parameter values as Python source that gives them back, dates and nested values included."""

    @classmethod
    def translate(cls, val: Any) -> str:
        """Return source for one value."""
        match val:
            case None | bool() | int():
                return repr(val)
            case str():
                return str.__repr__(val)
            case date():  # a datetime is one too
                kind = "datetime" if isinstance(val, datetime) else "date"
                return f'{_DATETIME}.{kind}.fromisoformat("{val.isoformat()}")'
            case Mapping():
                return (
                    "{" + ", ".join(f"{cls.translate(k)}: {cls.translate(v)}" for k, v in val.items()) + "}"
                )
            case tuple():
                return "(" + "".join(f"{cls.translate(item)}, " for item in val) + ")"
            case float() | list():
                return str(super().translate(val))
        raise RunError(
            f"A parameter cannot be of type {type(val).__name__}: give text, numbers, dates, lists or dicts."
        )

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = _COMMENT) -> str:
        """Return the source of the cell that sets the parameters."""
        wrong = [name for name in parameters if not name.isidentifier() or keyword.iskeyword(name)]
        if wrong:
            raise RunError(f"A parameter cannot be named {wrong[0]!r}: the name must be one of Python.")
        lines = [cls.assign(name, cls.translate(value)) for name, value in parameters.items()]
        imports = (
            [f"import datetime as {_DATETIME}"] if any(f"{_DATETIME}." in line for line in lines) else []
        )
        return "\n".join([cls.comment(comment), *imports, *lines])


papermill_translators.register(__name__, Translator)  # under a name of its own: papermill's stay as they are


class Document(NotebookExecutionManager):  # type: ignore[misc] # papermill has no types
    """A notebook that is being executed, and the file that it is saved to.

    Attributes:
        nb: the notebook with the injected parameters, as the kernel gets it.
        numbers: position of each code cell to its number; 0 for the injected cell.
        path: where it is saved.
    """

    def __init__(self, nb: NotebookNode, path: Path, *, redactor: Redactor, injected: str = "") -> None:
        """Wrap a notebook.

        Args:
            nb: the notebook, parameters injected.
            path: where to save it.
            redactor: takes secrets out of what is saved.
            injected: the injected cell's source as it may be shown.
        """
        super().__init__(nb, output_path=str(path), progress_bar=False)
        self.path = path
        self.numbers = _numbers(nb)
        self._redactor = redactor
        self._injected = injected
        self._save_after = time.monotonic() + SAVE_EVERY

    @classmethod
    def open(
        cls,
        source: Path,
        path: Path,
        *,
        root: Path,
        parameters: Mapping[str, Any],
        hidden: Collection[str],
        redactor: Redactor,
    ) -> Document:
        """Read a notebook and inject parameters into it; the file itself stays as it is.

        Args:
            source: the notebook's file.
            path: where the executed notebook goes.
            root: the workspace.
            parameters: names and values.
            hidden: names of parameters whose values are not shown.
            redactor: takes secrets out of what is saved.

        Raises:
            ContractError: the file is no notebook.
            RunError: a parameter that cannot be set.
        """
        nb = _load(source, root)
        shown = {name: MASK if name in hidden else value for name, value in parameters.items()}
        if parameters:
            if not any("parameters" in cell.metadata.tags for cell in nb.cells):
                raise RunError(
                    f"{source} has no cell tagged `parameters` that could take {', '.join(parameters)}."
                )
            nb = parameterize_notebook(nb, dict(parameters), kernel_name=__name__, language="python")
        nb.metadata.papermill["parameters"] = json.loads(json.dumps(to_config(shown), default=str))
        nb.metadata.papermill["input_path"] = str(source)
        nb.metadata.papermill["output_path"] = str(path)
        return cls(nb, path, redactor=redactor, injected=Translator.codify(shown) if parameters else "")

    @property
    def total(self) -> int:
        """How many numbered code cells there are."""
        return max(self.numbers.values(), default=0)

    @property
    def kernel(self) -> str | None:
        """The kernel specification that the notebook names."""
        name = self.nb.metadata.get("kernelspec", {}).get("name")
        return str(name) if name else None

    def shown_source(self, index: int) -> str:
        """Return the source of a cell as it may be shown."""
        source = self.nb.cells[index].source if self.numbers.get(index) != 0 else self._injected
        return self._redactor.text(source)

    def save(self, **_: Any) -> None:
        """Save if the last time is long ago; papermill calls this at every step."""
        if time.monotonic() >= self._save_after:
            self.write()

    autosave_cell = save

    def finish(self) -> None:
        """Complete papermill's metadata and save."""
        not_run = [
            c for c in self.nb.cells if c.cell_type == "code" and c.metadata.papermill.status == self.PENDING
        ]
        self.notebook_complete()
        for cell in not_run:  # papermill calls them completed
            cell.metadata.papermill["status"] = self.PENDING
        self.write()

    def write(self) -> None:
        """Save now: the file is the old one or the new one, never a part.

        Raises:
            RunError: it cannot be written.
        """
        begun = time.monotonic()
        draft = self.path.with_name(self.path.name + ".part")
        text = v4.writes_json(self._public())
        try:
            draft.write_text(text, "utf-8", errors="backslashreplace")
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise RunError(
                f"The executed notebook {self.path} cannot be saved: {error.strerror or error}. "
                "Free space or mend the rights."
            ) from error
        now = time.monotonic()
        self._save_after = now + max(SAVE_EVERY, SAVE_SHARE * (now - begun))

    def _public(self) -> NotebookNode:
        """Return the notebook without secrets. Outputs have lost theirs on arrival."""
        clean = self._redactor.tree
        cells = []
        for index, cell in enumerate(self.nb.cells):
            attachments = {"attachments": clean(cell.attachments)} if "attachments" in cell else {}
            parts = {"source": self.shown_source(index), "metadata": clean(cell.metadata), **attachments}
            cells.append(type(cell)({**cell, **parts}))
        return type(self.nb)({**self.nb, "metadata": clean(self.nb.metadata), "cells": cells})


def _load(source: Path, root: Path) -> NotebookNode:
    nb = v4.to_notebook(read_notebook(source, root=root).document())
    nb.metadata.pop("papermill", None)
    for cell in nb.cells:
        if nb.nbformat_minor >= 5 and "id" not in cell:
            cell.id = secrets.token_hex(4)
    return load_notebook_node(nb)


def _numbers(nb: NotebookNode) -> dict[int, int]:
    numbers: dict[int, int] = {}
    for index, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            injected = INJECTED in cell.metadata.get("tags", [])
            numbers[index] = 0 if injected else max(numbers.values(), default=0) + 1
    return numbers
