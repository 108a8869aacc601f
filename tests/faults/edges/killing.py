"""Kills the process it is in at a commit edge: right before or right after that very commit.

A test leaves an order in a directory; the process it names, when it comes to that edge with that
agent, takes the order, writes down what the database holds just then, and kills itself there.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import orjson
import psycopg

from agents_core import store

Side = Literal["before", "after"]
Concerns = Callable[..., bool]


class Order(NamedTuple):
    """Which process is to be killed at which edge, and what to write down before."""

    process: str
    edge: str
    side: Side
    agent_id: str
    url: str
    """Of the database."""
    traces: tuple[str, ...]
    """Statements with one parameter, the agent: what the commit changes, each of them."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """That of a file."""
        return cls(*orjson.loads(path.read_bytes()))

    def write(self, path: Path) -> None:
        """Leave it there, whole."""
        draft = path.with_suffix(".draft")
        draft.write_bytes(orjson.dumps(tuple(self)))
        draft.rename(path)


class Killed(NamedTuple):
    """What a process wrote down before it killed itself."""

    pid: int
    edge: str
    side: Side
    found: list[str]
    """Of each trace: what there was right before the commit."""


def look(url: str, traces: tuple[str, ...], agent_id: str) -> list[str]:
    """What is committed: of each trace its rows, as text."""
    with psycopg.connect(url, autocommit=True) as connection:
        return [
            connection.execute(
                f"SELECT coalesce(jsonb_agg(t), '[]')::text FROM ({trace}) AS t", [agent_id]
            ).fetchall()[0][0]
            for trace in traces
        ]


class Killer:
    """Carries out orders in one process."""

    def __init__(self, directory: Path, process: str) -> None:
        self.process = process
        self.order = directory / "order"
        self.taken = directory / "taken"
        self.killed = directory / "killed"

    def _take(self, edge: str, concerns: Callable[[str], bool]) -> Order | None:
        """The order for this edge, if this is it; one thread gets it."""
        try:
            order = Order.read(self.order)
            if (order.process, order.edge) != (self.process, edge) or not concerns(order.agent_id):
                return None
            self.order.rename(self.taken)
        except FileNotFoundError:
            return None
        return order

    @contextmanager
    def at(self, edge: str, concerns: Callable[[str], bool]) -> Iterator[None]:
        """The commit is made inside; if the order is for it, the process ends before or after."""
        order = self._take(edge, concerns)
        if order is None:
            yield
            return
        found = look(order.url, order.traces, order.agent_id)
        if order.side == "before":
            self._end(order, found)
        yield
        self._end(order, found)

    def _end(self, order: Order, found: list[str]) -> None:
        draft = self.killed.with_suffix(".draft")
        killed = Killed(os.getpid(), order.edge, order.side, found)
        draft.write_bytes(orjson.dumps(tuple(killed)))
        draft.rename(self.killed)
        os.kill(os.getpid(), signal.SIGKILL)


def read_killed(directory: Path) -> Killed | None:
    """What the process that was killed wrote down, if one was."""
    try:
        return Killed(*orjson.loads((directory / "killed").read_bytes()))
    except FileNotFoundError:
        return None


def _about_agent(agent_id: str, _: Any, about: Any, *args: Any, **kwargs: Any) -> bool:
    """The first argument is the agent, or something of the agent's."""
    return agent_id == getattr(about, "agent_id", about)


def _turn(agent_id: str, _: Any, writes: store.Writes) -> bool:
    """It is the agent's turn, or an operation on it."""
    return any(row[0] == agent_id for row in (*writes.oplog, *writes.done)) or any(
        row[4] == agent_id for row in writes.operations
    )


def _sent(agent_id: str, _: Any, writes: store.Writes) -> bool:
    rows = (*writes.sent, *writes.scheduled, *writes.effects, *writes.outcomes)
    return any(row[0] == agent_id for row in rows)


def _is_there(statement: str) -> Concerns:
    """A row of the agent's is there that the commit is about."""

    def concerns(agent_id: str, connection: Any, *args: Any, **kwargs: Any) -> bool:
        return connection.execute(statement, [agent_id]).fetchone() is not None

    return concerns


_ROLLOUT = _is_there('SELECT 1 FROM agents_core_rollout WHERE "by" = %s')
STORE: dict[str, Concerns] = {
    "commit": _turn,
    "send": _sent,
    "cancel_schedule": _about_agent,
    "move_due": _is_there(
        "SELECT 1 FROM agents_core_schedule WHERE agent_id = %s AND due_at <= now()"
    ),
    "add_attempt": lambda agent_id, _, id_, taken, at: agent_id in taken,
    "count_attempt": lambda agent_id, _, id_, about, last, error: agent_id == about,
    "remove_attempts": _is_there("SELECT 1 FROM agents_core_attempt WHERE jsonb_exists(taken, %s)"),
    "claim_effect": _is_there(
        "SELECT 1 FROM agents_core_effect WHERE agent_id = %s AND due_at <= now()"
    ),
    "renew_effects": lambda agent_id, _, held, until: agent_id in [one.agent_id for one in held],
    "finish_effect": _about_agent,
    "add_blob": _about_agent,
    "prune_histories": lambda agent_id, _, cuts, **how: agent_id in cuts,
    "add_rollout": lambda agent_id, _, row, noted: row.by == agent_id,
    "claim_rollout": _ROLLOUT,
    "move_rollout": lambda agent_id, _, row, until: row.by == agent_id,
    "set_rollout_status": _ROLLOUT,
}
"""Each edge is the one function of `store` whose commit it is, with what tells whether a call of it
is about an agent: the agent, the connection, and the function's own arguments."""

_killer: Killer | None = None


def install(directory: Path, process: str) -> None:
    """Watch the edges in this process."""
    global _killer
    _killer = Killer(directory, process)
    for name, concerns in STORE.items():
        setattr(store, name, _watched(_killer, name, getattr(store, name), concerns))


def _watched(
    killer: Killer, name: str, real: Callable[..., Any], concerns: Concerns
) -> Callable[..., Any]:
    @functools.wraps(real)
    def watched(connection: Any, *args: Any, **kwargs: Any) -> Any:
        with killer.at(name, lambda agent_id: concerns(agent_id, connection, *args, **kwargs)):
            return real(connection, *args, **kwargs)

    return watched


@contextmanager
def step(name: str, agent_id: str) -> Iterator[None]:
    """Something between two commits that an order can name like an edge."""
    if _killer is None:
        yield
        return
    with _killer.at(name, lambda ordered: ordered == agent_id):
        yield
