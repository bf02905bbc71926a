"""Reading the cell tagged "parameters": assignments of literals, their types and their comments."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assetbook.contract.annotations import UnsupportedTypeError, type_of_annotation, type_of_value
from assetbook.contract.literals import LITERALS, NotLiteralError, literal
from assetbook.contract.model import Place
from assetbook.contract.parameters import Parameter, TypeSpec
from assetbook.contract.problems import Problems
from assetbook.contract.source import CellCode
from assetbook.errors import ParameterError
from assetbook.notebook import Notebook

TAG = "parameters"

_DIRECTIVE = re.compile(r"(noqa|type:|pragma|fmt:|pylint|ruff|mypy|%%)", re.IGNORECASE)
_BINDING = (
    ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.For | ast.AsyncFor | ast.While | ast.If
    | ast.With | ast.AsyncWith | ast.Try | ast.Match | ast.AugAssign | ast.Delete
)  # fmt: skip


@dataclass(frozen=True)
class _Assignment:
    """A name of the parameters cell, as it is written."""

    name: str
    statement: ast.stmt
    value: ast.expr
    annotation: ast.expr | None = None


def check_tags(notebook: Notebook, *, problems: Problems) -> None:
    """Note cells whose tag was meant to make them the parameters cell, and does not."""
    for cell in notebook.cells:
        for tag in sorted(tag for tag in cell.tags if tag.casefold() == TAG):
            if cell.kind != "code":
                problems.add(
                    f'cell {cell.index + 1} of the file, a {cell.kind} cell, is tagged "{tag}". Tag the code cell that '
                    f'assigns the parameters, with "{TAG}".'
                )
            elif tag != TAG:
                problems.add(
                    f'the cell is tagged "{tag}", but the case of tags counts. Tag it "{TAG}".',
                    place=Place(cell.number or 1, 1),
                )


def read_parameters(cells: Sequence[CellCode], *, problems: Problems) -> tuple[Parameter, ...]:
    """Return the parameters of a notebook; what is wrong with them goes to ``problems``."""
    tagged = [cell for cell in cells if TAG in cell.tags]
    for cell in tagged[1:]:
        problems.add(
            f"a second parameters cell; the first is cell {tagged[0].number}. "
            f'Keep one cell with the tag "{TAG}".',
            place=Place(cell.number, 1),
        )
    if not tagged:
        return ()
    cell = tagged[0]
    comments = _Comments.of(cell.text)
    found: dict[str, Parameter] = {}
    for assignment in _assignments(cell, problems=problems):
        if assignment.name in found:
            problems.add(
                f"the parameter {assignment.name!r} is assigned twice. Keep one of the two.",
                place=cell.place(assignment.statement),
            )
            continue
        parameter = _parameter(assignment, cell=cell, comments=comments, problems=problems)
        if parameter:
            found[parameter.name] = parameter
    return tuple(found.values())


def _assignments(cell: CellCode, *, problems: Problems) -> Iterator[_Assignment]:
    """Give the assignments of the cell; imports and calls that bind nothing are left alone."""
    for statement in cell.tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
                problems.add(
                    f"the parameter {name!r} has no default. Write {name}: {ast.unparse(annotation)} = …, "
                    "a value to work with in Jupyter.",
                    place=cell.place(statement),
                )
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                yield _Assignment(name, statement, value, annotation)
            case ast.Assign(targets=targets, value=value) if all(isinstance(t, ast.Name) for t in targets):
                for target in targets:
                    yield _Assignment(getattr(target, "id", ""), statement, value)
            case ast.Assign() | ast.AnnAssign():
                problems.add(
                    f"{ast.unparse(statement)} is no parameter. Write one name and its value in a line.",
                    place=cell.place(statement),
                )
            case _ if isinstance(statement, _BINDING):
                problems.add(
                    "the parameters cell holds assignments of literals only. Move this to another cell: "
                    f"{ast.unparse(statement).splitlines()[0]}",
                    place=cell.place(statement),
                )


def _parameter(
    assignment: _Assignment, *, cell: CellCode, comments: _Comments, problems: Problems
) -> Parameter | None:
    name, place = assignment.name, cell.place(assignment.statement)
    try:
        value = literal(assignment.value)
        spec = type_of_annotation(assignment.annotation) if assignment.annotation else type_of_value(value)
        default = _default(spec, value)
    except NotLiteralError as error:
        problems.add(
            f"the default of the parameter {name!r} is no literal: {error}. A default is {LITERALS}; "
            "compute with it in another cell.",
            place=place,
        )
    except UnsupportedTypeError as error:
        problems.add(f"the parameter {name!r}: {error}.", place=place)
    except ParameterError as error:
        problems.add(f"the default of the parameter {name!r} does not fit its type: {error}.", place=place)
    else:
        return Parameter(name, spec, default, comments.about(assignment.statement))
    return None


def _default(spec: TypeSpec, value: Any) -> Any:
    """Return a default as its type has it.

    Text that a form would take for a date, or for a key that is none, is refused: in Jupyter it stays text.
    """
    default = spec.convert(value)
    if default != value:
        written = repr(default).replace("datetime.date", "date")
        raise ParameterError(
            f"expected {spec}, found {value!r} ({type(value).__name__}). In Jupyter it would stay so: write {written}"
        )
    return default


@dataclass(frozen=True)
class _Comments:
    """The comments of a cell by line: those behind code, and those that have a line to themselves."""

    trailing: dict[int, str]
    alone: dict[int, str]

    @classmethod
    def of(cls, text: str) -> _Comments:
        trailing: dict[int, str] = {}
        alone: dict[int, str] = {}
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            comment = token.string.lstrip("#").strip(" \t-=")
            if token.type == tokenize.COMMENT and comment and not _DIRECTIVE.match(comment):
                behind = token.line[: token.start[1]].strip()
                (trailing if behind else alone)[token.start[0]] = comment
        return cls(trailing, alone)

    def about(self, statement: ast.stmt) -> str | None:
        """Return what is said of a statement: behind its last or first line, else in the lines above."""
        last = self.trailing.get(statement.end_lineno or statement.lineno)
        if last or statement.lineno in self.trailing:
            return last or self.trailing[statement.lineno]
        above: list[str] = []
        line = statement.lineno - 1
        while line in self.alone:
            above.insert(0, self.alone[line])
            line -= 1
        return " ".join(above) or None
