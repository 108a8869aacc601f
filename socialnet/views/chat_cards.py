"""Chats and messages as templates show them: what agents know, joined in a few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.caller import Person
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatRef, ChatRow, ChatView, MessageView
from socialnet.agents.schemas import LikeCounts, ProfileView
from socialnet.company import get_receipts, online_among
from socialnet.views.cards import profiles_of
from socialnet.views.post_cards import ReactionsCard, reactions_card

# What one person says within so long stands together, under one name and time.
TOGETHER = timedelta(minutes=5)
NAMED = 3
EXCERPT = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """Somebody in a chat."""

    user_id: str
    name: str | None
    picture: str | None

    @property
    def shown(self) -> str:
        """What to call them."""
        return self.name or self.user_id


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageCard:
    """A message; `starts` a run of one author's, `is_first_new` of those not read before."""

    message_id: str
    content: str
    author: Face
    created_at: datetime
    edited_at: datetime | None
    is_gone: bool
    may_restore: bool
    mine: bool
    may_delete: bool
    starts: bool
    is_first_new: bool
    reactions: ReactionsCard


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatCard:
    """A chat as its list shows it."""

    chat_id: str
    title: str
    faces: list[Face]
    last: str
    last_by: str | None
    at: datetime
    unread: int
    muted: bool
    partner: str | None
    is_here: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenCard:
    """By whom the viewer's newest message has been read, in words."""

    message_id: str
    text: str


def chat_cards(rows: Sequence[ChatRow], viewer: str) -> list[ChatCard]:
    """The rows of a list with all names, in one statement."""
    faces = faces_of(people for row in rows for people in [*row.chat.participants, *authors(row)])
    partners = {partner for row in rows if (partner := partner_in(row.chat, viewer))}
    here = online_among(viewer, partners)
    return [chat_card(row, viewer, faces, here) for row in rows]


def partner_in(chat: ChatView, viewer: str) -> str | None:
    """Whom the viewer talks with alone, if both have accepted that."""
    others = [user_id for user_id in chat.participants if user_id != viewer]
    return others[0] if len(others) == 1 and not chat.pending else None


def chat_card(
    row: ChatRow, viewer: str, faces: Mapping[str, Face], here: Container[str]
) -> ChatCard:
    """One row; the last thing said, and by whom if that is not clear."""
    partner = partner_in(row.chat, viewer)
    last = row.chat.messages[-1] if row.chat.messages else None
    is_group = len(row.chat.participants) > 2
    said_by = None
    if last is not None and last.created_by == viewer:
        said_by = "You"
    elif last is not None and is_group:
        said_by = faces[last.created_by].shown
    return ChatCard(
        chat_id=row.chat.chat_id,
        title=title_of(row.chat, viewer, faces),
        faces=others_in(row.chat, viewer, faces)[:2],
        last=" ".join(last.content.split())[:EXCERPT] if last else "",
        last_by=said_by,
        at=last.created_at if last else row.chat.created_at,
        unread=row.ref.unread,
        muted=row.ref.muted,
        partner=partner,
        is_here=partner in here,
    )


def seen_card(chat: ChatView, viewer: str, faces: Mapping[str, Face]) -> SeenCard | None:
    """Who has read what the viewer wrote last, of those who were there; None: nobody who says so.

    Looks at the messages that `chat` has.
    """
    own = [one for one in chat.messages if one.created_by == viewer and one.deleted_at is None]
    if not own:
        return None
    newest = own[-1]
    read = get_receipts(viewer, chat.chat_id, newest.created_at)
    names = [faces[one].shown for one in read if read[one] >= newest.message_id and one in faces]
    others = len(chat.participants) - 1
    if not names:
        return None
    if others == 1:
        return SeenCard(message_id=newest.message_id, text="Seen")
    if len(names) == others:
        return SeenCard(message_id=newest.message_id, text="Seen by everybody")
    return SeenCard(message_id=newest.message_id, text=f"Seen by {in_words(names)}")


def authors(row: ChatRow) -> list[str]:
    """Who wrote what the row shows; they may have left."""
    return [message.created_by for message in row.chat.messages]


def title_of(chat: ChatView, viewer: str, faces: Mapping[str, Face]) -> str:
    """The chat's name, or those of the others."""
    if chat.name:
        return chat.name
    names = [face.shown for face in others_in(chat, viewer, faces)]
    return in_words(names) or "Only you"


def in_words(names: Sequence[str]) -> str:
    """The names, or the first of many."""
    if len(names) > NAMED:
        return f"{', '.join(names[: NAMED - 1])} and {len(names) - NAMED + 1} others"
    return ", ".join(names)


def others_in(chat: ChatView, viewer: str, faces: Mapping[str, Face]) -> list[Face]:
    """Whom the viewer talks with."""
    return [faces[user_id] for user_id in chat.participants if user_id != viewer]


def faces_of(user_ids: Iterable[str]) -> dict[str, Face]:
    """These people; who is gone is called by the id."""
    ids = list(dict.fromkeys(user_ids))
    known: dict[str, ProfileView] = {one.user_id: one for one in profiles_of(ids)}
    return {user_id: face(user_id, known.get(user_id)) for user_id in ids}


def face(user_id: str, profile: ProfileView | None) -> Face:
    """One of these people."""
    name, picture = (profile.name, profile.avatar) if profile else (None, None)
    return Face(user_id=user_id, name=name, picture=picture)


def message_cards(
    chat_id: str, messages: Sequence[MessageView], viewer: Person, read: ChatRef | None = None
) -> list[MessageCard]:
    """The messages, oldest first, with their authors; `read` draws the line above what is new."""
    faces = faces_of(message.created_by for message in messages)
    first_new = first_unread(messages, viewer, read)
    cards: list[MessageCard] = []
    before: MessageView | None = None
    gone = [message.message_id for message in messages if message.deleted_at is not None]
    restorable = Chat.of(chat_id).get_restorable(gone, viewer.user_id) if gone else []
    for message in messages:
        is_new = message.message_id == first_new
        cards.append(
            MessageCard(
                message_id=message.message_id,
                content=message.content,
                author=faces[message.created_by],
                created_at=message.created_at,
                edited_at=message.edited_at,
                is_gone=message.deleted_at is not None,
                may_restore=message.message_id in restorable,
                mine=message.created_by == viewer.user_id,
                may_delete=viewer.may_act_for(message.created_by),
                starts=is_new or before is None or not goes_on(before, message),
                is_first_new=is_new,
                reactions=message_reactions(chat_id, message, viewer.user_id),
            )
        )
        before = message
    return cards


def message_reactions(chat_id: str, message: MessageView, viewer: str) -> ReactionsCard:
    """What people think of a message."""
    counts = LikeCounts.model_validate(Counter(message.likes.values()))
    mine = message.likes.get(viewer)
    return reactions_card(counts, mine, message.message_id, "message", chat_id, message.message_id)


def goes_on(before: MessageView, message: MessageView) -> bool:
    """Whether the author of the one before says more."""
    is_soon = message.created_at - before.created_at < TOGETHER
    return message.created_by == before.created_by and is_soon


def first_unread(
    messages: Sequence[MessageView], viewer: Person, read: ChatRef | None
) -> str | None:
    """The first message of somebody else that the viewer has not read."""
    if read is None or not read.unread:
        return None
    return next(
        (
            message.message_id
            for message in messages
            if message.message_id > (read.read_message_id or "")
            and message.created_by != viewer.user_id
            and message.deleted_at is None
        ),
        None,
    )
