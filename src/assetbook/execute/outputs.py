"""The outputs of cells, on their way into the saved notebook: redacted, merged, and never without bound.

A notebook that prints without end must not fill memory, the saved notebook, or the reader's browser. What
is cut goes whole into a file beside the notebook, and a note in the output says so.
"""

from __future__ import annotations

import base64
import json
import mimetypes
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetbook.errors import RunError
from assetbook.execute.model import MB
from assetbook.execute.redact import Redactor, StreamRedactor

if TYPE_CHECKING:
    from nbformat import NotebookNode

TEXT_LIMIT = 1 * MB  # characters of one stream, or of one text output, of a cell
RICH_LIMIT = 8 * MB  # characters of one picture, page or other data
CELL_LIMIT = 32 * MB  # characters of all that a cell displays
FILE_LIMIT = 200 * MB  # characters of a file that holds what was cut


class Spill:
    """A file beside the notebook with the whole of an output that is cut there; itself not without bound."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        try:
            self._file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        except OSError as error:
            raise _unwritable(path, error) from error

    def write(self, text: str) -> None:
        """Append as much of `text` as the limit leaves room for."""
        room = max(0, FILE_LIMIT - self.size)
        self.size += len(text)
        try:
            self._file.write(text[:room])
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> str:
        """Close the file; return the words that name it in a note."""
        try:
            self._file.close()
        except OSError as error:
            raise _unwritable(self.path, error) from error
        if self.size > FILE_LIMIT:
            return f"the first {amount(FILE_LIMIT)} are in {self.path.name}"
        return f"the whole is in {self.path.name}"


class CellOutputs:
    """Collects the outputs of one cell while it runs.

    Printed text becomes one output for each run of the same stream: its text is a list of pieces, as the
    notebook format allows, until the cell ends.
    """

    def __init__(self, cell: NotebookNode, *, name: str, folder: Path, redactor: Redactor) -> None:
        self._cell = cell
        self._name = name
        self._folder = folder
        self._redactor = redactor
        self._streams: defaultdict[str, StreamRedactor] = defaultdict(lambda: StreamRedactor(redactor))
        self._kept: defaultdict[str, int] = defaultdict(int)
        self._spills: dict[str, Spill] = {}
        self._displayed = 0
        self._dropped: Spill | None = None
        self._left_out = 0
        self._files = 0

    def text(self, stream: str, text: str) -> str:
        """Take printed text; return what of it may be shown now."""
        return self._keep(stream, self._streams[stream].feed(text))

    def rest(self) -> dict[str, str]:
        """Take the text that was held back as the possible start of a secret; return it by stream."""
        return {stream: self._keep(stream, held.rest()) for stream, held in self._streams.items()}

    def display(self, output: NotebookNode) -> NotebookNode | None:
        """Take a displayed object or a result; return the output as it is kept, or None if there is no room."""
        self.fill(output, output["data"], output["metadata"])
        size = sum(map(_size, output["data"].values()))
        if self._displayed + size > CELL_LIMIT:
            self._drop(output)
            return None
        self._displayed += size
        self._cell.outputs.append(output)
        return output

    def fill(self, output: NotebookNode, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Put data into a display, redacted and cut."""
        output["data"] = self._bounded(self._redactor.tree(data))
        output["metadata"] = self._redactor.tree(metadata)

    def error(self, output: NotebookNode) -> None:
        """Take an error."""
        output["evalue"] = cut(self._redactor.text(output["evalue"]), TEXT_LIMIT)
        output["traceback"] = [cut(self._redactor.text(part), TEXT_LIMIT) for part in output["traceback"]]
        self._cell.outputs.append(output)

    def clear(self) -> None:
        """Forget what the cell has shown so far."""
        self._cell.outputs.clear()
        self._kept.clear()
        self._displayed = 0

    def close(self) -> None:
        """Bring the outputs into their final form, with a note for everything that was cut."""
        for output in self._cell.outputs:
            if output["output_type"] == "stream":
                output["text"] = _without_overwritten("".join(output["text"]))
        for stream, spill in self._spills.items():
            shown = f"{amount(self._kept[stream])} of {amount(spill.size)} of {stream} are shown"
            self._note(f"{shown}; {spill.close()}")
        if self._dropped:
            left = f"{self._left_out:,} more displays are left out, since the cell shows over {amount(CELL_LIMIT)}"
            self._note(f"{left}; {self._dropped.close()}")

    def _drop(self, output: NotebookNode) -> None:
        self._left_out += 1
        self._dropped = self._dropped or Spill(self._folder / f"{self._name}-displays.jsonl")
        self._dropped.write(json.dumps(output) + "\n")

    def _keep(self, stream: str, text: str) -> str:
        if not text:
            return text
        room = TEXT_LIMIT - self._kept[stream]
        if len(text) > room and stream not in self._spills:
            self._spills[stream] = Spill(self._folder / f"{self._name}-{stream}.txt")
            self._spills[stream].write(self._printed(stream))
        if stream in self._spills:
            self._spills[stream].write(text)
        if room > 0:
            self._append(stream, text[:room])
            self._kept[stream] += min(room, len(text))
        return text

    def _append(self, stream: str, text: str) -> None:
        last = self._cell.outputs[-1] if self._cell.outputs else None
        if last is None or last["output_type"] != "stream" or last["name"] != stream:
            last = _stream_output(stream)
            self._cell.outputs.append(last)
        last["text"].append(text)

    def _printed(self, stream: str) -> str:
        outputs = (o for o in self._cell.outputs if o["output_type"] == "stream" and o["name"] == stream)
        return "".join("".join(output["text"]) for output in outputs)

    def _note(self, sentence: str) -> None:
        output = _stream_output("stderr")
        output["text"] = f"\n… {sentence}.\n"
        self._cell.outputs.append(output)

    def _bounded(self, data: dict[str, Any]) -> dict[str, Any]:
        kept, notes = {}, []
        for mime, given in data.items():
            value = given if mime.endswith("json") else _text(given)
            limit = TEXT_LIMIT if mime == "text/plain" else RICH_LIMIT
            if _size(value) <= limit:
                kept[mime] = value
                continue
            if mime == "text/plain":
                kept[mime] = value[:limit]
            notes.append(f"… {mime} of {amount(_size(value))} is cut; {self._spill_data(mime, value)}.")
        if notes:
            kept["text/plain"] = "\n".join([*filter(None, [kept.get("text/plain")]), *notes])
        return kept

    def _spill_data(self, mime: str, value: Any) -> str:
        self._files += 1
        suffix = ".json" if mime.endswith("json") else mimetypes.guess_extension(mime) or ".txt"
        path = self._folder / f"{self._name}-output-{self._files}{suffix}"
        if _is_binary(mime) and len(value) <= FILE_LIMIT:
            with suppress(ValueError):  # no base64: then it is kept as the text that it is
                _write(path, base64.b64decode(value))
                return f"the whole is in {path.name}"
        spill = Spill(path)
        spill.write(value if isinstance(value, str) else json.dumps(value))
        return spill.close()


def amount(characters: int) -> str:
    """Return a number of characters for readers, as ``1.0 MB``."""
    return f"{characters / MB:,.1f} MB" if characters >= MB / 10 else f"{characters:,} characters"


def cut(text: str, limit: int) -> str:
    """Return `text`, or its two ends with a note between them where it is longer than `limit`."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {amount(len(text) - 2 * half)} cut …\n{text[-half:]}"


def _is_binary(mime: str) -> bool:
    return mime.startswith("image/") and mime != "image/svg+xml"


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise _unwritable(path, error) from error


def _text(value: Any) -> str:
    """Return data as text, which the notebook format wants of all but JSON; an object may give anything."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    return value if isinstance(value, str) else json.dumps(value)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(json.dumps(value))


def _stream_output(stream: str) -> NotebookNode:
    from nbformat import NotebookNode

    return NotebookNode(output_type="stream", name=stream, text=[])


def _without_overwritten(text: str) -> str:
    """Return text as a terminal shows it: a progress bar is written many times on one line, the last counts."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))


def _unwritable(path: Path, error: OSError) -> RunError:
    return RunError(f"{path} cannot be written: {error.strerror or error}. Free space or mend the rights.")
