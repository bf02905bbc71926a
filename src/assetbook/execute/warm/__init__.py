"""Warm kernels: forked, on demand, from a process that has already imported the scientific libraries.

Importing pandas, scikit-learn and matplotlib costs a notebook more than most of its cells. The *fork server*
imports them once and turns copies of itself into kernels in a few milliseconds; memory that they do not
change is shared. A kernel started this way gives the same results as a fresh one, with one difference that
nobody should build on: a library is already imported where a notebook only names it (``import sklearn`` and then
``sklearn.ensemble``), and what it warns of while it is imported is not shown.

- One fork server serves all processes of a user that need the same one, as `resident` has it: it stays some
  minutes after the last of them. A process that finds none starts it at its second notebook, which does not
  wait for it, or at `warm_up`, which the next notebook does wait for. Kernels end with the process that wanted
  them, however that ends.
- It runs no code of a notebook and imports no module of a workspace; it has one thread, which is checked
  before each fork: what a thread holds at that moment would stay locked in the copy for ever.
- It sees neither parameters nor secrets: the new process itself is told its environment and its folder, once
  before it starts, and again, with those of its run, before its first cell (see `assetbook.execute.reserve`).
- Another one takes over when it has died or does not answer, and when what imports depend on has changed, or
  rights and limits that a process cannot change for itself: see `Origin` and `rights`.
- Everything else runs on a fresh kernel: another system than Linux, another kernel than this Python's, a
  job that sets a variable which Python or libraries read when they start (``PYTHONHASHSEED`` and
  ``OMP_NUM_THREADS`` are such), a workspace with a module of the name of a library, and whatever goes wrong
  here, which is logged in one line.

Python's hash seed is the fork server's, as all its memory: where nobody sets ``PYTHONHASHSEED``, the order of a
set of texts is as arbitrary as in any Python, but the same in the kernels of one fork server.

``ASSETBOOK_KERNELS=fresh`` turns warm kernels off, ``warm`` is the default; it is read at each notebook.

Modules: `supply` decides, `server` and `forked` are this side's ends; `serving`, `preload` and `child` run in the
fork server and its copies; `rights` is for both.
"""

from assetbook.execute.warm.forked import ForkedProcess
from assetbook.execute.warm.supply import (
    at_stop,
    expects_more,
    fork_kernel,
    is_current,
    is_ready,
    preload_also,
    stop,
    warm_up,
)

__all__ = [
    "ForkedProcess",
    "at_stop",
    "expects_more",
    "fork_kernel",
    "is_current",
    "is_ready",
    "preload_also",
    "stop",
    "warm_up",
]
