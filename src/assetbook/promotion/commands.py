"""What concerns a person's machine and not the analysis: installations, folders, hosted services, removed functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from assetbook.checking.commands import Command
from assetbook.checking.model import Edit
from assetbook.checking.packages import normalized
from assetbook.checking.paths import Paths
from assetbook.checking.rules import RULES
from assetbook.checking.rules.commands import installed_by
from assetbook.promotion.edits import is_statement, removed, statement_of
from assetbook.promotion.work import Proposal, Work

_LOOKS_TEXT = """
    ls dir pwd head tail cat wc tree du df nvidia-smi date echo file free lscpu which uname whoami
"""
_LOOKS = frozenset(_LOOKS_TEXT.split())
_DISPLAYS = re.compile(r"^(notebook|widget|ipympl|qt\d?|tk|nbagg|gtk\d?|osx|auto|wx)\b")
_HOSTED = ("google.colab", "kaggle_secrets")
_GONE = ("google.colab.drive.mount", "google.colab.files.download", "google.colab.drive.flush_and_unmount")
_PACKAGE = re.compile(r"[A-Za-z][\w.\-]*")
SCRIPTS = "notebooks/_scripts"  # names that begin with _ are no notebooks
_MENDED = "AB104"  # functions that libraries have removed


def clean_commands(work: Work) -> None:
    """Take out what only the author's machine needs, and mend what its libraries no longer have."""
    work.moved = tuple(_folders(work))
    for step in (_commands, _folder_changes, _hosted, _mended):
        work.exhaust(partial(step, work))


def _commands(work: Work) -> Iterator[Proposal]:
    for command in work.subject.commands:
        key = work.key("command", command.node, command.written)
        packages = installed_by(command)
        own_line = _own_lines(command, work)
        if own_line is None:
            continue
        if packages is not None and command.kind != "cell":
            missing = _missing(packages, work)
            work.packages.update(dict.fromkeys(missing))
            done = f"{', '.join(missing)} added to the dependencies" if missing else "it is installed"
            yield Proposal("command", f"{command.written} goes: {done}.", command.node, own_line, key)
        elif command.kind == "shell" and command.name in _LOOKS and ">" not in command.text:
            yield Proposal("command", f"{command.written} goes: it only looks.", command.node, own_line, key)
        elif command.kind == "line" and command.name == "matplotlib" and _DISPLAYS.match(command.text):
            edits = tuple(
                Edit(
                    e.index, e.start, e.end, "%matplotlib inline\n" if e.end[1] == 0 else "%matplotlib inline"
                )
                for e in own_line
            )
            if own_line[0].start[1]:  # the last line of a cell, whose span begins with the line end before it
                edits = tuple(Edit(e.index, e.start, e.end, "\n%matplotlib inline") for e in own_line)
            yield Proposal(
                "command", f"{command.written} becomes inline: a run has no window.", command.node, edits, key
            )
        elif (
            command.kind == "line"
            and command.name == "run"
            and (script := _script(command, work)) is not None
        ):
            place = f"{SCRIPTS}/{script.name}"
            work.scripts[place] = script
            edits = _with_word(command, place, work)
            yield Proposal("import", f"{script.name} comes along to {SCRIPTS}/.", command.node, edits, key)
        elif command.name == "cd" and command.kind in ("line", "shell") and command.text:
            yield Proposal(
                "command",
                f"{command.written} goes: paths no longer depend on it.",
                command.node,
                own_line,
                key,
            )


def _script(command: Command, work: Work) -> Path | None:
    """Return the file beside the notebook that a command runs; None of one that has come along."""
    word = command.words[1] if len(command.words) > 1 else ""
    found = None if word.startswith((SCRIPTS, "-")) else work.places.find(word, moved=work.moved)
    return found if found is not None and found.is_file() else None


def _with_word(command: Command, word: str, work: Work) -> tuple[Edit, ...]:
    """Return the edit that puts another first word behind the name of a command."""
    spot = work.subject.spot(command.node)
    cell = work.subject.cell(spot.cell)
    line = cell.source.split("\n")[spot.line - 1]
    start = line.find(command.words[1], line.find(command.name) + len(command.name))
    return (Edit(cell.index, (spot.line, start), (spot.line, start + len(command.words[1])), word),)


