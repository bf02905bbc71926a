"""The files of the lake: a local folder, or an object store that deltalake can open, behind one file system."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from assetbook.errors import LakeError

if TYPE_CHECKING:
    from pyarrow import fs as pafs


OPTIONS = "ASSETBOOK_STORAGE_OPTIONS"
"""The environment variable with the storage options as JSON, for where nobody gives them."""


@dataclass(frozen=True)
class Storage:
    """Files below one root; paths are relative to it, with forward slashes.

    Attributes:
        root: absolute path of a local folder, or a URI such as ``s3://bucket/lake``.
        options: what deltalake needs to open it (keys, region, endpoint).
    """

    root: str
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, root: str | Path, *, options: Mapping[str, str] | None = None) -> Storage:
        """Return the storage at a path or URI; ``file://`` is a local folder.

        Options of a URI that are not given come from the environment, so that Jupyter knows them as well.

        Raises:
            LakeError: those in the environment are not JSON.
        """
        text = str(root)
        parts = urlsplit(text)
        if parts.scheme == "file":
            text = unquote(parts.path)
        if "://" in text:
            return cls(text.rstrip("/"), dict(options or _options_of_environment()))
        return cls(str(Path(text).expanduser().resolve()).rstrip("/"), dict(options or {}))

    @property
    def local(self) -> bool:
        """Whether the files are in a folder of this machine."""
        return "://" not in self.root

    @cached_property
    def filesystem(self) -> pafs.FileSystem:
        """The file system to give to pyarrow, with paths as `path` makes them."""
        from pyarrow import fs as pafs

        if self.local:
            return pafs.LocalFileSystem()
        from deltalake.fs import DeltaStorageHandler

        return pafs.PyFileSystem(DeltaStorageHandler(self.root, options=dict(self.options)))

    @contextmanager
    def output(self, relative: str) -> Iterator[Any]:
        """Open a file to write `bytes` to."""
        if self.local:
            with Path(self.path(relative)).open("wb") as stream:
                yield stream
            return
        from deltalake.fs import DeltaStorageHandler

        # Directly: pyarrow would hand its own buffers to deltalake, which takes bytes alone.
        stream = DeltaStorageHandler(self.root, options=dict(self.options))._handler.open_output_stream(
            relative
        )
        try:
            yield stream
        finally:
            stream.close()

    def path(self, relative: str) -> str:
        """Return the path of a file for `filesystem`."""
        return f"{self.root}/{relative}" if self.local else relative

    def uri(self, relative: str) -> str:
        """Return the absolute path or URI, as deltalake and DuckDB take it."""
        return f"{self.root}/{relative}"

    def relative(self, uri: str) -> str:
        """Return the path below the root of an absolute path or URI."""
        return uri.removeprefix(self.root).lstrip("/")

    def exists(self, relative: str) -> bool:
        """Whether there is a file or a folder at this path."""
        from pyarrow import fs as pafs

        info = self.filesystem.get_file_info([self.path(relative)])[0]
        return bool(info.type != pafs.FileType.NotFound)

    def folders(self, relative: str, *, hidden: bool = False) -> list[str]:
        """Return the names of the folders in a folder, sorted; hidden ones, with . or _ in front, on request."""
        from pyarrow import fs as pafs

        entries = self._entries(relative, hidden=hidden)
        return sorted(entry.base_name for entry in entries if entry.type == pafs.FileType.Directory)

    def files(self, relative: str) -> list[tuple[str, float]]:
        """Return names and times of change (seconds since 1970) of the files in a folder."""
        from pyarrow import fs as pafs

        entries = self._entries(relative, hidden=True)
        return [(e.base_name, e.mtime_ns / 1e9) for e in entries if e.type == pafs.FileType.File]

    def _entries(self, relative: str, *, hidden: bool = False) -> list[pafs.FileInfo]:
        from pyarrow import fs as pafs

        selector = pafs.FileSelector(self.path(relative), allow_not_found=True)
        try:
            found = self.filesystem.get_file_info(selector)
        except NotADirectoryError:
            return []
        return [info for info in found if hidden or not info.base_name.startswith((".", "_"))]

    def make_folder(self, relative: str) -> None:
        """Create a folder and those above it."""
        self.filesystem.create_dir(self.path(relative), recursive=True)

    def rename(self, relative: str, to: str) -> None:
        """Give a file another name, after its bytes have reached the disk: a commit must never name lost data."""
        if self.local:
            _sync(self.path(relative))
        self.filesystem.move(self.path(relative), self.path(to))
        if self.local:
            _sync(str(Path(self.path(to)).parent))

    def move_folder(self, relative: str, to: str) -> None:
        """Move a folder; the folder above the new place is made."""
        self.make_folder(to.rpartition("/")[0])
        self.filesystem.move(self.path(relative), self.path(to))

    def delete(self, relative: str) -> None:
        """Delete a file; one that is gone already is no error."""
        if self.exists(relative):
            self.filesystem.delete_file(self.path(relative))

    def delete_folder(self, relative: str) -> None:
        """Delete a folder with all that is in it."""
        self.filesystem.delete_dir(self.path(relative))

    @contextmanager
    def writing(self, relative: str) -> Iterator[None]:
        """Turn what the operating system refuses into an error that names path and fix."""
        try:
            yield
        except OSError as error:
            raise LakeError(
                f"Cannot write to {self.uri(relative)}: {error}. Nothing was published; earlier versions are "
                "untouched. Check that the folder can be written and that the disk is not full, then run again."
            ) from error


def _options_of_environment() -> dict[str, str]:
    text = os.environ.get(OPTIONS)
    if not text:
        return {}
    try:
        return {str(key): str(value) for key, value in dict(json.loads(text)).items()}
    except (ValueError, TypeError) as error:  # its content may be secret: it is not repeated
        raise LakeError(
            f'{OPTIONS} is not a JSON object ({type(error).__name__}). Expected {{"name": "value"}}.'
        ) from None


def _sync(path: str) -> None:
    if os.name == "nt":  # Windows opens no folders, and needs a writable handle for a file
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
