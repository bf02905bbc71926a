"""The loop of a driver: one JSON line in, one out. Its scripts run in any environment, so nothing of ours is here."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

Command = Callable[..., dict[str, Any]]


def timed(work: Callable[[], Any]) -> dict[str, Any]:
    """Do something, and return how long it took."""
    begun = time.perf_counter()
    work()
    return {"seconds": time.perf_counter() - begun}


def serve(*commands: Command) -> None:
    """Do what the lines of standard input ask for; what is printed meanwhile goes nowhere."""
    known = {command.__name__: command for command in commands}
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = known[asked.pop("do")](**asked)
        except Exception as error:  # noqa: BLE001 - told to who asked
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
