"""Names of assets that a shell completes after TAB: those that the last command has seen.

Opening the workspace takes seconds, which is too long for a key. So every command that opens it writes the
names down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from assetbook.settings import Settings

HOW = """Names of assets complete with TAB after this line, best in ~/.bashrc (zsh_source in ~/.zshrc, or
fish_source):

\b
  eval "$(_ASSETBOOK_COMPLETE=bash_source assetbook)"
"""  # click reads the backspace as "do not wrap what follows"

_FILE = "asset-names.txt"
_UPSTREAM = re.compile(r"\d*\+")  # +name, 2+name: with what it needs


def complete_asset(_ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the assets that begin with what has been typed."""
    before = found[0] if (found := _UPSTREAM.match(typed)) else ""
    start = typed.removeprefix(before)
    return [CompletionItem(before + name) for name in _known() if name.startswith(start)]


def remember(names: Iterable[str], settings: Settings) -> None:
    """Write down the names of all assets."""
    text = "".join(f"{name}\n" for name in names)
    file = settings.cache / _FILE
    with suppress(OSError):  # a folder that cannot be written is said by the command itself, if it matters
        if not file.is_file() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")


def _known() -> list[str]:
    from assetbook.cli.workspace import open_settings
    from assetbook.errors import AssetbookError

    try:
        return (open_settings().cache / _FILE).read_text("utf-8").split()
    except (AssetbookError, OSError):  # not in a workspace, or in one where no command has been used yet
        return []
