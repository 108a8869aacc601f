"""Prepared statements in one round trip, with binary parameters made by hand.

The hot path's own way to the server, below psycopg's cursors, which cost a turn more processor
time than all the rest of it (docs/benchmarks.md has the figures). Everything here is psycopg's
`pq` layer, on a psycopg connection that stays usable as such.
"""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from psycopg import errors, generators, pq, waiting
from psycopg.abc import PQGen

Encoder = Callable[[Any], bytes | None]

_PG_EPOCH = 946_684_800_000_000
"""2000-01-01 in microseconds since 1970: where PostgreSQL counts times from."""

_INTERVAL = 0.1
"""Seconds after which a wait for the server looks whether the process was told to stop."""

_TEXT, _BYTEA, _INT4, _INT8, _TIMESTAMPTZ, _UUID = 25, 17, 23, 20, 1184, 2950
_HEADER = struct.Struct("!iiIii")
_LENGTH = struct.Struct("!i")
_NULL = _LENGTH.pack(-1)
_EIGHT = struct.Struct("!iq")
_FOUR = struct.Struct("!ii")


def text(value: str | None) -> bytes | None:
    """A text parameter."""
    return None if value is None else value.encode()


def int4(value: int) -> bytes:
    """An int parameter."""
    return value.to_bytes(4, "big", signed=True)


def int8(value: int) -> bytes:
    """A bigint parameter."""
    return value.to_bytes(8, "big", signed=True)


def moment(value: int) -> bytes:
    """A timestamptz parameter, of microseconds since 1970."""
    return int8(value - _PG_EPOCH)


def uuid_(value: uuid.UUID) -> bytes:
    """A uuid parameter."""
    return value.bytes


def _array(oid: int, count: int, body: Iterable[bytes], *, nulls: bool = False) -> bytes:
    if count == 0:
        return _HEADER.pack(0, 0, oid, 0, 1)[:12]
    return _HEADER.pack(1, int(nulls), oid, count, 1) + b"".join(body)


def texts(values: Sequence[str | None]) -> bytes:
    """A text[] parameter."""
    pack = _LENGTH.pack
    encoded = [None if value is None else value.encode() for value in values]
    body = [_NULL if value is None else pack(len(value)) + value for value in encoded]
    return _array(_TEXT, len(values), body, nulls=None in values)


def blobs(values: Sequence[bytes]) -> bytes:
    """A bytea[] parameter."""
    body = [part for value in values for part in (_LENGTH.pack(len(value)), value)]
    return _array(_BYTEA, len(values), body)


def int4s(values: Sequence[int]) -> bytes:
    """An int[] parameter."""
    return _array(_INT4, len(values), [_FOUR.pack(4, value) for value in values])


def int8s(values: Sequence[int]) -> bytes:
    """A bigint[] parameter."""
    return _array(_INT8, len(values), [_EIGHT.pack(8, value) for value in values])


def moments(values: Sequence[int]) -> bytes:
    """A timestamptz[] parameter, of microseconds since 1970."""
    body = [_EIGHT.pack(8, value - _PG_EPOCH) for value in values]
    return _array(_TIMESTAMPTZ, len(values), body)


def uuids(values: Sequence[uuid.UUID | bytes]) -> bytes:
    """A uuid[] parameter."""
    return _array(_UUID, len(values), [b"\0\0\0\x10" + _bytes(value) for value in values])


