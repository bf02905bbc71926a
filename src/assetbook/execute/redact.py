"""What must not be written down: finding secret values, and taking them out of text before it goes anywhere.

Secrets are known by value: the declared ones, those of environment variables whose name says so, and
passwords inside URLs. A value is looked for as it is and in the forms that printing, quoting and encoding give
it. What cannot be found is a secret that the code itself has changed, for instance reversed.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, unquote

MASK = "***"
SHORTEST = 6  # of an undeclared secret: a shorter value would take ordinary words out of the text
SHORTEST_DECLARED = 4

_NAME = re.compile(
    r"SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|(^|_)(TOKENS?|PASS|PWD)(_|$)",
    re.IGNORECASE,
)
_NOT_PWD = frozenset({"PWD", "OLDPWD"})  # the shell's folders
_URL = re.compile(r"[a-z][a-z0-9+.\-]*://[^\s/:@]*:(?P<password>[^\s/@]+)@", re.IGNORECASE)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PLAIN_WORDS = frozenset({"none", "null", "true", "false"})  # what an unset secret parameter looks like

_WORD = re.compile(r"[A-Za-z_]+")  # what a field is called: it stands in ordinary text too
_MIME = re.compile(r"(application|audio|font|image|text|video)/[a-z0-9.+\-]+")
# Keys that programs look for in what a kernel answers and a session reports:
_REPLY = ("ename", "evalue", "traceback", "status", "execution_count", "tags")
_COLUMN = ("name", "type", "description", "nullable", "unique", "checks")
_SCHEMA = ("passed", "failures", "count", "columns", "column", "check", "value", "row")
_FIELDS = frozenset((*_REPLY, *_COLUMN, *_SCHEMA))

T = TypeVar("T")


def strip_ansi(text: str) -> str:
    """Return `text` without terminal colour codes."""
    return _ANSI.sub("", text)


def secret_values(declared: Mapping[str, Any], *surroundings: Mapping[str, Any]) -> set[str]:
    """Return the texts that are to be hidden.

    Args:
        declared: name to value of what is known to be secret. Of lists and mappings each value is a secret, and
            each key that is no plain word such as ``password``.
        surroundings: name to value of what may be: environment, storage options, parameters. A value counts
            if its name says so; in every other one the password of a URL does.
    """
    texts = (text for value in declared.values() for text in _leaves(value))
    found = {text for text in texts if len(text) >= SHORTEST_DECLARED and text.lower() not in _PLAIN_WORDS}
    for values in surroundings:
        for name, value in values.items():
            if not isinstance(value, str):
                continue
            if _NAME.search(name) and name not in _NOT_PWD and len(value) >= SHORTEST:
                found.add(value)
            found.update(_passwords(value))
    return found


def _leaves(value: Any) -> Iterator[str]:
    """Give the texts that lists and mappings within each other are made of; a value alone is its own text."""
    if isinstance(value, Mapping):
        keys = (key for key in value if not (isinstance(key, str) and _WORD.fullmatch(key)))
        value = [*keys, *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    else:
        yield str(value)


def _passwords(value: str) -> Iterator[str]:
    for match in _URL.finditer(value):
        password = match["password"]
        yield f":{password}@"  # also a short one is hidden where it stands in a URL
        yield from (form for form in (password, unquote(password)) if len(form) >= SHORTEST)


class Redactor:
    """Replaces secret values by ``***``."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if form}
        self._forms = sorted(
            forms, key=len, reverse=True
        )  # a secret inside another one: the longer goes first
        self._one_line = [form for form in self._forms if "\n" not in form]
        self._characters = frozenset("".join(self._one_line))
        self._longest = max(map(len, self._one_line), default=0)

    def text(self, text: str) -> str:
        """Return `text` with every secret replaced.

        Text whose colour codes cut a secret in two loses its colours.
        """
        clean = self._replace(text)
        if self._forms and "\x1b[" in clean:
            plain = strip_ansi(clean)
            if (bare := self._replace(plain)) != plain:
                return bare
        return clean

    def tree(self, data: T) -> T:
        """Return JSON-like data with every secret in its texts and keys replaced; base64 of pictures is left alone."""
        if not self._forms:
            return data
        return self._walk(data)  # type: ignore[no-any-return]

    def unfinished(self, text: str) -> int:
        """Return how many characters at the end of `text` may be the beginning of a secret."""
        if not text or text[-1] not in self._characters:
            return 0
        tail = text[-(self._longest - 1) :] if self._longest > 1 else ""
        for start in range(len(tail)):
            rest = tail[start:]
            if any(form.startswith(rest) for form in self._one_line):
                return len(rest)
        return 0

    def _replace(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def _walk(self, data: Any) -> Any:
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, dict):
            return self._mapping(data)
        if isinstance(data, list | tuple):
            return [self._walk(item) for item in data]
        return data

    def _mapping(self, data: dict[Any, Any]) -> dict[Any, Any]:
        """Return a mapping without secrets; keys that become equal are numbered, so that no value is lost."""
        clean: dict[Any, Any] = {}
        for key, value in data.items():
            kept = name = key if _is_field(key) else self._walk(key)
            number = 1
            while kept in clean:
                number += 1
                kept = f"{name} {number}"
            clean[kept] = value if _is_picture(key) else self._walk(value)
        return type(data)(clean)  # of its own type: notebooks are NotebookNodes


class StreamRedactor:
    """Redacts text that arrives in pieces: a secret that is cut in two by the pieces is found too."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, text: str) -> str:
        """Take a piece; return what can be shown, which is all of it but the possible start of a secret."""
        text = self._redactor.text(self._held + text)
        held = self._redactor.unfinished(text)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self) -> str:
        """Return what was held back, at the end of the text."""
        held, self._held = self._held, ""
        return held


def _is_field(key: object) -> bool:
    return not isinstance(key, str) or key in _FIELDS or _MIME.fullmatch(key) is not None


def _is_picture(key: object) -> bool:
    return isinstance(key, str) and (
        (key.startswith("image/") and key != "image/svg+xml") or key == "application/pdf"
    )


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield repr(secret)[1:-1]
    yield secret.encode("unicode_escape").decode("ascii")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield from (html.escape(secret), html.escape(secret, quote=False))
    yield from (line for line in secret.splitlines() if len(line) >= 2 * SHORTEST)  # keys in PEM format
    yield from _base64_forms(secret.encode("utf-8", "surrogatepass"))


def _base64_forms(secret: bytes) -> Iterator[str]:
    """Give the base64 text of `secret` at each place that it may have in a longer encoded text."""
    for before, first in ((0, 0), (1, 2), (2, 3)):  # the first characters mix with the bytes before
        encoded = base64.b64encode(b"\0" * before + secret).rstrip(b"=").decode("ascii")
        last = len(encoded) - (1 if (before + len(secret)) % 3 else 0)  # the last one with those after
        core = encoded[first:last]
        if len(core) >= SHORTEST:
            yield core
            yield core.replace("+", "-").replace("/", "_")
