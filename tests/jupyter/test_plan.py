"""What a person is shown of a notebook as an asset."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assetbook.errors import SessionError
from assetbook.jupyter.plan import read_plan
from assetbook.jupyter.shown import as_html, as_text
from assetbook.jupyter.which import notebook_of
from assetbook.jupyter.wording import age, when


def test_before_anything_was_made(doubles: Path) -> None:
    plan = read_plan(doubles)
    assert (plan.name, plan.group, plan.kinds, plan.title) == ("doubles", "features", ("table",), "Doubles")
    assert [(source.problem, source.command) for source in plan.inputs] == [
        ("never made", f"assetbook run {name}") for name in ("numbers", "missing", "guess")
    ]
    assert plan.last is None
    assert "never run; run it: assetbook run doubles" in as_text(plan)
    assert when(datetime.fromtimestamp(doubles.stat().st_mtime)) == plan.saved


def test_after_a_run(made: Any, doubles: Path) -> None:
    plan = read_plan(doubles)
    assert plan.inputs[0].there == "version 0, 3 rows"
    assert plan.inputs[0].age == "just now"
    assert plan.last is not None
    assert (plan.last.status, plan.last.same_code) == ("success", True)
    assert (made.root / plan.last.page).is_file()
    assert plan.outputs[0].there == "version 0, 2 rows"
    doubles.write_text(doubles.read_text().replace("some * 2", "some.nothing"))
    assert "with other code than this" in as_text(read_plan(doubles))
    made.reload()
    assert not made.run("doubles").success
    assert "AttributeError" in as_text(read_plan(doubles))


def test_findings_have_cell_line_and_what_to_do(doubles: Path) -> None:
    text, html = as_text(read_plan(doubles)), as_html(read_plan(doubles))
    assert "cell 4:1   warning AB402  sample draws at random, and random_state is not set." in text
    assert "→ Add random_state=0" in text
    assert "cell 4, line 1" in html
    assert "AB402 no-random-state: A split, a sample or an estimator draws" in html
    assert "warning" in text.splitlines()[-1]


def test_a_secret_is_not_shown(doubles: Path) -> None:
    plan = read_plan(doubles)
    assert [knob.default for knob in plan.parameters] == ["2", "***"]
    assert "hush-hush" not in as_text(plan) + as_html(plan)


def test_what_an_author_writes_is_text(doubles: Path) -> None:
    doubles.write_text(doubles.read_text().replace("how many rows", "<script>alert(1)</script>"))
    assert "<script>" not in as_html(read_plan(doubles))


def test_a_notebook_elsewhere_is_told_how_to_become_an_asset(workspace: Any, doubles: Path) -> None:
    elsewhere = doubles.rename(workspace.root / "analysis.ipynb")
    assert read_plan(elsewhere).remarks == (
        f"It is no asset: those are below notebooks/. Make it one: assetbook promote {elsewhere}",
    )


def test_without_a_workspace_the_findings_are_shown(workspace: Any, doubles: Path) -> None:
    (workspace.root / "workspace.yaml").unlink()
    plan = read_plan(doubles)
    assert "No Dagster project here" in plan.remarks[0]
    assert "AB402" in as_text(plan)


def test_a_broken_notebook_is_shown_too(doubles: Path) -> None:
    doubles.write_text("no JSON")
    assert "AB001" in as_text(read_plan(doubles))
    assert "the file is not JSON" in as_html(read_plan(doubles))


def test_a_text_notebook_is_shown_too(workspace: Any) -> None:
    path = workspace.write("notebooks/a.py", "# %%\nx = y\n")
    assert "2 │ x = y" in as_text(read_plan(path))


def test_no_dagster_is_imported(made: Any, doubles: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from assetbook.jupyter.plan import read_plan; "
        "from assetbook.jupyter.shown import as_html; as_html(read_plan(Path(sys.argv[1]))); "
        "print(*({'dagster', 'mlflow', 'jupytext', 'papermill'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, str(doubles)], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == ""


# ---- which notebook it is


def test_jupyter_says_which_notebook_it_is(doubles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(doubles))
    assert notebook_of({}) == doubles


def test_vs_code_says_which_notebook_it_is(doubles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "Console 1")
    assert notebook_of({"__vsc_ipynb_file__": str(doubles)}) == doubles


def test_a_person_may_say_it(doubles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(doubles))
    monkeypatch.chdir(doubles.parent)
    assert notebook_of({}, given=" 'numbers.ipynb' ") == doubles.with_name("numbers.ipynb")
    with pytest.raises(SessionError, match=r"There is no file .*/no.ipynb. Give the path from"):
        notebook_of({}, given="no.ipynb")


@pytest.mark.parametrize("said", ["", "Console 1", "/gone/renamed.ipynb"])
def test_where_nobody_says_it_the_person_is_asked(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", said)
    with pytest.raises(SessionError, match=r"Name its file: %assetbook path/to/notebook.ipynb"):
        notebook_of({})


# ---- words


def test_ages_are_in_words() -> None:
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    lengths = {"just now": 5, "1 minute ago": 61, "2 hours ago": 7_300, "3 days ago": 260_000}
    for words, seconds in lengths.items():
        assert age((now - timedelta(seconds=seconds)).isoformat(), now=now) == words


def test_the_day_is_said_unless_it_is_today() -> None:
    moment = datetime(2026, 1, 31, 9, 5)
    assert when(moment, today=moment) == "09:05"
    assert when(moment, today=moment + timedelta(days=1)) == "2026-01-31 09:05"
