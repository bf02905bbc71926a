from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assetbook.errors import ContractError
from assetbook.notebook import read_notebook


def write(path: Path, content: bytes | str | dict[str, Any]) -> Path:
    data = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def notebook(*cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


def code(source: Any, *tags: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}, "outputs": []}


def test_numbers_code_cells_only_and_not_the_cell_that_papermill_injects(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "# Title", "metadata": {}},
        code("a = 1", "parameters"),
        code("a = 2", "injected-parameters"),
        {"cell_type": "raw", "source": "", "metadata": {}},
        code("b = a"),
    ]
    read = read_notebook(write(tmp_path / "x.ipynb", notebook(*cells)))
    assert [cell.number for cell in read.cells] == [None, 1, None, None, 2]
    assert [cell.source for cell in read.code_cells] == ["a = 1", "b = a"]
    assert read.cells[1].tags == {"parameters"}


def test_source_may_be_a_list_of_lines_or_text_with_any_line_ends(tmp_path: Path) -> None:
    read = read_notebook(
        write(tmp_path / "x.ipynb", notebook(code(["a = 1\n", "b = 2"]), code("a = 1\r\nb = 2"), code([])))
    )
    assert [cell.source for cell in read.cells] == ["a = 1\nb = 2", "a = 1\nb = 2", ""]


def test_fields_that_may_be_missing_are_not_needed(tmp_path: Path) -> None:
    path = write(tmp_path / "x.ipynb", {"nbformat": 4, "cells": [{"cell_type": "code"}]})
    read = read_notebook(path)
    assert (read.metadata, read.cells[0].source, read.cells[0].tags) == ({}, "", frozenset())


def test_metadata_of_the_wrong_type_is_ignored(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": "", "metadata": {"tags": [1, "parameters", None]}}
    read = read_notebook(write(tmp_path / "x.ipynb", notebook(cell, metadata=[])))
    assert read.cells[0].tags == {"parameters"}
    assert read.metadata == {}


def test_the_document_has_all_that_the_format_asks_for(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code"},
        {"cell_type": "code", "source": None, "metadata": None, "outputs": None, "id": [], "tags": None},
        {"cell_type": "markdown", "source": ["a\n", "b"], "metadata": {"tags": None}, "attachments": None},
        {"cell_type": "code", "id": "c", "source": "1", "metadata": {"tags": ["skip", 1]}, "outputs": [{}]},
    ]
    broken = {"nbformat": 4, "nbformat_minor": None, "metadata": {"kernelspec": None, "a": 1}, "cells": cells}
    document = read_notebook(write(tmp_path / "x.ipynb", broken)).document()
    made = {"outputs": [], "execution_count": None}
    assert document["cells"] == [
        {"cell_type": "code", "source": "", "metadata": {}, **made},
        {"cell_type": "code", "source": "", "metadata": {}, "tags": None, **made},
        {"cell_type": "markdown", "source": "a\nb", "metadata": {"tags": []}},
        {"cell_type": "code", "id": "c", "source": "1", "metadata": {"tags": ["skip"]}, **made},
    ]
    assert (document["nbformat_minor"], document["metadata"]) == (5, {"a": 1})


def test_path_is_relative_to_the_root(tmp_path: Path) -> None:
    path = write(tmp_path / "x.ipynb", notebook())
    assert read_notebook(path, root=tmp_path).path == Path("x.ipynb")
    assert read_notebook(path).path == path


def test_digest_is_that_of_the_content(tmp_path: Path) -> None:
    one = read_notebook(write(tmp_path / "1.ipynb", notebook()))
    two = read_notebook(write(tmp_path / "2.ipynb", notebook()))
    assert one.digest == two.digest
    assert one.digest != read_notebook(write(tmp_path / "3.ipynb", notebook(code("1")))).digest


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": "\xe4"}', "not UTF-8 (byte 7 is 0xe4)"),
        (b"not json", "the file is not JSON"),
        (b"[" * 100_000, "the file is not JSON"),
        (b'{\n<<<<<<< HEAD\n"a": 1\n=======', "conflict markers"),
        (b"[]", "no notebook"),
        (b"{}", "no 'nbformat'"),
        ({"nbformat": 3, "worksheets": []}, "jupyter nbconvert --to notebook --nbformat 4"),
        ({"nbformat": 5, "cells": []}, "newer than 4"),
        ({"nbformat": "4", "cells": []}, "'nbformat' is '4', expected the number 4"),
        ({"nbformat": True, "cells": []}, "'nbformat' is True"),
        ({"nbformat": 4}, "no list of 'cells'"),
        (notebook(code("a"), {"source": ""}), "cell 2 of the file has the type None"),
        ({"nbformat": 4, "cells": ["text"]}, "cell 1 of the file is no JSON object"),
        (notebook(code(7)), "'source' is neither text nor a list of lines"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "\\ud800"}]}', "lone surrogate"),
    ],
)
def test_what_is_no_notebook_is_refused_with_file_and_reason(tmp_path: Path, content: Any, says: str) -> None:
    path = write(tmp_path / "x.ipynb", content)
    with pytest.raises(ContractError) as caught:
        read_notebook(path, root=tmp_path)
    assert str(caught.value).startswith("x.ipynb: ")
    assert says in str(caught.value)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="there is no such file"):
        read_notebook(tmp_path / "x.ipynb")
    with pytest.raises(ContractError, match="cannot be read"):
        read_notebook(tmp_path)
