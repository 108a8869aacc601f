"""What people of the demo world say to each other: `chats.txt`, and how it becomes chats."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, cast, get_args

from agents_core.clock import ordered_uuid, to_micros
from socialnet.agents.chat import Chat
from socialnet.agents.schemas import LikeType
from socialnet.agents.user_chats import UserChats

_TEXT = Path(__file__).parent / "chats.txt"
_HEAD = re.compile(r"\[(?P<name>.*)\] (?P<people>.+) \| unread (?P<unread>\d+)")
_LINE = re.compile(r"(?P<age>\d+[dhm]) (?P<by>\S+): (?P<content>.+?)(?: <(?P<likes>[^>]+)>)?")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


class Line(NamedTuple):
    """One message, and how long before the world was loaded."""

    age: timedelta
    by: str
    content: str
    likes: dict[str, LikeType]


class Talk(NamedTuple):
    """One chat. Who is named first began it; the second one has not read the last few messages."""

    name: str
    people: list[str]
    unread: int
    lines: list[Line]


def talks() -> list[Talk]:
    """All of them, the one with the oldest last message first: lists are in order of arrival."""
    found = [_talk(text) for text in _TEXT.read_text(encoding="utf-8").strip().split("\n\n")]
    return sorted(found, key=lambda talk: -talk.lines[-1].age)


def hold(talk: Talk, began: datetime) -> None:
    """Have it said. What has been said is not said again."""
    chat = Chat.of(_open(talk, began))
    for number, line in enumerate(talk.lines):
        message_id = _message_id(talk, number, began)
        chat.import_message(message_id, line.by, line.content, _time(talk, number, began))
        for who, kind in line.likes.items():
            chat.like(message_id, who, kind)


def read(talk: Talk, began: datetime) -> None:
    """Have everybody read it but for what is left; nobody reads less than they have."""
    chat_id = _open(talk, began)
    for who in talk.people[2:] + talk.people[:1]:
        UserChats.of(who).mark_read(chat_id, _message_id(talk, len(talk.lines) - 1, began))
    if talk.unread < len(talk.lines):
        last = _message_id(talk, len(talk.lines) - 1 - talk.unread, began)
        UserChats.of(talk.people[1]).mark_read(chat_id, last)


def _open(talk: Talk, began: datetime) -> str:
    first, *others = talk.people
    at = _time(talk, 0, began)
    if len(others) == 1:
        return UserChats.of(first).create_chat(others, at).chat_id
    chat_id = str(ordered_uuid(to_micros(at), _lot(talk.name)))
    if not Chat.of(chat_id).create(first, others, at).messages:
        Chat.of(chat_id).set_name(first, talk.name)
    return chat_id


def _time(talk: Talk, number: int, began: datetime) -> datetime:
    """Lines of one age follow each other by half minutes."""
    return began - talk.lines[number].age + timedelta(seconds=30 * number - 600)


def _message_id(talk: Talk, number: int, began: datetime) -> str:
    at = to_micros(_time(talk, number, began))
    return str(ordered_uuid(at, _lot(talk.lines[number].content)))


def _lot(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest())


def _talk(text: str) -> Talk:
    first, *rest = text.splitlines()
    head = _HEAD.fullmatch(first)
    assert head is not None, first
    lines = [_line(line) for line in rest]
    return Talk(head["name"], head["people"].split(), int(head["unread"]), lines)


def _line(text: str) -> Line:
    found = _LINE.fullmatch(text)
    assert found is not None, text
    number, unit = int(found["age"][:-1]), _UNITS[found["age"][-1]]
    likes: dict[str, LikeType] = {}
    for one in found["likes"].split(", ") if found["likes"] else ():
        kind, who = one.split()
        assert kind in get_args(LikeType), one
        likes[who] = cast(LikeType, kind)
    return Line(timedelta(**{unit: number}), found["by"], found["content"], likes)
