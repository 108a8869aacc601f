"""The search of an oplog read off its rules: value by value, in memory, with Python's own means.

Also the other direction of the language: a tree written as the text of a query.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from agents_core.oplog_query import All, Condition, Node, Not, Some, Sort


@dataclass(frozen=True)
class Row:
    """An entry as it is stored; `entry` is JSON."""

    index: int
    kind: str
    recorded_at: datetime
    entry: str


def finds(node: Node, row: Row) -> bool:
    """Whether the query finds the entry."""
    match node:
        case All(of=nodes):
            return all(finds(part, row) for part in nodes)
        case Some(of=nodes):
            return any(finds(part, row) for part in nodes)
        case Not(node=inner):
            return not finds(inner, row)
    if node.field is None:
        left_out = {"time", "seed", "index", "recorded_at"}
        return any(fits(node, text) for path, text in texts(row) if path not in left_out)
    wanted = lowered(node.field)
    return any(fits(node, text) for path, text in texts(row) if lowered(path) == wanted)


def texts(row: Row) -> Iterator[tuple[str, str]]:
    """Each value as text, with its path."""
    yield "kind", row.kind
    yield "index", str(row.index)
    yield "recorded_at", row.recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    entry = json.loads(row.entry, parse_float=Decimal, parse_int=Decimal)
    for name, value in entry.items():
        yield from walk(name, value)


def walk(path: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from walk(f"{path}.{name}", inner)
        case list():
            for inner in value:
                yield from walk(path, inner)
        case bool():
            yield path, "true" if value else "false"
        case Decimal():
            yield path, f"{value:f}".removeprefix("-") if value == 0 else f"{value:f}"
        case str():
            yield path, value


def fits(condition: Condition, text: str) -> bool:
    match condition.sort:
        case Sort.WORD:
            return lowered(condition.text) in lowered(text)
        case Sort.PHRASE:
            return condition.text in text
        case Sort.REGEX:
            return re.search(in_python(condition.text), text, re.DOTALL) is not None


def lowered(text: str) -> str:
    """Letter by letter: the one letter that Python lowers to two is an i to the database."""
    return "".join("i" if letter == "İ" else letter.lower() for letter in text)


def in_python(pattern: str) -> str:
    """`$` is the end of the text, not also the place before a last line's end."""
    return re.sub(r"\\.|\$", lambda found: r"\Z" if found[0] == "$" else found[0], pattern)


def written(node: Node) -> str:
    """The text of a query that has this tree."""
    match node:
        case Condition(field=None):
            return value(node)
        case Condition(field=str(name)):
            return f"{word(name)}:{value(node)}"
        case Not(node=inner):
            return f"NOT {grouped(inner)}"
        case Some(of=nodes):
            return " OR ".join([grouped(part) for part in nodes])
        case All(of=nodes):
            between = " AND " if len(nodes) % 2 else "  "
            return between.join([grouped(part) for part in nodes])


def grouped(node: Node) -> str:
    return written(node) if isinstance(node, Condition | Not) else f"({written(node)})"


def value(condition: Condition) -> str:
    match condition.sort:
        case Sort.WORD:
            return word(condition.text)
        case Sort.PHRASE:
            return '"' + re.sub(r'(["\\])', r"\\\1", condition.text) + '"'
        case Sort.REGEX:
            # a slash may be written with a backslash of its own already
            return "/" + re.sub(r"\\.|/", lambda it: r"\/" if it[0] == "/" else it[0],
                                condition.text, flags=re.DOTALL) + "/"  # fmt: skip


def word(text: str) -> str:
    escaped = re.sub(r"([^\w.])", r"\\\1", text)
    return f"\\{escaped}" if text in ("AND", "OR", "NOT") else escaped
