"""The magics and shell commands of a notebook, as data.

`assetbook.contract.source` has made calls of them; here they are read back, together with the calls by which
Python code runs the same: ``os.system("ls")``, ``get_ipython().run_line_magic("pip", "install x")``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject

CommandKind = Literal["line", "cell", "shell", "help"]

SHELL_CELLS = frozenset({"bash", "sh", "script", "system", "sx", "cmd", "perl", "ruby", "javascript", "js"})
_SHELL_CALLS = frozenset(
    {
        "os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.check_call",
        "subprocess.check_output", "subprocess.Popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    }
)  # fmt: skip
_CELL = re.compile(r"\s*%%\s*(?P<name>[\w.]+)[ \t]*(?P<rest>[^\n]*)(?P<body>.*)", re.DOTALL)
_LINE = re.compile(r"\s*%\s*(?P<name>[\w.]+)\s*(?P<rest>.*)", re.DOTALL)
_SHELL = re.compile(r"\s*!{1,2}\s*(?P<rest>.*)", re.DOTALL)
_BARE = re.compile(r"\s*(?P<name>[\w.]+)\s*(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A magic or a shell command.

    Attributes:
        kind: ``line`` and ``cell`` are magics, ``shell`` runs a program, ``help`` asks for help.
        name: of the magic; of a shell command the program.
        text: what follows the name in its line.
        body: the other lines of a cell magic.
        node: the call in the code.
    """

    kind: CommandKind
    name: str
    text: str
    body: str
    node: ast.AST

    @property
    def written(self) -> str:
        """The command as a person writes it, without its body."""
        mark = {"line": "%", "cell": "%%", "shell": "!", "help": ""}[self.kind]
        return f"{mark}{self.name} {self.text}".strip()

    @property
    def words(self) -> list[str]:
        """The words of the command, its name first."""
        return [self.name, *self.text.split()]


def find_commands(subject: Subject) -> Iterator[Command]:
    """Give the commands of a notebook, in order."""
    for call in subject.calls:
        yield from _commands(call, subject)


def ipython_text(call: ast.AST) -> str | None:
    """Return the text of the command that a call made of IPython's syntax stands for."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr="run_cell"),
            args=[ast.Constant(value=str() as text), *_],
        ):
            return text
    return None


def parse_command(text: str, node: ast.AST) -> Command:
    """Return the command of a text in IPython's syntax."""
    if found := _CELL.fullmatch(text):
        return Command("cell", found["name"], found["rest"].strip(), found["body"].lstrip("\n"), node)
    if found := _SHELL.fullmatch(text):
        return _shell(found["rest"], node)
    if text.rstrip().endswith("?") or text.lstrip().startswith("?"):
        return Command("help", text.strip(), "", "", node)
    if found := _LINE.fullmatch(text):
        return _line(found["name"], found["rest"], node)
    found = _BARE.fullmatch(text)  # an automagic, such as a line ``pip install x``
    return _line(found["name"], found["rest"], node) if found else Command("line", "", text, "", node)


def _line(name: str, rest: str, node: ast.AST) -> Command:
    if name in ("sx", "system", "sc"):
        return _shell(rest, node)
    return Command("line", name, rest.strip(), "", node)


def _shell(text: str, node: ast.AST) -> Command:
    name, _, rest = text.strip().partition(" ")
    return Command("shell", name, rest.strip(), "", node)


def _commands(call: ast.Call, subject: Subject) -> Iterator[Command]:
    text = ipython_text(call)
    if text is not None:
        yield parse_command(text, call)
        return
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=method), args=arguments
        ):
            texts = [item.value for item in arguments if isinstance(item, ast.Constant)]
            words = [word for word in texts if isinstance(word, str)]
            if method in ("run_line_magic", "magic") and words:
                yield parse_command("%" + " ".join(words), call)
            elif method == "run_cell_magic" and words:
                yield parse_command("%%" + " ".join(words[:2]) + "\n" + "\n".join(words[2:]), call)
            elif method in ("system", "getoutput") and words:
                yield parse_command("!" + words[0], call)
        case ast.Call(func=function, args=[first, *_]) if subject.origin(function) in _SHELL_CALLS:
            yield _shell(_argument_text(first), call)


def _argument_text(node: ast.expr) -> str:
    """Return a program and its arguments as a shell has them, as far as they are literal."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return " ".join(_argument_text(item) for item in items)
        case ast.Attribute(value=ast.Name(id="sys"), attr="executable"):
            return "python"
        case ast.JoinedStr(values=parts):
            return "".join(_argument_text(part) for part in parts)
        case ast.Call(func=ast.Attribute(value=value, attr="split")):
            return _argument_text(value)
    return "…"
