"""The chats that a person takes part in."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from agents_core import Collection, DurableAgent, Parameter, command, query

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import chat, user
from socialnet.agents.chat_schemas import (
    PARTICIPANTS_MIN,
    ChatChange,
    ChatCreated,
    ChatNews,
    ChatRef,
    ChatRefPage,
    ChatView,
    Touched,
)
from socialnet.agents.errors import ChatNotFound, UserNotFound
from socialnet.agents.schemas import PAGE_DEFAULT

# So much news is kept for sockets that come back; who was away for longer loads the page.
NEWS_MAX = 500
_STRETCH = 100


class Listed(BaseModel):
    """A chat on the list, and how far it was read.

    `known` is the chat's change up to which `unread` counts: what is counted already does not count
    again when its news arrives. `position` is the place of the message read last.
    """

    ref: ChatRef
    known: int = -1
    position: int = 0


class UserChatsState(BaseModel):
    """How many messages wait in all chats that are not muted, and whether typing is shown."""

    unread: int = 0
    typing: bool = True


class UserChats(DurableAgent):
    """A person's chats by name, and what they have read of them. Parameters: the user id.

    Of two people the one whose id is the smaller knows which chat is theirs alone: so there is one.
    """

    user_id: Parameter[str]
    state: UserChatsState | None
    chats = Collection(Listed)
    pairs = Collection(str)
    news = Collection(Touched, newest=NEWS_MAX, live=True)
    oplog = "brief"
    oplog_days = 30
    live = True

    @query
    def get_chats(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> ChatRefPage:
        """The chats by name, the most recently written in first."""
        page = self.chats.page(limit=limit, cursor=cursor)
        return ChatRefPage(
            items=[entry.item.ref for entry in page.items], next_cursor=page.next_cursor
        )

    @query
    def get_ref(self, chat_id: str) -> ChatRef | None:
        """How that chat stands on the list."""
        known = self.chats.get(chat_id)
        return known.ref if known else None

    @query
    def get_unread(self) -> int:
        """How many messages wait in all chats that are not muted."""
        return self.state.unread if self.state else 0

    @query
    def shows_typing(self) -> bool:
        """Whether others see this person typing, and this person sees them."""
        return self.state is None or self.state.typing

    @query
    def get_updates(self, since: AwareDatetime) -> list[ChatRef]:
        """Chats that something happened in after `since`, the latest last."""
        changed: list[ChatRef] = []
        cursor: str | None = None
        while True:
            page = self.chats.page(limit=_STRETCH, cursor=cursor)
            new = [entry.item.ref for entry in page.items if entry.item.ref.updated_at > since]
            changed += new
            cursor = page.next_cursor
            if cursor is None or len(new) < len(page.items):
                return changed[::-1]

    @query
    def get_news(self, since: AwareDatetime) -> ChatNews:
        """The chats and messages of which there is news after `since`, the latest last."""
        touched: list[Touched] = []
        cursor: str | None = None
        while True:
            page = self.news.page(limit=_STRETCH, cursor=cursor)
            new = [entry.item for entry in page.items if entry.item.at > since]
            touched += new
            cursor = page.next_cursor
            if cursor is None or len(new) < len(page.items):
                return self._news_of(touched[::-1])

    @query
    def get_news_of(self, touched: list[Touched]) -> ChatNews:
        """The same of these, which are known already."""
        return self._news_of(touched)

    @command
    def create_chat(self, participants: list[str]) -> ChatCreated:
        """Begin a chat with these people; every call begins another, but for two.

        Two people have one chat for themselves: who opens it again finds it.
        """
        others = [key for key in dict.fromkeys(participants) if key != self.user_id]
        if len(others) != PARTICIPANTS_MIN - 1:
            created = self._create(self.user_id, others)
        elif user.User.of(self.user_id).hides(others[0]):
            raise UserNotFound(user_id=others[0])
        elif self.user_id < others[0]:
            created = self._open_pair(self.user_id, others[0])
        else:
            created = UserChats.of(others[0]).open_pair(self.user_id)
        if self.chats.get(created.chat_id) is None:
            # At once: who opens a chat looks for it.
            self._take(chat.Chat.of(created.chat_id).get_standing())
        return created

    @command
    def open_pair(self, by: str) -> ChatCreated:
        """Find or begin the chat that somebody has with this person; repeating finds it.

        Open chats by `create_chat`, which comes here.
        """
        return self._open_pair(by, self.user_id)

    @command
    def chat_changed(self, change: ChatChange) -> None:
        """Move a chat up, and count what is new in it; news that is known counts for nothing."""
        self._take(change)

    @command
    def forget(self, chat_id: str) -> None:
        """Take a chat off the list; one that is not on it is fine."""
        known = self.chats.get(chat_id)
        if known is None:
            return
        self.chats.remove(chat_id)
        self._add_to_total(known, -known.ref.unread)

    @command
    def mark_read(self, chat_id: str, message_id: str | None = None, back: bool = False) -> ChatRef:
        """Have read up to that message, or everything; repeating changes nothing.

        One before what is read already is nothing new, as of a window that lags behind; `back`
        marks what comes after it as unread.
        """
        known = self._listed(chat_id)
        was = known.ref.read_message_id or ""
        is_on = message_id is None or message_id >= was or back
        if is_on and self._count_after(known, message_id):
            self._put(known, None)
        return known.ref

    @command
    def mute(self, chat_id: str, muted: bool) -> ChatRef:
        """Let a chat count among what waits, or not; repeating changes nothing."""
        known = self._listed(chat_id)
        if known.ref.muted != muted:
            self._add_to_total(known, -known.ref.unread)
            known.ref.muted = muted
            self._add_to_total(known, known.ref.unread)
            self._put(known, None)
        return known.ref

    @command
    def set_typing(self, shown: bool) -> None:
        """Show others that one is typing and see it of them, or neither; repeating is nothing."""
        self.state = self._counts()
        self.state.typing = shown

    def _open_pair(self, by: str, other: str) -> ChatCreated:
        partner = other if by == self.user_id else by
        known = self.pairs.get(partner)
        if known is not None and chat.Chat.of(known).is_pair():
            return ChatCreated(chat_id=known)
        created = self._create(by, [other])
        self.pairs.put(partner, created.chat_id, sort=self.now())
        return created

    def _take(self, change: ChatChange) -> None:
        known = self.chats.get(change.chat_id)
        if known is None:
            known = Listed(ref=_ref_of(change, self.now()))
        if change.number > known.known:
            known.known = change.number
            known.ref.updated_at = self.now()
            self._count(known, change)
            self._put(known, change.message_id)
        elif change.message_id is not None:
            if self._is_own(change) and change.message_id > (known.ref.read_message_id or ""):
                self._recount(known, change.message_id)
            self._put(known, change.message_id)

    def _create(self, by: str, others: list[str]) -> ChatCreated:
        begun: ChatView = chat.Chat.of(self.new_id()).create(by, others)
        return ChatCreated(chat_id=begun.chat_id)

    def _listed(self, chat_id: str) -> Listed:
        known = self.chats.get(chat_id)
        if known is None:
            raise ChatNotFound(chat_id=chat_id)
        return known

    def _count(self, known: Listed, change: ChatChange) -> None:
        if self._is_own(change):
            # Who answers has read what they answer.
            self._set_unread(known, 0)
            known.ref.read_message_id = change.message_id
        elif change.kind == "sent":
            self._set_unread(known, known.ref.unread + 1)
        elif change.kind == "removed" and known.ref.unread:
            self._recount(known, known.ref.read_message_id or "")

    def _is_own(self, change: ChatChange) -> bool:
        return change.kind == "sent" and change.by == self.user_id

    def _recount(self, known: Listed, message_id: str) -> None:
        with suppress(ChatNotFound):  # who left meanwhile: that is the next news
            self._count_after(known, message_id)

    def _count_after(self, known: Listed, message_id: str | None) -> bool:
        """Count what the chat has after that message (None: nothing); whether that is news."""
        ref = known.ref
        unread = chat.Chat.of(ref.chat_id).get_unread(self.user_id, message_id)
        before = ref.unread, ref.read_message_id
        self._set_unread(known, unread.count)
        ref.read_message_id = unread.message_id or None
        known.known = max(known.known, unread.changes)
        return before != (ref.unread, ref.read_message_id)

    def _set_unread(self, known: Listed, unread: int) -> None:
        self._add_to_total(known, unread - known.ref.unread)
        known.ref.unread = unread

    def _counts(self) -> UserChatsState:
        return self.state or UserChatsState()

    def _add_to_total(self, known: Listed, count: int) -> None:
        if count and not known.ref.muted:
            self.state = self._counts()
            self.state.unread = max(self.state.unread + count, 0)

    def _put(self, known: Listed, message_id: str | None) -> None:
        chat_id = known.ref.chat_id
        self.chats.put(chat_id, known, sort=known.ref.updated_at)
        touched = Touched(chat_id=chat_id, message_id=message_id, at=self.now())
        self.news.put(message_id or chat_id, touched, sort=touched.at)

    def _news_of(self, touched: list[Touched]) -> ChatNews:
        known = self.chats.get_many(one.chat_id for one in touched)
        refs = sorted((listed.ref for listed in known.values()), key=lambda ref: ref.updated_at)
        there = [one for one in touched if one.chat_id in known]
        return ChatNews(unread=self._counts().unread, chats=refs, touched=there)


def _ref_of(change: ChatChange, now: datetime) -> ChatRef:
    return ChatRef(
        chat_id=change.chat_id,
        created_by=change.created_by,
        created_at=change.created_at,
        updated_at=now,
        read_message_id=change.newest,
    )
