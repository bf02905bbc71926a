"""How well the rules of `assetbook check` find what is planted, and leave alone what is clean.

``python -m benchmarks.rules`` plants every defect of `tests.checking.corpus.defects` into every notebook of the corpus
that it applies to, and prints recall and precision for each rule. ``--peer PATH`` names a Python in whose environment
Pynblint is installed, and sets its findings on the same files beside ours.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from assetbook.checking import BY_CODE, Checker, Finding, Selection
from tests.checking.corpus import SAMPLES
from tests.checking.corpus.defects import DEFECTS, Defect, Planted
from tests.checking.corpus.writing import Sample, write, write_data

SEED = 20
PEER_SLUGS = {  # what of Pynblint says the same
    "AB003": {"invalid-python-syntax"},
    "AB301": {"non-linear-execution"},
    "AB304": {"non-executed-cells"},
    "AB701": {"empty-cells"},
    "AB704": {"cell-too-long"},
    "AB706": {"long_multiline_python_comment"},
    "AB713": {"imports-beyond-first-cell"},
    "AB714": {"missing-h1-MD-heading"},
    "AB715": {"too-few-MD-cells"},
    "AB716": {"notebook-too-long"},
    "AB717": {"untitled-notebook", "duplicate-notebook-not-renamed", "non-portable-chars-in-nb-name"},
}
_PEER_PROGRAM = """
import json, sys
from pathlib import Path
from pynblint import nb_linting
from pynblint.core_models import Notebook
for line in sys.stdin:
    try:
        notebook = Notebook(Path(line.strip()))
        found = [l.slug for l in nb_linting.notebook_level_lints if l.linting_function(notebook)]
        found += [l.slug for l in nb_linting.cell_level_lints if l.linting_function(notebook)]
    except Exception as error:
        found = ["failed: " + type(error).__name__]
    print(json.dumps(found), flush=True)
"""


@dataclass
class Score:
    """What was planted for one rule, and what was found."""

    planted: int = 0
    found: int = 0
    false: int = 0
    peer: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of the planted defects that were found."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """The share of the findings that were of planted defects."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0


@dataclass(frozen=True)
class Case:
    """A notebook with a defect, on disk."""

    sample: str
    defect: Defect
    planted: Planted
    path: Path


def cases(folder: Path, samples: Sequence[Sample]) -> Iterator[Case]:
    """Write every defect into every notebook that it applies to."""
    for sample in samples:
        clean = sample.notebook()
        for defect in DEFECTS:
            planted = defect.plant(clean, Random(f"{SEED} {sample.name} {defect.name}"))
            if planted is not None:
                inside = folder / f"{sample.name}__{defect.name}" if planted.stem else folder
                inside.mkdir(exist_ok=True)
                path = inside / f"{planted.stem or f'{sample.name}__{defect.name}'}.ipynb"
                yield Case(sample.name, defect, planted, write(planted.document, path))


def measure(
    folder: Path, *, samples: Sequence[Sample] = SAMPLES
) -> tuple[dict[str, Score], list[Finding], float, list[Case]]:
    """Return the scores by rule, what was found in clean notebooks, the seconds for a notebook, and the cases."""
    write_data(folder)
    checker = Checker(folder, selection=Selection())
    scores: dict[str, Score] = defaultdict(Score)
    false: list[Finding] = []
    begun, count = time.perf_counter(), 0
    known: dict[str, set[tuple[str, str]]] = {}
    for sample in samples:
        report = checker.check_file(write(sample.notebook(), folder / f"{sample.name}.ipynb"))
        false += report.at_least("warning")
        known[sample.name] = {(finding.code, finding.source) for finding in report.findings}
        count += 1
    written = list(cases(folder, samples))
    for case in written:
        _score(case, checker.check_file(case.path).findings, scores, known[case.sample])
        count += 1
    for finding in false:
        scores[finding.code].false += 1
    return scores, false, (time.perf_counter() - begun) / count, written


def _score(
    case: Case, findings: Iterable[Finding], scores: dict[str, Score], known: set[tuple[str, str]]
) -> None:
    score = scores[case.defect.code]
    score.planted += 1
    where = f"{case.sample} with {case.defect.name}"
    hit = False
    for finding in findings:
        if finding.code == case.defect.code and finding.cell == case.planted.cell:
            hit = True
        elif finding.severity == "note" or finding.code in case.planted.also:
            continue
        elif (finding.code, finding.source) not in known and finding.code != case.defect.code:
            scores[finding.code].false += 1
            scores[finding.code].wrong.append(f"{where}: {finding.where}: {finding.message}")
    score.found += hit
    if not hit:
        score.missed.append(where)


def _ask_peer(python: str, paths: Iterable[Path]) -> list[set[str]]:
    import json

    answer = subprocess.run(
        [python, "-c", _PEER_PROGRAM],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        check=True,
    )
    return [set(json.loads(line)) for line in answer.stdout.splitlines() if line.startswith("[")]


def _add_peer(python: str, written: Sequence[Case], scores: dict[str, Score], folder: Path) -> int:
    """Note what Pynblint finds of what was planted; return how much it finds in the clean notebooks."""
    for case, found in zip(written, _ask_peer(python, (case.path for case in written)), strict=True):
        scores[case.defect.code].peer += bool(found & PEER_SLUGS.get(case.defect.code, set()))
    return sum(map(len, _ask_peer(python, (folder / f"{sample.name}.ipynb" for sample in SAMPLES))))


def table(scores: dict[str, Score], *, peer: bool) -> Iterator[str]:
    """Give the lines of the table of all rules."""
    yield f"| rule | | planted | recall | precision |{' Pynblint finds |' if peer else ''}"
    yield f"|---|---|---|---|---|{'---|' if peer else ''}"
    for code, score in sorted(scores.items()):
        if not score.planted:
            continue
        beside = f" {score.peer / score.planted:.0%} |" if code in PEER_SLUGS else " - |"
        numbers = f"{score.planted} | {score.recall:.1%} | {score.precision:.1%}"
        yield f"| {code} | {BY_CODE[code].name} | {numbers} |{beside if peer else ''}"


def main() -> int:
    """Print the table, and what was missed or wrong; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has Pynblint")
    parser.add_argument("--verbose", action="store_true", help="also each case that was missed or wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rules-") as name:
        scores, false, seconds, written = measure(Path(name))
        peer_on_clean = _add_peer(options.peer, written, scores, Path(name)) if options.peer else None
    print("\n".join(table(scores, peer=bool(options.peer))))
    planted, found = sum(s.planted for s in scores.values()), sum(s.found for s in scores.values())
    wrong = sum(score.false for score in scores.values())
    print(f"\ncount rules/planted {planted}\nratio rules/recall {found / planted:.3f}")
    print(f"ratio rules/precision {found / (found + wrong):.3f}\ncount rules/false_on_clean {len(false)}")
    if peer_on_clean is not None:
        print(f"count rules/pynblint_false_on_clean {peer_on_clean}")
    print(f"ms rules/notebook {seconds * 1000:.1f}  (target ≤ 300.0)")
    for code, score in sorted(scores.items()) if options.verbose else ():
        for line in score.missed:
            print(f"missed {code}: {line}")
        for line in score.wrong:
            print(f"wrong {code}: {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
