"""What people are notified of, as it comes in and as it is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

NoticeKind = Literal[
    "friend_request",
    "friend_accepted",
    "follow",
    "mention",
    "comment",
    "reply",
    "like",
    "chat_invitation",
    "chat_request",
]

NOTIFICATIONS_MAX = 500
ACTORS_MAX = 10
EXCERPT = 140
ID_MAX = 64


class Notice(BaseModel):
    """Somebody did something that concerns somebody else.

    `subject` is the id of what it is about: of the post, comment or message that was liked or
    commented on, of what mentions somebody, of the chat, of the person. Notices of one kind and
    subject are shown as one. Where the same actor can do the same several times, as with comments,
    `event` tells these apart. `post_id` or `chat_id` say where the subject stands; `text` is how
    what was said begins.
    """

    kind: NoticeKind
    subject: str = Field(min_length=1, max_length=ID_MAX)
    actor: str = Field(min_length=1, max_length=ID_MAX)
    event: str = Field(default="", max_length=ID_MAX)
    post_id: str | None = None
    chat_id: str | None = None
    text: str = ""


class Notification(BaseModel):
    """What several people did about the same, until it was read; then a new one begins.

    `actors` are the latest of them, at most 10, the last one first; `actor_count` says how many
    there are. `event`, `text`, `post_id` and `chat_id` are those of the last notice.
    """

    notification_id: str
    kind: NoticeKind
    subject: str
    actors: list[str]
    actor_count: int
    event: str = ""
    text: str = ""
    post_id: str | None = None
    chat_id: str | None = None
    unread: bool = True
    created_at: datetime
    updated_at: datetime


class NotificationPage(BaseModel):
    """Notifications, those with the latest news first; `unread` is the number of all unread."""

    items: list[Notification]
    unread: int
    next_cursor: str | None = None


class NotificationNews(BaseModel):
    """How many notifications are unread, and when something last happened to any."""

    unread: int = 0
    updated_at: datetime | None = None


class NotificationSettings(BaseModel):
    """Which kinds of notices somebody wants to hear of."""

    friend_request: bool = True
    friend_accepted: bool = True
    follow: bool = True
    mention: bool = True
    comment: bool = True
    reply: bool = True
    like: bool = True
    chat_invitation: bool = True
    chat_request: bool = True
