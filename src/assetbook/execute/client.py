"""The conversation with a kernel: cells one after the other, outputs as they come.

nbclient's client with its fixed waits taken out. What happens when a limit is passed, the kernel dies or a
cell fails is decided here; what the outside hears goes through the relay.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from queue import Empty
from typing import TYPE_CHECKING, Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import output_from_msg

from assetbook.errors import RunError
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
START_TIMEOUT = 60.0  # seconds until a kernel must answer
_RECONNECT = 5  # milliseconds between two attempts to reach a kernel that is starting; 100 by default
_ALIVE_POLL = 0.05
_SETTLED = 0.1  # seconds without a message after which a dead kernel has said everything
_GOODBYE = "(lambda loop: loop.add_callback(loop.stop))(__import__('IPython').get_ipython().kernel.io_loop)"
_FOREVER = 10**9  # the watchdog keeps the time
_SILENT = logging.getLogger(f"{__name__}.nbclient")  # what nbclient logs is told to the caller as a result
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class CellClient(NotebookClient):  # type: ignore[misc] # nbclient is not seen by the type checker
    """Runs the cells of a document in a kernel.

    Attributes:
        cells: how each numbered cell went, as far as the run has come.
        failure: of the cell that ended the run, or None.
    """

    clear_before_next_output: bool  # nbclient's

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
        """Prepare; nothing is sent yet.

        Args:
            document: the notebook.
            kernel: the process that runs it.
            watchdog: watches that process.
            relay: hears what happens.
            redactor: takes secrets out of what is shown.
            name: of the notebook, in messages.
        """
        super().__init__(
            document.nb,
            log=_SILENT,
            allow_errors=True,  # the kernel's reply says it; nbclient's exception would copy all outputs
            iopub_timeout=_FOREVER,
            on_cell_executed=self._executed,
        )
        self.cells: list[CellRun] = []
        self.failure: CellFailure | None = None
        self._document = document
        self._kernel = kernel
        self._watchdog = watchdog
        self._relay = relay
        self._redactor = redactor
        self._name = name
        self._numbers: dict[int, int] = {}
        self._displays: defaultdict[str, list[NotebookNode]] = defaultdict(list)
        self._reply: dict[str, Any] | None = None
        self._heard = 0.0
        self._trouble: BaseException | None = None
        self._troubled = asyncio.Event()

    @property
    def peak_memory(self) -> int:
        """The highest resident memory of the kernel and its children, in bytes."""
        return self._watchdog.peak

    async def run(self) -> None:
        """Run the cells until one fails, then let the kernel end.

        Raises:
            RunError: the kernel does not start, or outputs cannot be written.
            Exception: whatever the observer raises.
        """
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.RECONNECT_IVL, _RECONNECT)
        context.setsockopt(zmq.RCVHWM, 0)  # messages wait for a slow observer; none is dropped
        self.kc = AsyncKernelClient(context=context)
        try:
            self.kc.load_connection_info(self._kernel.connection)
            self.kc.start_channels(stdin=False, hb=False)
            await self._greet()
            self._watchdog.start()
            await self._unless_troubled(self._run_cells())
            if self._kernel.is_alive:
                await self._kernel.stop(self._say_goodbye)
            self.set_widgets_metadata()
        finally:
            self._watchdog.stop()
            self.kc.stop_channels()
            context.destroy(linger=0)

    def _say_goodbye(self) -> None:
        """Ask the kernel to end.

        A shutdown request would end it from another thread, which every now and then deadlocks with the closing
        of its output; ``exit()`` would let it wait a tenth of a second.
        """
        self.kc.execute(_GOODBYE, silent=True, store_history=False)

    async def _greet(self) -> None:
        """Wait until the kernel answers on the channel of replies and on that of outputs."""
        deadline = time.monotonic() + START_TIMEOUT
        info = heard = None
        self.kc.kernel_info()
        while not (info and heard):
            info = info or await _next(self.kc.shell_channel)
            heard = heard or await _next(self.kc.iopub_channel)
            if not self._kernel.is_alive:
                raise RunError(f"The kernel did not start ({self._kernel.death()}).\n{self._kernel.log}")
            if time.monotonic() > deadline:
                raise RunError(f"The kernel did not answer within {START_TIMEOUT:.0f} s.\n{self._kernel.log}")
            if info and not heard:  # a kernel that does not greet its listeners: make it say something
                self.kc.kernel_info()
        self.nb.metadata["language_info"] = info["content"]["language_info"]

    async def _unless_troubled(self, cells: Any) -> None:
        """Run the cells and pass events on meanwhile, until the end or an error of ours or of the observer."""
        running, following, troubled = (
            asyncio.ensure_future(work) for work in (cells, self._relay.follow(), self._troubled.wait())
        )
        tasks = (running, following, troubled)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            unfinished = [task for task in tasks if not task.done()]
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        if self._trouble:
            raise self._trouble
        for task in (running, following):
            if task not in unfinished:
                task.result()

    async def _run_cells(self) -> None:
        for index, number in self._document.numbers.items():
            cell = self.nb.cells[index]
            if self.failure:
                self._record(number, "not run")
            elif SKIP & set(cell.metadata.tags):
                cell.metadata.papermill["status"] = "skipped"
                self._record(number, "skipped")
            else:
                await self._run_cell(cell, index, number)

    async def _run_cell(self, cell: NotebookNode, index: int, number: int) -> None:
        label = f"cell-{number}" if number else "parameters"
        self._outputs = CellOutputs(
            cell, name=label, folder=self._document.path.parent, redactor=self._redactor
        )
        self._reply = None
        self._relay.cell_started(number, self._document.total)
        self._document.cell_start(cell, cell_index=index)
        begun = time.monotonic()
        try:
            # outside the history, the injected cell does not count: In [n] is cell n
            await self.async_execute_cell(cell, index, store_history=number > 0)
        except DeadKernelError:
            if self._kernel.is_alive:  # that is how nbclient passes on that the run is being given up
                raise asyncio.CancelledError from None
        finally:
            self._finish_outputs()
            seconds = time.monotonic() - begun
        self.failure = self._judge(cell, index, number)
        if self.failure:
            self._document.cell_exception(cell, cell_index=index)
        self._document.cell_complete(cell, cell_index=index)
        self._record(number, "failed" if self.failure else "ok", seconds)
        self._relay.cell_finished(number, self._document.total, seconds)

    def _judge(self, cell: NotebookNode, index: int, number: int) -> CellFailure | None:
        """Return why the cell that has just run failed, or None."""
        reply = self._reply["content"] if self._reply else None
        if not cell.source.strip():
            return None
        if number and reply and "execution_count" in reply:
            self._numbers[reply["execution_count"]] = number
        elif not number:
            cell.execution_count = None
        scene = Scene(
            self._name, number, self._document.shown_source(index), self._document.path, self._numbers
        )
        if reply is None:
            return self._ended(scene, cell)
        if any(payload.get("source") == "ask_exit" for payload in reply.get("payload", [])):
            return _shown(scene.exited(), cell)
        if reply["status"] == "ok" or "raises-exception" in cell.metadata.tags:
            return None
        return scene.raised(self._redactor.tree(reply), python=self._kernel.program)

    def _ended(self, scene: Scene, cell: NotebookNode) -> CellFailure:
        """Return the failure of a cell during which the kernel came to its end."""
        if self._watchdog.breach:
            return _shown(scene.breached(self._watchdog.breach), cell)
        log = self._redactor.text(self._kernel.log)
        return _shown(scene.died(self._kernel.death(), log=log), cell)

    def _record(self, number: int, status: CellStatus, seconds: float = 0.0) -> None:
        if number:
            peak = self._watchdog.mark() if status in ("ok", "failed") else 0
            self.cells.append(CellRun(number, round(seconds, 4), round(peak / MB, 1), status))

    def _executed(self, *, execute_reply: dict[str, Any], **_: Any) -> None:
        self._reply = execute_reply

    def _finish_outputs(self) -> None:
        for stream, text in self._outputs.rest().items():
            self._relay.text(stream, text)
        self._outputs.close()

    # What nbclient calls, with its own behaviour replaced.

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        """Take one message about a running cell."""
        self._heard = time.monotonic()
        if msg["msg_type"] == "update_display_data":
            self._update(msg["content"])
            return None
        output = super().process_message(msg, cell, cell_index)
        self._document.autosave_cell()
        return output

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Keep one output, bounded; printed text is passed on."""
        if self.output_hook_stack[msg["parent_header"].get("msg_id")]:  # captured by an Output widget
            return super().output(outs, msg, display_id, cell_index)
        if self.clear_before_next_output:
            self.clear_before_next_output = False
            self._outputs.clear()
        content = msg["content"]
        match msg["msg_type"]:
            case "stream":
                self._relay.text(content["name"], self._outputs.text(content["name"], content["text"]))
            case "error":
                self._outputs.error(output_from_msg(msg))
            case "display_data" | "execute_result":
                if display_id and display_id in self._displays:
                    self._update(content)
                kept = self._outputs.display(output_from_msg(msg))
                if display_id and kept is not None:
                    self._displays[display_id].append(kept)
        return None

    def clear_output(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        """Forget what the cell has shown, now or before the next output."""
        super().clear_output(outs, msg, cell_index)
        if not outs:
            self._outputs.clear()

    def _update(self, content: dict[str, Any]) -> None:
        for display in self._displays[content["transient"]["display_id"]]:
            self._outputs.fill(display, content["data"], content["metadata"])

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        try:
            await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - raised by `_unless_troubled`: nbclient would wait
            self._trouble = error
            self._troubled.set()

    async def _async_poll_kernel_alive(self) -> None:
        while self._kernel.is_alive:
            await asyncio.sleep(_ALIVE_POLL)
        self._heard = max(self._heard, time.monotonic())
        while time.monotonic() - self._heard < _SETTLED:
            await asyncio.sleep(_SETTLED / 4)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()


async def _next(channel: Any) -> dict[str, Any] | None:
    try:
        message: dict[str, Any] = await channel.get_msg(timeout=0.1)
    except Empty:
        return None
    return message


def _shown(failure: CellFailure, cell: NotebookNode) -> CellFailure:
    """Write a failure that the kernel itself could not tell into the cell's outputs."""
    from nbformat.v4 import new_output

    traceback = [f"{failure.error}. {failure.hint}"]
    cell.outputs.append(new_output("error", ename=failure.reason, evalue=failure.error, traceback=traceback))
    return failure
