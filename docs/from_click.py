"""The command line as Markdown: what `--help` says of each command."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence

import click


def commands(main: click.Group, *, program: str) -> Iterator[str]:
    """Give every command of a group as a section of a page, then what concerns all of them."""
    context = click.Context(main, info_name=program, **main.context_settings)
    for name, command in sorted(main.commands.items()):
        yield from _command(program, name, command, click.Context(command, info_name=name, parent=context))
    yield from ("", f"## `{program}` itself", "")
    yield from _options(main.get_params(context), context)
    for paragraph in _paragraphs(main.epilog or ""):
        yield from ("", *paragraph)


def _command(program: str, name: str, command: click.Command, context: click.Context) -> Iterator[str]:
    yield from ("", f"## `{program} {name}`", "")
    usage = " ".join(command.collect_usage_pieces(context))
    yield from ("```text usage", f"{program} {name} {usage}", "```", "")
    for paragraph in _paragraphs(command.help or ""):
        yield from (*paragraph, "")
    yield from _options(command.params, context)


def _options(parameters: Sequence[click.Parameter], context: click.Context) -> Iterator[str]:
    rows = [p.get_help_record(context) for p in parameters if isinstance(p, click.Option)]
    if not rows:
        return
    yield from ("| option | what it does |", "|---|---|")
    yield from (f"| `{_cell(option)}` | {_cell(described)} |" for option, described in filter(None, rows))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Give the paragraphs of a help text; those after click's mark of verbatim text are commands."""
    verbatim = ("\b", r"\b")
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines = paragraph.strip("\n").split("\n")
        if lines[0].strip() in verbatim:
            yield ["```sh", *(line.strip() for line in lines[1:]), "```"]
        else:
            yield [" ".join(line.strip() for line in lines)]
