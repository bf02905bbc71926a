"""The conversation with a kernel: one cell after the other is said, outputs are heard as they come.

nbclient's client with its fixed waits taken out, and with outputs that are bounded and free of secrets. What
a reply means for the run is decided in `assetbook.execute.cells`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from queue import Empty
from typing import TYPE_CHECKING, Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from assetbook.errors import RunError

if TYPE_CHECKING:
    from assetbook.execute.document import Document
    from assetbook.execute.kernel import Kernel
    from assetbook.execute.outputs import CellOutputs
    from assetbook.execute.relay import Relay

START_TIMEOUT = 60.0  # seconds until a kernel must answer

_RECONNECT = 5  # milliseconds between two attempts to reach a kernel that is starting; 100 by default
_LINGER = 200  # milliseconds that the last message has to reach the kernel
_SETTLED = 0.1  # seconds without a message after which a dead kernel has said everything
_FOREVER = 10**9  # the watchdog keeps the time
_TEXT = """\
import json
from IPython import get_ipython

def pack(value):
    try:
        return packed(value)
    except UnicodeEncodeError:
        return json.dumps(value, default=str).encode("ascii")

session = get_ipython().kernel.session
packed, session.pack = session.pack, pack
"""
_GOODBYE = "(lambda loop: loop.add_callback(loop.stop))(__import__('IPython').get_ipython().kernel.io_loop)"

_FIELDS = {
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}

_SILENT = logging.getLogger(f"{__name__}.nbclient")  # what nbclient logs is told to the caller as a result
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Conversation(NotebookClient):  # type: ignore[misc] # the type checker does not follow nbclient
    """Sends cells to a kernel and hears what it says.

    Attributes:
        trouble: set when an output could not be passed on or kept; `raise_trouble` says why.
    """

    clear_before_next_output: bool  # nbclient's

    def __init__(self, document: Document, *, kernel: Kernel, relay: Relay) -> None:
        """Prepare; nothing is sent yet.

        Args:
            document: the notebook; its cells receive the outputs.
            kernel: the process to talk to.
            relay: hears printed text.
        """
        super().__init__(
            document.nb,
            log=_SILENT,
            allow_errors=True,  # the reply says it; nbclient's exception would copy all outputs
            iopub_timeout=_FOREVER,
            on_cell_executed=self._keep_reply,
        )
        self.trouble = asyncio.Event()
        self._document = document
        self._kernel = kernel
        self._relay = relay
        self._outputs: CellOutputs
        self._displays: defaultdict[str, list[NotebookNode]] = defaultdict(list)
        self._reply: dict[str, Any] | None = None
        self._heard = 0.0
        self._error: BaseException | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Connect to the kernel for the length of the block.

        Raises:
            RunError: it does not start.
        """
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.RECONNECT_IVL, _RECONNECT)
        context.setsockopt(zmq.RCVHWM, 0)  # messages wait for a slow observer; none is dropped
        self.kc = AsyncKernelClient(context=context)
        try:
            self.kc.load_connection_info(self._kernel.connection)
            self.kc.start_channels(stdin=False, hb=False)
            await self._greet()
            yield
        finally:
            self.kc.stop_channels()
            context.destroy(linger=_LINGER)

    async def say(
        self, cell: NotebookNode, index: int, outputs: CellOutputs, *, counts: bool
    ) -> dict[str, Any] | None:
        """Run one cell.

        Args:
            cell: the cell.
            index: its position.
            outputs: collects its outputs.
            counts: whether it counts as ``In [n]``.

        Returns:
            The content of the kernel's reply; None when the kernel has ended instead.
        """
        self._outputs = outputs
        self._reply = None
        try:
            await self.async_execute_cell(cell, index, store_history=counts)
        except DeadKernelError:
            if self._kernel.is_alive:  # that is how nbclient passes on that the run is being given up
                raise asyncio.CancelledError from None
        finally:
            for stream, text in outputs.rest().items():
                self._relay.text(stream, text)
            outputs.close()
        return self._reply["content"] if self._reply else None

    def end(self) -> None:
        """Have the kernel end, which takes it a moment.

        A shutdown request would end it from another thread, which every now and then deadlocks with the closing
        of its output; ``exit()`` would let it wait a tenth of a second.
        """
        if self._kernel.is_alive:
            self._kernel.dismiss(lambda: self.kc.execute(_GOODBYE, silent=True, store_history=False))
        self.set_widgets_metadata()

    def raise_trouble(self) -> None:
        """Raise the error that an output has met, if there is one."""
        if self._error:
            raise self._error

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
        self._let_print_anything()

    def _let_print_anything(self) -> None:
        """Have the kernel send what UTF-8 has no bytes for, which half of a surrogate pair is.

        Its thread of outputs fails with such a text, and now and then does not hear of the next one: nothing that
        is printed after it, and no end of a cell, comes through. The kernel does this before the first cell.
        """
        self.kc.execute(f"exec({_TEXT!r}, {{}})", silent=True, store_history=False)

    def _keep_reply(self, *, execute_reply: dict[str, Any], **_: Any) -> None:
        self._reply = execute_reply

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
                self._outputs.error(_output(msg))
            case "display_data" | "execute_result":
                self._display(msg, display_id)
        return None

    def clear_output(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        """Forget what the cell has shown, now or before the next output."""
        super().clear_output(outs, msg, cell_index)
        if not outs:
            self._outputs.clear()

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        try:
            await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - kept to be raised at once: nbclient looks at it too late
            self._error = error
            self.trouble.set()

    async def _async_poll_kernel_alive(self) -> None:
        await self._kernel.ended()
        self._heard = max(self._heard, time.monotonic())
        while time.monotonic() - self._heard < _SETTLED:
            await asyncio.sleep(_SETTLED / 4)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    def _display(self, msg: dict[str, Any], display_id: str | None) -> None:
        if display_id in self._displays:
            self._update(msg["content"])
        kept = self._outputs.display(_output(msg))
        if display_id and kept is not None:
            self._displays[display_id].append(kept)

    def _update(self, content: dict[str, Any]) -> None:
        for display in self._displays[content["transient"]["display_id"]]:
            self._outputs.fill(display, content["data"], content["metadata"])


def _output(msg: dict[str, Any]) -> NotebookNode:
    """Return a message as an output; nbformat holds each against its schema, which takes longer than the rest."""
    fields = {name: msg["content"][name] for name in _FIELDS[msg["msg_type"]]}
    return NotebookNode(output_type=msg["msg_type"], **fields)


async def _next(channel: Any) -> dict[str, Any] | None:
    try:
        message: dict[str, Any] = await channel.get_msg(timeout=0.1)
    except Empty:
        return None
    return message
