"""The documents as data: their headings, links and fenced blocks.

A fence says after its language what the block is, in words that a page does not show; `tests.docs.ways` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "docs" / "catalogue"  # made by `assetbook docs`
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *(page for page in (ROOT / "docs").rglob("*.md") if not page.is_relative_to(CATALOGUE)),
    ]
)

_FENCE = re.compile(r"(?P<indent> *)```(?P<info>[^`]*)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_AUTOLINK = re.compile(r"<(?P<target>[a-z]+:[^>\s]+)>")
_IMAGE = re.compile(r"!\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: the file it stands in.
        line: of its opening fence.
        language: the first word of the fence, "" where there is none.
        labels: the words after it; ``key=value`` and plain words alike.
        text: what is between the fences.
    """

    page: Path
    line: int
    language: str
    labels: tuple[str, ...]
    text: str

    def label(self, key: str) -> str | None:
        """Return the value of ``key=value``, None where there is none."""
        return next((word.partition("=")[2] for word in self.labels if word.startswith(f"{key}=")), None)

    def commands(self) -> list[tuple[str, str]]:
        """Return the shell commands of the block, each with the output that is shown behind it."""
        if self.language in ("sh", "bash"):
            return [(line, "") for line in self.text.splitlines()]
        parts = re.split(r"^\$ (.*)\n", self.text, flags=re.MULTILINE)
        return list(zip(parts[1::2], parts[2::2], strict=True))

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks of all pages, of some languages or of all."""
    return [
        block for page in PAGES for block in blocks_of(page) if not languages or block.language in languages
    ]


def notebooks() -> dict[str, list[Block]]:
    """Return the notebooks that the pages spell out: name to cells, in order."""
    found: dict[str, list[Block]] = {}
    for block in blocks("python", "markdown"):
        if name := block.label("notebook"):
            found.setdefault(name, []).append(block)
    return found


def files() -> dict[str, str]:
    """Return the workspace files that the pages spell out: path to text."""
    return {path: block.text for block in blocks("python", "markdown") if (path := block.label("file"))}


def commands() -> Iterator[tuple[str, str]]:
    """Give the shell commands of all pages, those inside of sentences too, each with where it stands."""
    for block in blocks("console", "sh", "bash"):
        for command, _ in block.commands():
            yield str(block), command
    for page in PAGES:
        for code in _CODE.findall(_prose(page)):
            if code.startswith(("assetbook ", "make ")):
                yield str(page.relative_to(ROOT)), code


def links(page: Path) -> list[str]:
    """Return the targets of a page's links and images, those in code left out."""
    prose = _CODE.sub("", _prose(page))
    return [m["target"] for pattern in (_LINK, _AUTOLINK, _IMAGE) for m in pattern.finditer(prose)]


def images(page: Path) -> list[tuple[str, str]]:
    """Return the images of a page: what they show in words, and where they are."""
    return [(m["text"], m["target"]) for m in _IMAGE.finditer(_prose(page))]


def anchors(page: Path) -> list[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    headings = (line.lstrip("#").strip() for line in _prose(page).splitlines() if line.startswith("#"))
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@cache
def blocks_of(page: Path) -> tuple[Block, ...]:
    """Return the fenced blocks of one page."""
    return tuple(_read(page))


@cache  # as it was when the tests were collected
def _lines(page: Path) -> list[str]:
    return page.read_text("utf-8").splitlines()


def _prose(page: Path) -> str:
    lines = _lines(page)
    inside = {
        n for block in blocks_of(page) for n in range(block.line, block.line + block.text.count("\n") + 2)
    }
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in inside)


def _read(page: Path) -> Iterator[Block]:
    opened: tuple[int, str, str] | None = None
    text: list[str] = []
    for number, line in enumerate(_lines(page), 1):
        fence = _FENCE.fullmatch(line)
        if opened is None and fence:
            opened, text = (number, fence["indent"], fence["info"]), []
        elif opened and line.strip() == "```":
            language, *labels = opened[2].split() or [""]
            yield Block(page, opened[0], language, tuple(labels), "".join(f"{t}\n" for t in text))
            opened = None
        elif opened:
            text.append(line.removeprefix(opened[1]))
    if opened:
        raise ValueError(f"{page}:{opened[0]}: the fence is not closed")
