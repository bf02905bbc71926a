"""Warm kernels: forked, on demand, from a process that has already imported the scientific libraries.

Importing pandas, scikit-learn and matplotlib costs a notebook more than most of its cells. The *fork server*
imports them once and turns copies of itself into kernels in a few milliseconds; memory that they do not
change is shared. A kernel started this way gives the same results as a fresh one, with one difference that
nobody should build on: a library is already imported where a notebook only names it (``import sklearn`` and then
``sklearn.ensemble``), and what it warns of while it is imported is not shown.

- One fork server belongs to the process that runs notebooks, and dies with it. It starts at the second
  notebook of that process, which does not wait for it, or at `warm_up`, which the next notebook does wait for.
- It runs no code of a notebook and imports no module of a workspace; it has one thread, which is checked
  before each fork: what a thread holds at that moment would stay locked in the copy for ever.
- It sees neither parameters nor secrets: the new process itself is told its environment and its folder, once
  before it starts, and again, with those of its run, before its first cell (see `assetbook.execute.reserve`).
- It is replaced when it has died, and when what imports depend on has changed: see `Origin`.
- Everything else runs on a fresh kernel: another system than Linux, another kernel than this Python's, a
  job that sets a variable which Python or libraries read when they start (``PYTHONHASHSEED`` and
  ``OMP_NUM_THREADS`` are such), a workspace with a module of the name of a library, and whatever goes wrong
  here, which is logged in one line.

Python's hash seed is the fork server's, as all its memory: where nobody sets ``PYTHONHASHSEED``, the order of a
set of texts is as arbitrary as in any Python, but the same in the kernels of one process.

``ASSETBOOK_KERNELS=fresh`` turns warm kernels off, ``warm`` is the default; it is read at each notebook.

Modules: `supply` decides, `server` and `forked` are this side's ends, `serving`, `preload` and `child` run in
the fork server and its copies.
"""

from assetbook.execute.warm.forked import ForkedProcess
from assetbook.execute.warm.supply import at_stop, fork_kernel, is_current, stop, warm_up

__all__ = ["ForkedProcess", "at_stop", "fork_kernel", "is_current", "stop", "warm_up"]
