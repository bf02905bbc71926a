"""`assetbook sql`: a question to the lake."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from assetbook.errors import LakeError

SHOWN_ROWS = 40


@click.command()
@click.argument("query")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file; Parquet needs one.")
@click.option("--rows", default=SHOWN_ROWS, show_default=True, help="Rows of the readable table.")
def sql(query: str, form: str, output: Path | None, rows: int) -> None:
    r"""Ask the lake in DuckDB's SQL; every table by its name, an older version as flights@3.

    \b
    assetbook sql "select carrier, count(*) n from flights group by 1 order by n desc"
    assetbook sql "select * from flights@3" --format csv > flights.csv
    """
    from assetbook.lake import Lake
    from assetbook.platform.workspace import deployment_resources
    from assetbook.settings import Settings

    resources = deployment_resources(Settings.load())
    storage = resources["io_manager"]
    lake = Lake(storage.root, storage_options=storage.storage_options)
    with resources["duckdb"].get_connection() as connection:
        relation = lake.query(query, connection=connection)
        if form == "parquet":
            _write_parquet(relation, output)
        elif form == "table" and output is None:
            _print_table(relation, rows)
        else:
            _write_text(relation, form, output)


def _write_parquet(relation: Any, output: Path | None) -> None:
    if output is None:
        if sys.stdout.isatty():
            raise LakeError("Parquet is not for a terminal: name a file with --output FILE, or pipe it on.")
        import pyarrow.parquet as pq

        pq.write_table(relation.to_arrow_table(), sys.stdout.buffer)
        return
    relation.write_parquet(str(output))
    click.echo(f"wrote {output}", err=True)


def _write_text(relation: Any, form: str, output: Path | None) -> None:
    frame = relation.df()
    if form == "csv":
        text = frame.to_csv(index=False)
    elif form == "json":
        text = frame.to_json(orient="records", date_format="iso", force_ascii=False) + "\n"
    else:
        text = frame.to_string(index=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
        click.echo(f"wrote {output}", err=True)


def _print_table(relation: Any, rows: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shown = relation.limit(rows + 1).fetchall()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, kind in zip(relation.columns, relation.types, strict=True):
        numeric = str(kind).startswith(
            ("DECIMAL", "DOUBLE", "FLOAT", "HUGE", "BIGINT", "INT", "SMALL", "TINY", "U")
        )
        table.add_column(escape(name), justify="right" if numeric else "left")
    for row in shown[:rows]:
        table.add_row(*(escape(_cell(value)) for value in row))
    console = Console(highlight=False)
    console.print(table)
    if len(shown) > rows:
        console.print(f"[dim]the first {rows} rows; --rows N shows more, --format csv gives all[/]")


def _cell(value: Any) -> str:
    if value is None:
        return "∅"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
