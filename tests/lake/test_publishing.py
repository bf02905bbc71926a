"""Publishing: all tables or none, the same content is no new version, writers do not lose each other's work."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from assetbook.errors import LakeError
from assetbook.lake import Lake, StagedTable, TableVersion

Save = Callable[..., TableVersion]
Stage = Callable[..., StagedTable]


@pytest.fixture
def stage(lake: Lake) -> Stage:
    def stage(
        name: str, values: list[object], *, group: str = "g", partition: str | None = None
    ) -> StagedTable:
        return lake.stage(name, pd.DataFrame({"a": values}), group=group, run_id="run-1", partition=partition)

    return stage


def parquet_files(lake: Lake, name: str) -> list[str]:
    return sorted(path.name for path in Path(lake.root).rglob("*.parquet") if path.parent.name == name)


def test_staged_is_invisible_until_published(lake: Lake, stage: Stage) -> None:
    staged = stage("t", [1])
    assert not lake.exists("t")
    assert lake.names() == []
    lake.publish([staged], stamp={})
    assert lake.read("t")["a"].tolist() == [1]


def test_the_table_is_in_its_group_and_says_what_it_is(lake: Lake, stage: Stage) -> None:
    staged = stage("t", [1, 2])
    version = lake.publish([staged], stamp={})[0]
    assert Path(lake.root, "g", "t", "_delta_log").is_dir()
    assert (version.name, version.group, version.rows, version.version) == ("t", "g", 2, 0)
    assert version.data_version == staged.data_version
    assert [Path(file).name for file in version.files] == [staged.file]
    assert staged.file.startswith(f"{staged.data_version}-run1-")
    assert staged.columns == ({"name": "a", "type": "int64"},)


def test_both_kinds_pass_through_json(lake: Lake, stage: Stage) -> None:
    import json

    staged = stage("t", [1], partition="x")
    assert StagedTable.from_json(json.loads(json.dumps(staged.to_json()))) == staged
    version = lake.publish([staged], stamp={})[0]
    assert TableVersion.from_json(json.loads(json.dumps(version.to_json()))) == version


def test_equal_content_is_no_new_version(lake: Lake, save: Save) -> None:
    first = save("t", pd.DataFrame({"a": [1]}))
    again = save("t", pd.DataFrame({"a": [1]}))
    assert again == first
    assert len(parquet_files(lake, "t")) == 1
    save("t", pd.DataFrame({"a": [2]}))
    assert save("t", pd.DataFrame({"a": [1]})).version == 2  # back again is news


def test_publishing_what_is_published_keeps_its_file(lake: Lake, stage: Stage) -> None:
    staged = stage("t", [1])
    lake.publish([staged], stamp={})
    lake.publish([staged], stamp={})
    lake.discard([staged])
    assert lake.read("t")["a"].tolist() == [1]


def test_publishing_again_what_an_earlier_version_consists_of_keeps_its_file(
    lake: Lake, stage: Stage
) -> None:
    first, same = stage("t", [1]), stage("t", [1])
    for staged in (first, stage("t", [2]), same):
        lake.publish([staged], stamp={})
    lake.publish([first], stamp={})  # what there is already, from another file
    lake.discard([first])
    assert [lake.read("t", version=version)["a"].tolist() for version in range(3)] == [[1], [2], [1]]


def test_a_version_keeps_its_file_when_another_writer_follows_at_once(
    lake: Lake, save: Save, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assetbook.lake import commits

    save("t", pd.DataFrame({"a": [0]}))
    apply, others = commits._apply, [2]

    def overtaken(*args: object, **kwargs: object) -> bool:
        applied = apply(*args, **kwargs)  # type: ignore[arg-type]
        if others:
            save("t", pd.DataFrame({"a": [others.pop()]}))
        return applied

    monkeypatch.setattr(commits, "_apply", overtaken)
    assert lake.publish([stage("t", [1])], stamp={})[0].version == 1
    assert [lake.read("t", version=version)["a"].tolist() for version in range(3)] == [[0], [1], [2]]


def test_lost_files_are_replaced_by_equal_content(lake: Lake, save: Save) -> None:
    for file in save("t", pd.DataFrame({"a": [1]})).files:
        Path(file).unlink()
    with pytest.raises(LakeError, match="A data file is gone"):
        lake.read("t")
    save("t", pd.DataFrame({"a": [1]}))
    assert lake.read("t")["a"].tolist() == [1]


def test_the_schema_may_change_from_version_to_version(lake: Lake, save: Save) -> None:
    save("t", pd.DataFrame({"a": [1], "at": ["x"]}))
    save("t", pd.DataFrame({"at": pd.to_datetime(["2020-01-01"]), "z": [1.5]}))
    assert list(lake.read("t")) == ["at", "z"]
    assert list(lake.read("t", version=0)) == ["a", "at"]
    assert lake.read("t@0")["at"].tolist() == ["x"]


def test_a_partition_may_bring_the_first_timestamps(lake: Lake, save: Save) -> None:
    save("t", pd.DataFrame({"a": [1]}), partition="x")
    save("t", pd.DataFrame({"a": [1], "at": pd.to_datetime(["2020-01-01"])}), partition="y")
    assert lake.read("t")["at"].isna().tolist() == [True, False]
    assert lake.read("t@0")["a"].tolist() == [1]


def test_the_history_tells_who_and_why(lake: Lake, stage: Stage) -> None:
    lake.publish([stage("t", [1], partition="x")], stamp={"run_id": "r1", "asset": "t"})
    lake.publish([stage("t", [1, 2], partition="y")], stamp={"run_id": "r2", "asset": "t"})
    newest, oldest = lake.history("t")
    assert newest["version"] == 1
    assert newest["stamp"] == {"run_id": "r2", "asset": "t"}
    assert (newest["partition"], newest["rows"], oldest["stamp"]["run_id"]) == ("y", 2, "r1")
    assert newest["timestamp"].endswith("+00:00")


# ---- all or nothing


def test_several_tables_are_published_together(lake: Lake, stage: Stage) -> None:
    versions = lake.publish([stage("a", [1]), stage("b", [2])], stamp={})
    assert [version.name for version in versions] == ["a", "b"]


def test_a_missing_file_publishes_nothing(lake: Lake, stage: Stage) -> None:
    good, gone = stage("a", [1]), stage("b", [2])
    lake.discard([gone])
    with pytest.raises(LakeError, match=r"'b'.*is gone. Nothing was published"):
        lake.publish([good, gone], stamp={})
    assert lake.names() == []


def test_one_table_twice_is_refused(lake: Lake, stage: Stage) -> None:
    with pytest.raises(LakeError, match="'a' is to be published twice"):
        lake.publish([stage("a", [1]), stage("a", [2])], stamp={})
    assert lake.names() == []


def test_a_table_that_does_not_fit_keeps_the_others_from_being_seen(
    lake: Lake, save: Save, stage: Stage
) -> None:
    save("t", pd.DataFrame({"a": ["old"]}))
    save("other", pd.DataFrame({"a": ["text"]}), partition="x")
    with pytest.raises(LakeError, match="does not go with"):
        lake.publish([stage("t", [1]), stage("new", [1]), stage("other", [1], partition="y")], stamp={})
    assert len(lake.history("t")) == 1
    assert lake.names() == ["other", "t"]


@pytest.fixture
def refused(lake: Lake, save: Save, stage: Stage) -> StagedTable:
    """A staged table that is found to be wrong only when it is committed: its next version cannot be written."""
    save("refused", pd.DataFrame({"a": [0]}))
    Path(lake.root, "g", "refused", "_delta_log", f"{1:020}.json").mkdir()
    return stage("refused", [1])


def test_a_new_table_before_the_failure_is_taken_back(lake: Lake, stage: Stage, refused: StagedTable) -> None:
    with pytest.raises(LakeError, match="refused"):
        lake.publish([stage("new", [1]), refused], stamp={})
    assert lake.names() == ["refused"]


def test_a_new_version_before_the_failure_is_taken_back(
    lake: Lake, save: Save, stage: Stage, refused: StagedTable
) -> None:
    save("t", pd.DataFrame({"a": ["old"], "b": [1]}))
    save("p", pd.DataFrame({"a": [1]}), partition="x")
    staged = [stage("t", [1]), stage("p", [2], partition="x"), stage("p", [3], partition="y")]
    with pytest.raises(LakeError, match="refused"):
        lake.publish([*staged, refused], stamp={})
    assert lake.read("t").to_dict("list") == {"a": ["old"], "b": [1]}
    assert lake.read("p")["a"].tolist() == [1]
    assert lake.history("t")[0]["operation"] == "RESTORE"


def test_unchanged_tables_before_the_failure_stay(
    lake: Lake, save: Save, stage: Stage, refused: StagedTable
) -> None:
    before = save("t", pd.DataFrame({"a": [1]}))
    same = stage("t", [1])
    with pytest.raises(LakeError, match="refused"):
        lake.publish([same, refused], stamp={})
    assert lake.version("t") == before
    lake.discard([same, refused])
    assert len(parquet_files(lake, "t")) == 1


def test_what_others_published_meanwhile_is_not_taken_back(lake: Lake, stage: Stage, save: Save) -> None:
    from assetbook.lake.commits import commit
    from assetbook.lake.undoing import undo

    save("p", pd.DataFrame({"a": [1]}), partition="x")
    location = "g/p"
    old = commit(lake._storage, location, stage("p", [2], partition="x"), stamp={})
    new = commit(lake._storage, location, stage("p", [3], partition="y"), stamp={})
    save("p", pd.DataFrame({"a": [4]}), partition="z")
    undo(new, stamp={})
    undo(old, stamp={})
    assert lake.read("p").to_dict("list") == {"a": [1, 4]}


def test_a_commit_that_cannot_be_written_publishes_nothing(lake: Lake, save: Save, stage: Stage) -> None:
    save("t", pd.DataFrame({"a": [1]}))
    broken = stage("broken", [1])
    Path(lake.root, "g", "broken", "_delta_log").write_text("a file where a folder should be")
    with pytest.raises(LakeError, match=r"(?s)broken.*"):
        lake.publish([stage("t", [2]), broken], stamp={})
    assert lake.read("t")["a"].tolist() == [1]


# ---- disks


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may grow beyond 10 kB, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_an_error_that_names_the_folder(lake: Lake, save: Save, small_files: None) -> None:
    save("t", pd.DataFrame({"a": [1]}))
    with pytest.raises(LakeError, match=r"Cannot write to .*g/t.*disk is not full") as caught:
        lake.stage("t", pd.DataFrame({"a": range(100_000)}), group="g", run_id="run")
    assert isinstance(caught.value.__cause__, OSError)
    assert lake.read("t")["a"].tolist() == [1]
    assert not list(Path(lake.root, "g", "t").glob(".*"))


def test_a_root_that_cannot_be_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError, match=r"Cannot write to .*file"):
        Lake(tmp_path / "file").stage("t", pd.DataFrame({"a": [1]}), group="g", run_id="run")


# ---- groups, discarding, sweeping


def test_a_table_moves_with_its_group(lake: Lake, save: Save) -> None:
    old = save("t", pd.DataFrame({"a": [1]}), group="raw")
    new = save("t", pd.DataFrame({"a": [2]}), group="features")
    assert (new.group, lake.names()) == ("features", ["t"])
    assert not Path(lake.root, "raw", "t").exists()
    assert lake.read("t@0")["a"].tolist() == [1]
    assert lake.read(old)["a"].tolist() == [1]  # pinned before the move
    assert lake.query("select a from t", tables={"t": old}).fetchall() == [(1,)]


def test_discarded_files_are_gone(lake: Lake, stage: Stage) -> None:
    staged = stage("t", [1])
    lake.discard([staged])
    lake.discard([staged])
    assert parquet_files(lake, "t") == []


def test_sweeping_deletes_only_what_no_version_names(lake: Lake, save: Save, stage: Stage) -> None:
    save("t", pd.DataFrame({"a": [1]}))
    save("t", pd.DataFrame({"a": [2]}))
    orphan = stage("t", [3])
    assert lake.sweep("t") == []  # too young
    assert lake.sweep("t", older_than=-1) == [f"g/t/{orphan.file}"]
    assert lake.read("t@0")["a"].tolist() == [1]


@pytest.mark.parametrize("partition", [None, "2013/01"])
def test_sweeping_clears_what_a_killed_first_run_has_left(
    lake: Lake, stage: Stage, partition: str | None
) -> None:
    assert lake.sweep("t", older_than=-1) == []
    staged = stage("t", [1], partition=partition)
    draft = Path(staged.uri, staged.file).with_name(".half.parquet")
    draft.write_bytes(b"half of a table")
    assert lake.sweep("t") == []  # too young
    assert set(lake.sweep("t", older_than=-1)) == {
        f"g/t/{staged.file}",
        str(draft.relative_to(lake.root)),
    }
    assert not list(Path(lake.root).rglob("*.parquet"))


def test_what_an_earlier_version_consists_of_is_not_discarded(lake: Lake, stage: Stage) -> None:
    first = stage("t", [1])
    lake.publish([first], stamp={})
    lake.publish([stage("t", [2])], stamp={})
    lake.discard([first])
    assert lake.read("t@0")["a"].tolist() == [1]


def test_dropping_a_table_deletes_it(lake: Lake, save: Save) -> None:
    save("t", pd.DataFrame({"a": [1]}))
    lake.drop("t")
    assert lake.names() == []
    with pytest.raises(LakeError, match="There is no table 't'"):
        lake.drop("t")
