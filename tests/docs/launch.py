"""Hold what a launch form is given against the form of an asset, in the workspace of the current folder."""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg
import yaml

from assetbook.platform import definitions


def main(asset: str, given: str) -> None:
    """Fail where the form would not take it."""
    config = yaml.safe_load(given)
    assert [*config["ops"]] == [asset]
    dg.validate_run_config(definitions(Path.cwd()).resolve_implicit_global_asset_job_def(), config)


if __name__ == "__main__":
    main(*sys.argv[1:])
