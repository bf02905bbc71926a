"""What is left out while libraries are imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast

IRI_GRAMMAR = "rfc3987_syntax"  # jsonschema takes more than a second for it; no notebook has an IRI to check


@contextmanager
def without(name: str) -> Iterator[None]:
    """Let an optional module seem not to be installed to what is imported within the block."""
    absent = cast(ModuleType, None)  # Python's own sign for that
    put = sys.modules.setdefault(name, absent) is absent
    try:
        yield
    finally:
        if put:
            sys.modules.pop(name, None)
