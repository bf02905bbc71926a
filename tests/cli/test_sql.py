from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import time

import pandas as pd
import pyarrow.parquet as pq
import pytest

from assetbook.lake import Lake
from tests.cli.conftest import COMMAND, environment, start

PATIENCE = 60  # seconds for a busy machine

ODD = (
    "select 1 as i, null as nothing, 'naïve, \"ü\"' as text, [1, null] as list, {'a': 1} as struct, "
    "timestamp '2020-01-02 03:04:05' as at, 'nan'::double as nan, 1.50::decimal(5, 2) as exact"
)


@pytest.fixture
def lake(workspace):
    lake = Lake(str(workspace.root / "data" / "lake"))
    for rows in (2, 100):
        frame = pd.DataFrame({"n": pd.array([None, *range(rows - 1)], dtype="Int64"), "name": ["é"] * rows})
        lake.publish([lake.stage("flights", frame, group="raw", run_id=f"run{rows}")], stamp={})
    return lake


def test_answers_are_readable_or_exact_as_asked(lake, cli):
    table = cli("sql", "select * from flights")
    assert table.code == 0
    assert table.out.splitlines()[0].split() == ["n", "name"]
    assert "NULL" in table.out
    assert "the first 40 rows; --rows N shows more; --format csv gives all" in table.out
    assert cli("sql", "select count(*) c from flights@0").out.split() == ["c", "2"]

    lines = cli("sql", "select n from flights order by n nulls first", "--format", "csv").out.splitlines()
    assert lines[:3] == ["n", '""', "0"]  # as a line of its own, nothing is quoted
    assert len(lines) == 101
    assert json.loads(cli("sql", "select n from flights where n > 98", "--format", "json").out) == []
    assert json.loads(cli("sql", "select n from flights where n = 7", "--format", "json").out) == [{"n": 7}]


def test_ctrl_c_ends_a_query_at_once(lake, workspace):
    pipe = workspace.root / "endless.csv"
    os.mkfifo(pipe)
    with start(workspace.root, "sql", f"select * from read_csv('{pipe}', columns={{'n': 'int'}})") as process:
        writing = opened_for_writing(pipe, process)
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=PATIENCE)
        os.close(writing)

    assert process.returncode == -signal.SIGINT  # a shell calls it 130
    assert "Traceback" not in shown


def opened_for_writing(pipe, process) -> int:
    """Wait until the query reads the pipe."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads it yet
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_what_a_terminal_obeys_is_not_sent_to_it(lake, cli):
    shown = cli("sql", "select '\x1b[31mred\x07' as text")

    assert "\x1b" not in shown.out
    assert shown.out.splitlines()[1] == "�[31mred�"


def test_rows_are_at_least_one(lake, cli):
    assert cli("sql", "select 1", "--rows", "0").code == 2


def test_odd_values_keep_what_they_are(lake, cli):
    (row,) = json.loads(cli("sql", ODD, "--format", "json").out)
    assert row["list"] == [1, None]
    assert row["struct"] == {"a": 1}
    assert (row["nothing"], row["nan"], row["text"]) == (None, None, 'naïve, "ü"')

    names, values = csv.reader(io.StringIO(cli("sql", ODD, "--format", "csv").out))
    found = dict(zip(names, values, strict=True))
    assert (found["i"], found["nothing"], found["text"]) == ("1", "", 'naïve, "ü"')
    assert (found["at"], found["exact"]) == ("2020-01-02 03:04:05", "1.50")

    assert "naïve" in cli("sql", ODD).out


def test_a_wide_answer_says_which_columns_are_left_out(lake, cli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    columns = ", ".join(f"{n} as a_long_column_name_{n}" for n in range(9))

    out = cli("sql", f"select {columns}").out

    assert max(map(len, out.splitlines()[:2])) <= 60
    assert "2 of 9 columns; name those that you want; --format csv gives all" in out


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "table"])
def test_an_answer_goes_to_a_file(lake, cli, tmp_path, form):
    file = tmp_path / f"answer.{form}"

    answer = cli("sql", "select n from flights limit 5", "--format", form, "-o", str(file))

    assert (answer.code, answer.out, answer.err) == (0, "", f"wrote {file}\n")
    if form == "parquet":
        assert pq.read_table(file).num_rows == 5
    else:
        assert "n" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["select * from flihgts"], "there is no table 'flihgts'. Did you mean 'flights'?"),
        (["select * frm flights"], "SQL:"),
        (["select nn from flights"], "nn"),
        (["select * from flights@9"], "has no version 9. Known: 0 to 1."),
        (["select cast(name as int) from flights"], "SQL: Conversion Error"),
        (["select 1", "-o", "/nowhere/at/all.csv"], "/nowhere/at/all.csv cannot be written: No such file"),
        (
            ["select 1", "--format", "parquet", "-o", "/nowhere/at/all.parquet"],
            "/nowhere/at/all.parquet cannot be written:",
        ),
        (["create table t as select 1"], "SQL"),
        ([""], "SQL"),
    ],
)
def test_a_mistake_in_a_question_is_no_traceback(lake, cli, arguments, message):
    answer = cli("sql", *arguments)

    assert answer.code == 2
    assert answer.out == ""
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_a_reader_that_goes_away_ends_it_quietly(lake, workspace):
    question = "select range as n, repeat('x', 100) as text from range(200000)"
    script = " ".join(f"'{part}'" if i != 2 else f'"{part}"' for i, part in enumerate(COMMAND))
    for form in ("csv", "table --rows 100000", "parquet"):
        ended = subprocess.run(
            f'{script} sql "{question}" --format {form} | head -c 100 > /dev/null',
            shell=True,
            cwd=workspace.root,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.stderr == "", form


def test_a_column_may_be_called_what_the_query_is_called_inside(lake, cli):
    assert json.loads(cli("sql", "select 1 as a, 4 as Answer", "--format", "json").out) == [
        {"a": 1, "Answer": 4}
    ]
