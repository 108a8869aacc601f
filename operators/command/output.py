"""How results are printed: tables for people, one JSON document for programs."""

import io
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.core.management.base import OutputWrapper
from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.json import JSON
from rich.table import Table

SHORT = 100
"""Characters of a value in a table."""
WIDE = 400
"""Columns where nobody looks: what is written to a file or a pipe is not cut."""


class Output:
    """Standard output in one of two shapes; refusals and remarks go to standard error."""

    def __init__(self, out: OutputWrapper, err: OutputWrapper, *, as_json: bool) -> None:
        self.as_json = as_json
        self._out = out
        self._err = err

    def give(self, value: Any, *shown: RenderableType) -> None:
        """The value as JSON, or what people are shown instead."""
        if self.as_json:
            if isinstance(value, BaseModel):
                value = value.model_dump(mode="json", by_alias=True)
            text = orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode()
            self._out.write(text)
            return
        for one in shown:
            self._out.write(_drawn(one, to_people=self._out.isatty()), ending="")

    def say(self, text: str) -> None:
        """A remark that is not part of the result."""
        self._err.write(text)

    def more(self, next_cursor: str | None) -> None:
        """That there is more, for people; programs read `next_cursor`."""
        if next_cursor is not None and not self.as_json:
            self.say(f"There is more: --cursor {next_cursor}")


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> RenderableType:
    """Rows under headings; an empty one says so."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*(_plain(value) for value in row))
    return drawn if drawn.row_count else "Nothing found."


def facts(pairs: Iterable[tuple[str, Any]]) -> RenderableType:
    """Names and values, line by line."""
    drawn = Table(box=None, pad_edge=False, show_header=False)
    drawn.add_column(style="bold")
    drawn.add_column(overflow="fold")
    for name, value in pairs:
        drawn.add_row(name, _plain(value))
    return drawn


def document(value: Any) -> RenderableType:
    """JSON, indented."""
    return JSON(orjson.dumps(value, default=str).decode())


def one_line(value: Any) -> str:
    """JSON in one line."""
    return orjson.dumps(value, default=str).decode()


def in_short(value: Any) -> str:
    """JSON in one line, its end left out where it is long."""
    text = one_line(value)
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return one_line(value)
    return "" if value is None else str(value)


def _drawn(what: RenderableType, *, to_people: bool) -> str:
    page = io.StringIO()
    width = None if to_people and sys.stdout.isatty() else WIDE
    # what agents keep is no markup, and their ids are no emojis
    console = Console(
        file=page,
        width=width,
        force_terminal=to_people,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(what)
    # a table fills its lines up to its width
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())
