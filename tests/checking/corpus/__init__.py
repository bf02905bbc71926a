"""Notebooks as people write them, made up for the tests: in many styles, all of them clean, and all of them run.

Each is a text in which ``# %%`` begins a code cell and ``# %% [markdown]`` a text cell. `tests.checking.corpus.defects`
plants defects in them.
"""

from __future__ import annotations

from tests.checking.corpus import books, competitions, courses, engineering, exploration, queries, science
from tests.checking.corpus.writing import Sample

SAMPLES: tuple[Sample, ...] = tuple(
    Sample(name, text.strip("\n"))
    for module in (exploration, courses, competitions, books, science, queries, engineering)
    for name, text in module.NOTEBOOKS.items()
)
