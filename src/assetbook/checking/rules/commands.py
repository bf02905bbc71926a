"""AB12: commands that change the machine, or wait for what a run does not have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from assetbook.checking.commands import SHELL_CELLS, Command
from assetbook.checking.guards import is_elsewhere
from assetbook.checking.model import Edit, Finding, Fix
from assetbook.checking.packages import normalized
from assetbook.checking.rule import Rule
from assetbook.checking.subject import Subject

_INSTALLERS = frozenset(
    {"pip", "pip3", "conda", "mamba", "uv", "apt", "apt-get", "brew", "yum", "npm", "poetry", "micromamba"}
)
_INSTALLS = re.compile(r"\b(install|add|remove|uninstall|update|upgrade|sync)\b")
_PYTHON_M = re.compile(r"(?:\{?sys\.executable\}?|python[\d.]*)\s+-m\s+(?P<rest>(?:pip|conda|uv)\b.*)")
_BUILT_IN_TEXT = """
    alias alias_magic autoawait autocall automagic autosave bookmark cd clear cls code_wrap colors conda config
    connect_info debug dhist dirs doctest_mode ed edit env gui hist history killbgscripts ldir less lf lk ll load
    load_ext loadpy logoff logon logstart logstate logstop ls lsmagic lx macro magic mamba man matplotlib
    micromamba mkdir more mv notebook page pastebin pdb pdef pdoc pfile pinfo pinfo2 pip popd pprint precision
    prun psearch psource pushd pwd pycat pylab qtconsole quickref recall rehashx reload_ext rep rerun reset
    reset_selective rm rmdir run save sc set_env store subshell sx system tb time timeit unalias unload_ext uv who
    who_ls whos xdel xmode capture bash cp cat file html HTML javascript js latex markdown perl pypy python
    python2 python3 ruby script sh svg writefile SVG cmd code_wrap autoreload aimport
"""
_BUILT_IN = frozenset(_BUILT_IN_TEXT.split())
_DISPLAYS = re.compile(r"\b(qt\d?|tk|gtk\d?|wx|osx|notebook|nbagg|widget|ipympl|auto)\b")
_ASKS = {
    "getpass.getpass": "a password", "google.colab.drive.mount": "Google Colab", "google.colab.files.upload": "a file",
    "google.colab.files.download": "Google Colab", "google.colab.auth.authenticate_user": "Google Colab",
    "pdb.set_trace": "a debugger", "IPython.core.debugger.set_trace": "a debugger", "ipdb.set_trace": "a debugger",
    "huggingface_hub.notebook_login": "a login", "cv2.waitKey": "a key", "cv2.imshow": "a window",
}  # fmt: skip


class Installs(Rule):
    """The notebook installs packages.

    Each run changes the environment that all notebooks share, needs the network, and may get other versions than
    the last.
    """

    code = "AB121"
    name = "installs-packages"
    severity = "warning"
    example = "!pip install seaborn"
    better = "import json"
    mends = "Takes the line out where it installs nothing that the environment does not have, in any version."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for the commands of package managers."""
        for command in subject.commands:
            if (what := installed_by(command)) is None or is_elsewhere(subject.scopes, command.node):
                continue
            packages = [word for word in what if re.fullmatch(r"[A-Za-z][\w.\-\[\],=<>~!]*", word)]
            shown = ", ".join(packages) or "packages"
            yield self.at(
                subject,
                command.node,
                f"The notebook installs {shown} while it runs.",
                hint=f"Add {shown} to the workspace's packages, and take the line out.",
                fix=self._without(subject, command, packages),
            )

    def _without(self, subject: Subject, command: Command, packages: list[str]) -> Fix | None:
        spot = subject.spot(command.node)
        names = [normalized(re.split(r"[\[=<>~!]", package)[0]) for package in packages]
        plain = all(re.fullmatch(r"[\w.\-]+", package) for package in packages)
        here = names and plain and all(subject.environment.version(name) for name in names)
        cell = subject.cell(spot.cell)
        lines = cell.source.split("\n")
        own_line = isinstance(
            subject.scopes.parent(subject.scopes.parent(command.node) or command.node), ast.Module
        )
        if not here or not own_line or command.kind == "cell" or lines[spot.line - 1].rstrip().endswith("\\"):
            return None
        if command.words[0] not in ("pip", "pip3") or not lines[spot.line - 1].lstrip().startswith(
            ("!", "%", "pip")
        ):
            return None
        return Fix("Take the line out.", (Edit(cell.index, *line_span(lines, spot.line), ""),), safe=True)


