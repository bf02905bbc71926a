from __future__ import annotations

import subprocess
import sys

import pytest

from assetbook.imports import IRI_GRAMMAR, without


def test_a_module_seems_absent_within_the_block_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without("colorsys"), pytest.raises(ImportError):
        import colorsys
    import colorsys

    with without("colorsys"):  # what is imported already is used
        import colorsys as again
    assert again is colorsys


def test_the_run_does_not_load_what_no_notebook_needs() -> None:
    code = f"import sys, assetbook.execute.document, assetbook.execute.cells; print({IRI_GRAMMAR!r} in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
