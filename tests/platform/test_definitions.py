"""A workspace folder as Dagster definitions: what is picked up, and what is said of what cannot be."""

from __future__ import annotations

import json
import sys

import dagster as dg
import nbformat
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from assetbook.errors import WorkspaceError
from assetbook.platform import definitions
from tests.platform.space import Space, failure_of

FINE = ["import assetbook as ab\nimport pandas as pd", "ab.save('fine', pd.DataFrame({'a': [1]}))"]


@pytest.fixture
def problems(workspace):
    """Load the workspace and return asset name to problem, having seen that the rest is whole."""
    workspace.notebook("fine", FINE)

    def load():
        defs = definitions(workspace.root)
        dg.Definitions.validate_loadable(defs)
        graph = defs.resolve_asset_graph()
        found = {k.to_user_string(): graph.get(k).metadata.get("problem") for k in graph.get_all_asset_keys()}
        assert found.pop("fine") is None
        return {name: problem.value for name, problem in found.items() if problem}

    return load


def test_an_empty_workspace(workspace):
    defs = definitions(workspace.root)

    dg.Definitions.validate_loadable(defs)
    assert list(defs.resolve_all_asset_specs()) == []


def test_no_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError, match=r"No workspace here: .* holds workspace\.yaml"):
        definitions()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ndef f(:\n", "assets/bad.py, line 2: cannot be imported: SyntaxError: invalid syntax."),
        (
            "\nimport not_there_at_all\n",
            "assets/bad.py, line 2: cannot be imported: ModuleNotFoundError: No module named 'not_there_at_all'. "
            "Install it in this environment, or correct the import.",
        ),
        ("1 / 0\n", "assets/bad.py, line 1: cannot be imported: ZeroDivisionError: division by zero."),
        ("import sys\nsys.exit(3)\n", "assets/bad.py, line 2: cannot be imported: SystemExit: 3."),
        ("import assets.other\n", "assets/bad.py, line 1: cannot be imported: ValueError: oh."),
        (
            "import assetbook as ab\n\n@ab.table(group='a b')\ndef f(): ...\n",
            "assets/bad.py, f(): option 'group': expected a name of letters, digits and _, found 'a b'.",
        ),
    ],
)
def test_a_module_that_cannot_be_imported_is_an_asset_that_says_so(workspace, problems, text, message):
    workspace.write("assets/bad.py", text)
    workspace.write("assets/_other.py", "raise ValueError('oh')")
    workspace.write("assets/other.py", "import assets._other")

    assert problems()["assets__bad"] == message


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("", "the schema Numbers of 'mine' cannot be had from assets.schemas: AttributeError"),
        ("Numbers = 1", "Found int as schema."),
    ],
)
def test_a_schema_that_a_notebook_cannot_have(workspace, problems, module, message):
    workspace.write("assets/schemas.py", module)
    workspace.notebook(
        "mine",
        ["import assetbook as ab\nfrom assets.schemas import Numbers", "ab.save('mine', 1, schema=Numbers)"],
    )

    assert problems()["mine"].startswith("notebooks/mine.ipynb: ")
    assert message in problems()["mine"]


def test_what_modules_print_is_no_output(workspace, problems, capsys):
    for path in ("assets/talks.py", "sensors/talks.py"):
        workspace.write(path, f"print('hello from {path}')\n")
    with (workspace.root / "resources" / "local.py").open("a") as local:
        local.write("\nprint('hello from resources')\n")

    assert problems() == {}
    said = capsys.readouterr()
    assert said.out == ""
    assert {"hello from assets/talks.py", "hello from sensors/talks.py", "hello from resources"} <= set(
        said.err.splitlines()
    )


def test_a_sensor_module_that_fails(workspace, problems):
    workspace.write("sensors/bad.py", "raise ValueError('oh')\n")

    assert problems() == {"sensors__bad": "sensors/bad.py, line 1: cannot be imported: ValueError: oh."}


def test_a_module_whose_name_belongs_to_another_folder(workspace, problems, tmp_path, monkeypatch):
    other = tmp_path / "elsewhere" / "assets"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    (other / "raw.py").write_text("")
    workspace.write("assets/raw.py", "")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "elsewhere"), str(workspace.root), *sys.path])

    assert "assets/raw.py: the module assets.raw comes from" in problems()["assets__raw"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"No resources for the deployment 'local': .* Known: other"),
        ("x = 1", r"local\.py must define `resources\(settings\)"),
        ("import nowhere_at_all", r"resources/local\.py, line 1: cannot be imported: ModuleNotFoundError"),
        (
            "def resources(settings):\n    raise KeyError('PASSWORD')",
            r"resources\(\) failed: KeyError: 'PASSWORD'",
        ),
        ("def resources(settings):\n    return {}", r"must return a dict with 'io_manager'.* the keys \[\]"),
        ("def resources(settings):\n    return 1", "it returned 1"),
    ],
)
def test_resources_that_cannot_be_had(workspace, text, message):
    workspace.write("resources/other.py", "")
    (workspace.root / "resources" / "local.py").unlink()
    if text is not None:
        workspace.write("resources/local.py", text)

    with pytest.raises(WorkspaceError, match=message):
        definitions(workspace.root)


def test_another_deployment_with_its_executor(workspace, monkeypatch):
    local = (workspace.root / "resources" / "local.py").read_text()
    workspace.write(
        "resources/cluster.py", f"import dagster as dg\n{local}\nexecutor = dg.multiprocess_executor\n"
    )
    monkeypatch.setenv("ASSETBOOK_DEPLOYMENT", "cluster")

    assert definitions(workspace.root).executor is dg.multiprocess_executor