class Shell(Rule):
    """The notebook runs a program of the shell.

    The program may not be there in production, and what it does is in no lineage and no record.
    """

    code = "AB122"
    name = "shell-command"
    severity = "warning"
    example = "!ls data"
    better = "from pathlib import Path\nsorted(Path('data').glob('*.csv'))"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for shell commands and cells."""
        for command in subject.commands:
            shell = command.kind == "shell" or (command.kind == "cell" and command.name in SHELL_CELLS)
            if not shell or installed_by(command) is not None or is_elsewhere(subject.scopes, command.node):
                continue
            if command.kind == "cell" and command.name in ("javascript", "js"):
                continue
            if command.kind == "shell" and command.name in ("cd", "pushd"):
                continue
            yield self.at(
                subject,
                command.node,
                f"The notebook runs {command.name!r} in a shell."
                if command.kind == "shell"
                else f"The cell is run by {command.name!r}, not by Python.",
                hint="Do it in Python, or before the run.",
            )


class ChangesFolder(Rule):
    """The notebook changes the current folder.

    Every path after it means something else than before it, and a cell that is run twice goes down twice.
    """

    code = "AB123"
    name = "changes-folder"
    severity = "warning"
    example = "%cd data"
    better = 'from pathlib import Path\nfolder = Path("data")'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for commands and calls that change the folder."""
        hint = "Leave the folder as it is, and write paths from the workspace folder."
        for command in subject.commands:
            if command.name in ("cd", "pushd", "popd") and command.kind in ("line", "shell"):
                yield self.at(subject, command.node, "The notebook changes the current folder.", hint=hint)
        for call in subject.calls:
            if subject.origin(call.func) in ("os.chdir", "os.fchdir"):
                yield self.at(subject, call, "The notebook changes the current folder.", hint=hint)


class Waits(Rule):
    """The notebook waits for a person, a debugger, or a hosted notebook service.

    In a run nobody answers: it fails there.
    """

    code = "AB124"
    name = "waits-for-a-person"
    severity = "error"
    example = 'name = input("Which month? ")'
    better = '# In [1]: parameters\nmonth: str = "2013-03"'

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for calls that ask, and for debuggers."""
        for call in subject.calls:
            origin = subject.origin(call.func)
            asks = _ASKS.get(origin, "")
            if isinstance(call.func, ast.Name) and not subject.bindings.of_notebook(call.func.id):
                asks = asks or {
                    "input": "an answer",
                    "raw_input": "an answer",
                    "breakpoint": "a debugger",
                }.get(call.func.id, "")
            if asks and not is_elsewhere(subject.scopes, call):
                hint = (
                    "Read it from a secret parameter or the environment."
                    if "password" in asks
                    else ("Make it a parameter." if asks == "an answer" else "Take it out.")
                )
                yield self.at(
                    subject, call, f"The cell waits for {asks}, which a run does not have.", hint=hint
                )
        for command in subject.commands:
            if command.name in ("debug", "pdb") and command.kind == "line" and command.text != "off":
                yield self.at(
                    subject,
                    command.node,
                    "The cell waits for a debugger, which a run does not have.",
                    hint="Take it out.",
                )


class UnknownMagic(Rule):
    """A magic is used that IPython does not have.

    It belongs to an extension that no cell loads, or to a hosted notebook service. A run ends there.
    """

    code = "AB125"
    name = "unknown-magic"
    severity = "error"
    example = "%tensorflow_version 2.x"
    better = "%matplotlib inline"

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Compare the magics with those of IPython, and the extensions with those that are installed."""
        loaded = False
        for command in subject.commands:
            if command.kind not in ("line", "cell"):
                continue
            if command.name in ("load_ext", "reload_ext"):
                loaded = True
                yield from self._extension(subject, command)
            elif command.name == "run":
                yield from self._script(subject, command)
            elif not loaded and not self._is_known(subject, command):
                mark = "%%" if command.kind == "cell" else "%"
                yield self.at(
                    subject,
                    command.node,
                    f"There is no magic {mark}{command.name}.",
                    hint="Load its extension before with %load_ext, or take it out.",
                )

    def _is_known(self, subject: Subject, command: Command) -> bool:
        if command.name in _BUILT_IN or is_elsewhere(subject.scopes, command.node) or not command.name:
            return True
        registers = (
            "register_magic_function",
            "register_line_magic",
            "register_cell_magic",
            "register_magics",
        )
        texts = (cell.source for cell in subject.notebook.code_cells)
        return (
            any(word in text for text in texts for word in registers)
            or subject.bindings.of_notebook(command.name) != []
        )

    def _extension(self, subject: Subject, command: Command) -> Iterator[Finding]:
        name = command.text.split()[0] if command.text else ""
        if (
            name
            and name not in ("autoreload", "storemagic")
            and not subject.environment.has(name, folders=(subject.folder,))
        ):
            yield self.at(
                subject,
                command.node,
                f"The extension {name!r} is not installed in this environment.",
                hint="Add its package to the workspace's packages, or take the line out.",
            )

    def _script(self, subject: Subject, command: Command) -> Iterator[Finding]:
        words = [word.strip("\"'") for word in command.text.split() if not word.startswith("-")]
        if not words or any(sign in words[0] for sign in "{$"):
            return
        names = (words[0], f"{words[0]}.py")
        if not any((folder / name).is_file() for folder in (subject.root, subject.folder) for name in names):
            yield self.at(
                subject,
                command.node,
                f"%run: there is no file {words[0]!r}.",
                hint="Mend the path, or put what it defines into a module and import it.",
            )


