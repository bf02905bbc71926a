"""`assetbook check`: what would go wrong with notebooks, told without running them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assetbook.cli.terminal import color_option, console, say_json

if TYPE_CHECKING:
    from assetbook.checking import Checker, Report, Selection, Severity
    from assetbook.checking.wording import Line

_SEVERITIES = click.Choice(["error", "warning", "note"])
FOUND = 1  # exit code


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "form", flag_value="json", help="One JSON object, for programs.")
@click.option("--sarif", "form", flag_value="sarif", help="SARIF 2.1.0, for code hosts and editors.")
@click.option("--fix", is_flag=True, help="Mend what is shown and can be mended without changing any result.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--select", metavar="CODES", help="Only these rules or families: AB101,AB6.")
@click.option("--ignore", metavar="CODES", help="Not these rules or families.")
@click.option("--level", type=_SEVERITIES, help="The least severity to show. [default: warning]")
@click.option("--fail-on", type=_SEVERITIES, help="The least severity to exit with 1. [default: warning]")
@click.option("--explain", metavar="CODE", help="Explain a rule: why, an example, what is better.")
@color_option
def check(
    paths: Sequence[Path],
    form: str | None,
    fix: bool,
    diff: bool,
    select: str | None,
    ignore: str | None,
    level: Severity | None,
    fail_on: Severity | None,
    explain: str | None,
) -> None:
    """Find what would go wrong with notebooks in production.

    PATHS are notebooks and folders; without them, the workspace's notebooks. Nothing is run: missing modules and
    files, names that are not there when the cells run from top to bottom, saved results of another order, results
    that chance or the clock decides, secrets, and more.

    The exit code is 0 if nothing was found, 1 if something was, 2 for a mistake in the command.
    """
    if explain:
        _explain(explain)
        return
    changes = _changes(select, ignore, level, fail_on)
    reports: list[Report] = []
    diffs: list[str] = []
    chosen: Selection | None = None
    checked: dict[Checker, list[Path]] = {}
    for checker, path in _notebooks(paths, changes):
        chosen = chosen or checker.selection
        report, lines = _check(checker, path, fix=fix and not diff, diff=diff)
        reports.append(report)
        diffs += lines
        checked.setdefault(checker, []).append(path)
    around = [] if all(path.is_file() for path in paths) and paths else list(_around(checked))
    level, fail_on = (chosen.level, chosen.fail_on) if chosen else ("warning", "warning")
    if diff:
        _print(_coloured(diffs))
    else:
        _tell(reports, around, form, level)
    sys.exit(FOUND if any(report.at_least(fail_on) for report in [*reports, *around]) and not diff else 0)


def _explain(code: str) -> None:
    from assetbook.checking.rules import BY_CODE
    from assetbook.checking.wording import explanation
    from assetbook.errors import WorkspaceError, did_you_mean

    by_name = {rule.name: rule for rule in BY_CODE.values()}
    rule = BY_CODE.get(code.upper()) or by_name.get(code.lower())
    if rule is None:
        raise WorkspaceError(f"There is no rule {code!r}. {did_you_mean(code, [*BY_CODE, *by_name])}")
    _print(explanation(rule))


def _changes(
    select: str | None, ignore: str | None, level: Severity | None, fail_on: Severity | None
) -> dict[str, object]:
    """Return what the command's options change in the workspace's settings."""
    from assetbook.checking.selection import known_codes

    changes: dict[str, object] = {}
    for name, text in (("select", select), ("ignore", ignore)):
        if text is not None:
            codes = (code.strip().upper() for code in text.split(",") if code.strip())
            changes[name] = known_codes(codes, where=f"--{name}")
    given = {"level": level, "fail_on": fail_on}
    return changes | {name: value for name, value in given.items() if value}


def _notebooks(paths: Sequence[Path], changes: dict[str, object]) -> Iterator[tuple[Checker, Path]]:
    """Give the notebooks that are asked for, each once, with the checker of the workspace that it is in.

    Raises:
        WorkspaceError: there is no such file or folder, or no notebook at all.
    """
    from assetbook.checking import Checker, Selection, find_notebooks, root_of
    from assetbook.errors import WorkspaceError

    checkers: dict[Path, Checker] = {}
    seen: set[Path] = set()
    for path in find_notebooks(list(paths) or [_default()]):
        if not path.exists():
            raise WorkspaceError(f"{path}: there is no such file or folder.")
        if (key := path.resolve()) in seen:
            continue
        seen.add(key)
        root = root_of(path)
        if root not in checkers:
            selection = Selection.of_workspace(root)
            checkers[root] = Checker(root, selection=replace(selection, **changes))  # type: ignore[arg-type]
        if path in paths or not checkers[root].excludes(path):
            yield checkers[root], path
    if not seen:
        raise WorkspaceError("There are no notebooks in " + ", ".join(map(str, paths or [_default()])) + ".")


def _default() -> Path:
    """Return what is checked when nothing is named: the workspace's notebooks, else the current folder."""
    from assetbook.errors import WorkspaceError
    from assetbook.settings import find_root

    here = Path.cwd()
    try:
        folder = find_root() / "notebooks"
    except WorkspaceError:
        return Path()
    if not folder.is_dir() or here.is_relative_to(folder):
        return Path()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _check(checker: Checker, path: Path, *, fix: bool, diff: bool) -> tuple[Report, list[str]]:
    """Check a notebook, and mend it where that is wanted; return the lines of a diff where that is."""
    from assetbook.checking.fixing import mend, source_diff, write_whole

    if not fix and not diff:
        return checker.check_file(path), []
    mended = mend(checker, path, level=checker.selection.level)
    if not mended.done:
        return mended.report, []
    before = path.read_bytes()
    if fix:
        write_whole(path, mended.content)
        count = len(mended.done)
        click.echo(f"{path}: mended {count} {'finding' if count == 1 else 'findings'}", err=True)
    return mended.report, source_diff(before, mended.content, path=path) if diff else []


def _around(checked: dict[Checker, list[Path]]) -> Iterator[Report]:
    """Give the reports on the workspaces of the notebooks."""
    for checker, notebooks in checked.items():
        yield checker.check_workspace(notebooks, shown=Path.cwd())


def _tell(reports: list[Report], around: list[Report], form: str | None, level: Severity) -> None:
    """Print what was found in notebooks, and around them."""
    both = [*reports, *around]
    if form == "sarif":
        from assetbook import __version__
        from assetbook.checking.sarif import to_sarif

        say_json(to_sarif(both, level=level, version=__version__))
    elif form == "json":
        say_json(_as_json(reports, around, level))
    else:
        from assetbook.checking.wording import report_lines, summary

        for report in both:
            _print(report_lines(report, level=level))
        click.echo(summary(both, notebooks=len(reports), level=level))


def _as_json(reports: list[Report], around: list[Report], level: Severity) -> dict[str, object]:
    findings = [finding.as_json() for report in [*reports, *around] for finding in report.at_least(level)]
    return {
        "notebooks": [report.path.as_posix() for report in reports],
        "findings": findings,
        "ignored": sum(report.ignored for report in reports),
    }


def _coloured(lines: Iterable[str]) -> Iterator[Line]:
    from assetbook.checking.wording import diff_lines

    return diff_lines(lines)


def _print(lines: Iterable[Line]) -> None:
    """Print lines, in colours where there is a terminal."""
    from rich.text import Text

    out = console()
    for line in lines:
        out.print(Text.assemble(*line), soft_wrap=True)
