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
_DEEPEST = 12  # steps from a name to what made its table


class Frames:
    """Tells tables from other objects in one notebook."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._asked: set[str] = set()

    def is_table(self, node: ast.expr, *, depth: int = 0) -> bool:
        """Whether an expression is a DataFrame for all that its notebook says."""
        if depth > _DEEPEST:
            return False
        match node:
            case ast.Name():
                return self._name_is_table(node, depth)
            case ast.Call(func=function):
                return self._call_is_table(function, depth)
            case ast.Subscript(value=ast.Attribute(value=owner, attr=attr)) if attr in _ACCESSORS:
                return self.is_table(owner, depth=depth + 1)
            case ast.Subscript(
                value=owner, slice=ast.List() | ast.Compare() | ast.BoolOp() | ast.BinOp() | ast.UnaryOp()
            ):
                return self.is_table(owner, depth=depth + 1)
        return False

    def _name_is_table(self, node: ast.Name, depth: int) -> bool:
        if node.id in self._asked:
            return False
        self._asked.add(node.id)
        try:
            values = [getattr(binding, "node", None) for binding in self._subject.bindings.all(node)]
            return any(
                isinstance(value, ast.expr) and self.is_table(value, depth=depth + 1) for value in values
            )
        finally:
            self._asked.discard(node.id)

    def _call_is_table(self, function: ast.expr, depth: int) -> bool:
        library, _, name = self._subject.origin(function).rpartition(".")
        if library == "pandas":
            return name in _MAKERS
        if library == "assetbook":
            return name in ("load", "sql")
        if library.startswith("seaborn") and name == "load_dataset":
            return True
        if isinstance(function, ast.Attribute) and function.attr in _KEEPING:
            return self.is_table(function.value, depth=depth + 1)
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
