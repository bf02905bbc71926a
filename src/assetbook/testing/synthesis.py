"""Rows of a table that nobody has yet, made from its pandera schema.

pandera can make them with hypothesis, but takes seconds for a hundred rows of nine columns, and of fifteen with ranges
it has tried for a minute before it gives up. So values are drawn column by column, rows that a check refuses are
drawn again, and the whole is held against the schema at last. Equal arguments give equal rows.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from assetbook.schema import column_schema, validate
from assetbook.testing.patterns import UnknownPatternError, matching
from assetbook.testing.values import PERIOD, Column, NotMadeError, Period, seeded

ROUNDS = 6  # each draws more rows than the one before, if checks refuse many
MOST_DRAWN = 60  # times as many rows as are wanted, in one round


def rows_from(schema: Any, *, name: str, rows: int, seed: int = 0, period: Period = PERIOD) -> Any:
    """Return a table that meets a schema, in the schema's library; with fewer rows where there cannot be as many.

    Args:
        schema: a pandera model or schema, for pandas or Polars.
        name: of the table, for messages.
        rows: how many.
        seed: another one gives other rows.
        period: where the times lie, for which the schema has no bounds.

    Raises:
        NotMadeError: a type, a pattern or a check for which no rows are found.
        SchemaError: `schema` is no schema, or cannot be built.
    """
    column_schema(schema)  # refuses what is no schema
    maker = _Maker(schema, seed=f"{name} {seed}", period=period)
    kept = maker.draw(rows, 0)
    share = max(len(kept), 1) / rows
    for turn in range(1, ROUNDS):
        if len(kept) >= rows:
            break
        before = len(kept)
        wanted = rows + int((rows - before) / share * 1.3)  # unique columns give their first values again
        kept = maker.distinct(_joined(kept, maker.draw(min(wanted, MOST_DRAWN * rows), turn)))
        if len(kept) == before > 0:  # all that there can be
            break
    if not len(kept):
        raise NotMadeError(maker.reason or "no row was found that meets all checks of its schema")
    return _held(
        kept[:rows] if maker.polars else kept.iloc[:rows].reset_index(drop=True), schema, maker, name
    )


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, pd.DataFrame):
        return pd.concat([one, other], ignore_index=True)
    return one.vstack(other)


def _held(frame: Any, schema: Any, maker: _Maker, name: str) -> Any:
    """Return the rows as the schema coerces them, without those that it still refuses."""
    result = validate(maker.indexed(frame), schema, name=name)
    if result.failures is None:
        return result.frame
    rows = {row for row in result.failures["row"] if isinstance(row, int)}
    if rows and len(rows) < len(frame):
        keep = [place for place in range(len(frame)) if place not in rows]
        fewer = frame[keep] if maker.polars else frame.iloc[keep].reset_index(drop=True)
        result = validate(maker.indexed(fewer), schema, name=name)
    if result.failures is None:
        return result.frame
    first = result.failures.iloc[0]
    raise NotMadeError(
        f"made rows do not meet the check {first['check']!r} of {first['column'] or 'the table'}"
    )


class _Maker:
    """Draws rows for one schema.

    Attributes:
        polars: whether the schema is one for Polars.
        reason: the check that has refused most rows, in words.
    """

    def __init__(self, schema: Any, *, seed: str, period: Period) -> None:
        self._schema: Any = getattr(schema, "to_schema", lambda: schema)()  # of a model class
        self._seed, self._period = seed, period
        self.polars = any(
            base.__module__.startswith("pandera.api.polars") for base in type(self._schema).__mro__
        )
        index = getattr(self._schema, "index", None)
        levels = [] if index is None else getattr(index, "indexes", [index])
        self._levels = [level for level in levels if level.name]
        self.reason = ""

    def draw(self, count: int, turn: int) -> Any:
        """Return those of `count` rows that pass the checks."""
        columns = list(self._columns())
        drawn = {
            c.name: c.values(count, rng=seeded(self._seed, c.name, turn), period=self._period)
            for c in columns
        }
        shortest = min(map(len, drawn.values()), default=0)  # a unique column may have no more values
        drawn = {name: values[:shortest] for name, values in drawn.items()}
        if self.polars:
            return self._polars(drawn)
        frame = pd.DataFrame({c.name: self._series(c, drawn[c.name]) for c in columns})
        return self.distinct(self._passing(frame))

    def _columns(self) -> list[Column]:
        found = [Column.of(str(level.name), level) for level in self._levels]
        for name, column in self._schema.columns.items():
            try:
                names = (
                    matching(str(name), most=2, seed=str(name))
                    if getattr(column, "regex", False)
                    else [str(name)]
                )
            except UnknownPatternError as reason:
                raise NotMadeError(f"no column names are made for {name!r}: {reason}") from None
            found += [Column.of(each, column) for each in names]
        return found

    def _series(self, column: Column, values: list[Any]) -> pd.Series[Any]:
        """Return the values as the column's type has them."""
        plain = pd.Series(values, dtype=object if column.nullable else None)
        if column.dtype is None:
            return plain
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found: pd.Series[Any] = column.dtype.coerce(plain)
        except Exception as error:
            raise NotMadeError(
                f"column {column.name!r}: no values of the type {column.dtype} ({error})"
            ) from error
        return found

    def _polars(self, drawn: dict[str, list[Any]]) -> Any:
        import polars as pl

        types = {name: getattr(column.dtype, "type", None) for name, column in self._schema.columns.items()}
        return pl.DataFrame({name: pl.Series(name, v, dtype=types.get(name)) for name, v in drawn.items()})

    def _passing(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that pass those checks which say something of each row."""
        keep = np.ones(len(frame), dtype=bool)
        by_column = [(check, name) for name, c in self._schema.columns.items() for check in c.checks]
        for check, name in [*by_column, *((check, None) for check in self._schema.checks)]:
            if name is not None and name not in frame.columns:  # a pattern of names
                continue
            passed = _verdict(check, frame if name is None else frame[name])
            if passed is None:
                continue
            if passed.mean() < 0.5:
                self.reason = f"few rows pass the check {check.error or check.name!r}"
            keep &= passed
        return frame[keep].reset_index(drop=True)

    def distinct(self, frame: Any) -> Any:
        """Return the rows without those that repeat what may stand once."""
        keys = [[str(c)] for c, column in self._schema.columns.items() if column.unique]
        together = self._schema.unique
        for columns in [*keys, *([list(together)] if together else [])]:
            if self.polars:
                frame = frame.unique(columns, keep="first", maintain_order=True)
            else:
                frame = frame.drop_duplicates(columns, ignore_index=True)
        return frame

    def indexed(self, frame: Any) -> Any:
        """Return the rows with the index that the schema asks for."""
        names = [str(level.name) for level in self._levels]
        return frame.set_index(names) if names else frame


def _verdict(check: Any, values: Any) -> Any:
    """Return for each row whether it passes a check; None where the check is about the table as a whole."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            output = check(values).check_output
    except Exception as error:
        raise NotMadeError(f"the check {check.error or check.name!r} fails on made rows: {error}") from error
    if isinstance(output, pd.DataFrame):
        output = output.all(axis="columns")
    if not isinstance(output, pd.Series):
        return None
    return output.astype("boolean").fillna(True).reindex(values.index, fill_value=True).to_numpy(bool)
