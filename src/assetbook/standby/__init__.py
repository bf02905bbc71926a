"""Commands from a process that has imported Dagster already: most of what a short command takes is its imports.

The *command server* imports Dagster, the platform side and the libraries that they use, once, and turns a copy of
itself into each command. `assetbook` itself is a small client: it gives its arguments, environment, folder and
standard streams to the server, passes signals on, and ends as the command ends.

- A command server belongs to one user and to what it was started from (`origin`): another interpreter or
  environment, an installed package, an edited file of ours, another container, control group or limit has another one.
- It runs no code of a workspace and has one thread, which is checked before each copy.
- It sees no secrets: it is started with the variables only that Python and libraries read while they start. The
  copy gets the environment of its command.
- A command that finds none runs as ever, in its own process, and leaves one behind for the next when it ends: not
  earlier, since its imports would take the time of those of the command.
- It ends when nobody has asked it for ``ASSETBOOK_STAY`` seconds (600); 0 turns all this off. A command that goes
  on keeps it.
- If a client is killed, so is its command; if the server is, so are its commands, and their clients say so.

Modules: `client` is what a person starts, `served` and `order` are what it tells a server; `server`, `preload` and
`child` run in the server and its copies.
"""
