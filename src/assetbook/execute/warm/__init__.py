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
- It sees neither parameters nor secrets: the new process itself is told its environment and its folder.
- It is replaced when it has died, and when what imports depend on has changed: see `Origin`.
- Everything else runs on a fresh kernel: another system than Linux, another kernel than this Python's, a
  job that sets a variable which libraries read while they are imported, a workspace with a module of the
  name of a library, and whatever goes wrong here, which is logged in one line.

``ASSETBOOK_KERNELS=fresh`` turns warm kernels off, ``warm`` is the default; it is read at each notebook.

Modules: `supply` decides, `server` and `process` are this side's ends, `serving`, `preload` and `child` run in
the fork server and its copies.
"""

from assetbook.execute.warm.server import ForkedProcess
from assetbook.execute.warm.supply import fork_kernel, stop, warm_up

__all__ = ["ForkedProcess", "fork_kernel", "stop", "warm_up"]
