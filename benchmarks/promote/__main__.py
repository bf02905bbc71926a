"""``python -m benchmarks.promote``: see README.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from benchmarks.promote.commands import is_there
from benchmarks.promote.folders import look
from benchmarks.promote.judging import Result, clear, judge
from benchmarks.promote.printing import print_report, print_result
from benchmarks.promote.reading import CorpusError, Sample, samples


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the notebooks; return 0 if all of them did what is wanted."""
    options = _options(arguments)
    try:
        chosen = samples(options.only)
    except CorpusError as error:
        sys.exit(str(error))
    promoting = not options.build_only and is_there("promote")
    if not promoting:
        print("Only the originals are built and run.")
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="promote-")))
        folder.mkdir(parents=True, exist_ok=True)
        results = _judge_all(chosen, folder.resolve(), options.jobs, promoting, keep=bool(options.keep))
        print_report(results, promoting=promoting, at_home=look(folder / "home"))
    wrong = (result.corpus or (promoting and not result.is_right) for result in results)
    return 1 if any(wrong) else 0


def _judge_all(
    chosen: Sequence[Sample], folder: Path, jobs: int, promoting: bool, *, keep: bool
) -> list[Result]:
    results, servers = [], f"bench-{os.getpid()}"
    # forked processes would share this one's event loop with their kernels
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        pending = {
            pool.submit(judge, sample, folder / sample.name, servers=servers, promoting=promoting): sample
            for sample in chosen
        }
        for done in as_completed(pending):
            results.append(done.result())
            print_result(results[-1], promoting=promoting)
            if not keep:
                clear(folder / results[-1].name)
    return sorted(results, key=lambda result: result.name)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promote", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", default=[], help="notebooks of the corpus; all by default"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="an empty folder that keeps what was made"
    )
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time; 1 for figures of time")
    parser.add_argument(
        "--build-only", action="store_true", help="build and run the originals, promote nothing"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
