"""Chats as pages show them: the lines of a list, made into chats."""

from __future__ import annotations

from agents_core import EphemeralAgent, Parameter, query
from agents_core.clock import to_micros
from agents_core.collections import encode_cursor
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import (
    ChatPage,
    ChatRef,
    ChatRefPage,
    ChatRow,
    ChatRowPage,
    ChatView,
)
from socialnet.agents.schemas import PAGE_DEFAULT
from socialnet.agents.user_chats import UserChats

LISTED_MESSAGES = 20
# How many chats a search reads in one statement, and how many in all before it answers with what it
# has and a cursor.
_STRETCH = 50
_LOOKED_AT_MOST = 200


class UserChatsView(EphemeralAgent):
    """A person's chats, whole. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def search(
        self, query: str = "*", limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> ChatPage:
        """Those that fit the query, the most recently written in first, with 20 messages each.

        Leaves out what a block hides. Words look in the newest 5,000 messages of a chat.
        """
        page = self._look(query, limit, cursor, LISTED_MESSAGES, None)
        return ChatPage(items=[row.chat for row in page.items], next_cursor=page.next_cursor)

    @query
    def get_rows(
        self,
        query: str = "*",
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
        requests: bool = False,
    ) -> ChatRowPage:
        """The same for a list: with what was read of them, and the last message alone; requests
        by themselves."""
        return self._look(query, limit, cursor, 1, requests)

    def _look(
        self, query: str, limit: int, cursor: str | None, messages: int, requests: bool | None
    ) -> ChatRowPage:
        """`requests`: nothing else, none of them, or with None all."""
        found: list[ChatRow] = []
        looked_at = 0
        while True:
            page = self._page(min(_STRETCH, limit), cursor, bool(requests))
            wanted = [
                one for one in page.items if requests is None or bool(one.requested_by) == requests
            ]
            chats = self._load(wanted, query, messages)
            for ref in page.items:
                if ref.chat_id in chats:
                    found.append(ChatRow(ref=ref, chat=chats[ref.chat_id]))
                if len(found) == limit:
                    more = ref is not page.items[-1] or page.next_cursor is not None
                    return ChatRowPage(items=found, next_cursor=_cursor(ref) if more else None)
            cursor = page.next_cursor
            looked_at += len(page.items)
            if cursor is None or looked_at >= _LOOKED_AT_MOST:
                return ChatRowPage(items=found, next_cursor=cursor)

    def _page(self, limit: int, cursor: str | None, requests: bool) -> ChatRefPage:
        mine = UserChats.of(self.user_id)
        return mine.get_requests(limit, cursor) if requests else mine.get_chats(limit, cursor)

    def _load(self, refs: list[ChatRef], query: str, messages: int) -> dict[str, ChatView]:
        if not refs:
            return {}
        asked = Chat.of_many([ref.chat_id for ref in refs])
        chats = asked.get_chat_if_match(query, self.user_id, False, messages)
        return {chat.chat_id: chat for chat in chats if chat is not None}


def _cursor(ref: ChatRef) -> str:
    return encode_cursor(to_micros(ref.updated_at), ref.chat_id)
