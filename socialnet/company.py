"""What those who talk with each other see of each other: who is here, and who has read what.

Each shows it or not, and sees it of others only who shows it (`ChatSettings`). Nobody sees anything
of people who have not accepted the chat, nor over a block.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from agents_core import live
from agents_core.drafts import Change
from socialnet import presence
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatRef
from socialnet.agents.user_chats import UserChats

RECEIPTS_MAX = 20
"""In a chat of more people nobody is told who has read what."""


def company_of(viewer: str, chat_ids: Sequence[str]) -> set[str]:
    """With whom the viewer talks in these chats."""
    return set().union(*Chat.of_many(list(chat_ids)).get_company(viewer)) if chat_ids else set()


def stay(user_ids: list[str]) -> list[None]:
    """Have those of them be here for the next minute who show it, and tell of whoever comes."""
    people = list(dict.fromkeys(user_ids))
    settings = UserChats.of_many(people).get_settings()
    shown = [one for one, their in zip(people, settings, strict=True) if their.presence]
    came = [one for one, is_new in zip(shown, presence.stay(shown), strict=True) if is_new]
    live.announce(Change(presence.room_of(one), 0, 0, None) for one in came)
    return [None] * len(user_ids)


def online_among(viewer: str, people: Iterable[str]) -> set[str]:
    """Those who are here, out of the viewer's company."""
    asked = sorted(people)
    if not asked or not UserChats.of(viewer).get_settings().presence:
        return set()
    settings = UserChats.of_many(asked).get_settings()
    shown = [one for one, their in zip(asked, settings, strict=True) if their.presence]
    return presence.here_among(shown)


def who_sees_typing(viewer: str, chat_id: str) -> list[str]:
    """Whom to tell that this person types there."""
    if not UserChats.of(viewer).get_settings().typing:
        return []
    company = Chat.of(chat_id).get_company(viewer)
    settings = UserChats.of_many(company).get_settings()
    return [one for one, their in zip(company, settings, strict=True) if their.typing]


def get_receipts(viewer: str, chat_id: str, since: datetime | None = None) -> dict[str, str]:
    """The message that each has read last, of the viewer's company there, from `since` on."""
    company = Chat.of(chat_id).get_company(viewer, since)
    if not 0 < len(company) <= RECEIPTS_MAX or not UserChats.of(viewer).get_settings().receipts:
        return {}
    read = UserChats.of_many(company).get_receipt(chat_id)
    return {one: last for one, last in zip(company, read, strict=True) if last is not None}


def mark_read(reader: str, chat_id: str, message_id: str | None, back: bool = False) -> ChatRef:
    """Have read up to a message, or everything; who wrote sees it on the open page."""
    ref = UserChats.of(reader).mark_read(chat_id, message_id, back)
    live.announce([Change(reading_in(chat_id), 0, 0, None)])
    return ref


def reading_in(chat_id: str) -> str:
    """What sockets watch that want to know when somebody reads there. No agent has that type."""
    return f"reading:{chat_id}"
