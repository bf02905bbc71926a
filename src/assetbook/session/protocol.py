"""What a session is: the meaning of the public functions in one place where a notebook can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from assetbook.lake import Form

Params: TypeAlias = Mapping[str, Any] | Sequence[Any]
"""Values for the ``$name`` or ``?`` of a query."""

Partition: TypeAlias = str | date | Sequence[str] | None
"""A partition key, the date that it begins with, several keys, or all."""


class Session(Protocol):
    """Does what the functions of `assetbook` say; they document the arguments."""

    def load(
        self,
        name: str,
        *,
        columns: Sequence[str] | None,
        version: int | None,
        partition: Partition,
        as_: Form,
    ) -> Any:
        """Return a table or a model."""

    def path(self, name: str) -> str:
        """Return where the files of a table of files are."""

    def sql(self, query: str, *, params: Params | None, frames: Mapping[str, Any] | None, as_: Form) -> Any:
        """Return the result of a query."""

    def save(self, name: str, data: Any, *, schema: Any) -> None:
        """Keep a table."""

    def save_model(self, name: str, model: Any, *, sample: Any, metrics: Mapping[str, Any] | None) -> None:
        """Keep a model."""

    def check(
        self,
        name: str,
        passed: Any,
        *,
        asset: str | None,
        blocking: bool,
        description: str | None,
        metadata: Mapping[str, Any] | None,
    ) -> None:
        """Report whether a check passed."""

    def metric(self, name: str, value: Any) -> None:
        """Report a number."""
