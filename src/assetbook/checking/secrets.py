"""Recognizing secrets in text: by the patterns of known services, and by the names that values are given to.

A pattern counts only with all that its service puts into it, so that ordinary text is left alone; what looks
like a placeholder is none.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_PATTERNS = (  # what marks it in a text, what it is, and the whole of it
    ("AKIA", "An AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("ASIA", "An AWS access key", r"\bASIA[0-9A-Z]{16}\b"),
    ("ghp_", "A GitHub token", r"\bghp_[A-Za-z0-9]{36,}\b"),
    ("gho_", "A GitHub token", r"\bgh[ousr]_[A-Za-z0-9]{36,}\b"),
    ("ghs_", "A GitHub token", r"\bghs_[A-Za-z0-9]{36,}\b"),
    ("github_pat_", "A GitHub token", r"\bgithub_pat_[A-Za-z0-9_]{22,}\b"),
    ("glpat-", "A GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("xox", "A Slack token", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    ("hooks.slack.com", "A Slack webhook", r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}"),
    ("AIza", "A Google API key", r"\bAIza[0-9A-Za-z_-]{35}"),
    ("ya29.", "A Google token", r"\bya29\.[0-9A-Za-z_-]{20,}"),
    ("sk-", "An API key", r"\bsk-(?:proj-|ant-|or-v1-|live-)?[A-Za-z0-9_-]{20,}"),
    ("sk_live_", "A Stripe key", r"\b[sr]k_live_[A-Za-z0-9]{16,}"),
    ("rk_live_", "A Stripe key", r"\brk_live_[A-Za-z0-9]{16,}"),
    ("hf_", "A Hugging Face token", r"\bhf_[A-Za-z]{30,}\b"),
    ("npm_", "An npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("pypi-AgE", "A package index token", r"\bpypi-AgE[A-Za-z0-9_-]{20,}"),
    ("dapi", "A Databricks token", r"\bdapi[0-9a-f]{32}\b"),
    ("SG.", "A SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("PRIVATE KEY", "A private key", r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\\n|\\r|\s)*[A-Za-z0-9+/=]{40,}"),
    ("eyJ", "A signed token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    ("AccountKey=", "A storage account's key", r"AccountKey=[A-Za-z0-9+/]{40,}={0,2}"),
    ("SharedAccessKey=", "An access key", r"SharedAccessKey=[A-Za-z0-9+/]{30,}={0,2}"),
    (":AA", "A bot token", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    ("tvly-", "An API key", r"\btvly-[A-Za-z0-9]{20,}"),
    ("gsk_", "An API key", r"\bgsk_[A-Za-z0-9]{40,}"),
    ("r8_", "An API key", r"\br8_[A-Za-z0-9]{30,}"),
    ("PMAK-", "An API key", r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
)  # fmt: skip
_COMPILED = tuple((mark, kind, re.compile(pattern)) for mark, kind, pattern in _PATTERNS)
_URL = re.compile(
    r"\b[a-z][a-z0-9+.\-]*://[^\s/:@'\"<>{}$]*:(?P<password>[^\s/@'\"<>]+)@[\w\[]", re.IGNORECASE
)
_DSN = re.compile(
    r"(?:server|uid|user id|driver|host|database|data source)\s*=[^\n'\"]*;\s*(?:password|pwd)\s*=\s*"
    r"(?P<last>[^\s;'\"{}<>]+)|"
    r"\b(?:password|pwd)\s*=\s*(?P<first>[^\s;'\"{}<>]+)\s*;",
    re.IGNORECASE,
)
_AWS = re.compile(r"aws_secret\w*[\"']?\s*[:=]\s*[\"']?(?P<key>[A-Za-z0-9/+]{40})\b", re.IGNORECASE)

_PASSWORD = re.compile(r"(^|_)(pass(word|wd|phrase)?|pwd|passcode)(_|\d*$)", re.IGNORECASE)
_TOKEN = re.compile(
    r"(^|_)(secret|token|api_?key|apikey|access_?key|auth_?key|private_?key|client_?secret|secret_?key|credentials?|"
    r"bearer|subscription_?key|account_?key|consumer_?(key|secret)|auth)(_|\d*$)",
    re.IGNORECASE,
)
_NOT_A_SECRET = re.compile(
    r"(_|^)(column|col|field|name|label|file|path|url|env|var|hash|type|len|length|prefix|pattern|regex|id|ids|count|"
    r"format|class|input|placeholder|prompt|help|hint|policy|sep|pad|eos|bos|mask|unk|start|end|header|headers|endpoint|uri|method|manager|store|page|next)(_|$)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"<.*>|\$\{?.*|\{.*\}|%\(?.*|x{3,}.*|\*+|\.{2,}|-+|_+|your.*|my_?(secret|token|password|key|api).*|insert.*|enter.*|"
    r"change_?me.*|replace.*|.*_here|.*example.*|dummy.*|fake.*|placeholder.*|todo|none|null|test|secret|password|passwd|"
    r"token|tiger|postgres|root|admin|guest|pass|user|username|pwd|redacted|hidden|foo|bar|1234?5?6?|0+|.*\.\.\.",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[A-Za-z][a-z]*([ _-][A-Za-z][a-z]*)*[:?!.]?\s*")


@dataclass(frozen=True)
class Secret:
    """What kind of secret was found, the text that is it, and where it begins in the text that was looked at."""

    kind: str
    text: str
    start: int


def find_secrets(text: str) -> Iterator[Secret]:
    """Give the secrets in a text that can be told by their form."""
    for mark, kind, pattern in _COMPILED:
        if mark in text:
            for found in pattern.finditer(text):
                if _is_secret(found[0], kind):
                    yield Secret(kind, found[0], found.start())
    if "://" in text and "@" in text:
        for found in _URL.finditer(text):
            if not _HARMLESS.fullmatch(found["password"]):
                yield Secret("An address with a password", found["password"], found.start())
    for found in (
        _DSN.finditer(text) if "=" in text and re.search("pwd|password", text, re.IGNORECASE) else ()
    ):
        password = found["last"] or found["first"]
        if not _HARMLESS.fullmatch(password):
            yield Secret("A connection string with a password", password, found.start())
    for found in _AWS.finditer(text):
        yield Secret("An AWS secret key", found["key"], found.start())


def is_secret_value(name: str, value: object) -> bool:
    """Whether a value that is given to a name is a secret in plain text."""
    name = name.replace("-", "_")  # of a header
    if (
        not isinstance(value, str)
        or len(value) < 6
        or _NOT_A_SECRET.search(name)
        or " " in value
        or "\n" in value
    ):
        return False
    if _HARMLESS.fullmatch(value):
        return False
    if _PASSWORD.search(name):
        return not _WORDS.fullmatch(value)
    if _TOKEN.search(name) or re.search(
        r"(api|access|secret|private)_?key|secret|token$", name, re.IGNORECASE
    ):
        return len(value) >= 12 and _is_random(value) and not value.startswith(("http", "/", "."))
    return False


def _is_secret(text: str, kind: str) -> bool:
    """Whether what looks like a secret is none of those that documentation shows."""
    if kind == "A private key":
        return True
    if "example" in text.lower() or "xxxx" in text.lower():
        return False
    return _is_random(text) if kind == "An API key" else _entropy(text) >= _RANDOM


def _is_random(text: str) -> bool:
    """Whether a text is made of characters that nobody would choose: digits among letters, and few repeats."""
    letters, digits = any(map(str.isalpha, text)), any(map(str.isdigit, text))
    mixed = (letters and digits) or (text != text.lower() and text != text.upper())
    return mixed and _entropy(text) >= _RANDOM


def _entropy(text: str) -> float:
    """Return the bits of a character, as often as each occurs (Shannon, 1948)."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


_RANDOM = 2.8  # bits; English words of this length have less
