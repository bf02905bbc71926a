"""What an analyst sees: Dagster's real interface in a real browser."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.browser import Chromium, Visit
from tests.ui.space import NAME, Interface

PATIENCE = 30_000  # milliseconds
DAGSTERS_OWN = "go.apollo.dev"  # what its client says of questions that a closed page has left open
FORM = """
mutation($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""
RUNS = "{ runsOrError { ... on Runs { results { runId } } } }"
FAILED = "{ runsOrError(filter: {statuses: [FAILURE]}) { ... on Runs { results { runId } } } }"


@contextmanager
def seen(chromium: Chromium, interface: Interface, place: str, name: str, **window: Any) -> Iterator[Visit]:
    """Open a page of Dagster; afterwards nothing has gone wrong on it, and a picture of it is kept."""
    with chromium.visit(interface.url + place, **{"width": 1500, "height": 1300, **window}) as visit:
        visit.page.set_default_timeout(PATIENCE)
        yield visit
        visit.keep(name)
        assert visit.refused == []
        assert [said for said in visit.complaints if DAGSTERS_OWN not in said] == []


def fact(visit: Visit, name: str) -> Any:
    """Return the place of one fact among the metadata."""
    return visit.page.locator(f'xpath=//tr[td[1][normalize-space(.)="{name}"]]').first


def ask(interface: Interface, query: str, **variables: Any) -> Any:
    """Ask Dagster's GraphQL."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{interface.url}/graphql", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as refused:  # as Dagster answers where a launch is refused
        with refused:
            return json.load(refused)["data"]


def test_the_graph_goes_from_raw_tables_to_reports(chromium: Chromium, interface: Interface) -> None:
    with seen(chromium, interface, "/asset-groups", "graph") as visit:
        for group in ("raw", "features", "models", "reports"):
            visit.page.get_by_text(group, exact=True).first.wait_for()


def test_a_table_shows_columns_rows_figures_and_where_it_is_from(
    chromium: Chromium, interface: Interface
) -> None:
    with seen(chromium, interface, "/assets/spenders", "table", height=2600) as visit:
        page = visit.page
        page.get_by_text("Customers by what they spend.").wait_for()
        page.get_by_text("where to write to").wait_for()
        preview = fact(visit, "preview")
        preview.wait_for()
        assert "99.5" in preview.inner_text()
        assert preview.get_by_text("•••").count() == 3
        assert "example.org" not in page.content()
        picture = fact(visit, "figures").get_by_alt_text("Figure of cell 4")
        picture.wait_for()
        assert picture.evaluate("image => image.naturalWidth") > 300
        assert "rank" in fact(visit, "table 1").inner_text()
        assert fact(visit, "inputs").get_by_role("link", name="customers").count() == 1
        assert "never materialized" in fact(visit, "why").inner_text()
        assert fact(visit, "slowest cells").count() == 1
        for plotted in ("mean_spent", "seconds", "size (bytes)"):
            assert re.search(r"\d", fact(visit, plotted).inner_text())


def test_a_python_table_hides_what_is_sensitive(chromium: Chromium, interface: Interface) -> None:
    with seen(chromium, interface, "/assets/customers", "python_table", height=1800) as visit:
        fact(visit, "preview").get_by_text("•••").first.wait_for()
        assert "ann@" not in visit.page.content()


def test_a_model_leads_to_its_run_in_mlflow(chromium: Chromium, interface: Interface) -> None:
    with seen(chromium, interface, "/assets/guess", "model", height=1800) as visit:
        link = fact(visit, "MLflow run").get_by_role("link").first
        link.wait_for()
        assert fact(visit, "mae").inner_text().endswith("36")
        with visit.page.context.expect_page() as opened:
            link.click()
        mlflow = opened.value
        mlflow.wait_for_url(re.compile(rf"{interface.mlflow}/#/experiments/\d+/runs/\w+"))
        mlflow.get_by_text("guess").first.wait_for(timeout=PATIENCE)


def test_a_report_opens_its_notebook_in_a_tab_which_cannot_act_on_dagster(
    chromium: Chromium, interface: Interface
) -> None:
    with seen(chromium, interface, "/assets/overview", "report", height=1800) as visit:
        link = fact(visit, "open notebook").get_by_role("link").first
        link.wait_for()
        with visit.page.context.expect_page() as opened:
            link.click()
        notebook = opened.value
        notebook.get_by_text("Who has bought what.").wait_for()
        shown = [frame.locator("#mark") for frame in notebook.frames if frame.locator("#mark").count()]
        assert [mark.inner_text() for mark in shown] == ["refused"] or [m.inner_text() for m in shown] == [
            "from a script"
        ]
        assert notebook.evaluate("() => window.origin") == "null"


def test_a_failed_check_is_told_with_its_history(chromium: Chromium, interface: Interface) -> None:
    with seen(chromium, interface, "/assets/spenders?view=checks", "checks") as visit:
        visit.page.get_by_text("all_spend").first.wait_for()
        visit.page.get_by_text("1 has spent nothing").first.wait_for()
        visit.page.get_by_text("Execution history").wait_for()


def test_a_failed_run_says_cell_line_and_error_and_leads_to_the_notebook(
    chromium: Chromium, interface: Interface
) -> None:
    [run] = ask(interface, FAILED)["runsOrError"]["results"]
    with seen(chromium, interface, f"/runs/{run['runId']}", "failed_run") as visit:
        visit.page.get_by_text("reports/prices.ipynb, cell 2, line 3: KeyError: 'coffee'").first.wait_for()
        visit.page.get_by_placeholder("Filter…").fill("step:prices")
        link = visit.page.get_by_role("link", name=re.compile("notebook.path=")).first
        link.wait_for()
        with visit.page.context.expect_page() as opened:
            link.click()
        opened.value.get_by_text("KeyError: 'coffee'").first.wait_for()


def test_the_form_shows_each_parameter_and_refuses_a_wrong_value_before_the_run(
    chromium: Chromium, interface: Interface
) -> None:
    with seen(chromium, interface, "/assets/spenders", "launch_form") as visit:
        page = visit.page
        page.get_by_role("button", name="Materialize").first.click(modifiers=["Shift"])
        editor = page.locator(".CodeMirror").first
        editor.wait_for()
        page.get_by_text("currency").first.wait_for()
        page.screenshot()
    before = len(
        ask(interface, "{ runsOrError { ... on Runs { results { runId } } } }")["runsOrError"]["results"]
    )
    for values, said in (
        ({"since": "31.1.2026"}, "Parameter 'since': expected date, such as 2013-01-31, found '31.1.2026'."),
        ({"currency": "GBP"}, "GBP"),
        ({"at_last": 3}, 'Received unexpected config entry "at_last"'),
    ):
        selector = {
            "repositoryLocationName": NAME,
            "repositoryName": "__repository__",
            "jobName": "__ASSET_JOB",
            "assetSelection": [{"path": ["spenders"]}],
        }
        params = {"selector": selector, "runConfigData": {"ops": {"spenders": {"config": values}}}}
        answer = ask(interface, FORM, params=params)["launchRun"]
        assert said in "".join([answer.get("message", ""), *(e["message"] for e in answer.get("errors", ()))])
    after = len(
        ask(interface, "{ runsOrError { ... on Runs { results { runId } } } }")["runsOrError"]["results"]
    )
    assert after == before


@pytest.mark.parametrize("path", ["/etc/passwd.ipynb", "../../../../etc/passwd", "data/mlflow/mlflow.db", ""])
def test_nothing_but_notebooks_of_the_workspace_is_shown(interface: Interface, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{interface.url}/notebook?path={path}")
    with refused.value as answer:
        assert answer.code == 403
