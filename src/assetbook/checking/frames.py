"""Which expressions of a notebook are pandas tables, as far as the code says so."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject

_MAKERS_TEXT = """
    DataFrame read_csv read_table read_excel read_parquet read_feather read_json read_pickle read_hdf read_fwf
    read_stata read_sas read_spss read_orc read_xml read_sql read_sql_query read_sql_table read_clipboard read_gbq
    concat merge merge_asof merge_ordered pivot_table pivot get_dummies melt crosstab json_normalize wide_to_long
"""
_MAKERS = frozenset(_MAKERS_TEXT.split())
_KEEPING_TEXT = """
    copy drop dropna drop_duplicates fillna ffill bfill merge join rename reset_index set_index sort_values
    sort_index query assign head tail sample astype replace apply applymap map filter pivot pivot_table melt
    transpose explode nlargest nsmallest select_dtypes reindex interpolate round clip shift append where mask pipe
    describe convert_dtypes infer_objects stack unstack to_frame eval insert
"""
_KEEPING = frozenset(_KEEPING_TEXT.split())
_ACCESSORS = frozenset({"loc", "iloc"})


class Frames:
    """Tells tables from other objects in one notebook."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._asked: set[ast.expr] = set()

    def is_table(self, node: ast.expr) -> bool:
        """Whether an expression is a DataFrame for all that its notebook says."""
        return self._table(node) is True

    def _table(self, node: ast.expr) -> bool | None:
        """Tell whether an expression is a table; None where that leads back to where it was asked."""
        if node in self._asked:
            return None
        self._asked.add(node)
        try:
            return self._of(node)
        finally:
            self._asked.discard(node)

    def _of(self, node: ast.expr) -> bool | None:
        match node:
            case ast.Name():
                return self._of_name(node)
            case ast.Call(func=function):
                return self._of_call(function)
            case ast.Subscript(value=ast.Attribute(value=owner, attr=attr)) if attr in _ACCESSORS:
                return self._table(owner)
            case ast.Subscript(
                value=owner, slice=ast.List() | ast.Compare() | ast.BoolOp() | ast.BinOp() | ast.UnaryOp()
            ):
                return self._table(owner)
        return False

    def _of_name(self, node: ast.Name) -> bool | None:
        """Tell of a name by what it may have been assigned: a table each time, those made from itself aside."""
        values = [getattr(binding, "node", None) for binding in self._subject.bindings.of(node)]
        found = [self._table(value) if isinstance(value, ast.expr) else False for value in values]
        if False in found:
            return False
        return True if True in found else None

    def _of_call(self, function: ast.expr) -> bool | None:
        library, _, name = self._subject.origin(function).rpartition(".")
        if library == "pandas":
            return name in _MAKERS
        if library == "assetbook":
            return name in ("load", "sql")
        if library.startswith("seaborn") and name == "load_dataset":
            return True
        if isinstance(function, ast.Attribute) and function.attr in _KEEPING:
            return self._table(function.value)
        return False

    def is_part(self, node: ast.expr) -> bool:
        """Whether an expression picks a column, or rows, of a table: ``df["a"]``, ``df.a``, ``df[df.a > 0]``."""
        match node:
            case ast.Attribute(value=owner, attr="loc" | "iloc" | "at" | "iat"):
                return self.is_part(owner)
            case ast.Subscript(value=ast.Attribute(value=owner, attr=attr)) if attr in _ACCESSORS:
                return self.is_table(owner)
            case ast.Subscript(value=owner):
                return self.is_table(owner)
            case ast.Attribute(value=owner, attr=attr):
                return attr not in _NOT_COLUMNS and not attr.startswith("_") and self.is_table(owner)
        return False


_NOT_COLUMNS = frozenset(
    {
        "loc",
        "iloc",
        "at",
        "iat",
        "values",
        "index",
        "columns",
        "attrs",
        "T",
        "style",
        "plot",
        "dtypes",
        "shape",
        "flags",
    }
)
