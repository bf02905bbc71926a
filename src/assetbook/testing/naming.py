"""Which notebooks a name means, and the order in which they are tried."""

from __future__ import annotations

from pathlib import Path

from assetbook.contract import Contract
from assetbook.errors import WorkspaceError, did_you_mean
from assetbook.platform.definitions import Linked
from assetbook.platform.linking import Links
from assetbook.platform.nodes import record_name


def upstream_first(linked: Linked) -> list[Contract]:
    """Return the notebooks of a workspace, each after those that it reads from."""
    depths = _Depths(linked.links)
    return sorted(linked.workspace.contracts, key=lambda c: (depths.of(str(c.path)), c.path.as_posix()))


def meant(name: str, linked: Linked) -> list[Contract]:
    """Return the notebooks that a name means: that of a notebook, of an asset, or the path of a file or folder.

    Raises:
        WorkspaceError: none; the known ones are listed.
    """
    root, contracts = linked.workspace.settings.root, linked.workspace.contracts
    spelled: dict[str, list[Contract]] = {}
    for contract in contracts:
        for each in {contract.name, record_name(contract.path), *(o.name for o in contract.outputs)}:
            spelled.setdefault(each, []).append(contract)
    if name in spelled:
        return spelled[name]
    for path in (Path(name).resolve(), (root / name).resolve()):
        if path.exists() and (found := [c for c in contracts if (root / c.path).is_relative_to(path)]):
            return found
    if name in linked.links.givers:
        raise WorkspaceError(f"{name!r} is no notebook, and notebooks are what is tested.")
    raise WorkspaceError(f"There is no notebook {name!r}. {did_you_mean(name, spelled)}")


class _Depths:
    """How far downstream each notebook is."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._members = {member.where: member for member in links.members}
        self._known: dict[str, int] = {}

    def of(self, where: str) -> int:
        """Return how many assets come before a member at most."""
        if where not in self._known:
            above = (self._links.givers[name].where for name in self._links.upstream(self._members[where]))
            self._known[where] = 1 + max(map(self.of, above), default=0)
        return self._known[where]
