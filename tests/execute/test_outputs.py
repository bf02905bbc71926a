from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from assetbook.errors import RunError
from assetbook.execute import outputs
from assetbook.execute.outputs import CellOutputs
from assetbook.execute.redact import Redactor


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "TEXT_LIMIT", 100)
    monkeypatch.setattr(outputs, "RICH_LIMIT", 200)
    monkeypatch.setattr(outputs, "CELL_LIMIT", 500)
    monkeypatch.setattr(outputs, "FILE_LIMIT", 1000)


def collect(tmp_path: Path, *secrets: str) -> tuple[Any, CellOutputs]:
    cell = new_code_cell()
    return cell, CellOutputs(cell, name="cell-7", folder=tmp_path, redactor=Redactor(secrets))


def test_text_of_one_stream_is_one_output(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    for stream, text in [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")]:
        found.text(stream, text)
    found.close()
    assert [(o.name, o.text) for o in cell.outputs] == [("stdout", "ab"), ("stderr", "c"), ("stdout", "d")]


def test_a_progress_bar_leaves_its_last_state(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    found.text("stderr", "\r 1%\r 50%")
    found.text("stderr", "\r100%\r\nnext\r\n")
    found.close()
    assert cell.outputs[0].text == "100%\nnext\n"


def test_long_text_is_cut_and_whole_in_a_file(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    shown = found.text("stdout", "a" * 60) + found.text("stdout", "b" * 60) + found.text("stdout", "c")
    found.text("stderr", "other")
    found.close()
    assert shown == "a" * 60 + "b" * 60 + "c"  # who follows the run gets all
    assert cell.outputs[0].text == "a" * 60 + "b" * 40
    assert cell.outputs[1].text == "other"
    note = "\n… 100 characters of 121 characters of stdout are shown; the whole is in cell-7-stdout.txt.\n"
    assert cell.outputs[2].text == note
    assert (tmp_path / "cell-7-stdout.txt").read_text() == shown


def test_the_file_is_bounded_too(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    for _ in range(30):
        found.text("stdout", "x" * 100)
    found.close()
    assert (tmp_path / "cell-7-stdout.txt").stat().st_size == 1000
    assert "the first 1,000 characters are in cell-7-stdout.txt" in cell.outputs[-1].text


def test_a_huge_display_goes_into_a_file(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    data = {"text/html": "<p>" * 100, "text/plain": "y" * 150}
    found.display(new_output("display_data", data))
    found.close()
    kept = cell.outputs[0].data
    assert "text/html" not in kept
    assert kept["text/plain"].startswith("y" * 100 + "\n… ")
    assert "text/html of 300 characters is cut; the whole is in cell-7-output-1.html" in kept["text/plain"]
    assert (tmp_path / "cell-7-output-1.html").read_text() == "<p>" * 100
    assert (tmp_path / "cell-7-output-2.txt").read_text() == "y" * 150


def test_a_huge_picture_is_a_picture_file(tmp_path: Path) -> None:
    _, found = collect(tmp_path)
    png = base64.b64encode(bytes(300)).decode()
    found.display(new_output("display_data", {"image/png": png}))
    assert (tmp_path / "cell-7-output-1.png").read_bytes() == bytes(300)


def test_displays_without_end_go_into_a_file(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    for number in range(15):
        found.display(new_output("display_data", {"text/plain": f"{number:50}"}))
    found.close()
    assert len(cell.outputs) == 11
    note = "5 more displays are left out, since the cell shows over 500 characters"
    assert f"{note}; the whole is in cell-7-displays.jsonl" in cell.outputs[-1].text
    left_out = [json.loads(line) for line in (tmp_path / "cell-7-displays.jsonl").read_text().splitlines()]
    assert [int(output["data"]["text/plain"]) for output in left_out] == [10, 11, 12, 13, 14]


def test_data_that_is_no_text_becomes_text(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    data = {
        "text/plain": 5,
        "text/html": ["<p>", "</p>"],
        "application/x+json": {"a": [1]},
        "image/png": None,
    }
    found.display(NotebookNode(output_type="display_data", data=data, metadata={}))
    found.close()
    assert cell.outputs[0].data == {
        "text/plain": "5",
        "text/html": "<p></p>",
        "application/x+json": {"a": [1]},
        "image/png": "null",
    }
    nbformat.validate(cell, ref="code_cell", version=4)


def test_secrets_are_hidden_before_anything_is_cut(tmp_path: Path) -> None:
    cell, found = collect(tmp_path, "secret-1")
    found.text("stdout", "x" * 96 + "secr")
    assert found.text("stdout", "et-1" + "y" * 50) == "***" + "y" * 50
    found.display(new_output("display_data", {"text/plain": "v" * 96 + "secret-1" + "w" * 96}))
    found.error(new_output("error", ename="E", evalue="secret-1", traceback=["a secret-1"]))
    found.close()
    everything = str(cell) + "".join(p.read_text() for p in tmp_path.iterdir())
    assert "secr" not in everything


def test_text_held_back_comes_at_the_end(tmp_path: Path) -> None:
    cell, found = collect(tmp_path, "secret-1")
    assert found.text("stdout", "is it sec") == "is it "
    assert found.rest() == {"stdout": "sec"}
    found.close()
    assert cell.outputs[0].text == "is it sec"


def test_cleared_output_is_forgotten(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    for number in range(20):
        found.text("stdout", f"{number} of 20 ".ljust(90))
        found.clear()
    found.text("stdout", "done")
    found.close()
    assert [o.text for o in cell.outputs] == ["done"]


def test_a_huge_error_is_cut_in_its_middle(tmp_path: Path) -> None:
    cell, found = collect(tmp_path)
    found.error(new_output("error", ename="E", evalue="a" * 500 + "end", traceback=["b" * 500]))
    assert cell.outputs[0].evalue.endswith("a" * 47 + "end")
    assert "403 characters cut" in cell.outputs[0].evalue


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "cell-7-stdout.txt").symlink_to("/dev/full")
    _, found = collect(tmp_path)
    found.text("stdout", "x" * 1000)  # still in the file's buffer
    with pytest.raises(RunError, match=r"cell-7-stdout\.txt cannot be written: No space left on device"):
        found.close()
