"""Commands and queries over HTTP: Granian with two workers, a token, sixteen connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench import client
from bench.database import pgbench_commands
from bench.harness import Line, Scale, alternate, say
from bench.site import PORT, site, token_of

CONNECTIONS = 16


def asking(scale: Scale, method: str, path: str, body: str = "") -> Callable[[], float]:
    """Requests a second for one route."""
    token = token_of("bench-client")

    def ask(seconds: float = scale.seconds) -> float:
        counted = client.run(
            {
                "port": PORT,
                "method": method,
                "path": f"/api/v1/bench{path}",
                "token": token,
                "body": body,
                "rows": scale.rows,
                "connections": CONNECTIONS,
                "seconds": seconds,
            }
        )
        rate = counted["requests"] / counted["seconds"]
        say(
            f"  {method} {path}: {rate:,.0f}/s, p50 {counted['p50'] * 1000:.2f} ms, p99 "
            f"{counted['p99'] * 1000:.2f} ms; the client took {counted['busy']:.0%} of a core"
        )
        return rate

    ask(1.0)  # connections, plans
    return ask


def measure(scale: Scale) -> Iterator[Line]:
    """`web` alone is up, as `manage.py up` starts it."""
    with site("web"):
        command = asking(scale, "POST", "/counters/{n}/add", '{"amount":1}')
        query = asking(scale, "GET", "/counters/{n}")
        constant = asking(scale, "GET", "/constant")
        runs = alternate(
            command, lambda: pgbench_commands(scale.rows, scale.seconds), rounds=scale.rounds
        )
        yield Line.measured(
            runs,
            name="http_command",
            what="a durable command over HTTP, 16 connections",
            against="the distinct pgbench script",
            unit="/s",
            must=0.15,
            aim=0.5,
            better="higher",
        )
        runs = alternate(query, constant, rounds=scale.rounds)
        yield Line.measured(
            runs,
            name="http_query",
            what="a query over HTTP, the same way",
            against="a Ninja endpoint that returns a constant",
            unit="/s",
            must=0.35,
            aim=0.6,
            better="higher",
        )
