"""From a commit to the frame on a follower's socket: real Daphne, worker and Valkey."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from agents_core.live import group_of
from bench.harness import Line, Scale, percentile
from bench.site import LIVE_PORT, site, token_of
from config.polling import until
from socialnet.agents.schemas import PostRef
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline

AUTHOR, READER = "bench-writer", "bench-watcher"
PATIENCE = 10.0
PAUSE = 0.01
BLOCK = 25
"""How many of one kind come after each other before the other kind's turn."""


class Socket:
    """A follower's open socket; every frame with the moment it came."""

    def __init__(self, token: str) -> None:
        self._frames: queue.SimpleQueue[tuple[float, dict[str, Any]]] = queue.SimpleQueue()
        self._socket: ClientConnection = connect(
            f"ws://127.0.0.1:{LIVE_PORT}/ws/v1/updates",
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for(lambda frame: frame["type"] == "hello")

    def _read(self) -> None:
        try:
            for text in self._socket:
                self._frames.put((time.perf_counter(), json.loads(text)))
        except ConnectionClosed:
            pass

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> float:
        """When the wanted frame came; others are let go by."""
        while True:
            at, frame = self._frames.get(timeout=PATIENCE)
            if wanted(frame):
                return at

    def close(self) -> None:
        self._socket.close()


def follow(reader: str, author: str) -> None:
    """Have the reader follow the author, and wait until the author's side knows."""
    User.of(reader).connect(author, "following")

    def is_known() -> bool:
        return (reader, "follower") in [tuple(entry) for entry in User.of(author).audience()]

    if not until(is_known, patience=PATIENCE):
        raise RuntimeError(f"{reader} does not follow {author} after {PATIENCE:.0f} s.")


class Measured:
    """The three ways of making a frame appear, each timed in milliseconds."""

    def __init__(self, socket: Socket, runner: asyncio.Runner) -> None:
        self.socket = socket
        self.runner = runner
        self.number = 0

    def post(self) -> float:
        """The author writes; timed from the commit of the post."""
        created = UserPosts.of(AUTHOR).create_post("Good morning!")
        return self._until(time.perf_counter(), created.post_id)

    def reference(self) -> float:
        """The timeline itself changes; timed from that commit."""
        now = datetime.now(UTC)
        ref = PostRef(post_id=str(uuid4()), created_by=AUTHOR, created_at=now, updated_at=now)
        UserTimeline.of(READER).add_reference(ref)
        return self._until(time.perf_counter(), ref.post_id)

    def _until(self, committed: float, post_id: str) -> float:
        def has_it(frame: dict[str, Any]) -> bool:
            return frame["type"] == "timeline.posts" and any(
                post["post_id"] == post_id for post in frame["posts"]
            )

        return (self.socket.wait_for(has_it) - committed) * 1000

    def publish(self) -> float:
        """A message to the same socket's group, which its consumer passes on as it is."""
        self.number += 1
        number = self.number
        group = group_of(UserTimeline.of(READER).id)
        layer: Any = get_channel_layer()
        started = time.perf_counter()
        self.runner.run(layer.group_send(group, {"type": "say", "number": number}))
        came = self.socket.wait_for(lambda frame: frame.get("number") == number)
        return (came - started) * 1000


def measure(scale: Scale) -> Iterator[Line]:
    """`live`, the workers and the clock are up, as `manage.py up` starts them."""
    with site("live", "worker", "beat"), asyncio.Runner() as runner:
        token_of(AUTHOR)
        socket = Socket(token_of(READER))
        follow(READER, AUTHOR)
        ways = Measured(socket, runner)
        for way in (ways.post, ways.reference, ways.publish):
            block(way, 10)
        times: dict[str, list[float]] = {"post": [], "reference": [], "publish": []}
        while len(times["post"]) < scale.posts:
            times["post"] += block(ways.post, BLOCK)
            times["publish"] += block(ways.publish, BLOCK)
            times["reference"] += block(ways.reference, BLOCK)
        socket.close()
        yield _line("live", "a post's commit to the frame", times["post"], times["publish"])
        yield _line(
            "live_timeline",
            "the timeline's commit to the frame",
            times["reference"],
            times["publish"],
        )


def block(way: Callable[[], float], count: int) -> list[float]:
    """So many times, with pauses: this is about delay, not throughput."""
    figures = []
    for _ in range(count):
        figures.append(way())
        time.sleep(PAUSE)
    return figures


def _line(name: str, what: str, ours: list[float], theirs: list[float]) -> Line:
    return Line(
        name=name,
        what=f"{what} on a follower's socket, p95",
        against="a bare channel-layer publish to the same socket",
        unit="ms",
        ours=percentile(ours, 95),
        theirs=percentile(theirs, 95),
        must=4,
        aim=2,
        better="lower",
        runs={
            "ours": [percentile(ours, percent) for percent in (50, 95, 99)],
            "theirs": [percentile(theirs, percent) for percent in (50, 95, 99)],
        },
    )
