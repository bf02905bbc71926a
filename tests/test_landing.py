from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.errors import SchemaErrors
from pandera.typing import Series

from assetbook.errors import LandingError
from assetbook.landing import arrive, fingerprint, read_csv


class Stops(pa.DataFrameModel):
    code: Series[str] = pa.Field()
    seats: Series[pd.Int64Dtype] = pa.Field(nullable=True)
    share: Series[float] = pa.Field()

    class Config:
        coerce = True


WHOLE = 'code,seats,share\n007,12,0.1\nNA,,0.30000000000000004\n"a,b",3,1\n'


@pytest.fixture
def landed(tmp_path: Path) -> Callable[[bytes | str], Path]:
    def write(content: bytes | str) -> Path:
        path = tmp_path / "stops.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_reads_a_whole_file_as_it_was_meant(landed):
    table = read_csv(landed(WHOLE), schema=Stops)

    assert table["code"].tolist() == ["007", "NA", "a,b"]  # text stays text, and only "" is missing
    assert table["seats"].isna().tolist() == [False, True, False]
    assert table["share"].tolist() == [0.1, 0.30000000000000004, 1.0]
    assert Stops.validate(table)["seats"].dtype == "Int64"


def test_reads_the_same_with_other_order_byte_order_mark_line_ends_and_gzip(landed):
    expected = read_csv(landed(WHOLE), schema=Stops)
    reordered = 'share,code,seats\n0.1,007,12\n0.30000000000000004,NA,\n1,"a,b",3\n'
    for content in (
        reordered.encode(),
        WHOLE.encode("utf-8-sig"),
        WHOLE.replace("\n", "\r\n").encode(),
        gzip.compress(WHOLE.encode()),
    ):
        pd.testing.assert_frame_equal(read_csv(landed(content), schema=Stops), expected)


def test_large_integers_beside_missing_values_stay_exact(landed):
    table = read_csv(landed("code,seats,share\na,9007199254740993,1\nb,,1\n"), schema=Stops)

    assert Stops.validate(table)["seats"].iloc[0] == 9007199254740993


def test_a_value_of_the_wrong_type_is_left_to_the_schema(landed):
    table = read_csv(landed("code,seats,share\na,many,1\nb,2,1\n"), schema=Stops)

    with pytest.raises(SchemaErrors) as raised:
        Stops.validate(table, lazy=True)
    assert "many" in raised.value.failure_cases["failure_case"].tolist()


def test_what_stands_for_missing_and_the_delimiter_can_be_said(landed):
    table = read_csv(landed("code;seats;share\nNA;NA;1\n"), schema=Stops, delimiter=";", missing=["NA"])

    assert table.isna().iloc[0].tolist() == [True, True, False]


def test_without_a_schema_any_columns_do(landed):
    assert read_csv(landed("a,b\n1,x\n")).to_dict("list") == {"a": [1], "b": ["x"]}


def test_expected_columns_can_differ_from_the_schema(landed):
    assert list(read_csv(landed("code\n007\n"), schema=Stops, columns=["code"])["code"]) == ["007"]


