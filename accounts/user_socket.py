"""A WebSocket of one user: the door, the hello, and hints turned into news. It writes nothing.

A hint from the channel layer says which agent changed, and what was put into its live collection.
That is told as it is when the hint follows on the one before; after a gap the agent is read. Hints
that come meanwhile are answered together, so a burst costs two reads however long it is.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer
from prometheus_client import Gauge
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from accounts import names, tokens
from accounts.caller import Person
from accounts.door import door_of
from accounts.scopes import OF_A_SOCKET
from accounts.sockets import person_of_scope
from accounts.together import Together, readers
from agents_core import watching
from agents_core.live import group_of
from agents_core.watching import Seen

T = TypeVar("T")

RECHECK_SECONDS = 60
MAX_FRAME = 16 * 1024
MAX_SOCKETS = 10
"""Of one user in one process: more than one opens by hand."""
MAX_FRAMES = 20
"""From one client in a second."""
BAD_REQUEST, NOT_SIGNED_IN, FORBIDDEN, TOO_MANY = 4400, 4401, 4403, 4429
UNSUPPORTED, TOO_BIG, BROKEN = 1003, 1009, 1011
TIME: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)

OPEN = Gauge("agora_sockets_open", "WebSockets of people signed in", multiprocess_mode="livesum")

logger = logging.getLogger("agora.live")

_open: Counter[str] = Counter()


def _seen(asked: list[list[str]]) -> list[list[Seen]]:
    seen = iter(watching.seen([agent_id for agent_ids in asked for agent_id in agent_ids]))
    return [[next(seen) for _ in agent_ids] for agent_ids in asked]


_how_far = Together(_seen)


class Stream:
    """What one part of the site tells on a user's socket, and hears; each socket has its own."""

    def __init__(self, socket: UserSocket) -> None:
        self.socket = socket
        self.user_id = socket.user_id

    async def begin(self, since: datetime | None) -> None:
        """Watch agents, and note where telling starts. Comes before the hello."""

    async def begin_with(self, agent_id: str, since: datetime | None) -> datetime:
        """Watch an agent, and have it read if it has changed since; telling starts there, or now.

        Now is by the agent's clock: a time that lies ahead (the client's) would silence what comes
        before it.
        """
        now = (await self.socket.watch(agent_id)).at
        if since is not None and since < now:
            self.socket.look_at(agent_id)
        return min(since or now, now)

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        """Say what is new: read those agents; of these all is known that was put (as JSON).

        Other streams' agents are among them. Some of it may have been told before, after a read
        that saw more than its hint promised.
        """

    async def beat(self) -> None:
        """Comes once a minute, for what no hint tells."""

    async def hear(self, frame: Any) -> bool:
        """Do what the client asks; False if it is not for this stream."""
        return False

    async def overhear(self, frame: dict[str, Any]) -> bool:
        """Pass on what another socket says; False if it is not for this stream."""
        return False


class UserSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Subclasses name the `streams`; each says what to watch, tell and hear."""

    streams: ClassVar[tuple[type[Stream], ...]]
    person: Person | None = None
    user_id: str
    tasks: tuple[asyncio.Task[None], ...] = ()

    async def connect(self) -> None:
        await self.accept()  # first: a browser is told why only of a socket that was open
        person = await person_of_scope(self.scope)
        if person is None:
            await self.close(NOT_SIGNED_IN)
            return
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        if _open[person.user_id] >= MAX_SOCKETS and not person.is_staff:
            await self.close(TOO_MANY)
            return
        _open[person.user_id] += 1
        self.person = person
        self.user_id = names.fold(asked.get("user_id", [person.user_id])[0])
        may_hear = person.scopes is None or person.scopes >= OF_A_SOCKET
        if not (may_hear and names.is_valid(self.user_id) and person.may_act_for(self.user_id)):
            await self.close(FORBIDDEN)
            return
        try:
            since = TIME.validate_python(asked["since"][0]) if "since" in asked else None
        except ValidationError:
            await self.close(BAD_REQUEST)
            return
        self.watched: set[str] = set()
        self.changed: set[str] = set()
        self.put: dict[str, list[str]] = {}
        self.revisions: dict[str, int] = {}
        self.wake = asyncio.Event()
        self.doubted = asyncio.Event()
        self.telling = [stream(self) for stream in self.streams]
        await asyncio.gather(*(stream.begin(since) for stream in self.telling))
        await self.listen_to(door_of(person.user_id))
        await self.say({"type": "hello", "user_id": self.user_id, "now": datetime.now(UTC)})
        self.tasks = (asyncio.create_task(self.follow()), asyncio.create_task(self.recheck()))
        self.frames: deque[float] = deque(maxlen=MAX_FRAMES)
        OPEN.inc()

    async def disconnect(self, code: int) -> None:
        if self.person is not None:
            _open[self.person.user_id] -= 1
            if not _open[self.person.user_id]:
                del _open[self.person.user_id]
        if self.tasks:
            OPEN.dec()
        for task in self.tasks:
            task.cancel()
        for agent_id in list(self.watched) if self.tasks else ():
            await self.unwatch(agent_id)

    async def watch(self, agent_id: str) -> Seen:
        """Hear of this agent's changes from here on; how far it is by now."""
        await self.listen_to(agent_id)
        (seen,) = await _how_far.ask([agent_id])
        self.revisions[agent_id] = seen.revision
        return seen

    async def listen_to(self, agent_id: str) -> None:
        self.watched.add(agent_id)
        await self.channel_layer.group_add(group_of(agent_id), self.channel_name)

    async def unwatch(self, agent_id: str) -> None:
        self.watched.discard(agent_id)
        self.revisions.pop(agent_id, None)
        await self.channel_layer.group_discard(group_of(agent_id), self.channel_name)

    async def agent_changed(self, hint: dict[str, Any]) -> None:
        agent_id, put = hint["agent_id"], hint["put"]
        if self.person and agent_id == door_of(self.person.user_id):
            self.doubted.set()
            return
        known = self.revisions.get(agent_id, 0)
        self.revisions[agent_id] = max(known, hint["revision"])
        if put is not None and known == hint["before"] > 0:
            self.put.setdefault(agent_id, []).extend(put)
            self.wake.set()
        else:
            self.look_at(agent_id)

    def look_at(self, *agent_ids: str) -> None:
        """Have these agents read, soon and once."""
        self.changed.update(agent_ids)
        self.wake.set()

    async def follow(self) -> None:
        """Turn hints into reads for as long as the socket is open."""
        try:
            while await self.wake.wait():
                self.wake.clear()
                changed, self.changed = self.changed & self.watched, set()
                put, self.put = self.put, {}
                known = {of: put[of] for of in put.keys() & self.watched - changed}
                for stream in self.telling:
                    await stream.tell(changed, known)
        except Exception:
            # Closed, the client comes back with `since`; open but deaf, it would miss everything.
            logger.exception("The socket of %s could not read what changed", self.user_id)
            await self.close(BROKEN)

    async def recheck(self) -> None:
        """Close the socket of who has signed out or lost their token; heal hints that were lost."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.doubted.wait(), RECHECK_SECONDS)
            if self.doubted.is_set():
                self.doubted.clear()
                tokens.forget()
            if await person_of_scope(self.scope) != self.person:
                await self.close(NOT_SIGNED_IN)
                return
            await self.catch_up()
            for stream in self.telling:
                await stream.beat()

    async def catch_up(self) -> None:
        """Have those agents read that have changed without a hint."""
        known = list(self.revisions.items())
        seen = await _how_far.ask([agent_id for agent_id, _ in known])
        for (agent_id, revision), (newest, _) in zip(known, seen, strict=True):
            if newest != revision and agent_id in self.revisions:
                self.revisions[agent_id] = newest
                self.look_at(agent_id)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.tasks:
            return  # closed already; the client did not know yet
        if text_data is None:
            await self.close(UNSUPPORTED)
        elif len(text_data.encode()) > MAX_FRAME:
            await self.close(TOO_BIG)
        elif self.says_too_much():
            await self.close(TOO_MANY)
        else:
            await self.answer(text_data)

    def says_too_much(self) -> bool:
        """Whether this frame is one more than a client may send in a second."""
        now = time.monotonic()
        full = len(self.frames) == MAX_FRAMES and now - self.frames[0] < 1
        self.frames.append(now)
        return full

    async def answer(self, text: str) -> None:
        try:
            frame = orjson.loads(text)
        except orjson.JSONDecodeError:
            frame = None
        match frame:
            case {"type": "ping"}:
                await self.say({"type": "pong"})
            case _:
                for stream in self.telling:
                    if await stream.hear(frame):
                        return
                await self.say({"type": "error", "code": "frame_not_valid"})

    async def say(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(frame, option=orjson.OPT_UTC_Z).decode())

    async def say_to(self, agent_id: str, frame: dict[str, Any]) -> None:
        """Let the sockets that watch an agent overhear this. It is kept nowhere."""
        event = {"type": "socket.said", "frame": frame}
        await self.channel_layer.group_send(group_of(agent_id), event)

    async def socket_said(self, event: dict[str, Any]) -> None:
        for stream in self.telling:
            if await stream.overhear(event["frame"]):
                return

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        """Call an agent from a thread of ours."""
        known = contextvars.copy_context()  # whose socket this is, for the logs
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(readers, known.run, function, *args)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As the base class, less its care for ORM connections: this consumer holds none."""
        await getattr(self, message["type"].replace(".", "_"))(message)
