"""Races made on purpose: threads behind a barrier, and locks held by a connection of the test's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, get_args

import psycopg
from django.db import connection, connections

from agents_core import database
from agents_core.calls import Call
from agents_core.context import Target
from agents_core.execution import run_alone
from agents_core.handles import Handle
from agents_core.models import DeadLetter, Message, Oplog
from tests.waiting import wait_for


def started(function: Callable[[], Any]) -> Future[Any]:
    """Run in a thread of its own; the connections it opens are closed with it."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)
        finally:
            for purpose in get_args(database.Purpose):
                database.discard(purpose)
            connections.close_all()

    threading.Thread(target=run, daemon=True).start()
    return future


def together(*functions: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each in a thread; their results in order."""
    barrier = threading.Barrier(len(functions))

    def behind(function: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            barrier.wait(30)
            return function()

        return run

    futures = [started(behind(function)) for function in functions]
    return [future.result(60) for future in futures]


def in_own_process(handle: Handle | Any, method: str, *args: Any, key: str | None = None) -> Any:
    """Call a command as another process would: not through this process's combiner."""
    spec = handle._class.methods[method]
    target = Target(handle._class, handle.id, spec, spec.encode(args, {}))
    call = Call(target, None, key)
    run_alone(handle.id, [call])
    if call.error is not None:
        raise call.error
    return call.result


@contextmanager
def transaction() -> Iterator[psycopg.Connection[Any]]:
    """A transaction of another process, committed at the end."""
    parameters = connections["default"].get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters) as other:
        yield other


@contextmanager
def locked(agent_id: str) -> Iterator[psycopg.Connection[Any]]:
    """Hold an agent's row, as a turn of another process does."""
    with transaction() as held:
        held.execute("SELECT 1 FROM agents_core_agent WHERE id = %s FOR NO KEY UPDATE", [agent_id])
        yield held


def wait_for_waiters(number: int = 1) -> None:
    """Return once so many sessions wait for a lock."""
    wait_for(
        lambda: (
            rows(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock'"
            )[0][0]
            >= number
        ),
        f"{number} sessions that wait for a lock",
    )


def rows(sql: str, *values: Any) -> list[Sequence[Any]]:
    """What the database has, read beside the runtime."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def oplog(agent_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and entry of each oplog entry of an agent."""
    entries = Oplog.objects.filter(agent_id=agent_id).order_by("index")
    return [(entry.kind, entry.entry) for entry in entries]


def mail(agent_id: str) -> list[tuple[str, int]]:
    """Method and attempts of what waits for an agent."""
    waiting = Message.objects.filter(agent_id=agent_id).order_by("id")
    return [(message.method or "", message.attempts) for message in waiting]


def dead(agent_id: str) -> list[tuple[str, int, str]]:
    """Method, attempts and error of the dead letters of an agent."""
    letters = DeadLetter.objects.filter(agent_id=agent_id).order_by("id")
    return [(letter.method, letter.attempts, letter.last_error) for letter in letters]
