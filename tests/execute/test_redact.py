from __future__ import annotations

import base64
import html
import json
from itertools import pairwise
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetbook.execute.redact import MASK, Redactor, StreamRedactor, secret_values

SECRET = "pä'ss/w\"or d+\\1"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        repr(SECRET)[1:-1],
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        quote(SECRET),
        quote_plus(SECRET),
        html.escape(SECRET),
    ],
)
def test_a_secret_is_found_in_every_form_that_printing_gives_it(form: str) -> None:
    assert Redactor([SECRET]).text(f"<{form}>") == f"<{MASK}>"


@pytest.mark.parametrize("user", ["", "a", "ab", "abc"])
def test_a_secret_is_found_inside_base64(user: str) -> None:
    header = base64.b64encode(f"{user}:correct horse".encode()).decode()
    clean = Redactor(["correct horse"]).text(header)
    assert MASK in clean
    assert len(clean.replace(MASK, "")) <= len(header) - 14  # of 18 characters at most the outer ones stay


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert Redactor(["secret", "secret-of-mine"]).text("secret-of-mine secret") == "*** ***"


def test_each_line_of_a_key_is_a_secret() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END KEY-----\n"
    assert "MIIEvQIB" not in Redactor([key]).text("  3 MIIEvQIBADANBgkqhkiG9w0B")


def test_colours_do_not_hide_a_secret() -> None:
    assert Redactor(["sk-12345"]).text("\x1b[1msk-\x1b[32m12345\x1b[0m!") == "***!"
    assert Redactor(["sk-12345"]).text("\x1b[1mother\x1b[0m") == "\x1b[1mother\x1b[0m"


def test_trees_are_redacted_and_pictures_left_alone() -> None:
    data = {"text/plain": ["my token-1"], "image/png": "xxtoken-1xx", "n": 3, "nested": {"a": ("token-1",)}}
    assert Redactor(["token-1"]).tree(data) == {
        "text/plain": ["my ***"],
        "image/png": "xxtoken-1xx",
        "n": 3,
        "nested": {"a": ["***"]},
    }


def test_keys_are_redacted_and_no_value_is_lost() -> None:
    data = {"token-1": 1, "token-2": 2, "my token-1": {"token-1": "x"}, 3: "token-1"}
    assert Redactor(["token-1", "token-2"]).tree(data) == {
        "***": 1,
        "*** 2": 2,
        "my ***": {"***": "x"},
        3: "***",
    }


def test_keys_that_programs_look_for_stay() -> None:
    data = {"text/plain": "plain", "ename": "ename", "plain": 1}
    assert Redactor(["plain", "ename"]).tree(data) == {"text/plain": "***", "ename": "***", "***": 1}


@given(
    secret=st.text(alphabet="abc1", min_size=6, max_size=12),
    before=st.text(alphabet="abc1 ", max_size=20),
    after=st.text(alphabet="abc1 ", max_size=20),
    cuts=st.sets(st.integers(0, 52)),
)
def test_a_secret_cut_by_the_pieces_of_a_stream_is_found(
    secret: str, before: str, after: str, cuts: set[int]
) -> None:
    text = before + secret + after
    edges = [0, *sorted(c for c in cuts if c < len(text)), len(text)]
    stream = StreamRedactor(Redactor([secret]))
    shown = "".join(stream.feed(text[a:b]) for a, b in pairwise(edges)) + stream.rest()
    assert secret not in shown
    assert MASK in shown


@given(st.lists(st.text(alphabet="abcx\n", max_size=8)))
def test_a_stream_without_secrets_passes_unchanged(pieces: list[str]) -> None:
    stream = StreamRedactor(Redactor(["abcabc"]))
    shown = "".join(map(stream.feed, pieces)) + stream.rest()
    assert shown == Redactor(["abcabc"]).text("".join(pieces))


def test_secrets_are_known_by_name() -> None:
    environment = {
        "PGPASSWORD": "hunter22",
        "GITHUB_TOKEN": "gh-token",
        "AWS_SECRET_ACCESS_KEY": "aws-secret",
        "DB_PASS": "db-pass",
        "OPENAI_APIKEY": "sk-open",
        "TOKENIZERS_PARALLELISM": "something",
        "PWD": "/home/somebody",
        "COMPASS": "north-west",
        "MY_TOKEN": "short",
    }
    found = secret_values({}, environment)
    assert found == {"hunter22", "gh-token", "aws-secret", "db-pass", "sk-open"}


def test_passwords_in_urls_are_secrets() -> None:
    found = secret_values(
        {}, {"DATABASE": "postgresql://me:p%40ssword@host/db", "CACHE": "redis://:abc@host"}
    )
    assert found == {"p%40ssword", "p@ssword", ":p%40ssword@", ":abc@"}
    assert Redactor(found).text("redis://:abc@host abc") == "redis://***host abc"


def test_declared_secrets_that_are_unset_hide_nothing() -> None:
    assert secret_values({"a": "None", "b": "", "c": "abc", "d": "abcd"}) == {"abcd"}


def test_each_value_of_a_nested_secret_is_one() -> None:
    declared = {
        "credentials": {"user": "bob", "password": "hunter22", "ports": [77, 5432], "sk-key": None},
        "tokens": ("token-1", b"token-2", {"token-3"}),
        "pin": 1234,
    }
    found = secret_values(declared)
    assert found == {"hunter22", "5432", "sk-key", "token-1", "token-2", "token-3", "1234"}
    assert Redactor(found).text("password=hunter22 as bob") == "password=*** as bob"
