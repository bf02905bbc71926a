from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from assetbook.lake import Lake
from assetbook.session.reading import partition_key


@pytest.mark.parametrize(
    ("key", "asked", "expected"),
    [
        ("2013-03", date(2013, 3, 1), "2013-03"),
        ("2013-03-01", date(2013, 3, 1), "2013-03-01"),
        ("2013-03", "2013-03", "2013-03"),
        ("2013-03", date(2013, 4, 1), "2013-04-01"),
        ("2013-03", None, None),
    ],
)
def test_a_date_stands_for_the_partition_that_begins_with_it(
    tmp_path: Path, key: str, asked: date | str | None, expected: str | None
) -> None:
    lake = Lake(tmp_path)
    staged = lake.stage("t", pd.DataFrame({"a": [1]}), group="g", run_id="run", partition=key)
    (table,) = lake.publish([staged], stamp={})

    assert partition_key(table, asked) == expected
