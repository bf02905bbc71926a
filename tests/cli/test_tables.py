from __future__ import annotations

import io

from rich.console import Console

from assetbook.cli.tables import Column, print_table

NAMES = Column("asset", ["[bold]flights[/]", "delay_model"])
GROUPS = Column("group", ["raw", "models"], spare=2)
RESULTS = Column("result", ["27,004 rows in 1 partition", ""], folds=True)
TIMES = Column("when", ["2013-01-31 12:00", ""], spare=1)


def printed(*columns, width):
    out = Console(file=io.StringIO(), width=width)
    print_table(out, columns)
    return out.file.getvalue().splitlines()


def test_all_columns_stand_where_there_is_room_and_no_line_ends_in_blanks():
    assert printed(NAMES, GROUPS, RESULTS, TIMES, width=80) == [
        "asset        group   result                      when",
        "flights      raw     27,004 rows in 1 partition  2013-01-31 12:00",
        "delay_model  models",
    ]


def test_what_can_be_spared_most_goes_first_and_texts_fold():
    narrow = printed(NAMES, GROUPS, RESULTS, TIMES, width=50)
    assert narrow[0].split() == ["asset", "result", "when"]
    assert [line.split()[0] for line in narrow[1:]] == ["flights", "partition", "delay_model"]
    assert printed(NAMES, GROUPS, RESULTS, TIMES, width=30)[0].split() == ["asset", "result"]
    assert all(len(line) <= 30 for line in printed(NAMES, GROUPS, RESULTS, TIMES, width=30))


def test_what_cannot_be_spared_stays_in_the_narrowest_terminal():
    assert printed(NAMES, GROUPS, width=8)[0].strip() == "asset"
