"""Functions and classes as Markdown: their signature, and what their docstring says in Google's form."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

DECORATED = "function"  # the parameter of a decorator that is not written
WIDTH = 88  # of a signature in one line

_SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Example|Yields):$")
_ENTRY = re.compile(r"^ {4}(?P<name>[\w*]+): (?P<text>.*)")
_MODULE = re.compile(r"\b[a-z_][\w.]*\.(?=[A-Z])")  # of a type: pathlib.Path


def function(
    name: str, found: Callable[..., Any], *, called: str, level: int = 2, examples: bool = False
) -> Iterator[str]:
    """Give a function as a section of a page.

    Args:
        name: of the function.
        found: the function.
        called: how the heading calls it.
        level: of the heading.
        examples: whether to show the examples of its docstring.
    """
    yield from ("", f"{'#' * level} `{called}`", "", "```python signature", signature(name, found), "```", "")
    yield from docstring(inspect.getdoc(found) or "", examples=examples)


def fields(name: str, found: Any) -> Iterator[str]:
    """Give a class as a subsection of a page: what it is, and of a resource its fields."""
    yield from ("", f"### `{name}`", "", *docstring(inspect.getdoc(found) or "", examples=False))
    if not hasattr(found, "model_fields"):
        return
    yield from ("| field | type | meaning |", "|---|---|---|")
    for field, facts in found.model_fields.items():
        needed = ". Needed." if facts.is_required() and facts.annotation is str else "."
        kind = inspect.formatannotation(facts.annotation).replace("|", r"\|")
        yield f"| `{field}` | `{kind}` | {inline(facts.description or '').rstrip('.')}{needed} |"


def signature(name: str, found: Callable[..., Any]) -> str:
    """Return a signature as Python that can be read."""
    declared = inspect.signature(found)
    shown: list[str] = []
    named = False
    for parameter in declared.parameters.values():
        if parameter.name == DECORATED:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not named:
            shown.append("*")
            named = True
        shown.append(_declared(parameter))
    returns = f" -> {_type(declared.return_annotation)}: ..."
    line = f"def {name}({', '.join(shown)}){returns}"
    if len(line) > WIDTH:
        line = "\n".join([f"def {name}(", *(f"    {part}," for part in shown), f"){returns}"])
    return line.replace("'", '"')  # as ruff formats it, in Markdown too


def _declared(parameter: inspect.Parameter) -> str:
    mark = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
    return f"{mark}{parameter.name}: {_type(parameter.annotation)}{default}"


def _type(annotation: Any) -> str:
    """Return an annotation as it is written: most are texts, which `str` would put into quotes."""
    return (
        annotation if isinstance(annotation, str) else _MODULE.sub("", inspect.formatannotation(annotation))
    )


def docstring(text: str, *, examples: bool) -> Iterator[str]:
    """Render a Google docstring: sections as lists, examples as code."""
    for block in re.split(r"\n(?=(?:Args|Returns|Raises|Attributes|Example):\n)", text):
        head, _, body = block.partition("\n")
        found = _SECTION.match(head)
        section = found[1] if found else ""
        if section == "Example":
            yield from ("```python example", *_example(body), "```", "") if examples else ()
        elif section in ("Args", "Raises", "Attributes"):
            title = "Arguments" if section == "Args" else section
            yield from (f"{title}:", "", *_entries(body), "")
        elif section:
            yield from (f"{section}: {inline(body)}", "")
        else:
            yield from (*prose(block), "")


def prose(text: str) -> Iterator[str]:
    """Give paragraphs, each in one line."""
    for paragraph in text.split("\n\n"):
        yield from (inline(paragraph), "")


def inline(text: str) -> str:
    """Return a text in one line, code marked as Markdown has it."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))


def _entries(body: str) -> Iterator[str]:
    entry = ""
    for line in [*body.split("\n"), None]:
        found = _ENTRY.match(line) if line is not None else None
        if line is not None and not found:
            entry += f" {line.strip()}"
            continue
        if entry and not entry.startswith(f"- `{DECORATED}`"):
            yield inline(entry)
        entry = f"- `{found['name']}`: {found['text']}" if found else ""


def _example(body: str) -> Iterator[str]:
    for line in inspect.cleandoc(body).split("\n"):
        yield re.sub(r"^(>>>|\.\.\.) ?", "", line)
