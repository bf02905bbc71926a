"""New workspaces: the files, where their Assetbook comes from, and the lock of what it needs."""

from assetbook.scaffold.writing import make_workspace

__all__ = ["make_workspace"]
