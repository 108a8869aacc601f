"""A person's list of chats: what stands on it, and what of it waits to be read."""

from __future__ import annotations

from contextlib import suppress

from pydantic import BaseModel

from agents_core import Collection, DurableAgent, Parameter, command

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import chat, notifications, user_chats
from socialnet.agents.chat_schemas import ChatChange, ChatRef, ChatSettings, Touched
from socialnet.agents.errors import ChatNotFound
from socialnet.agents.notices import Notice

# So much news is kept for sockets that come back; who was away for longer loads the page.
NEWS_MAX = 500


class Listed(BaseModel):
    """A chat on the list, and how far it was read.

    `known` is the chat's change up to which `unread` counts: what is counted already does not count
    again when its news arrives. `parted`: a block parts the two whose chat it is.
    """

    ref: ChatRef
    known: int = -1
    parted: bool = False

    @property
    def counts(self) -> bool:
        """Whether what waits here counts among what waits in all."""
        return not (self.ref.muted or self.ref.requested_by or self.parted)


class UserChatsState(ChatSettings):
    """How many messages wait in all chats that count, and what is shown."""

    unread: int = 0


class ChatList(DurableAgent, abstract=True):
    """The half of `UserChats` that keeps its lines and counts."""

    user_id: Parameter[str]
    state: UserChatsState | None
    chats = Collection(Listed)
    # Those of them that are requests, in the same order.
    requests = Collection(bool)
    # Of two people the one whose id is the smaller knows their chat, by the other.
    pairs = Collection(str)
    news = Collection(Touched, newest=NEWS_MAX, live=True)

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
        self._answer(known)
        self._add_to_total(known, -known.ref.unread)

    @command
    def accept(self, chat_id: str) -> ChatRef:
        """Have a request among the chats, and take part; repeating changes nothing."""
        known = self._listed(chat_id)
        self._take_part(known)
        return known.ref

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
    def set_parted(self, other_id: str, parted: bool) -> None:
        """Leave the chat of the two out of what waits, while a block parts them; repeating changes
        nothing. Comes from `User`."""
        mine = self.user_id < other_id
        of_both = user_chats.UserChats.of(min(self.user_id, other_id))
        chat_id = self.pairs.get(other_id) if mine else of_both.get_pair(self.user_id)
        known = self.chats.get(chat_id) if chat_id else None
        if known is not None and known.parted != parted:
            self._part(known, parted and chat.Chat.of(known.ref.chat_id).is_pair())
            self._put(known, None)

    def _take_part(self, known: Listed) -> None:
        if known.ref.requested_by:
            self._accept(known)
            self._put(known, None)
            chat.Chat.of(known.ref.chat_id).trigger.accept(self.user_id)

    def _take(self, change: ChatChange) -> Listed:
        known = self.chats.get(change.chat_id)
        if known is None:
            known = self._begin(change)
        if change.number > known.known:
            known.known = change.number
            known.ref.updated_at = self.now()
            self._count(known, change)
            self._put(known, change.message_id)
        elif change.message_id is not None:
            if self._is_own(change) and change.message_id > (known.ref.read_message_id or ""):
                self._recount(known, change.message_id)
            self._put(known, change.message_id)
        return known

    def _begin(self, change: ChatChange) -> Listed:
        """A new line; a request where who brings the chat is a stranger."""
        ref = ChatRef(
            chat_id=change.chat_id,
            created_by=change.created_by,
            created_at=change.created_at,
            updated_at=self.now(),
            read_message_id=change.newest,
            requested_by=change.by if self.user_id in change.strangers else None,
        )
        return Listed(ref=ref)

    def _listed(self, chat_id: str) -> Listed:
        known = self.chats.get(chat_id)
        if known is None:
            raise ChatNotFound(chat_id=chat_id)
        return known

    def _count(self, known: Listed, change: ChatChange) -> None:
        if self._is_own(change):
            # Who answers has read what they answer, and accepted it.
            self._accept(known)
            self._set_unread(known, 0)
            known.ref.read_message_id = change.message_id
        elif change.kind == "sent":
            if known.ref.requested_by and not known.ref.unread:
                self._notify(known.ref.chat_id, known.ref.requested_by)
            self._set_unread(known, known.ref.unread + 1)
        elif change.kind == "restored" or (change.kind == "removed" and known.ref.unread):
            self._recount(known, known.ref.read_message_id or "")
        elif change.kind == "changed" and known.parted:
            self._part(known, chat.Chat.of(known.ref.chat_id).is_pair())

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

    def _kept(self) -> UserChatsState:
        return self.state or UserChatsState()

    def _add_to_total(self, known: Listed, count: int) -> None:
        if count and known.counts:
            self.state = self._kept()
            self.state.unread = max(self.state.unread + count, 0)

    def _part(self, known: Listed, parted: bool) -> None:
        self._add_to_total(known, -known.ref.unread)
        known.parted = parted
        self._add_to_total(known, known.ref.unread)
        if parted and known.ref.requested_by:
            self.requests.remove(known.ref.chat_id)

    def _accept(self, known: Listed) -> None:
        if known.ref.requested_by:
            self._answer(known)
            known.ref.requested_by = None
            self._add_to_total(known, known.ref.unread)

    def _answer(self, known: Listed) -> None:
        """A request is one no longer, and nothing to be told of."""
        if known.ref.requested_by:
            self.requests.remove(known.ref.chat_id)
            notices = notifications.Notifications.of(self.user_id).trigger
            notices.withdraw("chat_request", known.ref.chat_id, known.ref.requested_by)

    def _notify(self, chat_id: str, asker: str) -> None:
        """Tell of a request, once: what it says waits until it is accepted."""
        notice = Notice(kind="chat_request", subject=chat_id, actor=asker, chat_id=chat_id)
        notifications.Notifications.of(self.user_id).trigger.add(notice)

    def _put(self, known: Listed, message_id: str | None) -> None:
        chat_id = known.ref.chat_id
        self.chats.put(chat_id, known, sort=known.ref.updated_at)
        if known.ref.requested_by and not known.parted:
            self.requests.put(chat_id, True, sort=known.ref.updated_at)
        touched = Touched(chat_id=chat_id, message_id=message_id, at=self.now())
        self.news.put(message_id or chat_id, touched, sort=touched.at)
