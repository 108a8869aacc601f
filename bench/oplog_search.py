"""Searches of an oplog of a million entries."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agents_core.oplog_search import search_oplog
from bench.agents import BenchCounter
from bench.database import connect, settle
from bench.harness import Line, Scale, alternate

AGENT = f"{BenchCounter.agent_type}:oplog"
TABLES = ("agents_core_oplog", "agents_core_oplogdigest")
SEARCHES = 20
ALLOWED = 200.0
"""Milliseconds."""

# Two methods by turns and one that is rare; a refusal in a thousand, few faults; 20,000 callers;
# most entries brought by a message.
ENTRIES = """
INSERT INTO agents_core_oplog (agent_id, index, kind, recorded_at, entry)
SELECT %(agent)s, n,
CASE WHEN n %% 50000 = 7 THEN 'fault' WHEN n %% 1000 = 3 THEN 'refusal' ELSE 'command' END,
'2026-01-01Z'::timestamptz + n * interval '100 ms',
jsonb_build_object(
    'method', CASE WHEN n %% 100000 = 11 THEN 'rename' WHEN n %% 3 = 0 THEN 'add' ELSE 'take' END,
    'args', jsonb_build_object('amount', n %% 10, 'label', 'parcel ' || n),
    'result', n, 'caller', 'user:u' || n * 7919::int8 %% 20000, 'message', md5(n::text)::uuid,
    'time', 1767225600000000 + n * 100000::int8, 'seed', n * 829348951::int8 %% 4503599627370496
) || CASE WHEN n %% 50000 = 7
    THEN jsonb_build_object('fault', 'RuntimeError: no luck with parcel ' || n)
    WHEN n %% 1000 = 3
    THEN jsonb_build_object('refusal', '{"code": "too_much", "facts": {}}'::jsonb)
    ELSE '{}' END
FROM generate_series(1, %(entries)s) AS n
"""


@contextmanager
def searched(entries: int) -> Iterator[None]:
    """There is an agent that did so much, and nobody has searched it yet; its oplog goes again."""
    empty()
    fill(entries)
    try:
        yield
    finally:
        empty()


def empty() -> None:
    """Give its room back: what is measured after it must not carry it."""
    with connect() as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE agent_id = %s", [AGENT])
        settle(connection, *TABLES)


def fill(entries: int) -> None:
    """All in one statement, as a turn each would take hours."""
    with connect() as connection:
        connection.execute(
            "INSERT INTO agents_core_agent (id, type, version, incarnation, revision, created_at, "
            "updated_at) VALUES (%s, %s, 1, 1, %s, now(), now()) ON CONFLICT (id) DO NOTHING",
            [AGENT, BenchCounter.agent_type, entries],
        )
        connection.execute(ENTRIES, {"agent": AGENT, "entries": entries})
        settle(connection, TABLES[0])


def indexed(entries: int) -> list[str]:
    """Searches by the fields that digests know, none of them for what is everywhere."""
    with connect() as connection:
        ids = connection.execute(
            "SELECT entry ->> 'message' FROM agents_core_oplog WHERE agent_id = %s "
            "AND index = ANY(%s)",
            [AGENT, random.sample(range(1, entries + 1), SEARCHES)],
        ).fetchall()
    searches: list[str] = []
    for (message,) in ids:
        searches += [
            f"message:{message}",
            f'caller:"user:u{random.randrange(20_000)}"',
            random.choice(["method:rename", "method:/^re/", "method:nothing OR method:rename"]),
            random.choice(["kind:fault", "NOT kind:command", "kind:(fault OR parked) take"]),
            f"recorded_at:2026-01-01T{random.randrange(24):02}:{random.randrange(60):02}",
        ]
    return random.sample(searches, SEARCHES)


def milliseconds(query: str) -> float:
    """One page of that search."""
    started = time.perf_counter()
    search_oplog(AGENT, query)
    return (time.perf_counter() - started) * 1000


def through(query: str) -> float:
    """All pages of that search, one after the other; milliseconds."""
    started = time.perf_counter()
    cursor = search_oplog(AGENT, query).next_cursor
    while cursor:
        cursor = search_oplog(AGENT, query, cursor=cursor).next_cursor
    return (time.perf_counter() - started) * 1000


def median_of(searches: Callable[[], list[str]]) -> float:
    return statistics.median([milliseconds(query) for query in searches()])


def measure(scale: Scale) -> Iterator[Line]:
    """Pages as an operator asks for them, in this process; the baseline is a page of no query."""
    with searched(scale.entries):
        yield from lines(scale)


def lines(scale: Scale) -> Iterator[Line]:
    """The first search that writes digests, then some that read them, then one that cannot."""
    first = [through("method:nothing")]
    size = f"{scale.entries:,} entries"

    def ours() -> float:
        return median_of(lambda: indexed(scale.entries))

    def page() -> float:
        return median_of(lambda: [""] * SEARCHES)

    ours(), page()
    runs = alternate(ours, page, rounds=scale.rounds)
    fields = f"oplog search by method, kind, caller, message or time, {size}"
    facts = {"unit": "ms", "better": "lower"}
    by_key = {"against": "the newest 50 entries, by primary key", "must": None, "aim": None}
    yield Line.measured(
        {"ours": runs["ours"], "theirs": [ALLOWED]},
        name="oplog_search",
        what=fields,
        against="what was asked for",
        must=1,
        aim=0.5,
        **facts,
    )
    yield Line.measured(runs, name="oplog_search_page", what=fields, **by_key, **facts)
    yield Line.measured(
        {"ours": first, "theirs": runs["theirs"]},
        name="oplog_search_first",
        what="the first such search of an agent, which writes its digests",
        **by_key,
        **facts,
    )
    scans = alternate(lambda: through("nothing"), page, rounds=1)
    yield Line.measured(
        scans,
        name="oplog_search_scan",
        what=f"oplog search for a word that none of {size} has, to the end",
        **by_key,
        **facts,
    )
