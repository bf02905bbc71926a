"""The generated pages of the reference: the command line from click, the notebook API from signatures and docstrings.

``python -m docs.generate`` writes them; a test holds them against the code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

import assetbook
from assetbook import errors
from assetbook.cli import main as command_line

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py: change the code, then run `python -m docs.generate`. -->"
DECORATED = "function"  # the parameter of a decorator that is not written
WIDTH = 88  # of a signature in one line

_SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Example|Yields):$")
_ENTRY = re.compile(r"^ {4}(?P<name>[\w*]+): (?P<text>.*)")


def pages() -> dict[Path, str]:
    """Return the generated pages: path to text."""
    return {
        REFERENCE / "cli.md": _page("The command line", _command_line()),
        REFERENCE / "notebook-api.md": _page("The notebook API", _notebook_api()),
    }


def _page(title: str, lines: Iterator[str]) -> str:
    text = "\n".join([f"# {title}", "", NOTE, "", *lines])
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


# ---- the command line


def _command_line() -> Iterator[str]:
    yield "Every command works on the workspace around the current folder. `--help` tells the same as this page."
    context = click.Context(command_line, info_name="assetbook")
    for name, command in sorted(command_line.commands.items()):
        yield from _command(name, command, click.Context(command, info_name=name, parent=context))


def _command(name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    yield from ("", f"## `assetbook {name}`", "")
    usage = " ".join(command.collect_usage_pieces(context))
    yield from ("```text", f"assetbook {name} {usage}", "```", "")
    for paragraph in _paragraphs(command.help or ""):
        yield from (*paragraph, "")
    rows = [p.get_help_record(context) for p in command.params if isinstance(p, click.Option)]
    if rows:
        yield from ("| option | |", "|---|---|")
        yield from (f"| `{_cell(option)}` | {_cell(described)} |" for option, described in filter(None, rows))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Give the paragraphs of a help text; those after click's mark of verbatim text are commands."""
    verbatim = ("\b", r"\b")
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines = paragraph.split("\n")
        if lines[0].strip() in verbatim:
            yield ["```sh", *lines[1:], "```"]
        else:
            yield [" ".join(line.strip() for line in lines)]


# ---- the notebook API


def _notebook_api() -> Iterator[str]:
    yield "```python"
    yield "import assetbook as ab"
    yield "```"
    yield ""
    yield from _prose(inspect.getdoc(assetbook) or "")
    functions = ["asset", "load", "sql", "save", "save_model", "check", "metric", "table"]
    for name in functions:
        yield from _function(name, getattr(assetbook, name))
    yield from _errors()


def _function(name: str, function: Callable[..., Any]) -> Iterator[str]:
    mark = "@" if name == "table" else ""
    yield from ("", f"## `{mark}ab.{name}`", "", "```python", _signature(name, function), "```", "")
    yield from _docstring(inspect.getdoc(function) or "")


def _signature(name: str, function: Callable[..., Any]) -> str:
    signature = inspect.signature(function)
    shown: list[str] = []
    named = False
    for parameter in signature.parameters.values():
        if parameter.name == DECORATED:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not named:
            shown.append("*")
            named = True
        shown.append(_declared(parameter))
    returns = f" -> {signature.return_annotation}: ..."
    line = f"def {name}({', '.join(shown)}){returns}"
    if len(line) > WIDTH:
        line = "\n".join([f"def {name}(", *(f"    {part}," for part in shown), f"){returns}"])
    return line.replace("'", '"')  # as ruff formats it, in Markdown too


def _declared(parameter: inspect.Parameter) -> str:
    """Return a parameter as it is written: annotations are texts, which `str` would put into quotes."""
    mark = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
    return f"{mark}{parameter.name}: {parameter.annotation}{default}"


def _docstring(text: str) -> Iterator[str]:
    """Render a Google docstring: sections as lists, examples as code."""
    section = ""
    for block in re.split(r"\n(?=(?:Args|Returns|Raises|Example):\n)", text):
        head, _, body = block.partition("\n")
        found = _SECTION.match(head)
        section = found[1] if found else ""
        if section == "Example":
            yield from ("```python", *_example(body), "```", "")
        elif section in ("Args", "Raises"):
            yield from ("Raises:" if section == "Raises" else "Arguments:", "", *_entries(body), "")
        elif section:
            yield from (f"{section}: {_inline(body)}", "")
        else:
            yield from (*_prose(block), "")


def _prose(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield from (_inline(paragraph), "")


def _entries(body: str) -> Iterator[str]:
    entry = ""
    for line in [*body.split("\n"), None]:
        found = _ENTRY.match(line) if line is not None else None
        if line is not None and not found:
            entry += f" {line.strip()}"
            continue
        if entry and not entry.startswith(f"- `{DECORATED}`"):
            yield _inline(entry)
        entry = f"- `{found['name']}`: {found['text']}" if found else ""


def _inline(text: str) -> str:
    """Return a text in one line, code marked as Markdown has it."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split()))


def _example(body: str) -> Iterator[str]:
    for line in inspect.cleandoc(body).split("\n"):
        yield re.sub(r"^(>>>|\.\.\.) ?", "", line)


def _errors() -> Iterator[str]:
    yield from ("", "## Errors", "", "All are subclasses of `ab.AssetbookError`, in `assetbook.errors`.", "")
    yield from ("| error | |", "|---|---|")
    for name, found in vars(errors).items():
        if isinstance(found, type) and issubclass(found, errors.AssetbookError):
            yield f"| `{name}` | {' '.join((inspect.getdoc(found) or '').split())} |"


def write() -> None:
    """Write the pages."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
