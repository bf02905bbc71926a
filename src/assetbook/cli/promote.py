"""`assetbook promote`: any notebook becomes an asset, after a plan that is agreed to and a trial that it passes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assetbook.cli.terminal import color_option, console, say_json

if TYPE_CHECKING:
    from rich.console import Console

    from assetbook.promotion.promote import Promotion
    from assetbook.promotion.proof import Proof

FAILED = 1


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="Of the asset; after the file by default.")
@click.option("--group", metavar="GROUP", help="Of the asset, and folder of the notebook.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--sample", type=click.IntRange(1), metavar="ROWS", help="Try it on so many rows of each input."
)
@click.option(
    "--json", "for_program", is_flag=True, help="Print one JSON object at the end, and nothing else."
)
@color_option
def promote(
    notebook: Path,
    name: str | None,
    group: str | None,
    dry_run: bool,
    yes: bool,
    sample: int | None,
    for_program: bool,
) -> None:
    """Make an asset of any notebook: find what would break, mend it, prove that it runs.

    What would change is shown as a diff, and nothing is written before you agree. Files that it reads become raw
    assets, tables and models that it writes become outputs, constants become parameters. Then it runs in a fresh
    kernel and an empty folder, what it shows is compared with what it had saved, schemas are taken from what it gives,
    and it is materialized as any asset. The original is left as it is.

    The exit code is 0 if it was promoted and materialized, 1 if it could not be, 2 for a mistake in the command.

    \b
    assetbook promote ~/analyses/churn.ipynb --dry-run
    assetbook promote ~/analyses/churn.ipynb --name churn --group models
    """  # noqa: D301 - click reads the backspace as "do not wrap what follows"
    from assetbook.promotion.promote import Promotion
    from assetbook.promotion.request import make_request
    from assetbook.settings import find_root

    root = find_root()
    promotion = Promotion.of(make_request(notebook, root, name=name, group=group))
    show = _Quiet() if for_program else _Shown(console())
    show.plan(promotion)
    if dry_run:
        if for_program:
            say_json(_as_json(promotion, promoted=False))
        return
    if not yes:
        _ask("Promote it?", for_program=for_program)
    with show.trial(promotion):
        proof = promotion.prove(rows=sample, watcher=show)
    show.proof(promotion, proof)
    if not proof.trial.ok:
        _end(promotion, show, error=_error(proof))
    schemas = promotion.find_schemas(sampled=sample is not None)
    if not yes and schemas:
        show.schemas(schemas)
        schemas = schemas if click.confirm("Keep these schemas?", default=True) else {}
    if not yes and (proof.attempts > 1 or proof.caused):
        _ask("Promote it as it is now?", for_program=for_program)
    with promotion.install(schemas) as installation:
        created = [path.relative_to(root).as_posix() for path in installation.made if path.is_file()]
        show.created(promotion, created)
        done = _materialize(promotion, quiet=for_program)
        if done.returncode:
            _end(promotion, show, error=done.stderr or "It ran in the trial, but could not be materialized.")
    show.end(promotion)
    if for_program:
        say_json(_as_json(promotion, promoted=True, created=created))


def _ask(question: str, *, for_program: bool) -> None:
    """Ask, and end where the answer is no, or nobody is there to give one."""
    from assetbook.errors import WorkspaceError

    if for_program or not sys.stdin.isatty():
        raise WorkspaceError(
            "Nobody is here to agree to the plan. Look at it with --dry-run, and then say --yes."
        )
    if not click.confirm(question, default=True):
        click.echo("Nothing was written.")
        sys.exit(FAILED)


def _end(promotion: Promotion, show: Any, *, error: str) -> None:
    show.failed(error)
    if not isinstance(show, _Shown):
        say_json(_as_json(promotion, promoted=False, error=error))
    sys.exit(FAILED)


def _error(proof: Proof) -> str:
    """Return why a trial failed, in the words of a run; what the original does, too."""
    failure = proof.trial.failure
    assert failure is not None
    code = failure.marked_source() if failure.source.strip() else ""
    place = f"cell {proof.trial.number}" if proof.trial.number else "a cell that was added"
    lines = [
        f"{place}, line {failure.line}: {failure.error}" if failure.line else f"{place}: {failure.error}"
    ]
    if proof.original is not None and proof.original.failed is not None:
        where = f"cell {proof.original.failed}, {proof.original.error}"
        lines.append(f"The original fails as well when it is run from top to bottom: {where}")
    return "\n\n".join(part for part in ("\n".join(lines), failure.hint, code, failure.excerpt) if part)


def _materialize(promotion: Promotion, *, quiet: bool) -> subprocess.CompletedProcess[str]:
    """Run the new assets through the same path as production: the command that everybody uses."""
    command = [sys.executable, "-m", "assetbook", "run", *promotion.assets]
    root = promotion.request.root
    if not quiet:
        return subprocess.run(command, cwd=root, text=True, check=False)
    done = subprocess.run([*command, "--json"], cwd=root, text=True, capture_output=True, check=False)
    if done.returncode:
        done.stderr = "\n".join(part for part in (done.stdout, done.stderr) if part)
    return done


def _as_json(
    promotion: Promotion, *, promoted: bool, created: list[str] | None = None, error: str | None = None
) -> dict[str, Any]:
    from assetbook.promotion.plan import describe

    proof = promotion.proof
    return {
        "promoted": promoted,
        **describe(promotion.plan),
        "notebook": promotion.path.relative_to(promotion.request.root).as_posix(),
        "created": created or [],
        "differences": [str(difference) for difference in proof.caused] if proof else [],
        "own_differences": [str(difference) for difference in proof.own] if proof else [],
        "seconds": {step: round(seconds, 3) for step, seconds in promotion.seconds.items()},
        "error": error,
    }


class _Quiet:
    """Shows nothing: what is to be told is printed at the end."""

    def plan(self, promotion: Promotion) -> None: ...

    @contextmanager
    def trial(self, promotion: Promotion) -> Iterator[None]:
        yield

    def cell_started(self, number: int, total: int) -> None: ...

    def proof(self, promotion: Promotion, proof: Proof) -> None: ...

    def schemas(self, schemas: dict[str, str]) -> None: ...

    def created(self, promotion: Promotion, created: list[str]) -> None: ...

    def failed(self, error: str) -> None: ...

    def end(self, promotion: Promotion) -> None: ...


class _Shown(_Quiet):
    """Shows each step to a person."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._status: Any = None

    def plan(self, promotion: Promotion) -> None:
        from assetbook.promotion.wording import plan_lines

        self._lines(plan_lines(promotion))

    @contextmanager
    def trial(self, promotion: Promotion) -> Iterator[None]:
        with self._out.status("Trial: starting a fresh kernel …") as self._status:
            yield

    def cell_started(self, number: int, total: int) -> None:
        if self._status is not None:
            self._status.update(f"Trial: cell {number} of {total}")

    def proof(self, promotion: Promotion, proof: Proof) -> None:
        from assetbook.promotion.wording import proof_lines

        self._lines(proof_lines(proof))

    def schemas(self, schemas: dict[str, str]) -> None:
        for text in schemas.values():
            self._out.print(text, style="dim", soft_wrap=True, markup=False)

    def created(self, promotion: Promotion, created: list[str]) -> None:
        from assetbook.promotion.wording import created_lines

        self._lines(created_lines(promotion, created))

    def failed(self, error: str) -> None:
        self._out.print("✗ Not promoted", style="bold red")
        self._out.print(error, soft_wrap=True, markup=False)
        self._out.print("\nIts files are not in the workspace.")

    def end(self, promotion: Promotion) -> None:
        from assetbook.promotion.wording import end_lines

        self._lines(end_lines(promotion))

    def _lines(self, lines: Any) -> None:
        from rich.text import Text

        for line in lines:
            self._out.print(Text.assemble(*line), soft_wrap=True)
