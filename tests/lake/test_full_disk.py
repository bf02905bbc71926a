"""A disk that becomes full while several tables are published: all of them, or none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from assetbook.errors import LakeError
from assetbook.lake import Lake, StagedTable
from assetbook.lake import publishing as module

# On a disk of its own, publish two tables again and again, with a page more of free space each time.
FILL = """
import contextlib, json, os, sys
import pandas as pd
from assetbook.errors import LakeError
from assetbook.lake import Lake

disk = sys.argv[1]
lake = Lake(f"{disk}/lake")

def publish(value):
    staged = []
    try:
        for name in ("a", "b"):
            staged.append(lake.stage(name, pd.DataFrame({"x": [value]}), group="g", run_id="run"))
        lake.publish(staged, stamp={})
    except LakeError as error:
        lake.discard(staged)
        return str(error)
    return "published"

publish(-1)
for pages in range(60):
    with open(f"{disk}/fill", "wb", buffering=0) as fill, contextlib.suppress(OSError):
        space = os.statvfs(disk)
        fill.write(bytes((space.f_bavail - pages) * space.f_frsize))
    said = publish(pages)
    os.unlink(f"{disk}/fill")
    values = [int(lake.read(name)["x"].iloc[0]) for name in ("a", "b")]
    swept = [file for name in ("a", "b") for file in lake.sweep(name, older_than=-1)]
    print(json.dumps([pages, said, values, swept]))
"""


def test_two_tables_stay_together_on_a_disk_that_becomes_full(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=4m tmpfs '{tmp_path}'"
    apart = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    try:
        subprocess.run([*apart, mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nobody but root may mount a disk here")
    run = f'{mount} && exec "$@"'
    command = [*apart, run, "sh", sys.executable, "-c", FILL, str(tmp_path)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    now, outcomes = -1, [json.loads(line) for line in result.stdout.splitlines()]
    for pages, said, values, swept in outcomes:
        now = pages if said == "published" else now
        assert (values, swept) == ([now, now], []), said
    assert any("Table 'b'" in said for _, said, _, _ in outcomes)  # the second one found the disk full
    assert outcomes[-1][1] == "published"


def test_space_is_kept_for_taking_back_and_given_up_for_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spare() -> list[int]:
        return [path.stat().st_size for path in Path(lake.root).rglob(".spare-*")]

    def stage(value: int) -> list[StagedTable]:
        frame = pd.DataFrame({"x": [value]})
        return [lake.stage(name, frame, group="g", run_id="run") for name in ("a", "b")]

    kept: list[list[int]] = []
    commit, undo = module.commit, module.undo
    monkeypatch.setattr(module, "commit", lambda *a, **k: (kept.append(spare()), commit(*a, **k))[1])
    monkeypatch.setattr(module, "undo", lambda *a, **k: (kept.append(spare()), undo(*a, **k))[1])
    lake.publish(stage(1), stamp={})
    assert [len(files) for files in kept] == [1, 1]
    assert all(files[0] > 100_000 for files in kept)
    assert spare() == []
    kept.clear()
    Path(
        lake.root, "g", "b", "_delta_log", f"{1:020}.json"
    ).mkdir()  # what keeps the second one from its commit
    with pytest.raises(LakeError, match="could not be committed"):
        lake.publish(stage(2), stamp={})
    assert [len(files) for files in kept] == [1, 1, 0]
    assert lake.read("a")["x"].tolist() == [1]
    lake.publish(stage(3)[:1], stamp={})
    assert len(kept[-1]) == 0  # one table alone is never taken back