def _bytes(value: uuid.UUID | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.bytes


class Result(Protocol):
    """What is read of a result: rows by number, values as binary."""

    @property
    def ntuples(self) -> int: ...

    def get_value(self, row: int, column: int) -> bytes | None: ...


def read_text(value: bytes | None) -> str:
    """A text column; null as an empty one."""
    return (value or b"").decode()


def read_int(value: bytes | None) -> int:
    """An integer column of any width."""
    return int.from_bytes(value or b"", "big", signed=True)


def read_moment(value: bytes | None) -> int:
    """A timestamptz column, as microseconds since 1970."""
    return read_int(value) + _PG_EPOCH


_ENCODERS: dict[str, Encoder] = {
    "text": text,
    "uuid": uuid_,
    "int": int4,
    "timestamptz": moment,
    "text[]": texts,
    "bytea[]": blobs,
    "int[]": int4s,
    "int8[]": int8s,
    "timestamptz[]": moments,
    "uuid[]": uuids,
}
_PARAMETER = re.compile(r"\$(\d+)::(\w+(?:\[\])?)")


class Statement:
    """An SQL statement. The first cast of each parameter (`$1::text[]`) says how it is encoded."""

    def __init__(self, sql: str) -> None:
        casts: dict[int, str] = {}
        for number, cast in _PARAMETER.findall(sql):
            casts.setdefault(int(number), cast)
        self.sql = sql.encode()
        self.encoders = [_ENCODERS[casts[number]] for number in range(1, len(casts) + 1)]
        self.name = f"agents_{id(self)}".encode()
        self.formats = [pq.Format.BINARY] * len(casts)

    def __call__(self, *values: Any) -> Step:
        """The statement with these parameters, to be run."""
        return self, [encode(value) for encode, value in zip(self.encoders, values, strict=True)]


BEGIN = Statement("BEGIN")
COMMIT = Statement("COMMIT")
ROLLBACK = Statement("ROLLBACK")

Step = tuple[Statement, list[bytes | None]]


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that knows which statements were prepared on it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepared: set[bytes] = set()
        self.database = ""
        self.ahead: _Sent | None = None
        """What `send_ahead` left under way."""

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        settle(self)
        return super().execute(*args, **kwargs)


def run(connection: Connection, *steps: Step) -> list[Result]:
    """Send the statements together, wait once, and give their results in order.

    The first error is raised; what came after it was not run. Outside of a transaction they commit
    together.
    """
    settle(connection)
    if len(steps) == 1 and steps[0][0].name in connection.prepared:
        return [_run_one(connection, *steps[0])]
    return _receive(connection, _send(connection, steps))


def send_ahead(connection: Connection, *steps: Step) -> None:
    """Send the statements and leave the server to it; what uses the connection next waits for
    them, and raises their error."""
    settle(connection)
    connection.ahead = _send(connection, steps)


def settle(connection: Connection) -> None:
    """Wait for what was sent ahead."""
    if connection.ahead is not None:
        sent, connection.ahead = connection.ahead, None
        _receive(connection, sent)


_Sent = list[bytes | None]
"""What was sent: the name of a statement that is prepared, or None for one that is run."""


def _send(connection: Connection, steps: Sequence[Step]) -> _Sent:
    pgconn = connection.pgconn
    sent: _Sent = []
    try:
        pgconn.enter_pipeline_mode()
        for statement, values in steps:
            name = statement.name
            if name not in connection.prepared and name not in sent:
                pgconn.send_prepare(name, statement.sql)
                sent.append(name)
            pgconn.send_query_prepared(name, values, statement.formats, pq.Format.BINARY)
            sent.append(None)
        pgconn.pipeline_sync()  # which sends what the socket takes; the rest goes with the wait
    except BaseException:
        # where in the protocol the connection stands is not known any more
        connection.close()
        raise
    return sent


def _receive(connection: Connection, sent: _Sent) -> list[Result]:
    pgconn = connection.pgconn
    try:
        fetched = waiting.wait(_communicate(pgconn, len(sent)), pgconn.socket, _INTERVAL)
        pgconn.exit_pipeline_mode()
    except BaseException:
        connection.close()
        raise
    results: list[Result] = []
    for prepared, result in zip(sent, fetched, strict=True):
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            raise _error(connection, result)
        if prepared is None:
            results.append(result)
        else:
            connection.prepared.add(prepared)
    return results


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commits at the end, rolls back after an exception.

    psycopg's own would drop all prepared statements with a rollback, and those of `run` would be
    missed from then on.
    """
    run(connection, BEGIN())
    try:
        yield
    except BaseException:
        try:
            run(connection, ROLLBACK())
        except psycopg.Error:
            connection.close()
        raise
    run(connection, COMMIT())


def _run_one(connection: Connection, statement: Statement, values: list[bytes | None]) -> Result:
    """One statement needs no pipeline, which costs as much again."""
    pgconn = connection.pgconn
    try:
        pgconn.send_query_prepared(statement.name, values, statement.formats, pq.Format.BINARY)
        fetched = waiting.wait(generators.execute(pgconn), pgconn.socket, _INTERVAL)
        result: pq.abc.PGresult = fetched[0]
    except BaseException:
        connection.close()
        raise
    if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        raise _error(connection, result)
    return result


def _error(connection: Connection, result: pq.abc.PGresult) -> psycopg.Error:
    error = errors.error_from_result(result, encoding="utf-8")
    if isinstance(error, errors.InvalidSqlStatementName):
        connection.prepared.clear()  # somebody dropped them all; the next time prepares them anew
    return error


def _communicate(pgconn: pq.abc.PGconn, count: int) -> PQGen[list[pq.abc.PGresult]]:
    """Send what is buffered, then fetch so many results and the synchronisation behind them."""
    yield from generators.send(pgconn)
    results = []
    for _ in range(count):
        results += yield from generators.fetch_many(pgconn)
    yield from generators.fetch_many(pgconn)
    return results
