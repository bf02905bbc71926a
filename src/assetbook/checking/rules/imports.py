"""AB10: modules that the environment does not have, and names that its modules do not have."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from assetbook.checking.guards import catches, is_conditional
from assetbook.checking.model import Finding
from assetbook.checking.module_names import has_name
from assetbook.checking.packages import USUAL_NAMES, gone, normalized, package_of
from assetbook.checking.paths import Paths
from assetbook.checking.removed import REMOVED
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject

_FAILS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


class MissingModule(Rule):
    """A module is imported that this environment does not have.

    It is the most frequent reason why notebooks of others do not run: nearly three of four failures in 10,388
    published notebooks (Samuel and Mietchen, 2024). The package is often called otherwise than the module.
    """

    code = "AB101"
    name = "missing-module"
    severity = "error"
    example = "import cv3"
    better = "import json"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for each imported module in the workspace and the environment."""
        folders = tuple(search_folders(subject))
        written = _written_modules(subject)
        for node, module in imported_modules(subject):
            top = module.partition(".")[0]
            if top in written or subject.environment.has(module, folders=folders):
                continue
            if catches(subject.scopes, node, _FAILS):
                continue
            severity = "note" if is_conditional(subject.scopes, node) else self.severity
            message, hint = self._say(subject, module)
            yield self.at(subject, node, message, hint=hint, severity=severity)

        for statement in subject.nodes(ast.ImportFrom):
            if statement.level and not catches(subject.scopes, statement, _FAILS):
                yield self.at(
                    subject,
                    statement,
                    "A notebook is in no package, from which a relative import could start.",
                    hint="Write the module's whole name, from the workspace folder on.",
                )

    def _say(self, subject: Subject, module: str) -> tuple[str, str]:
        environment = subject.environment
        top = module.partition(".")[0]
        if subject.folder != subject.root and environment.has(module, folders=(subject.folder,)):
            return (
                f"The module {module!r} stands beside the notebook, where a run does not look for it.",
                f"Move it to the workspace folder or into a package there, such as assets/{top}.py.",
            )
        if why := gone(module):
            return f"There is no module {module!r}.", why
        if top != module and environment.has(top):
            package = environment.package(top)
            version = environment.version(package) if package else ""
            return (
                f"{top!r} is installed"
                + (f" ({package} {version})" if version else "")
                + f", but has no module {module!r}.",
                "It was renamed or removed, or belongs to another version.",
            )
        package = package_of(module)
        locked = normalized(package) in environment.locked | environment.declared
        differs = f" The package {package!r} provides it." if normalized(package) != normalized(top) else ""
        message = f"There is no module {module!r} in this environment.{differs}"
        if locked:
            return (
                message,
                f"{package} is among the workspace's packages but not installed: install the environment anew.",
            )
        near = get_close_matches(
            top,
            [*sys.stdlib_module_names, *(m.partition(".")[0] for m in USUAL_NAMES.values())],
            n=1,
            cutoff=0.8,
        )
        if near and not differs and environment.has(near[0]):
            return message, f"Did you mean {near[0]}? Otherwise install the package that provides it."
        return message, f"Add {package} to the workspace's packages and install it: pip install {package}"


class UnlockedPackage(Rule):
    """A module is installed here, but its package is not among those that the workspace locks.

    In production the environment is made from the lock file: there the import fails.
    """

    code = "AB102"
    name = "unlocked-package"
    severity = "warning"
    example = ""
    better = ""

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare the imported packages with the lock file."""
        environment = subject.environment
        if not environment.locked:
            return
        for node, module in imported_modules(subject):
            if not environment.has(module) or catches(subject.scopes, node, _FAILS):
                continue
            package = environment.package(module)
            if package and normalized(package) not in environment.locked | environment.declared:
                lock = environment.lock_files[0].name
                yield self.at(
                    subject,
                    node,
                    f"{module.partition('.')[0]!r} is installed here by {package}, which {lock} does not have.",
                    hint=f"Add {package} to the workspace's dependencies and lock them anew.",
                )


class MissingName(Rule):
    """A name is imported from a module that does not have it.

    Libraries rename and remove: a notebook that was written for another version fails at its first cell.
    """

    code = "AB103"
    name = "missing-import-name"
    severity = "error"
    example = "from json import loadz"
    better = "from json import loads"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for each imported name in the source of its module."""
        folders = tuple(search_folders(subject))
        for node in subject.nodes(ast.ImportFrom):
            module = node.module or ""
            if (
                node.level
                or not module
                or not subject.environment.has(module)
                or subject.environment.has(module.partition(".")[0], folders=folders) is False
            ):
                continue
            for alias in node.names:
                if alias.name == "*" or has_name(module, alias.name, subject.environment):
                    continue
                if f"{module}.{alias.name}" in REMOVED or catches(subject.scopes, node, _FAILS):
                    continue
                package = subject.environment.package(module)
                version = subject.environment.version(package) if package else ""
                of = f"{package} {version}" if version else "this environment"
                why = gone(f"{module}.{alias.name}")
                yield self.at(
                    subject,
                    alias,
                    f"{module!r} of {of} has no {alias.name!r}.",
                    hint=why or "It was renamed or removed: look it up in the library's changes.",
                    severity="note" if is_conditional(subject.scopes, node) else None,
                )


class SearchPath(Rule):
    """The notebook changes where modules are searched.

    The places that it adds hold for this folder, or this machine. The workspace folder is importable in a run, and in
    Jupyter after `import assetbook`.
    """

    code = "AB105"
    name = "changed-search-path"
    severity = "warning"
    example = 'import sys\nsys.path.append("../lib")'
    better = "import assetbook as ab"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for changes of ``sys.path``."""
        for call in subject.calls:
            if subject.origin(call.func) in (
                "sys.path.append",
                "sys.path.insert",
                "sys.path.extend",
                "site.addsitedir",
            ):
                yield self.at(
                    subject,
                    call,
                    "The notebook changes where modules are searched.",
                    hint="Put the modules into the workspace folder, from which every notebook can import them.",
                )


def imported_modules(subject: Subject) -> Iterator[tuple[ast.AST, str]]:
    """Give the modules that a notebook imports, each once, with the node that names it first."""
    seen: set[str] = set()
    for node in subject.nodes(ast.Import):
        for alias in node.names:
            if alias.name not in seen:
                seen.add(alias.name)
                yield alias, alias.name
    for statement in subject.nodes(ast.ImportFrom):
        if statement.module and not statement.level and statement.module not in seen:
            seen.add(statement.module)
            yield statement, statement.module


def search_folders(subject: Subject) -> Iterator[Path]:
    """Give the folders that a notebook adds to ``sys.path``, as far as they can be told."""
    paths = Paths(subject)
    for call in subject.calls:
        if subject.origin(call.func) in ("sys.path.append", "sys.path.insert") and call.args:
            text = paths.text(call.args[-1])
            if text is not None:
                yield from ((folder / text).resolve() for folder in (subject.root, subject.folder))


def _written_modules(subject: Subject) -> set[str]:
    """Return the modules that the notebook makes itself: written by a cell, or fetched under that name."""
    texts = [node.value for node in subject.nodes(ast.Constant) if isinstance(node.value, str)]
    texts += [command.text for command in subject.commands if command.name != "run"]
    return {name for text in texts for name in re.findall(r"(\w+)\.py\b", text)}
