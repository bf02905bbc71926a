"""Output as a page shows it, held against what there was: times, identifiers and the layout of columns do not count."""

from __future__ import annotations

import re
from difflib import unified_diff

LEFT_OUT = "…"

_MASKS = [
    (r"\d{8}T\d{6}\.\d{3}-[0-9a-f]{8}", "RECORD"),
    (r"(?<=127\.0\.0\.1:)\d+", "PORT"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "TIME"),
    (r"\b\d\d:\d\d\b", "TIME"),
    (r"\b[0-9a-f]{8}\b", "RUN"),
    (r"(?<=command line )\w+", "PERSON"),
    (r"\b\d+ MB\b(, and \d+ MB shared)?", "MEMORY"),  # a kernel that starts anew shares none
    (r"^( *\d+) +\d+\.\d\d +\d+ +(?=ok)", r"\1 SECONDS MEMORY "),
    (r"(?<![.\d,])\d+\.\d(?= s\b|, | ?$| +[✓✗=○])", "SECONDS"),
    (r"(?<= in 4 partitions · late_share )[\d.]+", "OF ONE"),  # of the last, which is an accident
]


def compared(text: str) -> str:
    """Return an output as it is compared."""
    lines = []
    for line in text.strip("\n").splitlines():
        for pattern, mask in _MASKS:
            line = re.sub(pattern, mask, line)
        lines.append(re.sub(r"\s+", " ", re.sub(r"-{4,}", "----", line)).strip())
    return "\n".join(lines).strip()


def difference(shown: str, real: str) -> str:
    """Return how an output differs from what is shown; nothing where it does not."""
    told, was = compared(shown), compared(real)
    pattern = ".*?".join(re.escape(part) for part in told.split(LEFT_OUT))
    if re.fullmatch(pattern, was, re.DOTALL):
        return ""
    return "\n".join(unified_diff(told.splitlines(), was.splitlines(), "shown", "real", lineterm="", n=99))
