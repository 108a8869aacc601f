"""`live` as people run it: Daphne, with a real browser's handshake and a real connection."""

import asyncio
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from asgiref.sync import sync_to_async
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from accounts import tokens
from accounts.models import User
from agents_core.testing import step
from config import programs
from config.environment import BASE_DIR
from socialnet.agents.user_posts import UserPosts
from tests.config.sites import free_ports
from tests.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def live(server_environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of a Daphne that sees this test's world."""
    port = free_ports()
    environment = server_environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    with (tmp_path / "live.log").open("w") as log:
        process = subprocess.Popen(
            programs.live("127.0.0.1", port),
            cwd=BASE_DIR,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: answers(port), "Daphne")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


async def frame(connection: ClientConnection) -> dict[str, object]:
    told: dict[str, object] = orjson.loads(await asyncio.wait_for(connection.recv(), 5))
    return told


@sync_to_async
def write() -> str:
    post_id = UserPosts.of("alice").create_post("hello").post_id
    step()
    return post_id


async def test_a_post_arrives(live: str) -> None:
    alice = await sync_to_async(User.objects.create_user)("alice")
    _, token = await sync_to_async(tokens.create)(alice, "test")
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(f"ws://{live}/ws/v1/updates", additional_headers=headers) as connection:
        assert (await frame(connection))["type"] == "hello"
        updates = f"http://{live}/api/v1/social-net/users/alice/timeline/posts/updates?wait=20"
        request = urllib.request.Request(updates, headers=headers)
        waiting = asyncio.create_task(asyncio.to_thread(read, request))
        await asyncio.sleep(0.2)  # until it listens; should it not yet, it finds the post at once
        post_id = await write()
        assert post_id in str(await frame(connection))
        assert post_id in await waiting


def read(request: urllib.request.Request) -> str:
    with urllib.request.urlopen(request, timeout=20) as answer:
        body: bytes = answer.read()
    return body.decode()


async def test_a_stranger_is_told_why_not(live: str) -> None:
    async with connect(f"ws://{live}/ws/v1/updates") as connection:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(connection.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
