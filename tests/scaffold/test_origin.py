"""Where the installed Assetbook comes from, as a new workspace writes it down."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from assetbook.scaffold.origin import is_folder, requirement

CASES: dict[str, tuple[dict[str, Any] | None, str, bool]] = {
    "a registry": (None, "assetbook==1.2", False),
    "an editable folder": (
        {"url": "file:///srv/our%20code", "dir_info": {"editable": True}},
        "-e file:///srv/our%20code",
        True,
    ),
    "a folder": ({"url": "file:///srv/code", "dir_info": {}}, "assetbook @ file:///srv/code", True),
    "a wheel": (
        {"url": "file:///srv/assetbook-1.2-py3-none-any.whl", "archive_info": {"hash": "sha256=ab"}},
        "assetbook @ file:///srv/assetbook-1.2-py3-none-any.whl",
        False,
    ),
    "a commit": (
        {"url": "https://example.com/a.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
        "assetbook @ git+https://example.com/a.git@abc",
        True,
    ),
}  # fmt: skip


class Installed:
    version = "1.2"

    def __init__(self, direct: dict[str, Any] | None) -> None:
        self._direct = direct

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return json.dumps(self._direct) if self._direct else None


@pytest.mark.parametrize(("direct", "line", "built"), CASES.values(), ids=CASES)
def test_what_is_installed_again(direct: dict[str, Any] | None, line: str, built: bool) -> None:
    installed = cast(Any, Installed(direct))
    assert requirement(installed) == line
    assert is_folder(installed) is built