DAGSTER = """
import dagster as dg

policy = dg.FreshnessPolicy.cron(deadline_cron="0 9 * * *", lower_bound_delta=__import__("datetime").timedelta(hours=1))

@dg.asset(freshness_policy=policy)
def one(): ...

@dg.asset_check(asset=one)
def right():
    return dg.AssetCheckResult(passed=True)

several = [dg.AssetSpec("external"), dg.AssetSpec("another")]
nightly = dg.define_asset_job("nightly", selection=["one", "fine"])
at_night = dg.ScheduleDefinition(name="at_night", cron_schedule="0 3 * * *", job=nightly)

@dg.op
def step(): ...

@dg.job
def by_hand():
    step()

@dg.sensor(target=[one])
def watch(): ...

@dg.asset
def in_definitions(): ...

more = dg.Definitions(assets=[in_definitions])
"""


def test_whatever_dagster_defines_is_picked_up_once(workspace, problems):
    workspace.write("assets/plain.py", DAGSTER)
    workspace.write("sensors/plain.py", "from assets.plain import *\n")
    assert problems() == {}

    defs = definitions(workspace.root)
    repository = defs.get_repository_def()
    graph = defs.resolve_asset_graph()

    keys = {k.to_user_string() for k in graph.get_all_asset_keys()}
    assert keys == {"fine", "one", "external", "another", "in_definitions"}
    assert {"nightly", "by_hand"} <= {job.name for job in repository.get_all_jobs()}
    assert [s.name for s in repository.schedule_defs] == ["at_night"]
    assert [s.name for s in repository.sensor_defs] == ["watch"]
    assert [c.name for c in graph.asset_check_keys] == ["right"]


def test_a_module_that_contradicts_the_rest_is_left_out_and_says_why(workspace, problems):
    one = "import dagster as dg\n\n@dg.asset\ndef one(): ...\n"
    workspace.write("assets/aaa.py", one + "\nlate = dg.define_asset_job('late', selection=['two'])\n")
    workspace.write("assets/bbb.py", one)
    workspace.write("assets/two.py", "import dagster as dg\n\n@dg.asset\ndef two(): ...\n")
    workspace.write(
        "sensors/bad.py",
        "import dagster as dg\n\n@dg.sensor(target=dg.AssetSelection.assets('nowhere'))\ndef lost(): ...\n",
    )

    found = problems()

    assert set(found) == {"assets__aaa", "sensors__bad"}
    assert found["assets__aaa"].startswith(
        "assets/aaa.py: Dagster cannot load what it defines: Duplicate asset"
    )
    assert "nowhere" in found["sensors__bad"]


@pytest.mark.parametrize("spoil", [{}, {"metadata": None, "nbformat_minor": None}])
def test_a_notebook_that_lacks_what_the_format_asks_for_runs_all_the_same(workspace, open_space, spoil):
    cells = [{"cell_type": "code", "source": "1 + 1"}, {"cell_type": "markdown", "metadata": None}]
    text = json.dumps({"nbformat": 4, "cells": [*cells, {"cell_type": "code", "outputs": None}], **spoil})
    workspace.write("notebooks/bare.ipynb", text)
    space = open_space()

    result = space.run("bare")

    assert result.success, failure_of(result)
    (saved,) = space.settings.records.rglob("notebook.ipynb")
    nbformat.validate(nbformat.read(saved, as_version=4))


# ---- code versions


def status(space: Space, name: str) -> StaleStatus:
    graph = space.defs.get_repository_def().asset_graph
    resolver = CachingStaleStatusResolver(space.instance, graph, LoadingContextForTest(space.instance))
    return resolver.get_status(dg.AssetKey(name))


def test_an_edit_shows_as_stale_and_a_touch_does_not(workspace, open_space):
    def write(cells, **metadata):
        workspace.notebook("mine", cells, **metadata)

    def table(body):
        workspace.write("assets/tables.py", f"import assetbook as ab\nimport pandas as pd\n\n{body}")

    workspace.write("lib/numbers.py", "N = 1\n")
    cells = [
        "import assetbook as ab\nimport pandas as pd",
        "from lib.numbers import N",
        "ab.save('mine', pd.DataFrame({'n': [N]}))",
    ]
    write(cells)
    table("@ab.table\ndef base():\n    return pd.DataFrame({'a': [1]})\n")
    space = open_space()
    result = space.run()
    assert result.success, failure_of(result)

    def now():
        for name in [n for n in sys.modules if n.split(".")[0] in {"assets", "lib"}]:
            del sys.modules[name]
        space.reload()
        return status(space, "mine"), status(space, "base")

    fresh, stale = StaleStatus.FRESH, StaleStatus.STALE
    assert now() == (fresh, fresh)

    path = workspace.root / "notebooks" / "mine.ipynb"
    content = json.loads(path.read_text())
    content["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hello"}]
    content["cells"].append({"cell_type": "markdown", "id": "m", "metadata": {}, "source": "More words."})
    content["cells"][1]["source"] += "   # why"
    path.write_text(json.dumps(content))
    table("# a comment\n@ab.table\ndef base():\n    return pd.DataFrame({'a': [1]})  # and one more\n")
    assert now() == (fresh, fresh)

    workspace.write("lib/numbers.py", "N = 2\n")
    table("@ab.table\ndef base():\n    return pd.DataFrame({'a': [2]})\n")
    assert now() == (stale, stale)

    workspace.write("lib/numbers.py", "N = 1  # as before\n")
    assert now() == (fresh, stale)
    write([*cells, "M = 1"])
    assert now() == (stale, stale)
