"""What chats answer with, shaped as the HTTP contract says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from socialnet.agents.schemas import LikeType

MESSAGE_MAX = 2_000
PARTICIPANTS_MIN = 2
PARTICIPANTS_MAX = 256


def _is_absent(value: Any) -> bool:
    return value is None


def _is_empty(value: Any) -> bool:
    return not value


class MessageView(BaseModel):
    """One message. `edited_at` is left out of one that never was.

    Of a deleted one there is nothing left to read but its place, and that only where asked for.
    """

    message_id: str
    content: str
    likes: dict[str, LikeType] = {}
    created_by: str
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = Field(default=None, exclude_if=_is_absent)
    deleted_at: datetime | None = Field(default=None, exclude_if=_is_absent)


class ChatView(BaseModel):
    """A chat as one of its participants sees it.

    `messages` is a stretch of them, oldest first. `older_messages` says whether there are more,
    and `next_before` from where: it differs from the first message's id where blocks hide some.
    `pending` are participants to whom the chat is a request: they have not accepted it yet.
    """

    chat_id: str
    created_by: str
    owner: str | None
    name: str | None = None
    participants: list[str]
    pending: list[str] = Field(default=[], exclude_if=_is_empty)
    messages: list[MessageView] = []
    older_messages: bool = False
    next_before: str | None = None
    created_at: datetime
    updated_at: datetime


class ChatPage(BaseModel):
    """Chats, the most recently written in first."""

    items: list[ChatView]
    next_cursor: str | None = None


class ChatRef(BaseModel):
    """A person's pointer to a chat, and what of it they have read.

    `updated_at` is when this list last heard of the chat, on its own strictly rising clock: asking
    for what changed since the newest one seen misses nothing and repeats nothing.
    `read_message_id` is the message read last, or one written before this person came.
    `requested_by`: who began it or took this person in, whom they neither follow nor befriend,
    while they have not accepted. Such a request does not count among what waits, nor does one that
    is `muted`.
    """

    chat_id: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    unread: int = 0
    read_message_id: str | None = None
    muted: bool = False
    requested_by: str | None = None


class ChatRow(BaseModel):
    """A chat as lists show it: the person's pointer, and the chat with its last message."""

    ref: ChatRef
    chat: ChatView


class ChatRowPage(BaseModel):
    """A list of chats, the most recently written in first."""

    items: list[ChatRow]
    next_cursor: str | None = None


class ChatRefPage(BaseModel):
    """A person's chats by name, the most recently written in first."""

    items: list[ChatRef]
    next_cursor: str | None = None


class ChatCreated(BaseModel):
    """The answer to opening a chat."""

    chat_id: str


class MessageCreated(BaseModel):
    """The answer to writing a message."""

    message_id: str


class Unread(BaseModel):
    """What somebody has not read of a chat: how many messages after the one they have read.

    `changes` says up to which change of the chat this holds.
    """

    count: int
    message_id: str | None
    changes: int


class ChatChange(BaseModel):
    """What a chat tells its participants' lists. Changes of a chat are numbered from 1.

    `newest` is the newest message before it: who comes to the chat now has nothing to read up to
    there. `strangers` are those who are new and do not know `by`: to them it is a request.
    """

    chat_id: str
    created_by: str
    created_at: datetime
    number: int
    kind: str  # sent | touched | removed | restored | changed
    by: str
    message_id: str | None = None
    newest: str | None = None
    strangers: list[str] = Field(default=[], exclude_if=_is_empty)


class ChatSettings(BaseModel):
    """What a person shows to those they talk with, and in return sees of them: that they type, that
    they are here, what they have read."""

    typing: bool = True
    presence: bool = True
    receipts: bool = True


class Touched(BaseModel):
    """A message, or with None the chat itself, of which there is news."""

    chat_id: str
    message_id: str | None = None
    at: datetime


class ChatNews(BaseModel):
    """What is new for one person: their chats, and the messages in them, the latest last; and how
    many wait to be read in all."""

    unread: int
    chats: list[ChatRef]
    touched: list[Touched]
