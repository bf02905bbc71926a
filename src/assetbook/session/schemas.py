"""Hold a table against its schema before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from assetbook.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

Outcome: TypeAlias = dict[str, Any]

CASES_REPORTED = 20
CASES_SHOWN = 5


def sensitive(schema: Any, columns: Iterable[str]) -> frozenset[str]:
    """Return those of a table's columns whose values nobody is to see; see `assetbook.schema.sensitive_columns`."""
    if schema is None:
        return frozenset()
    from assetbook.schema import sensitive_columns

    return sensitive_columns(schema, columns)


def validated(
    name: str, data: Any, schema: Any, *, on_failure: Callable[[Outcome], None] | None = None
) -> tuple[Any, Outcome | None]:
    """Return the table as the schema coerces it, and the outcome for the platform: None without a schema.

    Args:
        name: the asset.
        data: the table.
        schema: a pandera model or schema; None lets every table pass.
        on_failure: receives the outcome of a table that fails, before the error.

    Raises:
        SchemaError: with the summary and the first failing cases.
    """
    if schema is None:
        return data, None
    from assetbook.schema import column_schema, validate

    result = validate(data, schema, name=name)
    failures = result.failures
    outcome: Outcome = {
        "passed": failures is None,
        "columns": column_schema(schema),
        "failures": [] if failures is None else failures.head(CASES_REPORTED).to_dict("records"),
        "count": 0 if failures is None else len(failures),
    }
    if failures is None:
        return result.frame, outcome
    if on_failure:
        on_failure(outcome)
    raise SchemaError(_message(name, result.summary, failures))


def _message(name: str, summary: str, failures: pd.DataFrame) -> str:
    shown = failures.head(CASES_SHOWN).to_string(index=False)
    left = len(failures) - CASES_SHOWN
    more = f"\n… and {left:,} more" if left > 0 else ""
    return (
        f"{summary}\n\n{shown}{more}\n\n"
        f"Nothing was saved. Correct the rows of {name!r} before ab.save, or change its schema."
    )
