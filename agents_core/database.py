"""This thread's connections to PostgreSQL, and what its errors mean for a turn."""

from __future__ import annotations

import os
import select
import threading
from typing import Literal

import psycopg
from django.db import connections
from psycopg import errors

from agents_core.config import options
from agents_core.wire import ROLLBACK, Connection, run

_AGAIN = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.QueryCanceled,  # waited longer for a lock than a statement may take
    errors.InFailedSqlTransaction,  # a command swallowed the error that broke the transaction
    errors.IdleInTransactionSessionTimeout,  # stood still, and was fenced off before its commit
    errors.ReadOnlySqlTransaction,  # connected to what is not the primary any more
    errors.UniqueViolation,  # two turns recorded the same key, or made the same id, at once
    errors.InvalidSqlStatementName,  # what was prepared was dropped; it is prepared anew
)
_LOST = (psycopg.OperationalError, psycopg.InterfaceError)


Purpose = Literal["turn", "ledger", "search"]

# A turn's statements reach all their rows by primary key, whatever the tables hold: one plan made
# once is right, and planning each anew costs several times its execution. While a table is small
# the planner would rather scan it, and keep that plan when it has grown.
_BY_KEY = (
    " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
    " -c enable_hashjoin=off -c enable_mergejoin=off"
)


class _Connections(threading.local):
    def __init__(self) -> None:
        self.open: dict[Purpose, Connection] = {}


_threads = _Connections()


def connection(purpose: Purpose = "turn") -> Connection:
    """This thread's connection of that purpose, opened if need be.

    Turns and queries use one, the ledger of attempts another (it commits while the turn's is open),
    searches and upkeep a third (they need plans made for their values). They are the runtime's own:
    what a view does in a Django transaction never mixes with a turn.
    """
    held = _threads.open.get(purpose)
    name = connections.settings["default"]["NAME"]
    if held is None or held.closed or held.database != name:
        held = _threads.open[purpose] = _connect(purpose)
        held.database = name
    return held


def connect_anew_if_stale() -> None:
    """Have a connection that the server has not closed since it was last used.

    An idle connection on which there is something to read was closed: who notices only when
    using it cannot tell whether what was sent has happened.
    """
    if was_closed(connection()):
        discard()
        connection()


def was_closed(held: Connection) -> bool:
    """Whether the server has closed it, or says why it is about to; nothing may be under way."""
    readable = select.poll()  # unlike `select`, takes descriptors of any number
    readable.register(held.pgconn.socket, select.POLLIN)
    return bool(readable.poll(0))


def is_lost(error: BaseException) -> bool:
    """The connection is gone, or the server cannot work just now."""
    if isinstance(error, _AGAIN) or not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, _LOST)
    # by class, as psycopg's hierarchy counts a row too big for its index as operational too:
    # connection, resources, operator, system
    return error.sqlstate[:2] in ("08", "53", "57", "58")


def is_passing(error: BaseException) -> bool:
    """Not the fault of what was run: run again, it may well succeed."""
    return isinstance(error, _AGAIN) or is_lost(error)


def reset(purpose: Purpose = "turn") -> None:
    """Leave no open transaction behind an error; a lost connection is dropped."""
    held = _threads.open.get(purpose)
    if held is None:
        return
    try:
        if held.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            # not by a cursor: psycopg answers a ROLLBACK by dropping all prepared statements
            run(held, ROLLBACK())
    except psycopg.Error:
        discard(purpose)


def discard(purpose: Purpose = "turn") -> None:
    """Close this thread's connection of that purpose; the next use opens another."""
    held = _threads.open.pop(purpose, None)
    if held is not None:
        held.close()


def _connect(purpose: Purpose) -> Connection:
    parameters = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    # the timeouts make a row lock a lease: a stopped process is fenced off by the database
    settings = (
        f"-c idle_in_transaction_session_timeout={options().lease_ms} "
        f"-c statement_timeout={options().statement_ms} -c timezone=UTC"
    )
    if purpose != "search":
        settings += _BY_KEY
    if purpose == "ledger":
        # it is to survive the process, not the server: what was begun before that last started
        # counts for nothing, so nobody waits for the disk
        settings += " -c synchronous_commit=off"
    parameters["options"] = f"{parameters.get('options', '')} {settings}".strip()
    opened = Connection.connect(**parameters, autocommit=True)
    if opened.info.server_version >= 170000:
        # The other two do not see a process that stopped between the statements of one trip.
        longest = options().lease_ms + 2 * options().statement_ms
        opened.execute(f"SET transaction_timeout = {longest}", prepare=False)
    # The same few statements are run in turns again and again. A search that is ended is rolled
    # back, and what psycopg then drops are all prepared statements, those of `wire` too.
    opened.prepare_threshold = None if purpose == "search" else 0
    return opened


# a child's connections are its own; dropping these closes nothing that the parent uses
os.register_at_fork(after_in_child=lambda: _threads.open.clear())
