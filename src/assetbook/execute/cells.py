"""The cells of a notebook, one after the other, until the last or the first that fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbformat.v4 import new_output

from assetbook.execute.conversation import Conversation
from assetbook.execute.document import Document
from assetbook.execute.failure import CellFailure, Scene
from assetbook.execute.kernel import Kernel
from assetbook.execute.model import MB, CellRun, CellStatus
from assetbook.execute.outputs import CellOutputs
from assetbook.execute.redact import Redactor
from assetbook.execute.relay import Relay
from assetbook.execute.watchdog import Watchdog

if TYPE_CHECKING:
    from nbformat import NotebookNode

SKIP = frozenset({"skip", "skip-execution"})


class Cells:
    """Runs the cells of a document in a kernel.

    Attributes:
        done: how each numbered cell went.
        failure: of the cell that ended the run, or None.
    """

    def __init__(
        self,
        document: Document,
        *,
        kernel: Kernel,
        watchdog: Watchdog,
        relay: Relay,
        redactor: Redactor,
        name: str,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            document: the notebook.
            kernel: the process that runs it.
            watchdog: watches that process.
            relay: hears what happens.
            redactor: takes secrets out of what is shown.
            name: of the notebook, in messages.
        """
        self.done: list[CellRun] = []
        self.failure: CellFailure | None = None
        self._document = document
        self._kernel = kernel
        self._watchdog = watchdog
        self._relay = relay
        self._redactor = redactor
        self._name = name
        self._numbers: dict[int, int] = {}  # the kernel's In [n] to the cell's number

    async def run(self) -> None:
        """Run the cells, then have the kernel end.

        Raises:
            RunError: the kernel does not start, or outputs cannot be written.
            Exception: whatever the observer raises.
        """
        conversation = Conversation(self._document, kernel=self._kernel, relay=self._relay)
        async with conversation.open():
            self._watchdog.start()
            try:
                await self._run_followed(conversation)
            finally:
                self._watchdog.stop()
            conversation.end()

    async def _run_followed(self, conversation: Conversation) -> None:
        """Run the cells and pass events on meanwhile; an error on either side, or of the observer, ends both."""
        running = asyncio.ensure_future(self._run_all(conversation))
        following = asyncio.ensure_future(self._relay.follow())
        troubled = asyncio.ensure_future(conversation.trouble.wait())
        tasks = {running, following, troubled}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        conversation.raise_trouble()
        for task in done:
            task.result()

    async def _run_all(self, conversation: Conversation) -> None:
        for index, number in self._document.numbers.items():
            cell = self._document.nb.cells[index]
            if self.failure:
                self._record(number, "not run")
            elif SKIP & set(cell.metadata.tags):
                cell.metadata.papermill["status"] = "skipped"
                self._record(number, "skipped")
            else:
                await self._run_one(conversation, cell, index, number)

    async def _run_one(self, conversation: Conversation, cell: NotebookNode, index: int, number: int) -> None:
        document, total = self._document, self._document.total
        self._relay.cell_started(number, total)
        document.cell_start(cell, cell_index=index)
        begun = time.monotonic()
        # the injected cell does not count: In [n] of the kernel is cell n
        reply = await conversation.say(cell, index, self._outputs(cell, number), counts=number > 0)
        seconds = time.monotonic() - begun
        if cell.source.strip():  # an empty cell is not sent
            self.failure = self._judge(cell, index, number, reply)
        if self.failure:
            document.cell_exception(cell, cell_index=index)
        document.cell_complete(cell, cell_index=index)
        self._record(number, "failed" if self.failure else "ok", seconds)
        self._relay.cell_finished(number, total, seconds)

    def _outputs(self, cell: NotebookNode, number: int) -> CellOutputs:
        name = f"cell-{number}" if number else "parameters"
        return CellOutputs(cell, name=name, folder=self._document.path.parent, redactor=self._redactor)

    def _judge(
        self, cell: NotebookNode, index: int, number: int, reply: Mapping[str, Any] | None
    ) -> CellFailure | None:
        """Return why a cell failed, or None."""
        if number and reply:
            self._numbers[reply.get("execution_count", 0)] = number
        elif not number:
            cell.execution_count = None
        source = self._document.shown_source(index)
        scene = Scene(self._name, number, source, self._document.path, self._numbers)
        if reply is None:
            return _shown(self._ended(scene), cell)
        if any(payload.get("source") == "ask_exit" for payload in reply.get("payload", [])):
            return _shown(scene.exited(), cell)
        if reply["status"] == "ok" or "raises-exception" in cell.metadata.tags:
            return None
        return scene.raised(self._redactor.tree(reply), python=self._kernel.program)

    def _ended(self, scene: Scene) -> CellFailure:
        """Return the failure of a cell during which the kernel came to its end."""
        if self._watchdog.breach:
            return scene.breached(self._watchdog.breach)
        return scene.died(self._kernel.death(), log=self._redactor.text(self._kernel.log))

    def _record(self, number: int, status: CellStatus, seconds: float = 0.0) -> None:
        if number:
            peak = self._watchdog.mark() if status in ("ok", "failed") else 0
            self.done.append(CellRun(number, round(seconds, 4), round(peak / MB, 1), status))


def _shown(failure: CellFailure, cell: NotebookNode) -> CellFailure:
    """Write a failure that the kernel itself could not tell into the cell's outputs."""
    traceback = [f"{failure.error}. {failure.hint}"]
    cell.outputs.append(new_output("error", ename=failure.reason, evalue=failure.error, traceback=traceback))
    return failure
