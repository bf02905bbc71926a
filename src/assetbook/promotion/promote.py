"""A promotion from the request to the files, step by step; how it is shown is the command's business."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from assetbook.promotion.generate import find_schemas, module_name, with_schemas
from assetbook.promotion.install import Installation, install, installing, notebook_path, original_copy
from assetbook.promotion.plan import Plan, Request, make_plan
from assetbook.promotion.proof import Proof, prove
from assetbook.promotion.trial import Watcher, trial_folder
from assetbook.settings import Settings


@dataclass
class Promotion:
    """One notebook on its way into a workspace.

    Attributes:
        request: what is asked for.
        plan: what the notebook becomes, as far as it is known by now.
        proof: how the trial went; None before.
        seconds: how long each step has taken.
    """

    request: Request
    plan: Plan
    proof: Proof | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request) -> Promotion:
        """Begin one: work out the plan."""
        started = time.monotonic()
        plan = make_plan(request)
        return cls(request, plan, seconds={"plan": time.monotonic() - started})

    @property
    def path(self) -> Path:
        """Where the notebook will be."""
        return notebook_path(self.plan, self.request.group)

    @property
    def kept_original(self) -> Path | None:
        """Where the original is kept, if the notebook is changed in place."""
        if self.path != self.request.file.resolve():
            return None
        return original_copy(self.plan, Settings.load(self.request.root))

    @property
    def assets(self) -> list[str]:
        """The assets that are new: raw ones and those of the notebook."""
        raw = [source.name for source in self.plan.sources.values() if source.landing is not None]
        return [*raw, *(self.plan.products or [self.plan.name])]

    def prove(self, *, rows: int | None = None, watcher: Watcher | None = None) -> Proof:
        """Run the notebook in a trial, and find the schemas of what it gives."""
        with self._timed("trial"), trial_folder() as folder:
            self.proof = prove(self.request, self.plan, folder, rows=rows, watcher=watcher)
        self.plan = self.proof.plan
        return self.proof

    def find_schemas(self, *, sampled: bool) -> dict[str, str]:
        """Return the schemas of its tables; from a sample, only of the inputs, which are known whole."""
        assert self.proof is not None
        return find_schemas(self.plan, {} if sampled else self.proof.trial.tables)

    @contextmanager
    def install(self, schemas: dict[str, str]) -> Iterator[Installation]:
        """Write the files; they are removed again where the block fails."""
        module = module_name(self.plan.name, self.request.root)
        self.plan = with_schemas(replace(self.plan, schemas=dict(schemas)), schemas, module=module)
        with installing(self.request.root) as installation:
            install(self.plan, installation, module=module, path=self.path)
            yield installation

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[step] = time.monotonic() - started
