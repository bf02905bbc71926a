"""What was aimed at: the name of a figure to the most that it may be."""

from __future__ import annotations

from collections.abc import Mapping

TARGETS: Mapping[str, float] = {
    "trivial/over_plain_asset": 0.050,
    "real/plain_asset": 1.15,
    "real/script": 0.33,
    "real/script_fresh": 1.10,
    "real/dagstermill": 1 / 7,
    "real/dagstermill_cli": 1 / 12,
    "graph20/dagstermill": 1 / 16,
    "graph20/plain_assets": 1.3,
    "kernel_ready/warm": 100,
    "cells500/nbclient": 1.1,
    "outputs10000/nbclient": 1.1,
    "output50mb/nbclient": 1.1,
    "load1000/cold_over_empty": 3.0,
    "load1000/warm_over_empty": 1.0,
    "read1000/nbformat": 0.1,
    "noop1000/after_start": 2.0,
    "one1000/one10": 1.1,
    "one1000_cli/one10_cli": 1.1,
    "inarow/leaked_processes": 0,
    "inarow/leaked_descriptors": 0,
    "inarow/leaked_sockets": 0,
    "inarow/leaked_files": 0,
    "inarow/stalls": 0,
    "inarow/fallbacks": 0,
    "atonce/leaked_processes": 0,
    "atonce/leaked_descriptors": 0,
    "atonce/leaked_sockets": 0,
    "atonce/leaked_files": 0,
    "atonce/fallbacks": 0,
    "inarow/growth": 5.0,
}
