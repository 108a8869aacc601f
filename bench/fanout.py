"""A post to many followers, through the social network's own agents and the site's own workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg

from agents_core.testing import step
from bench.database import connect, make_twin, settle
from bench.harness import Line, Scale, alternate, percentile, say
from bench.site import site
from config.polling import until
from socialnet.agents.timelines_updater import TimelinesUpdater
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts

PATIENCE = 180.0
NEIGHBOUR = "bench-neighbour"
NEIGHBOURS_FOLLOWERS = 10
PAUSE = 0.02
"""Between two posts of the neighbour: a busy person, but no load of their own."""

# the last reader's chunk is committed, or the job is over and nothing waits to become one
EVERYBODY_TOLD = """
SELECT coalesce(state #>> '{current,after}' = %(last)s, false)
    OR coalesce(state -> 'current', 'null') = 'null'
       AND NOT EXISTS (SELECT FROM agents_core_message WHERE agent_id = %(id)s)
FROM (SELECT) LEFT JOIN agents_core_agent ON id = %(id)s
"""
# by the index, which forgets what was deleted: asked of the table, it would be read from its
# beginning each time, which took the drains more of the machine than they had
NO_MAIL = """
SELECT (SELECT agent_id FROM agents_core_message ORDER BY agent_id, id LIMIT 1) IS NULL
"""
LITTLE_MAIL = """
SELECT count(*) < 1000 FROM (SELECT FROM agents_core_message ORDER BY agent_id, id LIMIT 1000) mail
"""

Connection = psycopg.Connection[Any]


def author_of(followers: int) -> str:
    return f"bench-author-{followers}"


def label(followers: int) -> str:
    return f"{followers // 1_000}k"


def prepare(connection: Connection, sizes: list[int]) -> None:
    """Authors who are registered, and readers whose timelines exist, straight into the tables:
    a hundred thousand connections made by consent would take minutes."""
    most = max(sizes)
    for author, followers in [
        *[(author_of(size), size) for size in sizes],
        (NEIGHBOUR, NEIGHBOURS_FOLLOWERS),
    ]:
        User.of(author).register()
        # the neighbour's readers are others than the authors'
        first = most if author == NEIGHBOUR else 0
        connection.execute(
            "INSERT INTO agents_core_item (agent_id, name, item_key, sort_key, item) "
            "SELECT 'user:' || %s, 'readers', 'reader' || lpad(n::text, 7, '0'), n, "
            "'\"follower\"' FROM generate_series(%s::int, %s::int) AS n ON CONFLICT DO NOTHING",
            [author, first + 1, first + followers],
        )
    connection.execute(
        "INSERT INTO agents_core_agent (id, type, version, incarnation, state, revision, "
        "created_at, updated_at) SELECT 'user-timeline:reader' || lpad(n::text, 7, '0'), "
        "'user-timeline', 1, n, 'null', 1, now(), now() FROM generate_series(1, %s::int) AS n "
        "ON CONFLICT DO NOTHING",
        [most + NEIGHBOURS_FOLLOWERS],
    )
    step()
    make_twin(connection, "bench_message", "agents_core_message")
    settle(connection)


def wait_until(connection: Connection, condition: str, author: str, every: float) -> float:
    """When the condition came true."""
    last = f"reader{int(author.rpartition('-')[2]):07}" if author != NEIGHBOUR else ""
    parameters = {"id": TimelinesUpdater.of(author).id, "last": last}

    def came_true() -> bool:
        return connection.execute(condition, parameters, prepare=True).fetchone() == (True,)

    if not until(came_true, patience=PATIENCE, every=every):
        raise RuntimeError(f"The post of {author} did not arrive within {PATIENCE:.0f} s.")
    return time.perf_counter()


def post(connection: Connection, followers: int) -> tuple[float, float]:
    """Write a post: milliseconds until it is in every mailbox, and until all are drained."""
    author = author_of(followers)
    every = followers / 10_000_000 + 0.0005
    started = time.perf_counter()
    created = UserPosts.of(author).create_post("What a hundred thousand people want to read.")
    durable = wait_until(connection, EVERYBODY_TOLD, author, every)
    drained = wait_until(connection, NO_MAIL, author, every * 4)
    row = connection.execute(
        "SELECT count(*) FROM agents_core_item WHERE name = 'references' AND item_key = %s",
        [created.post_id],
    ).fetchone()
    assert row == (followers + 1,), f"{row} of {followers} timelines have the post"
    settle(connection, "agents_core_message", "agents_core_agent")
    return (durable - started) * 1000, (drained - started) * 1000


def insert(connection: Connection, followers: int) -> float:
    """Milliseconds of one bare statement that writes as many narrow rows, durably."""
    connection.execute("TRUNCATE bench_message")
    started = time.perf_counter()
    connection.execute(
        "INSERT INTO bench_message (agent_id, id, payload_id) SELECT 'user-timeline:' || item_key, "
        "'0198c2f4-7a51-7cc3-98c4-dc0c0c07398f', '0198c2f4-7a51-7cc3-98c4-dc0c0c07398f' "
        "FROM agents_core_item WHERE agent_id = 'user:' || %s AND name = 'readers'",
        [author_of(followers)],
    )
    return (time.perf_counter() - started) * 1000


def measure(scale: Scale) -> Iterator[Line]:
    """Workers and clock are up, as `manage.py up` starts them."""
    sizes = [followers for followers, _ in scale.audiences]
    with connect() as connection, site("worker", "worker-bulk", "beat"):
        prepare(connection, sizes)
        post(connection, sizes[0])  # the workers are there, connections, plans
        medians_of: dict[tuple[str, int], float] = {}
        for followers, rounds in scale.audiences:
            drained: list[float] = []

            def ours(followers: int = followers, drained: list[float] = drained) -> float:
                durable, done = post(connection, followers)
                drained.append(done)
                say(f"  {followers:,}: durable {durable:,.1f} ms, drained {done:,.1f} ms")
                return durable

            insert(connection, followers)
            runs = alternate(ours, partial(insert, connection, followers), rounds=rounds)
            for kind, figures in (("durable", runs["ours"]), ("drained", drained)):
                line = _line(kind, followers, {"ours": figures, "theirs": runs["theirs"]})
                medians_of[kind, followers] = line.ours
                yield line
        for kind in ("durable", "drained"):
            yield _growth(kind, sizes[-1], sizes[0], medians_of)
        yield _neighbour(connection, scale, sizes[-1])


def _line(kind: str, followers: int, runs: dict[str, list[float]]) -> Line:
    what = {
        "durable": "until durable and visible in every timeline",
        "drained": "until every mailbox is drained",
    }[kind]
    return Line.measured(
        runs,
        name=f"fanout_{kind}_{label(followers)}",
        what=f"a post to {label(followers)} followers: {what}",
        against="one bare INSERT ... SELECT of as many narrow rows",
        unit="ms",
        must=6 if kind == "durable" else 60,
        aim=3 if kind == "durable" else 25,
        better="lower",
    )


def _growth(kind: str, most: int, least: int, times: dict[tuple[str, int], float]) -> Line:
    return Line(
        name=f"fanout_{kind}_growth",
        what=f"cost per follower at {label(most)}, {kind}",
        against=f"cost per follower at {label(least)}",
        unit="µs",
        ours=times[kind, most] * 1000 / most,
        theirs=times[kind, least] * 1000 / least,
        must=1.5,
        aim=1.0,
        better="lower",
    )


def _neighbour(connection: Connection, scale: Scale, followers: int) -> Line:
    """Somebody else posts all the time: alone, and while a post travels to very many."""

    def idle() -> list[float]:
        return [_timed_post() for _ in range(scale.posts)]

    def busy() -> list[float]:
        times: list[float] = []
        with _travelling(connection, followers) as arrived:
            while not arrived() and len(times) < scale.posts * 10:
                times.append(_timed_post())
        return times

    _timed_post()
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(2):
        alone += idle()
        beside += busy()
    say(f"  neighbour: {len(alone)} posts alone, {len(beside)} beside")
    return Line(
        name="fanout_neighbour",
        what=f"another person's post while {label(followers)} are told, p95",
        against="the same on an idle system",
        unit="ms",
        ours=percentile(beside, 95),
        theirs=percentile(alone, 95),
        must=3,
        aim=1.5,
        better="lower",
        runs={"ours": [percentile(beside, 50)], "theirs": [percentile(alone, 50)]},
    )


def _timed_post() -> float:
    started = time.perf_counter()
    UserPosts.of(NEIGHBOUR).create_post("Good morning!")
    taken = time.perf_counter() - started
    time.sleep(PAUSE)
    return taken * 1000


class _travelling:
    """A post to many is under way for the length of the block; it gives whether it arrived."""

    def __init__(self, connection: Connection, followers: int) -> None:
        self._connection = connection
        self._author = author_of(followers)
        self._arrived = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        # not until all mail is drained: the neighbour's own posts keep some coming
        with connect() as connection:
            wait_until(connection, EVERYBODY_TOLD, self._author, 0.05)
            wait_until(connection, LITTLE_MAIL, self._author, 0.05)
        self._arrived.set()

    def __enter__(self) -> Callable[[], bool]:
        UserPosts.of(self._author).create_post("Read by very many.")
        self._thread.start()
        return self._arrived.is_set

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        wait_until(self._connection, NO_MAIL, self._author, 0.05)
        settle(self._connection)
