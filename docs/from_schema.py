"""A JSON schema as Markdown: a table of every field that it describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ANY = "NAME"  # stands for the keys of an object that are names


def table(schema: Mapping[str, Any]) -> Iterator[str]:
    """Give a line for each field, those inside of others after them."""
    yield from ("| field | type | meaning |", "|---|---|---|")
    for name, node in _fields(schema, ""):
        yield f"| `{name}` | {_type(node)} | {node.get('description', '')} |"


def undescribed(schema: Mapping[str, Any]) -> list[str]:
    """Return the fields of which nothing is said."""
    return [name for name, node in _fields(schema, "") if not node.get("description")]


def _fields(node: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, inner in node.get("properties", {}).items():
        yield f"{path}{name}", inner
        yield from _inside(inner, f"{path}{name}")


def _inside(node: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for variant in (node, *node.get("oneOf", ())):
        yield from _fields(variant, f"{path}.")
        if isinstance(named := variant.get("additionalProperties"), dict):
            yield from _fields(named, f"{path}.{ANY}.")
        if isinstance(items := variant.get("items"), dict):
            yield from _fields(items, f"{path}[].")


def _type(node: Mapping[str, Any]) -> str:
    if "oneOf" in node:
        return ", ".join(_type(variant) for variant in node["oneOf"])
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        return ", ".join(f"`{choice}`" for choice in node["enum"])
    found = node["type"] if isinstance(node["type"], list) else [node["type"]]
    items = node.get("items", {})
    of = f" of {_type(items)}" if "type" in items and items["type"] != "object" else ""
    return ", ".join(found) + of + (", a time" if node.get("format") == "date-time" else "")