BROKEN = {
    "empty": (b"", "an empty file"),
    "blank": (b" \n\n", "an empty file"),
    "header only": (b"code,seats,share\n", "a header without rows"),
    "header cut short": (b"code,sea", "no line end: 'code,sea'"),
    "last line cut short": (WHOLE[:-3].encode(), "no line end: '\"a,b\",3'"),
    "last line lacks fields": (
        WHOLE.replace('"a,b",3,1', "x,3").encode(),
        "found 2 fields in line 4; expected 3",
    ),
    "line with more fields": (WHOLE.replace("007", "0,07").encode(), "found 4 fields in line 2; expected 3"),
    "quote left open": (b'code,seats,share\n"a,1,1\n', "unexpected end of data"),
    "gzip cut short": (gzip.compress(WHOLE.encode())[:-9], "the gzip stream ends before its end mark"),
    "gzip damaged": (b"\x1f\x8b\x00garbage!", "damaged gzip data"),
    "missing column": (
        b"code,seats\n1,2\n",
        "found no column 'share'; expected the columns code, seats, share",
    ),
    "one column more": (
        b"code,seats,share,colour\n1,2,3,4\n",
        "found the column 'colour' that the schema does not",
    ),
    "renamed column": (b"code,Seats,share\n1,2,3\n", "no column 'seats' and the column 'Seats' that"),
    "duplicate column": (b"code,seats,share,seats\n1,2,3,4\n", "more than one column 'seats'"),
    "semicolons": (
        b"code;seats;share\n1;2;0,5\n",
        "found a semicolon (';') between the fields; expected a comma",
    ),
    "tabs": (b"code\tseats\tshare\n1\t2\t3\n", r"found a tab ('\t')"),
    "Windows-1252": (
        WHOLE.replace("007", "Zürich").encode("cp1252"),
        "byte 0xfc at offset 18 (line 2), which is not UTF-8 (likely Windows-1252)",
    ),
    "ISO-8859-1": (WHOLE.replace("007", "\x81é").encode("latin-1"), "likely ISO-8859-1"),
    "UTF-16": (
        WHOLE.encode("utf-16"),
        "the byte order mark ff fe at offset 0, which is not UTF-8 (likely UTF-16)",
    ),
    "UTF-32": (WHOLE.encode("utf-32"), "likely UTF-32"),
    "UTF-16 without mark": (WHOLE.encode("utf-16-le"), "byte 0x00 at offset 1"),
}


@pytest.mark.parametrize(("content", "found"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_not_as_meant_is_refused(landed, content, found):
    path = landed(content)

    with pytest.raises(LandingError) as raised:
        read_csv(path, schema=Stops)

    message = str(raised.value)
    assert message.startswith(f"{path}: found ")
    assert found in message
    assert "; expected " in message


def test_offsets_count_the_byte_order_mark(landed):
    with pytest.raises(LandingError, match=r"byte 0xff at offset 5 \(line 1\)"):
        read_csv(landed(b"\xef\xbb\xbfab\xff,c\n1,2\n"))


def test_a_file_that_is_not_there_names_the_ones_that_are(landed, tmp_path):
    landed(WHOLE)

    with pytest.raises(LandingError, match=r"stop\.csv: found no such file.*Did you mean 'stops\.csv'"):
        read_csv(tmp_path / "stop.csv")
    with pytest.raises(LandingError, match="There are none yet"):
        fingerprint(tmp_path / "no" / "stops.csv")


def test_fingerprint_follows_the_content(landed):
    first = fingerprint(landed(WHOLE))

    assert fingerprint(landed(WHOLE)) == first
    assert fingerprint(landed(WHOLE + "x,1,1\n")) != first


def test_fingerprint_reads_a_file_once(landed, monkeypatch):
    path = landed(WHOLE)
    first = fingerprint(path)

    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read again"))

    assert fingerprint(path) == first


def test_arrive_puts_a_file_in_place_and_leaves_the_same_content_alone(tmp_path):
    path = tmp_path / "flights" / "flights-2013-01.csv"

    assert arrive(lambda to: to.write_text("a\n1\n"), path)
    os.utime(path, ns=(1, 1))
    assert not arrive(lambda to: to.write_text("a\n1\n"), path)
    assert path.stat().st_mtime_ns == 1
    assert arrive(lambda to: to.write_text("a\n2\n"), path)
    assert path.read_text() == "a\n2\n"
    assert list(path.parent.iterdir()) == [path]


def test_arrive_leaves_the_old_file_when_writing_fails(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")

    def fail(to: Path) -> None:
        to.write_text("a\n")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        arrive(fail, path)
    assert path.read_text() == "a\n1\n"
    assert list(tmp_path.iterdir()) == [path]
