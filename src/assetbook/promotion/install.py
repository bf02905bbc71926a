"""Putting a promoted notebook into its workspace: all of it or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assetbook.contract import read_contract
from assetbook.errors import WorkspaceError
from assetbook.landing import arrive
from assetbook.promotion.generate import assets_module, test_module
from assetbook.promotion.plan import Plan
from assetbook.promotion.trial import bring
from assetbook.settings import Settings


@dataclass
class Installation:
    """What has been written so far; undone as a whole.

    Attributes:
        root: the workspace.
        made: files that were not there before.
        kept: files that were changed, with what they had held.
    """

    root: Path
    made: list[Path] = field(default_factory=list)
    kept: dict[Path, bytes] = field(default_factory=dict)

    def write(self, path: Path, content: bytes) -> None:
        """Write a file."""
        if path.exists():
            self.kept.setdefault(path, path.read_bytes())
        else:
            self._note(path)
        path.write_bytes(content)

    def _note(self, path: Path) -> None:
        for folder in reversed(path.parents):
            if folder.is_relative_to(self.root) and not folder.exists():
                folder.mkdir()
                self.made.append(folder)
        self.made.append(path)

    def copy(self, source: Path, path: Path) -> None:
        """Copy a file or a folder; what is there already with the same content is left alone."""
        if source.is_dir():
            for file in sorted(source.rglob("*")):
                if file.is_file() and not any(
                    part.startswith(".") for part in file.relative_to(source).parts
                ):
                    self.copy(file, path / file.relative_to(source))
            return
        if path.exists():
            if path.read_bytes() != source.read_bytes():
                raise WorkspaceError(f"{path} is there already, with another content. Choose another --name.")
            return
        self._note(path)
        arrive(lambda to: shutil.copyfile(source, to), path)

    def undo(self) -> None:
        """Remove what was made, and put back what was changed."""
        for path in reversed(self.made):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            else:
                path.unlink(missing_ok=True)
        for path, content in self.kept.items():
            path.write_bytes(content)


@contextmanager
def installing(root: Path) -> Iterator[Installation]:
    """Give an installation that is undone where the block fails."""
    installation = Installation(root)
    try:
        yield installation
    except BaseException:
        installation.undo()
        raise


def notebook_path(plan: Plan, group: str | None) -> Path:
    """Return where the notebook belongs: where it is, if that is in the workspace's notebooks."""
    folder = plan.request.root / "notebooks"
    file = plan.request.file.resolve()
    if file.is_relative_to(folder.resolve()) and file.suffix == ".ipynb":
        return file
    return folder / (group or "") / f"{plan.name}.ipynb"


def install(plan: Plan, installation: Installation, *, module: str, path: Path) -> None:
    """Write all files of a promotion.

    Args:
        plan: with the schemas.
        installation: receives them.
        module: of the raw tables and schemas, in ``assets/``.
        path: of the notebook.

    Raises:
        WorkspaceError: a file is there already, or the result is no asset.
    """
    root = plan.request.root
    settings = Settings.load(root)
    shown = path.relative_to(root).as_posix()
    in_place = path == plan.request.file.resolve()
    if path.exists() and not in_place:
        raise WorkspaceError(f"{shown} is there already. Choose another name with --name.")
    if in_place:
        installation.copy(plan.request.file, original_copy(plan, settings))
    for source in plan.sources.values():
        if source.landing is not None and not source.only:
            installation.copy(source.file, settings.landing / source.landing)
        for file in source.only:
            installation.copy(file, settings.landing / str(source.landing) / file.name)
    installation.made += bring(plan, root)
    text = assets_module(plan, shown)
    if text:
        installation.write(root / "assets" / f"{module}.py", text.encode("utf-8"))
    installation.write(path, plan.content())
    test = root / "tests" / f"test_{plan.name}.py"
    if not test.exists():
        installation.write(test, test_module(plan, shown).encode("utf-8"))
    contract = read_contract(path, root=root)
    if contract.problems:
        raise WorkspaceError("\n".join(problem.message for problem in contract.problems))


def original_copy(plan: Plan, settings: Settings) -> Path:
    """Return where the original of a notebook is kept that is changed in place."""
    return settings.data / "promotions" / f"{plan.name}-{plan.request.notebook.digest[:8]}.ipynb"
