from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assetbook.contract import Contract, cache, read_contract, read_contracts
from assetbook.contract.cache import contract_from_json

EVERYTHING = """\
import assetbook as ab
from assets.flights import LIMIT
ab.asset(partitions={"month": "monthly from 2013-01"}, freshness="1d", tags={"a": "b"})
ab.save("out", ab.load("flights"), schema=LIMIT)
ab.check("ok", True)
ab.metric("auc", 1)
ab.load(computed)
"""
PARAMETERS = 'month = "2013-01"\nd = date(2013, 1, 1)\nw: dict[int, list[float]] | None = {1: [0.5]}'


@pytest.fixture
def notebooks(tmp_path: Path, write_notebook: Callable[..., dict[str, Any]]) -> list[Path]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "flights.py").write_text("LIMIT = 1")
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    paths[0].write_text(json.dumps(write_notebook(["# A", EVERYTHING], parameters=PARAMETERS)))
    paths[1].write_text(json.dumps(write_notebook(["import later"])))
    return paths


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The notebooks that were read, not taken from the cache."""
    read: list[str] = []
    original = cache.read_content

    def counted(content: bytes, *, path: Path, modules: Any) -> Any:
        read.append(path.name)
        return original(content, path=path, modules=modules)

    monkeypatch.setattr(cache, "read_content", counted)
    return read


def read(notebooks: list[Path]) -> list[Contract]:
    root = notebooks[0].parent
    return read_contracts(notebooks, root=root, cache=root / "cache")


def test_a_contract_goes_through_json_unchanged(notebooks: list[Path]) -> None:
    contract = read_contract(notebooks[0], root=notebooks[0].parent)
    assert contract.problems
    assert contract_from_json(json.loads(json.dumps(contract.to_json()))) == contract


@pytest.mark.parametrize("data", [{}, [], 1, {"$type": "Place", "cell": 1, "line": 1}])
def test_other_json_is_no_contract(data: Any) -> None:
    with pytest.raises(ValueError, match="expected a contract"):
        contract_from_json(data)


def test_unchanged_notebooks_are_not_read_again(notebooks: list[Path], reads: list[str]) -> None:
    first = read(notebooks)
    assert first == [read_contract(path, root=path.parent) for path in notebooks]
    assert read(notebooks) == first
    assert reads == ["a.ipynb", "b.ipynb"]


def test_without_a_cache_all_are_read_and_nothing_is_written(notebooks: list[Path], reads: list[str]) -> None:
    for _ in range(2):
        read_contracts(notebooks, root=notebooks[0].parent)
    assert len(reads) == 4
    assert not (notebooks[0].parent / "cache").exists()


def test_a_changed_notebook_is_read_again_and_only_that(notebooks: list[Path], reads: list[str]) -> None:
    read(notebooks)
    notebooks[1].write_text(notebooks[1].read_text().replace("later", "other"))
    read(notebooks)
    assert reads == ["a.ipynb", "b.ipynb", "b.ipynb"]


def test_a_changed_module_is_noticed(notebooks: list[Path], reads: list[str]) -> None:
    before = read(notebooks)[0].code_version
    (notebooks[0].parent / "assets" / "flights.py").write_text("LIMIT = 2")
    assert read(notebooks)[0].code_version != before
    assert reads == ["a.ipynb", "b.ipynb", "a.ipynb"]


def test_a_module_that_appears_is_noticed(notebooks: list[Path], reads: list[str]) -> None:
    read(notebooks)
    (notebooks[0].parent / "later.py").write_text("")
    assert read(notebooks)[1].modules == ("later.py",)
    assert reads == ["a.ipynb", "b.ipynb", "b.ipynb"]


def test_another_reader_starts_afresh(
    notebooks: list[Path], reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read(notebooks)
    monkeypatch.setattr(cache, "_reader_version", lambda: "newer")
    read(notebooks)
    assert len(reads) == 4


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"reader": 1}', b'{"$type": "Place"}', b"[" * 100_000]
)
def test_a_corrupt_cache_is_ignored_and_written_anew(
    notebooks: list[Path], reads: list[str], content: bytes
) -> None:
    first = read(notebooks)
    file = notebooks[0].parent / "cache" / "contracts.json"
    file.write_bytes(content)
    assert read(notebooks) == first
    assert read(notebooks) == first
    assert len(reads) == 4
    assert [path.name for path in file.parent.iterdir()] == ["contracts.json"]


def test_a_cache_that_cannot_be_written_is_said_and_does_no_harm(
    notebooks: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    (notebooks[0].parent / "cache").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert len(read(notebooks)) == 2
    assert "cannot be written" in caplog.text


def test_a_missing_notebook_is_a_problem_and_the_others_are_read(notebooks: list[Path]) -> None:
    missing = notebooks[0].parent / "missing.ipynb"
    contracts = read([notebooks[0], missing, notebooks[1]])
    assert [contract.name for contract in contracts] == ["a", "missing", "b"]
    assert [p.message for p in contracts[1].problems] == ["missing.ipynb: there is no such file."]


def test_reading_some_keeps_what_is_known_of_the_others(notebooks: list[Path], reads: list[str]) -> None:
    read(notebooks)
    read(notebooks[:1])
    read(notebooks)
    assert len(reads) == 2
