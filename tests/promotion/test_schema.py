from __future__ import annotations

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest

from assetbook.promotion.schema import schema_text
from assetbook.schema import validate


def schema_of(frame):
    text = schema_text("s", frame)
    assert text is not None
    namespace = {"pa": pa}
    exec(text, namespace)
    return text, namespace["s"]


FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "größe (cm)": [1.5, np.nan, 2.5],
        "name": ["a", None, "b"],
        "when": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]),
        "utc": pd.to_datetime(["2020-01-01", "2020-01-02", None], utc=True),
        "kind": pd.Categorical(["x", "y", "x"]),
        "ok": [True, False, True],
        "mixed": [1, "a", None],
        "whole": pd.array([1, None, 3], dtype="Int64"),
        'quo"te': ["1", "2", "3"],
    }
)


def test_a_table_meets_its_own_schema_and_remarks_say_what_was_seen():
    text, schema = schema_of(FRAME)
    assert validate(FRAME, schema, name="t").failures is None
    assert '"id": pa.Column("int64", unique=True),  # 1 to 3' in text
    assert '"größe (cm)": pa.Column("float64", nullable=True),  # 1.5 to 2.5, 1 of 3 missing' in text
    assert '"name": pa.Column("str", nullable=True),  # a, b, 1 of 3 missing' in text
    assert '"when": pa.Column("datetime64[ns]"),  # 2020-01-01 to 2020-01-03' in text


@pytest.mark.parametrize(
    "worse",
    [
        FRAME.assign(id=[1, 1, 2]),
        FRAME.assign(id=[1.0, 2.0, 3.0]),
        FRAME.assign(more=1),
        FRAME.drop(columns="ok"),
        FRAME.assign(when=FRAME["when"].where(FRAME["id"] > 1)),
        FRAME.assign(name=[1, 2, 3]),
    ],
)
def test_it_is_no_weaker_than_what_was_seen(worse):
    _, schema = schema_of(FRAME)
    assert validate(worse, schema, name="t").failures is not None


def test_ranges_are_remarks_only():
    _, schema = schema_of(FRAME)
    assert validate(FRAME.assign(id=[10, 20, 30]), schema, name="t").failures is None


def test_a_named_index_is_part_of_it():
    for keys in (["name"], ["name", "id"]):
        frame = FRAME.fillna({"name": "c"})[["id", "name", "ok"]].set_index(keys)
        text, schema = schema_of(frame)
        assert "index=pa." in text
        assert validate(frame, schema, name="t").failures is None


@pytest.mark.parametrize(
    "frame", [FRAME.head(0), pd.DataFrame({0: [1]}), pd.DataFrame([[1, 2]], columns=["a", "a"])]
)
def test_what_cannot_be_told_has_no_schema(frame):
    assert schema_text("s", frame) is None
