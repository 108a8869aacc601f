"""`updates?wait=SECONDS` at the live address: the plain route, asked again when there is news.

The route itself never waits, so it stays a plain function that `web` serves fast; who may ask, and
for what, is decided there alone. Only an empty list is worth waiting with.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from channels.layers import get_channel_layer
from redis.exceptions import ConnectionError as ValkeyAway

from accounts import names
from agents_core import DurableAgent
from agents_core.live import group_of

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

MAX_WAIT = 30.0
WITHOUT_VALKEY = 1.0


class WaitForNews:
    """An ASGI application around another; `routes` says of which agent a path wants news."""

    def __init__(self, app: Asgi, routes: Mapping[re.Pattern[str], type[DurableAgent]]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        group = self.group_in(scope)
        wait = wait_in(scope) if group else 0.0
        if group is None or wait <= 0:
            return await self.app(scope, receive, send)
        answer = await self.ask(scope)
        if is_empty(answer):
            try:
                answer = await self.ask_when_news(scope, receive, group, wait)
            except ValkeyAway:
                # Nobody can tell us; and a client that asks again at once would ask all the time.
                await asyncio.sleep(min(wait, WITHOUT_VALKEY))
                answer = await self.ask(scope)
        for message in answer:
            await send(message)

    def group_in(self, scope: dict[str, Any]) -> str | None:
        if scope["method"] != "GET":
            return None
        for pattern, agent_class in self.routes.items():
            if found := pattern.fullmatch(scope["path"]):
                return group_of(agent_class.of(names.fold(found["user_id"])).id)
        return None

    async def ask_when_news(
        self, scope: dict[str, Any], receive: Receive, group: str, wait: float
    ) -> list[Message]:
        """Listen first and ask then, so that nothing falls in between."""
        deadline = asyncio.get_running_loop().time() + wait
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        gone = asyncio.create_task(disconnected(receive))
        hint = asyncio.create_task(layer.receive(channel))
        try:
            answer = await self.ask(scope)
            while is_empty(answer) and not gone.done():
                left = deadline - asyncio.get_running_loop().time()
                done, _ = await asyncio.wait(
                    (gone, hint), timeout=max(left, 0), return_when=asyncio.FIRST_COMPLETED
                )
                if hint not in done:
                    break
                hint = asyncio.create_task(layer.receive(channel))
                answer = await self.ask(scope)
            return answer
        finally:
            await layer.group_discard(group, channel)
            gone.cancel()
            hint.cancel()
            await asyncio.gather(gone, hint, return_exceptions=True)

    async def ask(self, scope: dict[str, Any]) -> list[Message]:
        """The answer as it is now."""
        answer: list[Message] = []
        requests = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Message:
            for request in requests:
                return request
            return await asyncio.Future()  # until the application no longer asks

        async def send(message: Message) -> None:
            answer.append(message)

        # A copy: Django and its middlewares may leave things in it.
        await self.app(dict(scope), receive, send)
        return answer


def wait_in(scope: dict[str, Any]) -> float:
    """How long to wait; what is no such number is left for the route to refuse."""
    try:
        seconds = float(parse_qs(scope["query_string"].decode("latin-1"))["wait"][0])
    except (KeyError, ValueError):
        return 0.0
    return seconds if 0 <= seconds <= MAX_WAIT else 0.0


def is_empty(answer: list[Message]) -> bool:
    """Whether this is a good answer that says: nothing new."""
    body = b"".join(message.get("body", b"") for message in answer)
    return answer[0]["status"] == 200 and body.strip() == b"[]"


async def disconnected(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
