"""What ``ab.asset(...)`` declares, checked option by option."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assetbook.contract.model import Freshness, Options
from assetbook.contract.partitions import parse_partitions
from assetbook.contract.units import parse_cron, parse_duration, parse_size
from assetbook.errors import ContractError, did_you_mean

_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_OWNER = re.compile(r"team:[A-Za-z0-9_.-]+|[^@\s]+@[^@\s]+\.[^@\s]+")
_TAG_KEY = re.compile(r"([A-Za-z0-9_.-]{1,63}/)?[A-Za-z0-9_.-]{1,63}")
_KIND = re.compile(r"[A-Za-z0-9_.-]{1,63}")
_MOST_KINDS = 10  # Dagster's limit


def parse_options(values: Mapping[str, Any], *, where: str = "ab.asset") -> Options:
    """Return the options that the arguments of ``ab.asset`` declare.

    Args:
        values: the arguments by name.
        where: what the message calls the place.

    Raises:
        ContractError: naming every option that is wrong, with found and expected.
    """
    wrong: list[str] = []
    options = read_options(values, complain=wrong.append)
    if wrong:
        raise ContractError("\n".join(f"{where}: {message}" for message in wrong))
    return options


def read_options(values: Mapping[str, Any], *, complain: Callable[[str], None]) -> Options:
    """Return the options that can be understood; ``complain`` gets a message for each other one."""
    known: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _READERS:
            complain(f"there is no option {name!r}. {did_you_mean(name, _READERS)}")
            continue
        try:
            known |= _READERS[name](value) if value is not None else {}
        except ValueError as error:
            complain(f"option {name!r}: {error}.")
    return Options(**known)


def _name(field: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise ValueError(f"expected a name of letters, digits and _, found {value!r}")
        return {field: value}

    return read


def _description(value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {value!r}")
    return {"description": value}


def _texts(field: str, pattern: re.Pattern[str], expected: str) -> Callable[[Any], dict[str, Any]]:
    def read(value: Any) -> dict[str, Any]:
        if isinstance(value, str):
            raise ValueError(f"expected a list, found {value!r}; write [{value!r}]")
        if not isinstance(value, list | tuple):
            raise ValueError(f"expected a list of {expected}, found {value!r}")
        wrong = [item for item in value if not isinstance(item, str) or not pattern.fullmatch(item)]
        if wrong:
            raise ValueError(f"expected {expected}, found {wrong[0]!r}")
        return {field: tuple(value)}

    return read


def _kinds(value: Any) -> dict[str, Any]:
    read = _texts("kinds", _KIND, "kinds such as python or table")(value)
    if len(read["kinds"]) > _MOST_KINDS:
        raise ValueError(f"expected at most {_MOST_KINDS} kinds, found {len(read['kinds'])}")
    return read


def _tags(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f'expected a dict such as {{"domain": "ops"}}, found {value!r}')
    for key, text in value.items():
        if not isinstance(key, str) or not _TAG_KEY.fullmatch(key):
            raise ValueError(f"expected a key of at most 63 letters, digits, _ . and -, found {key!r}")
        if not isinstance(text, str):
            raise ValueError(f"expected text as the value of {key!r}, found {text!r}")
    return {"tags": dict(value)}


def _freshness(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {"freshness": Freshness(fail_after=parse_duration(value))}
    deadline = "cron" in value
    fields = ("cron", "lower_bound", "timezone") if deadline else ("fail", "warn")
    unknown = next((key for key in value if key not in fields), None)
    if unknown is not None:
        raise ValueError(
            f"there is no {unknown!r} beside {fields[0]!r}. {did_you_mean(str(unknown), fields)}"
        )
    return {"freshness": _deadline(value) if deadline else _window(value)}


def _window(value: Mapping[str, Any]) -> Freshness:
    if "fail" not in value:
        raise ValueError(f'expected "fail", such as {{"fail": "1d", "warn": "12h"}}, found {value!r}')
    fail = parse_duration(value["fail"])
    warn = parse_duration(value["warn"]) if value.get("warn") is not None else None
    if warn is not None and warn >= fail:
        raise ValueError(f"the warning has to come before the failure, found {value!r}")
    return Freshness(fail_after=fail, warn_after=warn)


def _deadline(value: Mapping[str, Any]) -> Freshness:
    if "lower_bound" not in value:
        example = '{"cron": "0 9 * * *", "lower_bound": "2h"}'
        raise ValueError(f'expected "lower_bound", the time before the deadline, such as {example}')
    timezone = value.get("timezone", "UTC")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise ValueError(f'expected a time zone such as "Europe/Berlin", found {timezone!r}') from None
    return Freshness(
        deadline_cron=parse_cron(value["cron"]),
        lower_bound=parse_duration(value["lower_bound"]),
        timezone=timezone,
    )


def _automation(value: Any) -> dict[str, Any]:
    if value in ("eager", "on_missing"):
        return {"automation": value}
    if isinstance(value, str) and value.startswith("on_cron "):
        return {"automation": f"on_cron {parse_cron(value.removeprefix('on_cron '))}"}
    raise ValueError(f'expected "eager", "on_missing" or "on_cron 0 9 * * *", found {value!r}')


def _retries(value: Any) -> dict[str, Any]:
    most, delay = value, None
    if isinstance(value, Mapping):
        unknown = next((key for key in value if key not in ("max", "delay")), None)
        if unknown is not None:
            raise ValueError(f"there is no {unknown!r}. {did_you_mean(str(unknown), ('max', 'delay'))}")
        most, delay = value.get("max"), value.get("delay")
    if type(most) is not int or most < 0:
        raise ValueError(f'expected a number of retries, or {{"max": 2, "delay": "10s"}}, found {value!r}')
    return {"retries": most, "retry_delay": parse_duration(delay) if delay else 0.0}


_READERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "group": _name("group"),
    "description": _description,
    "owners": _texts("owners", _OWNER, "mail addresses or names such as team:ops"),
    "tags": _tags,
    "kinds": _kinds,
    "partitions": lambda value: {"partitions": parse_partitions(value)},
    "freshness": _freshness,
    "automation": _automation,
    "retries": _retries,
    "pool": _name("pool"),
    "timeout": lambda value: {"timeout": parse_duration(value)},
    "memory": lambda value: {"memory": parse_size(value)},
    "secrets": _texts("secrets", re.compile(r"\w+"), "names of parameters"),
}
