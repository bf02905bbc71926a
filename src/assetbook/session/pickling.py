"""What is in a pickled model: the distributions that it needs, and the workspace's code that goes with it."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from assetbook.errors import SessionError


def requirements(name: str, model: Any) -> list[str]:
    """Return the installed distributions that the pickled model needs, pinned.

    MLflow would find them by loading the model in a new process, which takes ten seconds.
    """
    import cloudpickle

    try:
        modules = _modules_in(cloudpickle.dumps(model))
    except (pickle.PicklingError, pickle.UnpicklingError, TypeError, AttributeError, ImportError) as error:
        raise SessionError(
            f"save_model({name!r}, …): the model cannot be pickled ({type(error).__name__}: {error}). "
            "Keep open files, connections and generators out of it."
        ) from error
    from importlib.metadata import packages_distributions, version

    installed = packages_distributions()
    tops = {module.partition(".")[0] for module in modules} | {"cloudpickle"}
    names = {installed[top][0] for top in tops if top in installed}
    return sorted(f"{name}=={version(name)}" for name in names)


def _modules_in(pickled: bytes) -> set[str]:
    """Load the pickle and return the modules that it asked for: proof, too, that it loads."""
    from cloudpickle import cloudpickle

    modules: set[str] = set()

    def subimport(module: str) -> ModuleType:
        modules.add(module)  # a whole module that a function in the pickle uses
        return cloudpickle.subimport(module)  # type: ignore[no-any-return]  # cloudpickle is untyped

    class Loader(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            modules.add(module)
            found = super().find_class(module, name)
            return subimport if found is cloudpickle.subimport else found

    Loader(io.BytesIO(pickled)).load()
    return modules


@contextmanager
def workspace_by_value(root: Path) -> Iterator[None]:
    """Pickle functions and classes of the workspace's modules whole, not as names to import."""
    import cloudpickle

    known = cloudpickle.list_registry_pickle_by_value()
    local = [m for m in list(sys.modules.values()) if _is_local(m, root) and m.__name__ not in known]
    for module in local:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in local:
            cloudpickle.unregister_pickle_by_value(module)


def _is_local(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not file or module.__name__ in ("__main__", "assetbook") or module.__name__.startswith("assetbook."):
        return False
    path = Path(file).resolve()
    return path.is_relative_to(root) and "site-packages" not in path.parts
