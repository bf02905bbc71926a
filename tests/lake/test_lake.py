"""Finding tables, and what is said when there is none; lakes at URIs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from deltalake import DeltaTable, write_deltalake

from assetbook.errors import LakeError
from assetbook.lake import Lake, TableVersion
from assetbook.lake.storage import Storage

Save = Callable[..., TableVersion]
FRAME = pd.DataFrame({"a": [1, 2], "c": pd.Categorical(["x", None])})


def test_an_empty_lake_has_no_tables(lake: Lake) -> None:
    assert lake.names() == []
    assert not lake.exists("t")
    with pytest.raises(LakeError, match=r"no table 't' in .*\. There are none yet"):
        lake.read("t")


def test_tables_of_all_groups_are_found(save: Save, lake: Lake) -> None:
    save("b", FRAME, group="raw")
    save("a", FRAME, group="features")
    save("nested/name", FRAME, group="raw")
    assert lake.names() == ["a", "b", "nested/name"]
    assert lake.version("nested/name").name == "nested/name"
    pd.testing.assert_frame_equal(lake.read("nested/name"), FRAME)


def test_unknown_names_list_the_known(save: Save, lake: Lake) -> None:
    save("flights", FRAME)
    with pytest.raises(LakeError, match=r"no table 'flihgts'.*Did you mean 'flights'"):
        lake.read("flihgts")
    with pytest.raises(LakeError, match=r"no version 7. Known: 0 to 0"):
        lake.read("flights@7")
    with pytest.raises(LakeError, match=r"'flights@new' names no version.*flights@3"):
        lake.version("flights@new")
    with pytest.raises(LakeError, match=r"no column 'b'"):
        lake.read("flights", columns=["b"])
    with pytest.raises(LakeError, match=r"columns is 'a'. Expected a list"):
        lake.read("flights", columns="a")
    with pytest.raises(LakeError, match=r"lists a name twice: a, a"):
        lake.read("flights", columns=["a", "a"])
    with pytest.raises(LakeError, match=r"no version -1"):
        lake.read("flights", version=-1)
    with pytest.raises(LakeError, match=r"Cannot read as 'panda'.*'pandas'"):
        lake.read("flights", as_="panda")  # type: ignore[arg-type]


def test_a_table_whose_log_has_no_version_is_none_yet(save: Save, lake: Lake) -> None:
    log = Path(lake.root, "g", "killed", "_delta_log")
    log.mkdir(parents=True)  # as a process leaves it that was killed in its first commit
    assert not lake.exists("killed")
    assert lake.names() == []
    with pytest.raises(LakeError, match="There is no table 'killed'"):
        lake.read("killed")
    save("killed", FRAME)
    pd.testing.assert_frame_equal(lake.read("killed"), FRAME)


def test_a_log_that_cannot_be_read_is_said(save: Save, lake: Lake) -> None:
    log = Path(save("broken", FRAME).uri, "_delta_log")
    (log / f"{0:020}.json").write_text("")
    with pytest.raises(LakeError, match=r"log .*g/broken .*read"):
        lake.read("broken")
    with pytest.raises(LakeError, match=r"log .*g/broken .*read"):
        lake.read("broken@0")


def test_a_relation_reads_what_is_asked_of_it(save: Save, lake: Lake) -> None:
    for key in ("x", "y", "z"):
        save("t", pd.DataFrame({"a": [1, 2], "k": key}), partition=key)
    relation = lake.read("t", columns=["k", "a"], partition=["z", "y"], limit=3, as_="relation")
    assert relation.fetchall() == [("z", 1), ("z", 2), ("y", 1)]
    assert "PARQUET" in relation.explain()  # from the files, not from memory


def test_storage_options_come_from_the_environment_where_none_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSETBOOK_STORAGE_OPTIONS", '{"aws_endpoint_url": "http://store:9000", "timeout": 3}')
    from_environment = {"aws_endpoint_url": "http://store:9000", "timeout": "3"}
    assert Lake("s3://bucket/lake").storage_options == from_environment
    assert Lake("s3://bucket/lake", storage_options={}).storage_options == from_environment
    assert Lake("s3://bucket/lake", storage_options={"a": "b"}).storage_options == {"a": "b"}
    assert Lake(tmp_path).storage_options == {}
    for wrong in ("key=secret-value", '["secret-value"]', "3"):
        monkeypatch.setenv("ASSETBOOK_STORAGE_OPTIONS", wrong)
        with pytest.raises(LakeError, match="ASSETBOOK_STORAGE_OPTIONS is not a JSON object") as caught:
            Lake("s3://bucket/lake")
        assert "secret-value" not in str(caught.value)


def test_the_first_rows_can_be_read_alone(save: Save, lake: Lake) -> None:
    save("t", pd.DataFrame({"a": range(100)}))
    assert lake.read("t", limit=3)["a"].tolist() == [0, 1, 2]


def test_a_pinned_version_stays_what_it_was(save: Save, lake: Lake) -> None:
    pinned = save("t", FRAME)
    save("t", pd.DataFrame({"other": [1]}))
    pd.testing.assert_frame_equal(lake.read(TableVersion.from_json(pinned.to_json())), FRAME)
    pd.testing.assert_frame_equal(lake.read(pinned, columns=["c"]), FRAME[["c"]])


def test_a_relative_root_is_fixed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Lake("lake").root == str(tmp_path / "lake")


def test_a_file_uri_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my lake"
    lake = Lake(folder.as_uri())
    assert lake.root == str(folder)
    lake.publish([lake.stage("t", FRAME, group="g", run_id="r")], stamp={})
    pd.testing.assert_frame_equal(Lake(folder).read("t"), FRAME)


def test_an_object_store_takes_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store").mkdir()
    remote = Storage(f"file://{tmp_path}/store")  # through deltalake's file system, as s3:// would go
    assert not remote.local
    monkeypatch.setattr(Storage, "at", lambda root, options=None: remote)
    lake = Lake("s3://bucket/lake")
    for key in ("x", "y"):
        staged = lake.stage("t", FRAME, group="g", run_id="r", partition=key)
        unused = lake.stage("t", pd.DataFrame({"a": [3]}), group="g", run_id="r", partition=key)
        version = lake.publish([staged], stamp={})[0]
        lake.discard([unused])
    assert lake.names() == ["t"]
    assert version.files[0].startswith("file://")
    assert len(list((tmp_path / "store" / "g" / "t").rglob("*.parquet"))) == 2
    pd.testing.assert_frame_equal(lake.read("t", partition="y"), FRAME)
    assert lake.query("select sum(a) as s from t").fetchall() == [(6,)]
    lake.publish([lake.stage("t", FRAME, group="other", run_id="r", partition="x")], stamp={})
    assert lake.version("t").group == "g"  # folders of an object store are not moved
    assert lake.sweep("t", older_than=-1) == []
    lake.drop("t")
    assert lake.names() == []


def test_tables_of_other_tools_can_be_read(lake: Lake) -> None:
    uri = f"{lake.root}/g/t"
    write_deltalake(uri, pd.DataFrame({"a": [1], "b": ["x"]}))
    write_deltalake(uri, pd.DataFrame({"a": [2], "b": ["y"]}), mode="append")
    version = lake.version("t")
    assert (version.rows, len(version.files)) == (2, 2)
    assert sorted(lake.read("t")["a"]) == [1, 2]


def test_other_tools_read_our_tables(save: Save, lake: Lake) -> None:
    version = save("t", FRAME, partition="k")
    frame = DeltaTable(version.uri).to_pandas()
    assert frame["c"].tolist() == ["x", None]
    assert frame["_partition"].unique().tolist() == ["k"]


def test_the_content_is_known_without_opening_the_table_where_its_newest_commit_tells(
    save: Save, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> bool:
        assert lake.content("t") == lake.version("t").data_version
        with monkeypatch.context() as patch:
            patch.setattr(Lake, "version", lambda *_: pytest.fail("opened"))
            return bool(lake.content("t"))

    assert lake.content("t") is None
    save("t", FRAME)
    assert told()
    save("t", FRAME.head(1))
    assert told()
    log = Path(lake.version("t").uri, "_delta_log")
    newest = max(log.glob("*.json"))
    (log / f"{2:020}.json").write_text("no json")
    with pytest.raises(LakeError, match="cannot be read"):
        lake.content("t")
    (log / f"{2:020}.json").unlink()
    assert newest.exists()
    assert told()


@pytest.mark.parametrize("way", ["partition", "append", "compaction"])
def test_the_content_is_that_of_the_whole_table_whoever_wrote_last(save: Save, lake: Lake, way: str) -> None:
    if way == "append":
        write_deltalake(save("t", FRAME.drop(columns="c")).uri, pd.DataFrame({"a": [3]}), mode="append")
    else:
        for key in ("x", "y"):
            save("t", FRAME, partition=key)
    if way == "compaction":
        DeltaTable(lake.version("t").uri).optimize.compact()
    assert lake.content("t") == lake.version("t").data_version


def test_files_after_compaction_by_another_tool_are_read(save: Save, lake: Lake) -> None:
    for key in ("x", "y"):
        save("t", FRAME, partition=key)
    DeltaTable(lake.version("t").uri).optimize.compact()
    assert len(lake.read("t")) == 4
    save("t", FRAME, partition="z")
    assert len(lake.read("t")) == 6