class NeedsDisplay(Rule):
    """Figures are to be drawn in a window, or by a widget of Jupyter.

    A run has neither. What `%matplotlib inline` draws is kept with the executed notebook.
    """

    code = "AB126"
    name = "needs-a-display"
    severity = "warning"
    example = "%matplotlib qt"
    better = "%matplotlib inline"
    mends = "Writes `%matplotlib inline`."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for matplotlib's interactive backends."""
        hint = "Write %matplotlib inline, or nothing: it is the default."
        for command in subject.commands:
            if command.name == "matplotlib" and _DISPLAYS.search(command.text):
                yield self.at(
                    subject,
                    command.node,
                    f"%matplotlib {command.text} needs a display or a front end, which a run does not have.",
                    hint=hint,
                    fix=self._inline(subject, command),
                )
        for call in subject.calls:
            if (
                subject.origin(call.func) in ("matplotlib.use", "matplotlib.pyplot.switch_backend")
                and call.args
            ):
                backend = getattr(call.args[0], "value", "")
                if isinstance(backend, str) and _DISPLAYS.search(re.sub(r"agg$", "", backend.lower())):
                    yield self.at(
                        subject,
                        call,
                        f"The backend {backend!r} needs a display or a front end, which a run does not have.",
                        hint=hint,
                    )

    def _inline(self, subject: Subject, command: Command) -> Fix | None:
        spot = subject.spot(command.node)
        line = subject.line(spot.cell, spot.line)
        found = re.fullmatch(r"(\s*%\s*matplotlib\s+)(\S+)\s*", line)
        if not found:
            return None
        edit = Edit(
            subject.cell(spot.cell).index, (spot.line, found.start(2)), (spot.line, found.end(2)), "inline"
        )
        return Fix("Write %matplotlib inline.", (edit,), safe=True)


def installed_by(command: Command) -> list[str] | None:
    """Return what a command installs, as it is written; None for a command that installs nothing."""
    text = f"{command.name} {command.text}"
    if found := _PYTHON_M.match(text):
        text = found["rest"]
    words = text.removeprefix("sudo ").split()
    if command.kind == "cell" and command.name in SHELL_CELLS:
        return next(
            (
                line.split()[2:]
                for line in command.body.split("\n")
                if _installs(line.removeprefix("sudo ").split())
            ),
            None,
        )
    if command.kind not in ("line", "shell") or not _installs(words):
        return None
    after = words[2:] if words[1] != "pip" else words[3:]
    return [word.strip("\"'") for word in after if not word.startswith("-") and not word.startswith(">")]


def _installs(words: list[str]) -> bool:
    return len(words) > 1 and words[0] in _INSTALLERS and bool(_INSTALLS.search(" ".join(words[1:3])))


def line_span(lines: list[str], line: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where a whole line of a cell begins and ends, its line end included."""
    if line < len(lines):
        return (line, 0), (line + 1, 0)
    if line > 1:
        return (line - 1, len(lines[line - 2])), (line, len(lines[line - 1]))
    return (line, 0), (line, len(lines[line - 1]))
