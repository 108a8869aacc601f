"""A chat of 100,000 messages is opened and written to like one of ten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from agents_core import wire
from agents_core.testing import step
from socialnet.agents.chat import Chat
from socialnet.agents.user_chats import UserChats

TEN, LONG = 10, 100_000
_OLDER = """
INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item, since)
SELECT agent_id, name, '00000000-0000-7000-8000-' || lpad(n::text, 12, '0'), n,
       item || jsonb_build_object('created_at', to_char(
           to_timestamp(n / 1e6) AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), since
FROM agents_core_item, generate_series(1, %s) n WHERE agent_id = %s AND name = 'messages'
"""


@dataclass
class Work:
    """What the database was asked to do."""

    statements: int = 0
    rows: int = 0


@contextmanager
def counted() -> Iterator[Work]:
    """Count what the agents send to the database meanwhile, and the rows that come back."""
    work = Work()
    send, run_one, receive = wire._send, wire._run_one, wire._receive
    execute = wire.Connection.execute

    def sending(link: Any, steps: Any) -> Any:
        work.statements += len(steps)
        return send(link, steps)

    def receiving(link: Any, sent: Any) -> Any:
        results = receive(link, sent)
        work.rows += sum(result.ntuples for result in results)
        return results

    def running_one(link: Any, *statement: Any) -> Any:
        result = run_one(link, *statement)
        work.statements += 1
        work.rows += result.ntuples
        return result

    def executing(link: Any, *args: Any, **kwargs: Any) -> Any:
        cursor = execute(link, *args, **kwargs)
        work.statements += 1
        work.rows += max(cursor.rowcount, 0)
        return cursor

    with (
        mock.patch.object(wire, "_send", sending),
        mock.patch.object(wire, "_receive", receiving),
        mock.patch.object(wire, "_run_one", running_one),
        mock.patch.object(wire.Connection, "execute", executing),
    ):
        yield work


def chat_of(length: int) -> str:
    """A chat with so many messages, of which bob has read all."""
    chat_id = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
    Chat.of(chat_id).send("alice", "hello")
    with connection.cursor() as cursor:
        cursor.execute(_OLDER, [length - TEN, Chat.of(chat_id).id])
    for number in range(TEN - 1):
        Chat.of(chat_id).send("alice", f"{number}")
    step()
    UserChats.of("bob").mark_read(chat_id)
    return chat_id


# A page of eight looks two messages further, to know whether there are older ones.
WORK: dict[str, Callable[[str], Any]] = {
    "open": lambda chat_id: Chat.of(chat_id).get_chat("bob", limit=TEN - 2),
    "send": lambda chat_id: Chat.of(chat_id).send("alice", "one more"),
    "deliver": lambda chat_id: step(),
    "read": lambda chat_id: UserChats.of("bob").mark_read(chat_id),
    "list": lambda chat_id: UserChats.of("bob").get_chats(),
}


@pytest.mark.slow
def test_its_length_costs_nothing() -> None:
    work = {length: work_for(chat_of(length)) for length in (TEN, LONG)}
    assert work[TEN] == work[LONG]
    assert all(done.statements for done in work[LONG].values())


def work_for(chat_id: str) -> dict[str, Work]:
    """What each thing that people do costs in that chat, the second time they do it."""
    costs: dict[str, Work] = {}
    for _ in range(2):  # the first time statements are prepared
        for name, do in WORK.items():
            with counted() as costs[name]:
                do(chat_id)
    UserChats.of("bob").forget(chat_id)
    return costs


def test_its_beginning_is_reached_by_page() -> None:
    chat_id = chat_of(1_000)
    seen: list[str] = []
    before: str | None = None
    for _ in range(5):
        chat = Chat.of(chat_id).get_chat("bob", before=before, limit=200)
        assert chat is not None
        seen += [message.message_id for message in reversed(chat.messages)]
        before = chat.next_before
    assert before is None
    assert len(set(seen)) == 1_000
    assert seen == sorted(seen, reverse=True)
