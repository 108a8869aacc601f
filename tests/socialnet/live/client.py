"""A client's end of the socket, and what makes news for it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from accounts import tokens
from accounts.models import User
from agents_core.drafts import Change
from agents_core.live import group_of
from agents_core.models import Agent
from agents_core.testing import step
from config.asgi import application
from socialnet.agents.schemas import PostRef
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline

Headers = dict[str, str]


PATIENCE = 30


class Socket(WebsocketCommunicator):  # type: ignore[misc]
    """A client's end of `/ws/v1/updates`."""

    def __init__(self, query: str = "", **headers: str) -> None:
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        super().__init__(application, f"/ws/v1/updates{query}", pairs)

    async def open(self) -> dict[str, Any]:
        """The hello."""
        accepted, _ = await self.connect()
        assert accepted
        return await self.frame()

    async def frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = orjson.loads(await self.receive_from(timeout=PATIENCE))
        return frame

    async def closed(self) -> int:
        """The code it is closed with."""
        output = await self.receive_output(timeout=PATIENCE)
        assert output["type"] == "websocket.close", output
        code: int = output["code"]
        return code


Connect = Callable[..., Socket]


def sign_in(username: str, *, is_staff: bool = False) -> Headers:
    """An account, and the header that acts as it."""
    account = User.objects.create_user(username, is_staff=is_staff)
    return {"authorization": f"Bearer {tokens.create(account, 'test')[1]}"}


@sync_to_async
def write(content: str = "hello") -> str:
    """A post by alice that has reached everybody; its id."""
    post_id = UserPosts.of("alice").create_post(content).post_id
    step()
    return post_id


async def subscribe(client: Socket, post_id: str) -> None:
    """From now on it hears of that post: frames are answered in the order they come."""
    await client.send_json_to({"type": "subscribe", "post_id": post_id})
    await client.send_json_to({"type": "ping"})
    assert await client.frame() == {"type": "pong"}


async def hint(
    agent_id: str, *, before: int = 0, revision: int = 1, put: list[str] | None = None
) -> None:
    change = Change(agent_id, before, revision, put)
    event = {"type": "agent.changed", **change._asdict()}
    await get_channel_layer().group_send(group_of(agent_id), event)


def carried() -> tuple[str, str]:
    """A reference by alice that only a hint knows of: the post's id, and the reference."""
    now = datetime.now(UTC)
    ref = PostRef(post_id=str(uuid4()), created_by="alice", created_at=now, updated_at=now)
    return ref.post_id, ref.model_dump_json()


async def caught_up(follower: Socket) -> int:
    """Write a post and see it told; at which revision the socket knows bob's timeline to be now."""
    await write()
    await follower.frame()
    return await sync_to_async(lambda: Agent.objects.get(id=UserTimeline.of("bob").id).revision)()
