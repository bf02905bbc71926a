"""Which names a module defines, read from its source: nothing is imported but what is compiled into Python."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from assetbook.checking.bound import bound_names
from assetbook.checking.environment import Environment
from assetbook.contract.source import parse_python

_DEEPEST = 4  # star imports of star imports that are followed
_DYNAMIC = ("__getattr__", "globals()", "sys.modules", "lazy")  # a module that makes names in ways of its own
_LISTED = re.compile(r"^__all__\s*(?::[^=]+)?=\s*[\[(](?P<names>[^\])]*)[\])]", re.MULTILINE)


def has_name(module: str, name: str, environment: Environment, *, depth: int = 0) -> bool:
    """Whether ``from module import name`` can work; in doubt it does."""
    if environment.has(f"{module}.{name}") or depth > _DEEPEST:
        return True
    if (compiled := _compiled_names(module)) is not None:
        return name in compiled or hasattr(sys.modules[module], name)
    text = environment.text(module)
    if text is None or any(sign in text for sign in _DYNAMIC):
        return True
    if re.search(rf"\b{re.escape(name)}\b", text) and _defines(text, name):
        return True
    stars = list(_stars(text, module, environment)) if "import *" in text else []
    return any(star is None or has_name(star, name, environment, depth=depth + 1) for star in stars)


def names_of_module(module: str, environment: Environment, *, depth: int = 0) -> frozenset[str] | None:
    """Return the names that ``from module import *`` gives; None where that cannot be told."""
    if module.startswith(".") or depth > _DEEPEST:
        return None
    if (compiled := _compiled_names(module)) is not None:
        return frozenset(name for name in compiled if not name.startswith("_"))
    text = environment.text(module)
    if text is None:
        return None
    if "__all__" in text:
        return _listed(text) or _listed(_stub(module, environment))
    if any(sign in text for sign in _DYNAMIC):
        return None
    names = names_of_source(text, stars=True) or set()
    found = {name for name in names if not name.startswith("_")}
    for star in _stars(text, module, environment):
        inner = None if star is None else names_of_module(star, environment, depth=depth + 1)
        if inner is None:
            return None
        found |= inner
    return frozenset(found)


def names_of_source(text: str, *, stars: bool = False) -> set[str] | None:
    """Return the names that a script leaves behind; None where that cannot be told.

    With ``stars`` those that its own star imports give are left to the caller.
    """
    tree = _parsed(text)
    if tree is None or (not stars and any(_star_imports(tree))):
        return None
    return set(bound_names(tree.body))


def _compiled_names(module: str) -> frozenset[str] | None:
    """Return the names of a module of Python that is compiled, or loaded anyway; None for any other."""
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return None
    if module in sys.builtin_module_names or module in _COMPILED or module in sys.modules:
        found = importlib.import_module(module)
        return frozenset(getattr(found, "__all__", dir(found)))
    return None


_COMPILED = frozenset(
    {"math", "itertools", "cmath", "array", "time", "unicodedata", "zlib", "select", "fcntl", "grp"}
)


def _defines(text: str, name: str) -> bool:
    """Whether a source that mentions a name also gives it a meaning."""
    word = re.escape(name)
    quick = (
        rf"^\s*(?:(?:async )?def|class)\s+{word}\b",
        rf"^{word}\b[^=\n]*=",
        rf"\bimport\b[^\n]*\b{word}\b",
        rf"^\s+{word},?\s*$",
        rf"[\"']{word}[\"']",
    )
    if re.search("|".join(quick), text, re.MULTILINE):
        return True
    tree = _parsed(text)
    return tree is None or name in set(bound_names(tree.body))


def _listed(text: str) -> frozenset[str] | None:
    """Return what ``__all__`` lists where it is written out once."""
    text = re.sub(r"#[^\n]*", "", text)
    found = _LISTED.findall(text)
    if len(found) != 1 or len(re.findall(r"\b__all__\b", text)) != 1:
        return None
    names = re.findall(r"[\"'](\w+)[\"']", found[0])
    rest = re.sub(r"[\"']\w+[\"']|[\s,]", "", found[0])
    return frozenset(names) if names and not rest else None


def _stub(module: str, environment: Environment) -> str:
    """Return the type stub beside a module, "" where there is none: it lists what the module computes."""
    spec = environment.spec(module)
    file = Path(spec.origin).with_suffix(".pyi") if spec and spec.origin else None
    try:
        return file.read_text("utf-8") if file else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _stars(text: str, module: str, environment: Environment) -> Iterator[str | None]:
    """Give the modules whose names a module takes over; None for one that cannot be told."""
    tree = _parsed(text)
    if tree is None:
        yield None
        return
    spec = environment.spec(module)
    parts = module.split(".")
    package = parts if spec and spec.submodule_search_locations is not None else parts[:-1]
    for star in _star_imports(tree):
        if not star.level:
            yield star.module
        elif star.level - 1 <= len(package):
            base = package[: len(package) - (star.level - 1)]
            yield ".".join([*base, *([star.module] if star.module else [])])
        else:
            yield None


def _star_imports(tree: ast.Module) -> Iterator[ast.ImportFrom]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield node


def _parsed(text: str) -> ast.Module | None:
    try:
        return parse_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
