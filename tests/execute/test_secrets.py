from __future__ import annotations

import base64
from pathlib import Path

import pytest

from assetbook.execute import html
from tests.execute.executing import PARAMETERS, Runner, cell

TOKEN = "tok'en-1234"


def test_secrets_reach_nothing_that_is_kept(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hunter2-hunter2@db/prod")
    cells = [
        cell("token = ''\npin = 0\nlake = ''", PARAMETERS),
        f"assert token == {TOKEN!r} and pin == 77\nprint('in pieces: tok', end='', flush=True)\nprint(token[3:])",
        "import os, sys, json, base64, urllib.parse\nprint(os.environ['DATABASE_URL'], file=sys.stderr)",
        "print(json.dumps({'a': token}), urllib.parse.quote(token), repr(token), lake)",
        "print(base64.b64encode(('me:' + token).encode()).decode())",
        "from IPython.display import HTML\nHTML('<b>' + token + '</b>')",
        "print((token + '\\n') * 200_000)",
        "raise ValueError('cannot log in with ' + token)",
    ]
    result = runner.run(
        cells,
        parameters={"token": TOKEN, "pin": 77, "lake": "s3://user:lake-password@host"},
        secrets={"token": TOKEN, "pin": "77"},
    )
    assert result.failure is not None
    assert result.failure.cell == 8
    html.render(
        result.saved,
        runner.run_dir / "nb.html",
        title=f"With {TOKEN}",
        facts={"p": TOKEN},
        secrets={"t": TOKEN},
    )
    kept = {p.name: p.read_text() for p in runner.run_dir.iterdir()}
    kept |= {"heard": str(runner.recorder.calls), "failure": result.failure.message() + repr(result.failure)}
    encoded = base64.b64encode(f"me:{TOKEN}".encode()).decode()[4:-4]
    for name, text in kept.items():
        for secret in ("en-1234", "hunter2-hunter2", "lake-password", encoded):
            assert secret not in text, (name, secret)
    assert "token = '***'" in kept["notebook.ipynb"]
    assert "pin = '***'" in kept["notebook.ipynb"]
    assert "cannot log in with ***" in result.failure.error
    assert runner.recorder.printed("stderr") == "postgres://me***db/prod\n"


def test_the_job_does_not_show_what_it_holds(runner: Runner, tmp_path: Path) -> None:
    job = runner.job(["1"], parameters={"t": TOKEN}, secrets={"t": TOKEN}, environment={"A": TOKEN})
    assert "1234" not in repr(job)
