"""The form of the documents: links, pictures, languages, and that what they name is there."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
import sqlglot
import yaml

from assetbook.cli import main as command_line
from tests.docs import pages
from tests.docs.pages import ROOT, Block

CONTENTS = ROOT / "docs" / "README.md"
LIMIT = 150_000  # bytes of a picture
OTHER_PROGRAMS = {"cd", "dagster-daemon", "dg", "eval", "export", "git", "pip", "python", "source"}


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages.PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    for target in pages.links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page_id(page)} links to {target}"
        if anchor:
            assert anchor in pages.anchors(found), f"{page_id(page)} links to {target}"


@pytest.mark.parametrize("page", pages.PAGES, ids=page_id)
def test_addresses_elsewhere_are_addresses(page: Path) -> None:
    for target in pages.links(page):
        if re.match(r"[a-z]+:", target):
            parts = urlsplit(target)
            is_here = parts.hostname == "127.0.0.1"
            assert parts.scheme == ("http" if is_here else "https"), target
            assert is_here or re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.netloc), target


@pytest.mark.parametrize("page", pages.PAGES, ids=page_id)
def test_pictures_say_what_they_show_and_are_small(page: Path) -> None:
    for text, target in pages.images(page):
        assert len(text.split()) >= 4, f"{page_id(page)}: {target} needs a text for those who do not see it"
        assert (page.parent / target).stat().st_size < LIMIT, target


def test_every_picture_is_shown() -> None:
    shown = {(page.parent / target).resolve() for page in pages.PAGES for _, target in pages.images(page)}
    assert {*(ROOT / "docs" / "images").iterdir()} - shown == set()


def test_every_page_is_linked_from_the_list_of_pages() -> None:
    listed = {(CONTENTS.parent / target.partition("#")[0]).resolve() for target in pages.links(CONTENTS)}
    assert [
        page_id(page) for page in pages.PAGES if page not in {*listed, CONTENTS, ROOT / "README.md"}
    ] == []


@pytest.mark.parametrize("page", pages.PAGES, ids=page_id)
def test_no_heading_is_there_twice(page: Path) -> None:
    """A link to the second one would be another on the site than on a code host."""
    assert len(pages.anchors(page)) == len({*pages.anchors(page)})


def test_every_block_names_its_language() -> None:
    assert [str(block) for block in pages.blocks() if not block.language] == []


@pytest.mark.parametrize("block", pages.blocks("python"), ids=str)
def test_python_is_python(block: Block) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize("block", pages.blocks("toml", "yaml"), ids=str)
def test_configuration_can_be_read(block: Block) -> None:
    assert tomllib.loads(block.text) if block.language == "toml" else yaml.safe_load(block.text)


@pytest.mark.parametrize("block", pages.blocks("sql"), ids=str)
def test_sql_is_sql(block: Block) -> None:
    assert sqlglot.parse(block.text, dialect="duckdb")


# ---- commands


@pytest.mark.parametrize(("place", "text"), list(pages.commands()))
def test_command_exists(place: str, text: str) -> None:
    program, *arguments = shlex.split(re.split(r" [>|] ", text)[0], comments=True)
    if program == "assetbook":
        assert not _unknown(arguments), place
    elif program == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert {word for word in arguments if "=" not in word} <= {*targets}, place
    else:
        assert program in OTHER_PROGRAMS, place


def _unknown(arguments: list[str]) -> list[str]:
    """Return the command and the options that there are not."""
    name, *given = arguments
    if name.startswith("-"):
        return [] if name in _options(command_line) else [name]
    if name not in command_line.commands:
        return [name]
    return [
        word for word in given if word.startswith("-") and word not in _options(command_line.commands[name])
    ]


def _options(command: click.Command) -> set[str]:
    context = click.Context(command, **command_line.context_settings)
    return {option for parameter in command.get_params(context) for option in parameter.opts}
