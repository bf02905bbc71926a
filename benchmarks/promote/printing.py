"""What is printed: a line for each notebook while they come, the figures, and what went wrong."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Sequence

from benchmarks.promote.judging import Result


def print_result(result: Result, *, promoting: bool) -> None:
    """Print one notebook's line."""
    original = "runs" if result.runs else "does not run"
    if not promoting:
        word = "WRONG IN THE CORPUS" if result.corpus else "built"
        print(f"{result.seconds.get('build', 0):7.1f} s  {result.name:34} {original:13} {word}", flush=True)
        return
    became = "promoted" if result.promoted else "refused"
    word = "" if result.is_right else f"  WRONG: {_wrong(result)[0].splitlines()[0][:160]}"
    print(
        f"{result.seconds.get('promote', 0):7.1f} s  {result.name:34} {original:13} {became:9}{word}",
        flush=True,
    )


def print_report(results: Sequence[Result], *, promoting: bool, at_home: Collection[str]) -> None:
    """Print the figures, and a table of what is wrong.

    Args:
        results: of all notebooks.
        promoting: whether there is more than the originals.
        at_home: what the commands left in the home that they were given.
    """
    print()
    _count("notebooks", len(results))
    _count("originals_that_run", sum(result.runs for result in results))
    _count("corpus_mistakes", sum(bool(result.corpus) for result in results))
    if promoting:
        _print_shares(results)
        _count("written_at_home", len(at_home))
        _print_times(results)
        _print_wrong(results)
        _print_remarks(results)
    else:
        _median("build", [r.seconds["build"] for r in results if "build" in r.seconds])
    for result in results:
        for line in result.corpus:
            print(f"CORPUS {result.name}: {line}")


def _print_shares(results: Sequence[Result]) -> None:
    running = [result for result in results if result.runs]
    right = [r for r in running if r.promoted and not r.problems]
    _share("promoted_of_running", len(right), len(running))
    mendable = [r for r in results if not r.runs and r.wanted == "yes"]
    _share("promoted_of_mendable", sum(r.promoted and not r.problems for r in mendable), len(mendable))
    perhaps = [r for r in results if not r.runs and r.wanted == "maybe"]
    _share("promoted_of_doubtful", sum(r.promoted and not r.problems for r in perhaps), len(perhaps))
    hopeless = [r for r in results if r.wanted == "no"]
    _share("refused_of_hopeless", sum(r.is_right for r in hopeless), len(hopeless))
    for name in ("parameters", "proposals", "inputs"):
        _share(f"{name}_met", _sum(results, f"{name} met"), _sum(results, name))
    _count("parameters_proposed", _sum(results, "parameters proposed"))
    _count("parameters_wrong", _sum(results, "parameters wrong"))
    for name, text in {
        "our_tracebacks": "traceback of ours",
        "written_outside": "outside of the workspace",
        "left_after_refusal": "not promoted, but in",
        "other_content": " expected, ",
    }.items():
        _count(name, sum(any(text in problem for problem in r.problems) for r in results))


def _print_times(results: Sequence[Result]) -> None:
    steps = dict.fromkeys(step for result in results for step in result.seconds if step != "build")
    for step in steps:
        _median(step, [result.seconds[step] for result in results if step in result.seconds])


def _print_wrong(results: Iterable[Result]) -> None:
    wrong = [result for result in results if not result.is_right]
    if wrong:
        print("\nWrong")
    for result in wrong:
        print(f"  {result.name}")
        for line in _wrong(result):
            print(f"      {line[:600]}")


def _wrong(result: Result) -> list[str]:
    """Return what is wrong with a notebook that is not right; one thing at least."""
    if result.promoted or result.wanted != "yes":
        return result.problems or ["it is not what is wanted"]
    return [f"refused: {result.answer.get('error')}", *result.problems]


def _print_remarks(results: Iterable[Result]) -> None:
    remarked = [result for result in results if result.remarks]
    if remarked:
        print("\nLess than expected, and no harm")
    for result in remarked:
        for line in result.remarks:
            print(f"  {result.name}: {line[:300]}")


def _sum(results: Iterable[Result], key: str) -> int:
    return sum(result.counts.get(key, 0) for result in results)


def _share(name: str, met: int, of: int) -> None:
    if of:
        print(f"share promote/{name} {met / of:.3f}  ({met} of {of})")


def _count(name: str, value: int) -> None:
    print(f"count promote/{name} {value}")


def _median(step: str, seconds: Sequence[float]) -> None:
    if seconds:
        name = step.replace(" ", "_")
        spread = f"({min(seconds):.3f} to {max(seconds):.3f})"
        print(f"seconds promote/{name} {statistics.median(seconds):.3f}  {spread}")
