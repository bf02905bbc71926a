"""The assets that a DuckDB SQL text reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assetbook.errors import ContractError

if TYPE_CHECKING:
    from sqlglot import exp

_REFERENCE = re.compile(r"(?P<name>[^@]+)(@(?P<version>\d+))?")
_OWN_SCHEMAS = frozenset({"information_schema", "pg_catalog"})  # DuckDB's tables about tables
_FILE_MARKS = frozenset("./*:\\")  # in the name of a file, never in that of an asset


@dataclass(frozen=True)
class TableReference:
    """An asset that a SQL text names, at a version where it says ``flights@3``."""

    name: str
    version: int | None = None


def tables_in(sql: str, *, frames: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the assets that a SQL text reads, each once, in the order of the text.

    Args:
        sql: statements in DuckDB's dialect that read.
        frames: names of local frames, which are no assets.

    Raises:
        ContractError: the text is no SQL that can be read, or no query.
    """
    return tuple(dict.fromkeys(reference.name for reference in references_in(sql, frames=frames)))


def references_in(sql: str, *, frames: Iterable[str] = ()) -> tuple[TableReference, ...]:
    """Return the assets that a SQL text reads with the versions it asks for, each once; see `tables_in`."""
    from sqlglot import exp

    local = {name.lower() for name in frames}
    found: list[TableReference] = []
    for statement in _parse(quote_versions(sql)):
        for table in statement.find_all(exp.Table, bfs=False):
            if _is_asset(table) and table.name.lower() not in local:
                found.append(_reference(table))
    return tuple(dict.fromkeys(found))


def count_statements(sql: str) -> int:
    """Return how many statements a SQL text has."""
    return len(_parse(quote_versions(sql)))


def lists_tables(sql: str) -> bool:
    """Tell whether a SQL text asks which tables there are: ``show tables``, or a table about tables."""
    from sqlglot import exp

    statements = _parse(quote_versions(sql))
    tables = (table for statement in statements for table in statement.find_all(exp.Table))
    return any(isinstance(statement, exp.Show) for statement in statements) or any(
        table.db.lower() in _OWN_SCHEMAS for table in tables
    )


def quote_versions(sql: str) -> str:
    """Return the SQL with ``flights@3`` written as DuckDB reads it, ``"flights@3"``."""
    if "@" not in sql:  # as nearly always; cutting the text into tokens costs as much as parsing it
        return sql
    from sqlglot.tokens import TokenType

    tokens = _tokens(sql)
    text = sql
    for name, at, number in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        adjacent = name.end + 1 == at.start and at.end + 1 == number.start
        kinds = name.token_type, at.token_type, number.token_type
        if adjacent and kinds == (TokenType.VAR, TokenType.PARAMETER, TokenType.NUMBER):
            text = f'{text[: name.start]}"{name.text}@{number.text}"{text[number.end + 1 :]}'
    return text


@lru_cache(maxsize=64)
def _parse(sql: str) -> list[exp.Expression]:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError, SqlglotError

    reading = (exp.Query, exp.Values, exp.Pivot, exp.Summarize, exp.Describe, exp.Show)
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect="duckdb") if statement]
    except ParseError as error:
        where = error.errors[0] if error.errors else {}
        near = f"{where.get('start_context', '')}{where.get('highlight', '')}".strip()[-60:]
        raise ContractError(
            f"the SQL cannot be read ({where.get('description', error)}) at: {near}"
        ) from None
    except SqlglotError as error:
        raise ContractError(f"the SQL cannot be read ({error})") from None
    if not statements:
        raise ContractError("the SQL is empty")
    for statement in statements:
        if not isinstance(statement, reading):
            raise ContractError(f"the SQL has to be a query, found {statement.sql(dialect='duckdb')[:60]}")
    return statements


def _is_asset(table: exp.Table) -> bool:
    """Whether a table of the text is none of a WITH, a function, a file or DuckDB itself."""
    from sqlglot import exp

    if not isinstance(table.this, exp.Identifier) or _FILE_MARKS & set(table.name):
        return False
    schema = table.db.lower()
    if schema in _OWN_SCHEMAS or (not schema and _names_cte(table)):
        return False
    if schema not in ("", "main") or table.catalog:
        named = ".".join(part for part in (table.catalog, table.db, table.name) if part)
        raise ContractError(f"the SQL names {named}; name assets alone: {table.name}")
    return True


def _names_cte(table: exp.Table) -> bool:
    """Whether a WITH around the table defines its name.

    An expression of a WITH sees those before it, and itself only if it is recursive: ``with flights as (select …
    from flights)`` reads the asset.
    """
    inside: exp.Expression = table
    while inside.parent is not None:
        inside, outside = inside.parent, inside
        for clause in _with_clauses(inside):
            expressions = clause.expressions
            if outside is clause:
                position = next(index for index, cte in enumerate(expressions) if _contains(cte, table))
                expressions = expressions[: position + bool(clause.args.get("recursive"))]
            if any(cte.alias.lower() == table.name.lower() for cte in expressions):
                return True
    return False


def _with_clauses(node: exp.Expression) -> Iterator[exp.Expression]:
    from sqlglot import exp

    return (value for value in node.args.values() if isinstance(value, exp.With))


def _contains(node: exp.Expression, inner: exp.Expression) -> bool:
    while inner is not node and inner.parent is not None:
        inner = inner.parent
    return inner is node


def _reference(table: exp.Table) -> TableReference:
    found = _REFERENCE.fullmatch(table.name)
    if not found or not found["version"]:
        return TableReference(table.name)
    return TableReference(found["name"], int(found["version"]))


def _tokens(sql: str) -> list[Any]:
    from sqlglot.dialects.duckdb import DuckDB
    from sqlglot.errors import SqlglotError

    try:
        return list(DuckDB().tokenize(sql))
    except SqlglotError as error:
        raise ContractError(f"the SQL cannot be read ({error})") from None
