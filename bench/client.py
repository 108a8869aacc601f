"""An HTTP client that costs little: one thread, epoll, keep-alive, no parsing beyond the length.

Run as `python -m bench.client`, with one JSON order on standard input; see `Order`. It answers with
what it counted and the processor time it took, so that one sees it was not what was measured.
"""

from __future__ import annotations

import json
import random
import select
import socket
import subprocess
import sys
import time
from typing import Any, TypedDict


class Order(TypedDict):
    """What to ask. In `path`, `{n}` becomes a random number from 1 to `rows`."""

    port: int
    method: str
    path: str
    token: str
    body: str
    rows: int
    connections: int
    seconds: float


class Counted(TypedDict):
    """What came back. `busy` is the share of one core the client itself took."""

    requests: int
    seconds: float
    busy: float
    p50: float
    p99: float


def run(order: Order) -> Counted:
    """Have another process do it, so that our own interpreter lock is not in the way."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The HTTP client failed: {done.stderr}")
    answer: Counted = json.loads(done.stdout)
    return answer


def request(order: Order) -> bytes:
    """One request, whole."""
    number = random.randint(1, order["rows"])
    body = order["body"].encode()
    lines = [
        f"{order['method']} {order['path'].replace('{n}', str(number))} HTTP/1.1",
        f"Host: 127.0.0.1:{order['port']}",
        f"Authorization: Bearer {order['token']}",
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def is_whole(answer: bytes) -> bool:
    """Whether the head and as much as it announces is there."""
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    length = head.lower().split(b"content-length:")[1].split(b"\r\n", 1)[0]
    return len(body) >= int(length)


def ask(order: Order) -> Counted:
    """Keep every connection busy until the time is over."""
    requests = [request(order) for _ in range(4096)]
    poll = select.epoll()
    connections: dict[int, socket.socket] = {}
    parts: dict[int, bytes] = {}
    sent_at: dict[int, float] = {}
    now = time.perf_counter
    for _ in range(order["connections"]):
        connection = socket.create_connection(("127.0.0.1", order["port"]))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connections[connection.fileno()] = connection
        poll.register(connection, select.EPOLLIN)
        connection.sendall(requests[connection.fileno()])
        parts[connection.fileno()] = b""
        sent_at[connection.fileno()] = now()
    started, cpu = now(), time.process_time()
    until, done = started + order["seconds"], 0
    times: list[float] = []
    while (at := now()) < until:
        for number, _ in poll.poll(until - at):
            answer = parts[number] + connections[number].recv(65536)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"Not what was asked for: {answer[:500]!r}")
            if not is_whole(answer):
                parts[number] = answer
                continue
            parts[number] = b""
            done += 1
            times.append(now() - sent_at[number])
            connections[number].send(requests[done % 4096])
            sent_at[number] = now()
    seconds = now() - started
    times.sort()
    return Counted(
        requests=done,
        seconds=seconds,
        busy=(time.process_time() - cpu) / seconds,
        p50=times[len(times) // 2],
        p99=times[len(times) * 99 // 100],
    )


def main() -> None:
    """Read the order, answer."""
    order: Any = json.load(sys.stdin)
    print(json.dumps(ask(order)))


if __name__ == "__main__":
    main()
