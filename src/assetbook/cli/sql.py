"""`assetbook sql`: a question to the lake."""

from __future__ import annotations

import csv
import json
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from assetbook.cli.tables import GAP, print_trimmed
from assetbook.cli.terminal import color_option, console
from assetbook.errors import LakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

SHOWN_ROWS = 40
CELL_WIDTH = 48  # characters of a value in the readable table
AT_ONCE = 10_000  # rows
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # what a terminal obeys instead of showing it
NUMBERS = (
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "HUGE",
    "BIGINT",
    "INT",
    "SMALL",
    "TINY",
    "UBIG",
    "UINT",
    "USMALL",
    "UTINY",
)


@click.command()
@click.argument("query")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "parquet"]),
    default="table",
    show_default=True,
    help="A table to read, or all rows for a program.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file.")
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    metavar="N",
    default=SHOWN_ROWS,
    show_default=True,
    help="Rows of the readable table.",
)
@color_option
def sql(query: str, form: str, output: Path | None, rows: int) -> None:
    """Ask the lake in DuckDB's SQL.

    Every table has its name, an older version is flights@3.

    \b
    assetbook sql "select carrier, count(*) n from flights group by 1 order by n desc"
    assetbook sql "select * from flights@3" --format csv > flights.csv
    """  # noqa: D301 - click reads the backspace as "do not wrap what follows"
    import duckdb

    from assetbook.cli.workspace import open_settings
    from assetbook.lake import Lake
    from assetbook.platform.workspace import deployment_resources

    with redirect_stdout(sys.stderr):  # what modules print is not the answer
        resources = deployment_resources(open_settings())
    storage = resources["io_manager"]
    lake = Lake(storage.root, storage_options=storage.storage_options)
    with resources["duckdb"].get_connection() as connection, _ended_at_once():
        answer = lake.query(query, connection=connection)
        try:
            _write(answer, form, output, rows)
        except duckdb.Error as error:  # what shows only in the rows, as a text that is no number
            raise LakeError(f"SQL: {error}") from error
        except OSError as error:
            if output is None:
                raise
            raise LakeError(f"{output} cannot be written: {error.strerror or error}") from error
    if output is not None:
        click.echo(f"wrote {output}", err=True)


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process itself: DuckDB may compute for long without looking for it."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # what was started in the background has it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write(answer: DuckDBPyRelation, form: str, output: Path | None, rows: int) -> None:
    if form == "parquet":
        _write_parquet(answer, output)
        return
    with _text(output) as to:
        if form == "csv":
            _write_csv(answer, to)
        elif form == "json":
            _write_json(answer, to)
        else:
            _print_table(answer, to, rows)


@contextmanager
def _text(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        yield file


def _write_parquet(answer: DuckDBPyRelation, output: Path | None) -> None:
    import pyarrow.parquet as pq

    if output is None and sys.stdout.isatty():
        raise LakeError("Parquet is not for a terminal: name a file with --output FILE, or pipe it on.")
    pq.write_table(answer.to_arrow_table(), sys.stdout.buffer if output is None else output)


def _write_csv(answer: DuckDBPyRelation, to: IO[str]) -> None:
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(answer.columns)
    for batch in answer.project("cast(columns(*) as varchar)").to_arrow_reader(AT_ONCE):
        writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _write_json(answer: DuckDBPyRelation, to: IO[str]) -> None:
    """Write a list of objects, one a line, as DuckDB spells them; JSON has neither NaN nor infinity."""
    start = "["
    row = "answer"  # DuckDB means the column where one has this name
    while row in map(str.casefold, answer.columns):
        row += "_"
    texts = answer.query(row, f"select cast(to_json({row}) as varchar) from {row}")
    assert texts is not None
    for batch in texts.to_arrow_reader(AT_ONCE):
        for text in batch.column(0).to_pylist():
            to.write(f"{start}\n{_finite(text)}")
            start = ","
    to.write("[]\n" if start == "[" else "\n]\n")


def _finite(text: str) -> str:
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=lambda _: None), ensure_ascii=False)


def _print_table(answer: DuckDBPyRelation, to: IO[str], limit: int) -> None:
    from rich.markup import escape
    from rich.table import Table

    found = answer.limit(limit + 1).fetchall()
    texts = [[_cell(value) for value in row] for row in found[:limit]]
    out = console(to)
    columns = _that_fit(answer.columns, texts, out.width)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, kind in list(zip(answer.columns, answer.types, strict=True))[:columns]:
        table.add_column(
            escape(name), justify="right" if str(kind).startswith(NUMBERS) else "left", no_wrap=True
        )
    for texts_of_row in texts:
        table.add_row(*("[dim]NULL[/]" if text is None else escape(text) for text in texts_of_row[:columns]))
    print_trimmed(out, table)
    _print_rest(out, len(texts), len(found) > limit, columns, len(answer.columns))


def _print_rest(out: Any, rows: int, more: bool, columns: int, every: int) -> None:
    """Say what of the answer is not shown, and how to have it."""
    left_out = []
    if more:
        left_out.append(f"the first {rows} rows; --rows N shows more")
    if columns < every:
        left_out.append(f"{columns} of {every} columns; name those that you want")
    if left_out:
        out.print(f"[dim]{'; '.join(left_out)}; --format csv gives all[/]", soft_wrap=True)


def _that_fit(names: Sequence[str], rows: Sequence[Sequence[str | None]], width: int) -> int:
    """Return how many columns stand side by side in `width` characters; at least one."""
    from rich.cells import cell_len

    room = width
    for position, name in enumerate(names):
        widest = max([cell_len(name), *(cell_len(row[position] or "NULL") for row in rows)])
        room -= widest + (GAP if position else 0)
        if room < 0:
            return max(position, 1)
    return len(names)


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    text = _CONTROL.sub("�", " ".join(text.splitlines()))
    return text if len(text) <= CELL_WIDTH else text[: CELL_WIDTH - 1] + "…"
