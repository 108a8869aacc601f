"""What a user's socket tells of chats and of who is there, and hears of typing."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from typing import Any

from accounts.together import Together
from accounts.user_socket import Stream, UserSocket
from agents_core import AgentError
from socialnet import company, presence
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatNews, MessageView, Touched
from socialnet.agents.user_chats import UserChats
from socialnet.ids import is_uuid

# Who types on says so again after so long, and readers forget it after half as long again.
TYPING_SECONDS = 10.0
# So many chats are watched for who is there.
WATCHED_MAX = 50
COMPANY_MAX = 200
# Somebody who types in one chat and then in another.
HANDS_SECONDS = 1.0

_staying = Together(company.stay)


class ChatStream(Stream):
    """News of the user's chats, the messages in them, who is typing, who is here and has read."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.list = UserChats.of(self.user_id)
        self.typed = ("", float("-inf"))
        self.watched: list[str] = []  # chats
        self.open = ""  # the one whose readers are told
        self.rooms: set[str] = set()
        self.told: dict[str, Any] = {}  # of either, the frame told last

    async def begin(self, since: datetime | None) -> None:
        self.since = await self.begin_with(self.list.id, since)
        await self.stay()

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        if self.list.id in changed:
            await self.say_news(await self.socket.read(self.list.get_news, self.since))
        elif self.list.id in put:
            touched = [Touched.model_validate_json(one) for one in put[self.list.id]]
            news = [one for one in touched if one.at > self.since]
            if news:
                await self.say_news(await self.socket.read(self.list.get_news_of, news))
        if changed & self.rooms:
            await self.say_online()
        if company.reading_in(self.open) in changed:
            await self.say_read()

    async def beat(self) -> None:
        with suppress(AgentError):  # the database is away: then in the next minute
            await self.stay()
            if self.watched:
                await self.say_company()

    async def stay(self) -> None:
        """Be here for the next minute, if that is to be shown. Who looks on as another is not."""
        person = self.socket.person
        if person is not None and person.user_id == self.user_id:
            await _staying.ask(self.user_id)

    async def watch(self, chats: list[str], open_chat: str) -> None:
        """Tell from now on who is here of those in these chats, and who reads in the open one."""
        people = await self.socket.read(company.company_of, self.user_id, chats)
        was = {*self.rooms, company.reading_in(self.open)}
        self.watched, self.open, self.told = chats, open_chat, {}
        self.rooms = {presence.room_of(one) for one in sorted(people)[:COMPANY_MAX]}
        now = {*self.rooms, company.reading_in(self.open)}
        for room in was - now:
            await self.socket.unwatch(room)
        for room in now - was:
            await self.socket.listen_to(room)
        await self.say_company()

    async def say_company(self) -> None:
        """Both, whatever was heard."""
        await self.say_online()
        if self.open:
            await self.say_read()

    async def say_online(self) -> None:
        """Who is here, whenever that is news."""
        here = await self.socket.read(online_in, self.user_id, self.watched)
        await self.say_once({"type": "presence", "online": here})

    async def say_read(self) -> None:
        """What each has read last in the open chat, whenever that is news."""
        read = await self.socket.read(company.get_receipts, self.user_id, self.open)
        await self.say_once({"type": "chat.read", "chat_id": self.open, "read": read})

    async def say_once(self, frame: dict[str, Any]) -> None:
        if self.told.get(frame["type"]) != frame:
            self.told[frame["type"]] = frame
            await self.socket.say(frame)

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
            case {"type": "watch", "chats": list(chats)} if are_uuids(chats):
                open_chat = frame.get("open")
                await self.watch(chats, open_chat if open_chat in chats else "")
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
        for other in await self.socket.read(company.who_sees_typing, self.user_id, chat_id):
            await self.socket.say_to(UserChats.of(other).id, frame)

    async def overhear(self, frame: dict[str, Any]) -> bool:
        if frame["type"] != "chat.typing":
            return False
        if frame["user_id"] != self.user_id:
            await self.socket.say(frame)
        return True


def online_in(viewer: str, chat_ids: list[str]) -> list[str]:
    """Who is here of the viewer's company in these chats."""
    return sorted(company.online_among(viewer, company.company_of(viewer, chat_ids)))


def are_uuids(chats: list[Any]) -> bool:
    """Whether these may be names of chats, and not too many."""
    return len(chats) <= WATCHED_MAX and all(isinstance(one, str) and is_uuid(one) for one in chats)
