"""Where the installed Assetbook comes from, as a line that pip can install again."""

from __future__ import annotations

import json
from importlib.metadata import Distribution, distribution
from typing import Any

NAME = "assetbook"


def requirement(installed: Distribution | None = None) -> str:
    """Return the line: an editable folder, a file, a commit, or a version of the registry.

    Args:
        installed: what is installed; Assetbook as it is here by default.
    """
    installed = installed or distribution(NAME)
    direct = _direct(installed)
    if direct is None:
        return f"{NAME}=={installed.version}"
    url = str(direct["url"])
    if "vcs_info" in direct:
        vcs = direct["vcs_info"]
        return f"{NAME} @ {vcs['vcs']}+{url}@{vcs['commit_id']}"
    if direct.get("dir_info", {}).get("editable"):
        return f"-e {url}"  # a URL: a path with spaces would be several words
    return f"{NAME} @ {url}"


def is_folder(installed: Distribution | None = None) -> bool:
    """Whether it is installed from a folder of sources, so that it has to be built again."""
    direct = _direct(installed or distribution(NAME))
    return direct is not None and ("dir_info" in direct or "vcs_info" in direct)


def _direct(installed: Distribution) -> dict[str, Any] | None:
    """Return what the installer has written down of where it comes from; nothing for a registry."""
    text = installed.read_text("direct_url.json")
    found: dict[str, Any] | None = json.loads(text) if text else None
    return found
