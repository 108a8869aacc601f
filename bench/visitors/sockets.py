"""Two thousand open pages: a post to all of them, and what a page costs `live` in memory."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

from accounts import tokens
from accounts.models import User
from bench.harness import percentile, say
from bench.visitors import plan, world
from bench.visitors.door import Door
from bench.visitors.watch import Watch

FIRST_TOWN = 60_000
"""Of the readers: beyond all that the world ever grows to."""
POSTS = 10
PAUSE = 3.0
PATIENCE = 30.0
OPENING = 50
"""At once."""
AUTHOR = "bench-broadcaster"


def measure(port: int, var: Path, sockets: int) -> dict[str, Any]:
    """Open the sockets, write posts one after another, time every frame."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, sockets + 500)), hard))
    door = world.staff_door(port)
    readers = _have_readers(door, sockets)
    live = _live_process(var)
    before = live.memory_info().rss
    say(f"opening {sockets:,} sockets")
    watch = Watch(var)
    held = asyncio.run(_hold(port, readers, live))
    grown = held.pop("rss") - before
    figures = held.pop("milliseconds")
    result = {
        "sockets": sockets,
        "posts": POSTS,
        "frames": len(figures),
        "missing": sockets * POSTS - len(figures),
        **{f"p{percent}": round(percentile(figures, percent), 1) for percent in (50, 95, 99)},
        "slowest": round(max(figures), 1),
        "live_before_mb": round(before / 2**20, 1),
        "kb_per_socket": round(grown / 1024 / sockets, 1),
        "shares": watch.shares(),
        **held,
    }
    say(f"  {result}")
    return result


def _have_readers(door: Door, count: int) -> list[str]:
    """People with tokens who follow the author."""
    towns = range(FIRST_TOWN, FIRST_TOWN + -(-count // plan.PEOPLE))
    world.open_accounts(towns)
    readers = [plan.user_id(person, town) for town in towns for person in range(plan.PEOPLE)]
    if not User.objects.filter(username=AUTHOR).exists():
        User.objects.create_user(AUTHOR)
    users = "/social-net/users"
    door.ask("PUT", f"{users}/{AUTHOR}/name", {"name": "Somebody with news"})
    for reader in readers[:count]:
        door.ask("PUT", f"{users}/{reader}/name", {"name": reader})
        door.ask("PUT", f"{users}/{reader}/connections/{AUTHOR}/following")
    world.wait_for_quiet()
    return readers[:count]


def _live_process(var: Path) -> psutil.Process:
    """Daphne, as `manage.py up` has started it for this directory."""
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "daphne" in line and _var_of(process) == str(var):
            return process
    raise RuntimeError("There is no `live` process.")


def _var_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("AGORA_VAR")
    except psutil.Error:
        return None


async def _hold(port: int, readers: list[str], live: psutil.Process) -> dict[str, Any]:
    opened: list[ClientConnection] = []
    began = time.perf_counter()
    for start in range(0, len(readers), OPENING):
        opened += await asyncio.gather(
            *[_open(port + 1, reader) for reader in readers[start : start + OPENING]]
        )
    opening = time.perf_counter() - began
    await asyncio.sleep(PAUSE)
    rss = live.memory_info().rss
    arrivals: dict[str, list[float]] = {}
    tasks = [asyncio.create_task(_listen(socket, arrivals)) for socket in opened]
    account = await asyncio.to_thread(User.objects.get, username=AUTHOR)
    token = (await asyncio.to_thread(tokens.create, account, "bench"))[1]
    door = Door(port, token)
    figures: list[float] = []
    spent: list[float] = []
    for number in range(POSTS):
        used = sum(live.cpu_times()[:2])
        sent = time.perf_counter()
        made = await asyncio.to_thread(
            door.ask, "POST", f"/social-net/users/{AUTHOR}/posts", {"content": f"News {number}"}
        )
        came = arrivals.setdefault(made["post_id"], [])
        until = sent + PATIENCE
        while len(came) < len(readers) and time.perf_counter() < until:
            await asyncio.sleep(0.05)
        figures += [(at - sent) * 1000 for at in came]
        await asyncio.sleep(PAUSE)
        spent.append(sum(live.cpu_times()[:2]) - used)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*[socket.close() for socket in opened])
    return {
        "milliseconds": figures,
        "rss": rss,
        "opened_per_second": round(len(readers) / opening),
        "live_seconds_per_post": round(sum(spent) / len(spent), 2),
    }


async def _open(port: int, reader: str) -> ClientConnection:
    socket = await connect(
        f"ws://127.0.0.1:{port}/ws/v1/updates",
        additional_headers={"Authorization": f"Bearer {plan.token(reader, world.SECRET)}"},
        compression=None,
        ping_interval=None,
        open_timeout=60,
    )
    hello = json.loads(await asyncio.wait_for(socket.recv(), 60))
    assert hello["type"] == "hello", hello
    return socket


async def _listen(socket: ClientConnection, arrivals: dict[str, list[float]]) -> None:
    async for text in socket:
        at = time.perf_counter()
        frame = json.loads(text)
        if frame["type"] == "timeline.posts":
            for post in frame["posts"]:
                arrivals.setdefault(post["post_id"], []).append(at)
