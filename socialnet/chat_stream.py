"""What a user's socket tells of chats, and hears of typing."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from accounts.user_socket import Stream, UserSocket
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatNews, MessageView, Touched
from socialnet.agents.user_chats import UserChats
from socialnet.ids import is_uuid

# Who types on says so again after so long, and readers forget it after half as long again.
TYPING_SECONDS = 10.0
# Somebody who types in one chat and then in another.
HANDS_SECONDS = 1.0


class ChatStream(Stream):
    """News of the user's chats, the messages in them, and who is typing."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.list = UserChats.of(self.user_id)
        self.typed = ("", float("-inf"))

    async def begin(self, since: datetime | None) -> None:
        self.since = await self.begin_with(self.list.id, since)

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        if self.list.id in changed:
            await self.say_news(await self.socket.read(self.list.get_news, self.since))
        elif self.list.id in put:
            touched = [Touched.model_validate_json(one) for one in put[self.list.id]]
            news = [one for one in touched if one.at > self.since]
            if news:
                await self.say_news(await self.socket.read(self.list.get_news_of, news))

    async def say_news(self, news: ChatNews) -> None:
        """The lines of the list first, then what became of the messages, chat by chat."""
        if news.touched:
            self.since = max(one.at for one in news.touched)
        if news.chats:
            frames = [ref.model_dump() for ref in news.chats]
            await self.socket.say({"type": "chats", "chats": frames, "unread": news.unread})
        by_chat: dict[str, list[str]] = {}
        for one in news.touched:
            if one.message_id is not None:
                by_chat.setdefault(one.chat_id, []).append(one.message_id)
        for chat_id, message_ids in by_chat.items():
            await self.say_messages(chat_id, message_ids)

    async def say_messages(self, chat_id: str, message_ids: list[str]) -> None:
        chat = Chat.of(chat_id)
        found: list[MessageView] = await self.socket.read(
            chat.get_messages, message_ids, self.user_id
        )
        for message in found:
            frame = {"type": "chat.message", "chat_id": chat_id, "message": message.model_dump()}
            await self.socket.say(frame)
        there = {message.message_id for message in found}
        for message_id in dict.fromkeys(message_ids):
            if message_id not in there:
                gone = {"type": "chat.message_removed", "chat_id": chat_id}
                await self.socket.say(gone | {"message_id": message_id})

    async def hear(self, frame: Any) -> bool:
        match frame:
            case {"type": "typing", "chat_id": str(chat_id)} if is_uuid(chat_id):
                await self.typing(chat_id)
            case _:
                return False
        return True

    async def typing(self, chat_id: str) -> None:
        """Let the others in the chat see it; said again too early, nothing happens."""
        now = time.monotonic()
        typed_in, typed_at = self.typed
        if now - typed_at < (TYPING_SECONDS if typed_in == chat_id else HANDS_SECONDS):
            return
        self.typed = (chat_id, now)
        frame = {"type": "chat.typing", "chat_id": chat_id, "user_id": self.user_id}
        for other in await self.socket.read(who_sees_typing, chat_id, self.user_id):
            await self.socket.say_to(UserChats.of(other).id, frame)

    async def overhear(self, frame: dict[str, Any]) -> bool:
        if frame["type"] != "chat.typing":
            return False
        if frame["user_id"] != self.user_id:
            await self.socket.say(frame)
        return True


def who_sees_typing(chat_id: str, user_id: str) -> list[str]:
    """Whom to tell that this person types there: who chose not to be seen sees nobody either."""
    if not UserChats.of(user_id).shows_typing():
        return []
    others = Chat.of(chat_id).get_others(user_id)
    shown = UserChats.of_many(others).shows_typing()
    return [other for other, is_shown in zip(others, shown, strict=True) if is_shown]