def _own_lines(command: Command, work: Work) -> tuple[Edit, ...] | None:
    """Return the edit that takes out the lines of a command; None where it is part of something else."""
    subject = work.subject
    spot = subject.spot(command.node)
    lines = subject.cell(spot.cell).source.split("\n")
    parent = subject.scopes.parent(subject.scopes.parent(command.node) or command.node)
    if command.kind == "cell" or not isinstance(parent, ast.Module):
        return None
    first = lines[spot.line - 1].lstrip()
    if not first.startswith(("!", "%")) and first.split(" ")[0] not in ("pip", "conda", "cd", "ls"):
        return None
    last = spot.line
    while lines[last - 1].rstrip().endswith("\\") and last < len(lines):
        last += 1
    index = subject.cell(spot.cell).index
    if last < len(lines):
        return (Edit(index, (spot.line, 0), (last + 1, 0), ""),)
    if spot.line > 1:
        return (Edit(index, (spot.line - 1, len(lines[spot.line - 2])), (last, len(lines[last - 1])), ""),)
    return (Edit(index, (spot.line, 0), (last, len(lines[last - 1])), ""),)


def _missing(packages: list[str], work: Work) -> list[str]:
    """Return the requirements that the environment does not meet, by name."""
    found = []
    for text in packages:
        match = _PACKAGE.match(text)
        if (
            match
            and not text.startswith(("-", ".", "/", "git+"))
            and not work.environment.version(normalized(match[0]))
        ):
            found.append(text)
    return found


def _folders(work: Work) -> Iterator[str]:
    """Give the folders that the notebook changes to, as seen from its own."""
    paths, at = Paths(work.subject), ""
    found = [
        (c.node, c.text.strip("\"'")) for c in work.subject.commands if c.name == "cd" and c.kind != "cell"
    ]
    for call in work.subject.calls:
        text = (
            paths.text(call.args[0]) if call.args and work.subject.origin(call.func) == "os.chdir" else None
        )
        found += [(call, text)] if text is not None else []
    for _, text in sorted(found, key=lambda item: work.subject.scopes.start(item[0])):
        at = _joined(at, text)
        yield at


def _joined(folder: str, more: str) -> str:
    return more if more.startswith(("/", "~")) or not folder else f"{folder}/{more}"


def _folder_changes(work: Work) -> Iterator[Proposal]:
    paths = Paths(work.subject)
    for call in work.subject.calls:
        statement = statement_of(work.subject, call)
        if work.subject.origin(call.func) != "os.chdir" or not call.args or statement is None:
            continue
        text = paths.text(call.args[0])
        if text is None or not is_statement(work.subject, call):
            work.leave("os.chdir goes to a folder that only a run can tell.", call)
            continue
        key = work.key("command", call, "chdir")
        title = f"os.chdir({text!r}) goes: paths no longer depend on it."
        yield Proposal("command", title, call, tuple(removed(work.subject, statement)), key)


def _hosted(work: Work) -> Iterator[Proposal]:
    subject = work.subject
    for call in subject.calls:
        statement = statement_of(subject, call)
        if subject.origin(call.func) in _GONE and is_statement(subject, call) and statement is not None:
            key = work.key("hosted", call, ast.unparse(call))
            yield Proposal(
                "command", f"{ast.unparse(call)} goes.", call, tuple(removed(subject, statement)), key
            )
    for node in subject.nodes(ast.ImportFrom, ast.Import):
        if any(isinstance(parent, ast.Try | ast.If) for parent in subject.scopes.ancestors(node)):
            continue  # how the notebook finds out where it is
        module = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        if module.startswith(_HOSTED) and not _is_needed(node, work):
            key = work.key("hosted", node, module)
            title = f"The import of {module} goes: it is there in a hosted service only."
            yield Proposal("command", title, node, tuple(removed(subject, node)), key)


def _is_needed(node: ast.Import | ast.ImportFrom, work: Work) -> bool:
    """Whether what is imported is used otherwise than in calls that go."""
    names = {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    for use in work.subject.nodes(ast.Name):
        if use.id in names and isinstance(use.ctx, ast.Load):
            inside = (p for p in work.subject.scopes.ancestors(use) if isinstance(p, ast.Call))
            call = next(inside, None)
            if call is None or work.subject.origin(call.func) not in _GONE:
                return True
    return False


def _mended(work: Work) -> Iterator[Proposal]:
    for rule in RULES:
        if rule.code != _MENDED:
            continue
        for finding in rule().check(work.subject):
            if finding.fix is None or not finding.fix.edits or finding.cell is None:
                continue
            code = next(cell for cell in work.subject.cells if cell.number == finding.cell)
            key = f"mend:{work.draft.number_of(finding.index or 0)}:{finding.line}:{finding.column}"
            yield Proposal("mend", finding.message, code.tree.body[0], finding.fix.edits, key)
