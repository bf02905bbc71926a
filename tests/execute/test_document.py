from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetbook.errors import ContractError, RunError
from assetbook.execute.document import Document, Translator
from assetbook.execute.redact import Redactor
from tests.execute.executing import PARAMETERS, cell, write_nb

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=2)))),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.tuples(inner)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)


def injected(parameters: dict[str, Any]) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(Translator.codify(parameters), space)
    return {name: space[name] for name in parameters}


@given(values)
def test_a_parameter_arrives_as_the_value_that_was_given(value: Any) -> None:
    assert injected({"x": value}) == {"x": value}


def test_numbers_that_are_none_arrive() -> None:
    arrived = injected({"a": math.nan, "b": math.inf, "c": [-math.inf]})
    assert math.isnan(arrived["a"])
    assert (arrived["b"], arrived["c"]) == (math.inf, [-math.inf])


def test_the_injected_cell_reads_well() -> None:
    source = Translator.codify({"month": "2013-03", "day": date(2013, 3, 1), "at": datetime(2013, 3, 1, 9)})
    assert source == (
        "# Parameters\n"
        "import datetime as _datetime\n"
        "month = '2013-03'\n"
        'day = _datetime.date.fromisoformat("2013-03-01")\n'
        'at = _datetime.datetime.fromisoformat("2013-03-01T09:00:00")'
    )


@pytest.mark.parametrize("value", [object(), {1, 2}, [b"x"]])
def test_a_value_without_source_is_refused(value: Any) -> None:
    with pytest.raises(RunError, match="cannot be of type"):
        Translator.codify({"x": value})


@pytest.mark.parametrize("name", ["a b", "class", "x=1;y"])
def test_a_name_that_python_does_not_allow_is_refused(name: str) -> None:
    with pytest.raises(RunError, match="cannot be named"):
        Translator.codify({name: 1})


def open_document(
    tmp_path: Path, cells: list[Any], *, secrets: list[str] | None = None, **options: Any
) -> Document:
    source = write_nb(tmp_path / "nb.ipynb", cells)
    return Document.open(
        source,
        tmp_path / "out.ipynb",
        root=tmp_path,
        redactor=Redactor(secrets or []),
        **{"parameters": {}, "hidden": (), **options},
    )


def test_parameters_are_injected_after_their_cell_and_numbers_do_not_count_them(tmp_path: Path) -> None:
    cells = [cell("# Title", kind="markdown"), "import os", cell("x = 1", PARAMETERS), "", "x"]
    document = open_document(tmp_path, cells, parameters={"x": date(2013, 1, 1)})
    sources = [c.source.splitlines()[-1] if c.source else "" for c in document.nb.cells]
    assert sources[3] == 'x = _datetime.date.fromisoformat("2013-01-01")'
    assert document.nb.cells[2].source == "x = 1"
    assert document.nb.cells[3].metadata.tags == ["injected-parameters"]
    assert document.nb.metadata.papermill.parameters == {"x": "2013-01-01"}
    assert document.numbers == {1: 1, 2: 2, 3: 0, 4: 3, 5: 4}
    assert document.total == 4


def test_the_cell_of_an_earlier_injection_is_replaced(tmp_path: Path) -> None:
    cells = [cell("x = 1", PARAMETERS), cell("x = 2", "injected-parameters"), "x"]
    document = open_document(tmp_path, cells, parameters={"x": 3})
    assert [c.source for c in document.nb.cells] == ["x = 1", "# Parameters\nx = 3", "x"]


def test_parameters_without_a_cell_for_them_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no cell tagged `parameters` that could take x"):
        open_document(tmp_path, ["1"], parameters={"x": 3})


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nb.ipynb").write_text("{}")
    with pytest.raises(ContractError, match=r"nb\.ipynb"):
        Document.open(
            tmp_path / "nb.ipynb",
            tmp_path / "o",
            root=tmp_path,
            parameters={},
            hidden=(),
            redactor=Redactor([]),
        )


def test_secrets_are_in_no_part_of_the_saved_notebook(tmp_path: Path) -> None:
    document = open_document(
        tmp_path,
        [cell("token = ''", PARAMETERS), "# uses tok-123456", cell("see tok-123456", kind="markdown")],
        parameters={"token": "tok-123456", "pin": "12"},
        hidden=["token", "pin"],
        secrets=["tok-123456"],
    )
    document.notebook_start()
    document.finish()
    text = (tmp_path / "out.ipynb").read_text()
    assert "tok-123456" not in text
    sources = ["".join(c["source"]) for c in json.loads(text)["cells"]]
    assert sources == ["token = ''", "# Parameters\ntoken = '***'\npin = '***'", "# uses ***", "see ***"]
    assert json.loads(text)["metadata"]["papermill"]["parameters"] == {"token": "***", "pin": "***"}
    assert "tok-123456" in document.nb.cells[1].source  # the kernel gets the real one


def test_a_notebook_without_cell_ids_is_read_without_a_warning(tmp_path: Path) -> None:
    source = write_nb(tmp_path / "nb.ipynb", ["1"])
    document = json.loads(source.read_text())
    for minor in (5, 4, 2):
        document["nbformat_minor"] = minor
        document["cells"][0].pop("id", None)
        source.write_text(json.dumps(document))
        opened = Document.open(
            source, tmp_path / "o", root=tmp_path, parameters={}, hidden=(), redactor=Redactor([])
        )
        assert opened.numbers == {0: 1}


def test_a_failed_save_names_the_file_and_leaves_the_old_one(tmp_path: Path) -> None:
    document = open_document(tmp_path, ["1"])
    document.notebook_start()
    document.write()
    before = (tmp_path / "out.ipynb").read_bytes()
    (tmp_path / "out.ipynb.part").symlink_to("/dev/full")
    with pytest.raises(RunError, match=r"out\.ipynb cannot be saved: No space left.* Free space"):
        document.write()
    assert (tmp_path / "out.ipynb").read_bytes() == before
