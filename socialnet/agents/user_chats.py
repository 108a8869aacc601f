"""The chats that a person takes part in."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime

from agents_core import command, query

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import chat, user
from socialnet.agents.chat_list import ChatList, Listed
from socialnet.agents.chat_schemas import (
    PARTICIPANTS_MIN,
    ChatCreated,
    ChatNews,
    ChatRef,
    ChatRefPage,
    ChatSettings,
    ChatView,
    Touched,
)
from socialnet.agents.errors import UserNotFound
from socialnet.agents.schemas import PAGE_DEFAULT

_STRETCH = 100


class UserChats(ChatList):
    """A person's chats by name, and what they have read of them. Parameters: the user id.

    Of two people the one whose id is the smaller knows which chat is theirs alone: so there is one.
    """

    oplog = "brief"
    oplog_days = 30
    live = True

    @query
    def get_chats(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> ChatRefPage:
        """The chats by name, requests too, the most recently written in first."""
        page = self.chats.page(limit=limit, cursor=cursor)
        return ChatRefPage(
            items=[entry.item.ref for entry in page.items], next_cursor=page.next_cursor
        )

    @query
    def get_requests(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> ChatRefPage:
        """The requests among them, the newest first."""
        page = self.requests.page(limit=limit, cursor=cursor)
        known = self.chats.get_many([entry.key for entry in page.items])
        refs = [known[entry.key].ref for entry in page.items if entry.key in known]
        return ChatRefPage(items=refs, next_cursor=page.next_cursor)

    @query
    def count_requests(self) -> int:
        """How many requests wait for an answer."""
        return self.requests.count()

    @query
    def get_ref(self, chat_id: str) -> ChatRef | None:
        """How that chat stands on the list."""
        known = self.chats.get(chat_id)
        return known.ref if known else None

    @query
    def get_pair(self, other_id: str) -> str | None:
        """The chat that was begun with this person, whose id is the greater, by the two alone."""
        return self.pairs.get(other_id)

    @query
    def get_unread(self) -> int:
        """How many messages wait in all chats that are neither muted nor requests."""
        return self.state.unread if self.state else 0

    @query
    def get_settings(self) -> ChatSettings:
        """What is shown to others, and seen of them."""
        kept = self._kept()
        return ChatSettings(typing=kept.typing, presence=kept.presence, receipts=kept.receipts)

    @query
    def get_receipt(self, chat_id: str) -> str | None:
        """The message of that chat read last; None where that is nobody's to know."""
        known = self.chats.get(chat_id) if self._kept().receipts else None
        return known.ref.read_message_id if known and not known.ref.requested_by else None

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
    def create_chat(
        self, participants: list[str], began_at: AwareDatetime | None = None
    ) -> ChatCreated:
        """Begin a chat with these people; every call begins another, but for two.

        Two people have one chat for themselves: who opens it again finds it, and accepts it where
        it was a request. `began_at` is for imports.
        """
        others = [key for key in dict.fromkeys(participants) if key != self.user_id]
        if len(others) != PARTICIPANTS_MIN - 1:
            created = self._create(self.user_id, others, began_at)
        elif user.User.of(self.user_id).hides(others[0]):
            raise UserNotFound(user_id=others[0])
        elif self.user_id < others[0]:
            created = self._open_pair(self.user_id, others[0], began_at)
        else:
            created = UserChats.of(others[0]).open_pair(self.user_id, began_at)
        known = self.chats.get(created.chat_id)
        if known is None:
            # At once: who opens a chat looks for it.
            known = self._take(chat.Chat.of(created.chat_id).get_standing())
        self._take_part(known)
        return created

    @command
    def open_pair(self, by: str, began_at: AwareDatetime | None = None) -> ChatCreated:
        """Find or begin the chat that somebody has with this person; repeating finds it.

        Open chats by `create_chat`, which comes here.
        """
        return self._open_pair(by, self.user_id, began_at)

    @command
    def set_settings(self, settings: ChatSettings) -> ChatSettings:
        """Show this to others and see it of them, and the rest neither; repeating is nothing."""
        if settings != self.get_settings():
            self.state = self._kept().model_copy(update=settings.model_dump())
        return settings

    def _open_pair(self, by: str, other: str, began_at: datetime | None) -> ChatCreated:
        partner = other if by == self.user_id else by
        known = self.pairs.get(partner)
        if known is not None and chat.Chat.of(known).is_pair():
            return ChatCreated(chat_id=known)
        created = self._create(by, [other], began_at)
        self.pairs.put(partner, created.chat_id, sort=self.now())
        return created

    def _create(self, by: str, others: list[str], began_at: datetime | None) -> ChatCreated:
        begun: ChatView = chat.Chat.of(self.new_id()).create(by, others, began_at)
        return ChatCreated(chat_id=begun.chat_id)

    def _news_of(self, touched: list[Touched]) -> ChatNews:
        known: dict[str, Listed] = self.chats.get_many(one.chat_id for one in touched)
        refs = sorted((listed.ref for listed in known.values()), key=lambda ref: ref.updated_at)
        there = [one for one in touched if one.chat_id in known]
        return ChatNews(unread=self._kept().unread, chats=refs, touched=there)
