from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import assetbook as ab
from assetbook.errors import LandingError, SessionError
from assetbook.landing import changed_at, fingerprint, read_files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/a.txt").write_bytes(b"one\r\n\x00")
    (tmp_path / "in/deep/b.bin").write_bytes(b"")
    (tmp_path / "in/.hidden").write_text("no")
    return tmp_path / "in"


def test_a_file_comes_back_as_it_was(folder, publish, capsys):
    publish("letter", read_files(folder / "a.txt"))
    found = Path(ab.path("letter"))
    assert found.name == "a.txt"
    assert found.read_bytes() == b"one\r\n\x00"
    assert "letter: 1 file, 6 bytes, version 0" in capsys.readouterr().out
    assert ab.path("letter") == str(found)


def test_a_folder_comes_back_with_the_files_below_it(folder, publish):
    publish("letters", read_files(folder))
    found = Path(ab.path("letters"))
    assert found.name == "in"
    assert sorted(p.relative_to(found).as_posix() for p in found.rglob("*")) == [
        "a.txt",
        "deep",
        "deep/b.bin",
    ]


def test_a_new_version_is_another_folder(folder, publish):
    publish("letter", read_files(folder / "a.txt"))
    before = ab.path("letter")
    (folder / "a.txt").write_text("two")
    publish("letter", read_files(folder / "a.txt"))
    assert Path(ab.path("letter")).read_text() == "two"
    assert Path(before).read_bytes() == b"one\r\n\x00"


def test_a_table_is_no_file(flights):
    with pytest.raises(SessionError, match="holds no files; its columns are origin, arr_delay"):
        ab.path("flights")


@pytest.mark.parametrize("path", ["/etc/passwd", "../out", ""])
def test_no_path_leads_out_of_the_folder(publish, path):
    publish("bad", pd.DataFrame({"path": [path], "content": [b"x"]}))
    with pytest.raises(SessionError, match="read_files"):
        ab.path("bad")


def test_an_unknown_name_is_refused(settings):
    with pytest.raises(SessionError, match="There is no data of 'leter'"):
        ab.path("leter")


def test_the_fingerprint_of_a_folder_is_that_of_names_and_contents(folder):
    before = fingerprint(folder)
    assert fingerprint(folder) == before
    (folder / ".hidden").write_text("other")
    assert fingerprint(folder) == before
    (folder / "deep/b.bin").rename(folder / "deep/c.bin")
    assert fingerprint(folder) != before
    assert changed_at(folder) == max(p.stat().st_mtime for p in [folder / "a.txt", folder / "deep/c.bin"])


def test_an_empty_folder_and_a_missing_file_are_errors(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(LandingError, match="at least one file"):
        read_files(tmp_path / "none")
    with pytest.raises(LandingError, match="no such file"):
        read_files(tmp_path / "gone.txt")


def test_a_run_gets_the_version_that_it_has_pinned(folder, publish, start):
    table = publish("letter", read_files(folder / "a.txt"))
    (folder / "a.txt").write_text("two")
    publish("letter", read_files(folder / "a.txt"))
    run = start(table)
    found = Path(ab.path("letter"))
    assert found.read_bytes() == b"one\r\n\x00"
    assert found.is_relative_to(run.context.artifacts)
    (event,) = run.events("load")
    assert (event["name"], event["version"], event["rows"]) == ("letter", 0, 1)


def test_a_run_refuses_what_was_not_read_from_the_notebook(folder, publish, start):
    publish("letter", read_files(folder / "a.txt"))
    start()
    with pytest.raises(SessionError, match="was not read from the notebook"):
        ab.path("letter")
