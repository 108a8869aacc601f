"""What a client writes down before and after what it does, a line of JSON each.

It outlives the client: who is started in a killed one's place reads it and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TypedDict

import orjson

from tests.faults.chaos.linearizability import Operation


class Sent(TypedDict):
    """A program was answered."""

    thread: str
    place: int
    program: str


class Begun(TypedDict):
    """An operation on a register begins."""

    thread: str
    place: int
    register: str
    kind: Literal["read", "fresh", "write", "cas"]
    value: str
    expected: str | None
    keyed: bool
    called: int


class Answered(TypedDict):
    """It was answered: `done` or `changed`, with what the register holds; `unavailable`, so that it
    surely has not happened."""

    thread: str
    place: int
    how: Literal["done", "changed", "unavailable"]
    found: str | None
    answered: int


class Journal:
    """The journal of one client. Its threads write to it at once, a line at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stop = Path(f"{path}.stop")
        """Who sees this file begins nothing more."""
        self.sent: dict[str, int] = {}
        """How many programs of each thread were answered."""
        self.begun: dict[tuple[str, int], Begun] = {}
        self.answered: dict[tuple[str, int], Answered] = {}
        self._file: int | None = None
        if path.exists():
            self._read(path.read_bytes().splitlines())

    def _read(self, lines: Iterable[bytes]) -> None:
        for text in lines:
            line = orjson.loads(text)
            thread, place = line["thread"], line["place"]
            if "program" in line:
                assert place == self.sent.get(thread, 0), f"{thread} skipped a program: {line}"
                self.sent[thread] = place + 1
            elif "how" in line:
                self.answered[thread, place] = line
            else:
                self.begun[thread, place] = line

    def write(self, line: Sent | Begun | Answered) -> None:
        """Add a line, whole or not at all."""
        if self._file is None:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(self._file, orjson.dumps(line) + b"\n")

    def last_begun(self, thread: str) -> Begun | None:
        """The newest operation of a thread, which may be unanswered."""
        own = [place for name, place in self.begun if name == thread]
        return self.begun[thread, max(own)] if own else None


def histories(journals: Iterable[Journal]) -> dict[str, list[Operation]]:
    """What happened to each register, as its callers saw it."""
    found: dict[str, list[Operation]] = {}
    for journal in journals:
        for place, begun in journal.begun.items():
            operation = _operation(begun, journal.answered.get(place))
            if operation is not None:
                found.setdefault(begun["register"], []).append(operation)
    return found


def _operation(begun: Begun, answered: Answered | None) -> Operation | None:
    who = f"{begun['thread']}.{begun['place']}"
    called, kind = begun["called"], begun["kind"]
    is_read = kind in ("read", "fresh")
    if answered is None:
        if is_read:
            return None
        return Operation(kind, called, None, begun["value"], begun["expected"], who)
    if answered["how"] == "unavailable":
        return None
    if is_read or answered["how"] == "changed":
        return Operation("read", called, answered["answered"], answered["found"], who=who)
    return Operation(kind, called, answered["answered"], begun["value"], begun["expected"], who)
