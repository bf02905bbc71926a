"""A good run: inputs pinned, outputs published together, versions by content, everything told to Dagster."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from tests.platform.runs import PAUSE, folder_of, left_in_lake, record_of, wait_for
from tests.platform.space import failure_of

NUMBERS = [
    "import pandas as pd\nimport assetbook as ab",
    "ab.save('numbers', pd.DataFrame({'n': range(count)}))",
]
PUBLISH = """
import sys
import pandas as pd
from assetbook.lake import Lake

lake = Lake(sys.argv[1])
staged = lake.stage("numbers", pd.DataFrame({"n": range(99)}), group="features", run_id="another")
lake.publish([staged], stamp={})
"""


def test_a_run_reads_the_versions_of_its_start(workspace, open_space):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3")
    workspace.notebook(
        "reader",
        [
            "import assetbook as ab",
            PAUSE,
            "ab.metric('loaded', len(ab.load('numbers')))",
            "ab.metric('queried', len(ab.sql('select * from numbers')))",
            "ab.metric('newest', len(ab.load('numbers', version=1)))",
        ],
    )
    space = open_space()
    assert space.run("numbers").success
    pinned = space.lake.version("numbers")

    def publish_another():
        wait_for((space.root / "waiting").exists, what="the pause")
        done = subprocess.run(
            [sys.executable, "-c", PUBLISH, space.lake.root], capture_output=True, text=True, check=False
        )
        (space.root / "go").touch()
        return done

    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(publish_another)
        result = space.run("reader")
    assert result.success, failure_of(result)
    assert publishing.result().returncode == 0, publishing.result().stderr

    assert space.lake.version("numbers").version == 1
    record = record_of(space, "reader")
    assert dict(record.metrics) == {"loaded": 3, "queried": 3, "newest": 99}
    assert record.inputs["numbers"] == {
        "kind": "table",
        "version": 0,
        "data_version": pinned.data_version,
        "rows": 3,
        "run_id": pinned.run_id,
        "read": [0, 1],
    }
    assert pinned.run_id in space.latest("reader").metadata["inputs"].value
    told = space.latest("reader").metadata["assetbook/inputs"].value
    assert told["numbers"]["data_version"] == pinned.data_version


def test_the_same_content_again_leaves_everything_downstream_fresh(workspace, open_space):
    workspace.notebook("numbers", NUMBERS, parameters="count: int = 3\nseed: int = 0")
    workspace.notebook(
        "doubles",
        ["import assetbook as ab", "ab.save('doubles', ab.load('numbers') * 2)", "ab.metric('m', 1)"],
    )
    space = open_space()

    def status(name):
        graph = space.defs.get_repository_def().asset_graph
        resolver = CachingStaleStatusResolver(space.instance, graph, LoadingContextForTest(space.instance))
        return resolver.get_status(dg.AssetKey(name)).value

    assert space.run().success
    before = space.lake.version("numbers")
    assert space.run("numbers", config={"numbers": {"seed": 1}}).success

    assert space.lake.version("numbers") == before
    assert left_in_lake(space) == []
    assert status("doubles") == "FRESH"
    assert space.run("numbers", config={"numbers": {"count": 4}}).success
    assert status("doubles") == "STALE"


def test_a_partition_has_a_data_version_of_its_own(workspace, open_space):
    workspace.notebook(
        "sales",
        [
            "import assetbook as ab\nimport pandas as pd",
            "ab.asset(partitions={'month': 'monthly from 2020-01 to 2020-12'})",
            "ab.save('sales', pd.DataFrame({'month': [month] * 2}))",
            "ab.check('one_month', True, description='only this one')",
        ],
        parameters="month: str = '2020-01'",
    )
    space = open_space()

    for key in ("2020-01", "2020-02"):
        result = space.run("sales", partition=key)
        assert result.success, failure_of(result)

    table = space.lake.version("sales")
    made = space.latest("sales")
    assert made.partition == "2020-02"
    assert made.tags["dagster/data_version"] == table.partitions["2020-02"]
    assert made.metadata["dagster/row_count"].value == 2
    record = record_of(space, "sales")
    assert record.partition == record.parameters["month"] == "2020-02"
    assert record.outputs["sales"]["data_version"] == table.partitions["2020-02"]


def test_dagster_is_told_all_of_a_good_run_and_not_more_than_it_can_hold(workspace, open_space):
    workspace.write(
        "assets/tables.py",
        """
        import pandera.pandas as pa

        class Delays(pa.DataFrameModel):
            minutes: float = pa.Field(ge=0, description="how late, in minutes")
            airport: str = pa.Field(unique=True)
        """,
    )
    workspace.notebook(
        "delays",
        [
            "import assetbook as ab\nimport numpy as np, pandas as pd, matplotlib.pyplot as plt\n"
            "from assets.tables import Delays",
            "for n in range(6):\n    plt.plot([0, n])\n    plt.show()",
            "plt.figure(figsize=(20, 20))\nplt.imshow(np.random.default_rng(0).random((900, 900)))\nplt.show()",
            "frame = pd.DataFrame({'minutes': [1.0, 2.0], 'airport': ['JFK', 'Zürich']})",
            "ab.save('delays', frame, schema=Delays)",
            "ab.check('some', True, description='d' * 50_000, metadata={'rows': 2, 'none': float('nan'),\n"
            "         'long': 'y' * 50_000, 'nested': {'a': [1]}, 'wide': list(range(10_000))})",
            "ab.check('few', False, blocking=False)",
            "ab.metric('share (late)', 0.25)\nab.metric('none', float('nan'))",
        ],
    )
    space = open_space()

    result = space.run()

    assert result.success, failure_of(result)
    made = space.latest("delays")
    facts = made.metadata
    assert facts["preview"].records[0].data == {"minutes": 1.0, "airport": "JFK"}
    columns = {c.name: c for c in facts["dagster/column_schema"].value.columns}
    assert columns["minutes"].description == "how late, in minutes"
    assert columns["airport"].constraints.unique
    assert isinstance(facts["seconds"].value, float)
    assert isinstance(facts["peak memory (MB)"].value, float)
    assert facts["why"].value == "user launched by hand"
    assert facts["record"].value == str(folder_of(space, "delays"))
    page = facts["open notebook"].value
    assert page.startswith("/notebook?path=")
    pictures = facts["figures"].value.split("\n\n")
    assert pictures[0] == f"![Figure of cell 2]({page}&figure=1)"
    assert len(pictures) == 4
    assert facts["share (late)"].value == 0.25
    assert [row.data["cell"] for row in facts["slowest cells"].records]

    event = space.instance.get_latest_materialization_event(dg.AssetKey("delays"))
    newest = space.instance.fetch_materializations(dg.AssetKey("delays"), limit=1).records[0]
    assert len(dg.serialize_value(event)) < 700_000
    checks = {c.check_name: c for c in result.get_asset_check_evaluations()}
    assert {n: c.passed for n, c in checks.items()} == {"schema": True, "some": True, "few": False}
    assert checks["few"].severity is dg.AssetCheckSeverity.WARN
    for check in checks.values():
        assert check.target_materialization_data.storage_id == newest.storage_id
        assert len(dg.serialize_value(check)) < 20_000
        json.loads(
            dg.serialize_value(check), parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name))
        )
    assert checks["some"].metadata["nested"].value == {"a": [1]}
    record = record_of(space, "delays")
    assert [(c["name"], c["passed"], c["blocking"]) for c in record.checks] == [
        ("schema", True, True),
        ("some", True, True),
        ("few", False, False),
    ]
    assert [c["status"] for c in record.cells] == ["ok"] * 8
    assert all(c["memory_mb"] > 10 for c in record.cells)


def test_a_notebook_of_any_name_leaves_its_record(workspace, open_space):
    name = "berichte/Späte Flüge 2013"
    workspace.notebook(name, NUMBERS, parameters="count: int = 3")
    space = open_space()

    result = space.run()

    assert result.success, failure_of(result)
    assert record_of(space, name).notebook == "notebooks/berichte/Späte Flüge 2013.ipynb"
    assert sorted(p.name for p in folder_of(space, name).iterdir()) == [
        "notebook.html",
        "notebook.ipynb",
        "record.json",
    ]
