"""AB8: the workspace around the notebooks; checked when a folder is."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from assetbook.checking.environment import Environment
from assetbook.checking.model import Finding
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject

_LARGE = 10_000_000  # bytes of a data file that version control should not keep
_DATA = frozenset(
    {
        ".csv",
        ".tsv",
        ".parquet",
        ".json",
        ".xlsx",
        ".xls",
        ".feather",
        ".h5",
        ".hdf",
        ".pkl",
        ".npy",
        ".npz",
        ".db",
        ".zip",
        ".gz",
    }
)


class WorkspaceRule(Rule):
    """A rule about the folder that notebooks stand in, not about one of them."""

    code = ""
    reads_code = False
    example = ""
    better = ""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Give nothing: one notebook does not tell."""
        yield from ()

    @abstractmethod
    def check_workspace(self, environment: Environment, notebooks: Sequence[Path]) -> Iterator[Finding]:
        """Give what is found in a workspace with these notebooks."""

    def of_file(self, path: Path, message: str, *, hint: str) -> Finding:
        """Return a finding about a file or folder."""
        return Finding(self.code, self.name, self.severity, message, path, hint=hint)


class DuplicateName(WorkspaceRule):
    """Two notebooks have the same file name.

    People tell notebooks by it. Where both save nothing, it is the name of two assets, and the platform refuses them.
    """

    code = "AB801"
    name = "duplicate-notebook-name"
    severity = "note"

    def check_workspace(self, environment: Environment, notebooks: Sequence[Path]) -> Iterator[Finding]:
        """Compare the names."""
        seen: dict[str, list[Path]] = defaultdict(list)
        for path in notebooks:
            if not path.name.startswith("_"):
                seen[path.stem.lower()].append(path)
        for paths in seen.values():
            for path in paths[1:]:
                yield self.of_file(
                    path, f"There is another notebook of this name: {paths[0]}.", hint="Rename one of them."
                )


class NoPackages(WorkspaceRule):
    """The workspace does not say which packages it needs.

    Nobody else can make its environment, and neither can production.
    """

    code = "AB802"
    name = "no-declared-packages"
    severity = "note"

    def check_workspace(self, environment: Environment, notebooks: Sequence[Path]) -> Iterator[Finding]:
        """Look for a lock file, requirements, or a project with dependencies."""
        names = (
            "Pipfile",
            "environment.yml",
            "environment.yaml",
            "setup.py",
            "setup.cfg",
            "requirements.txt",
        )
        if (
            environment.locked
            or environment.declared - {""}
            or any((environment.root / name).exists() for name in names)
        ):
            return
        yield self.of_file(
            environment.root,
            "The workspace does not say which packages it needs.",
            hint="List them in pyproject.toml, and lock them.",
        )


class NotVersioned(WorkspaceRule):
    """The workspace is under no version control.

    What was changed, when and by whom cannot be told, and a run cannot be repeated with the code of then.
    """

    code = "AB803"
    name = "no-version-control"
    severity = "note"

    def check_workspace(self, environment: Environment, notebooks: Sequence[Path]) -> Iterator[Finding]:
        """Look for the folder of git or its like, here and above."""
        root = environment.root
        if not any(
            (folder / name).exists() for folder in (root, *root.parents) for name in (".git", ".hg", ".svn")
        ):
            yield self.of_file(root, "The workspace is under no version control.", hint="git init")


class LargeData(WorkspaceRule):
    """A large data file lies beside the notebooks.

    Version control keeps every version of it for ever. Landing files belong into the data folder, tables into the lake.
    """

    code = "AB804"
    name = "large-data-file"
    severity = "note"

    def check_workspace(self, environment: Environment, notebooks: Sequence[Path]) -> Iterator[Finding]:
        """Look at the files in the folders of the notebooks."""
        for folder in sorted({path.parent for path in notebooks if path.parent.is_dir()}):
            for file in sorted(folder.iterdir()):
                if file.suffix.lower() in _DATA and file.is_file() and (size := file.stat().st_size) > _LARGE:
                    yield self.of_file(
                        file,
                        f"The file has {size / 1e6:.0f} MB.",
                        hint="Put it into the landing folder, and load it as an asset.",
                    )


class NoTests(WorkspaceRule):
    """The workspace has no tests.

    Functions that several notebooks use belong into modules, and modules can be tested.
    """

    code = "AB805"
    name = "no-tests"
    severity = "note"

    def check_workspace(self, environment: Environment, notebooks: Sequence[Path]) -> Iterator[Finding]:
        """Look for a folder of tests, or a test beside the modules."""
        root = environment.root
        if not any((root / name).is_dir() for name in ("tests", "test")) and not any(root.glob("test_*.py")):
            yield self.of_file(root, "The workspace has no tests.", hint="Begin with tests/ and pytest.")
