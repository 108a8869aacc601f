"""Search of an oplog: what is found, in which order, and against a plain reading of the rules."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents_core import Caller, calling, operators
from agents_core.collections import CursorNotValid
from agents_core.oplog_query import All, Condition, Node, Not, QueryNotValid, Some, Sort, parse
from agents_core.oplog_search import MAX_LIMIT, OplogPage, QueryTooSlow, search_oplog
from agents_core.testing import freeze, step
from config.environment import BASE_DIR
from tests.agents_core.counter import Counter, TooMuch
from tests.agents_core.oplog_oracle import Row, finds, in_python, written
from tests.agents_core.racing import rows
from tests.agents_core.searched import AGENT, BEGINNING, found, indices, store, store_at


@pytest.fixture
def history() -> None:
    """What an agent did."""
    with freeze("2026-03-01T12:00:00Z"), calling(Caller("alice")):
        Counter.of("a").add(2, "First Parcel")  # 1
    Counter.of("a").add_to("b", 40)  # 2
    with pytest.raises(TooMuch):
        Counter.of("a").refuse(7)  # 3
    with pytest.raises(RuntimeError):
        Counter.of("a").fail("No luck")  # 4
    Counter.of("a").send("b", 5)  # 5
    Counter.of("a").trigger.put_note("k/1", 'a "quoted"\nnote', 1)  # 6
    step()


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("parcel", [1]),
        ('"Parcel"', [1]),
        ('"parcel"', []),
        ("/[Pp]arcel$/", [1]),
        ("/^Parcel/", []),
        ("refusal", [3]),
        ("fault", [4]),
        ("kind:fault", [4]),
        ("luck", [4]),
        ("method:add", [2, 1]),
        ("METHOD=Add_To", [2]),
        ("method:/^add$/", [1]),
        ("caller:alice", [1]),
        ("alice", [1]),
        ("args.amount:40", [2]),
        ("Args.AMOUNT=(40 OR 7)", [3, 2]),
        ("amount", []),
        ("args:40", []),
        ("refusal.code:too_much", [3]),
        ("refusal.facts.amount:7", [3]),
        ("calls.agent:counter:b", [2]),
        ("sent.to:counter:b", [5]),
        ("sent.args.amount:5", [5]),
        ("quoted", [6]),
        ('"a \\"quoted\\"\nnote"', [6]),
        ("args.key:k/1", [6]),
        ("index:4", [4]),
        ("recorded_at:2026-03-01T12:00", [1]),
        ("NOT kind:command", [4, 3]),
        ("NOT (add OR put_note) NOT luck", [3]),
        ("luck OR parcel kind:command", [1]),
        ("luck OR (parcel kind:command)", [4, 1]),
        ("index:4 OR index:3", [4, 3]),
        ('fault:""', [4]),
        ("nothing", []),
        ("nobody:knows", []),
    ],
)
def test_it_finds_entries_by_what_they_say(query: str, expected: list[int]) -> None:
    assert found(query) == expected


def test_any_of_two_ids_is_found() -> None:
    store(*(("command", {"method": "take", "args": {"id": f"G{number}"}}) for number in
            (1000, 1001, 1002)))  # fmt: skip

    assert found("G1001 OR G1000") == found("args.id:G1001 OR args.id:G1000") == [2, 1]
    assert found("args:(id:(G1001 OR G1000))") == [2, 1]


def test_an_entry_says_what_it_is_and_when() -> None:
    with freeze("2026-03-01T12:00:00Z"), calling(Caller("alice")):
        Counter.of("a").add(2)
    [entry] = search_oplog(AGENT).items

    assert (entry.index, entry.kind, entry.recorded_at) == (1, "command", BEGINNING)
    assert (entry.entry["method"], entry.entry["result"]) == ("add", 2)


def test_time_and_seed_are_found_by_name_alone() -> None:
    Counter.of("a").add(1)
    [entry] = search_oplog(AGENT).items
    moment, seed = entry.entry["time"], entry.entry["seed"]

    assert found(str(moment)) == found(str(seed)) == []
    assert found(f"time:{moment}") == found(f"seed:{seed}") == [1]


def test_the_oplog_of_another_agent_is_not_searched() -> None:
    Counter.of("a").add(1)
    Counter.of("b").add(2, "x")

    assert found("x") == []
    assert indices(search_oplog("counter:b", "x")) == [1]
    assert search_oplog("counter:nobody") == OplogPage([], None)


def test_pages_go_on_where_the_one_before_ended_whatever_is_added_meanwhile() -> None:
    store(*(("command", {"method": "odd" if number % 2 else "even"}) for number in range(1, 12)))
    first = search_oplog(AGENT, "method:odd", limit=4)
    store_at(13, "odd")
    second = search_oplog(AGENT, "method:odd", limit=4, cursor=first.next_cursor)

    assert (indices(first), indices(second)) == ([11, 9, 7, 5], [3, 1])
    assert second.next_cursor is None
    assert second == search_oplog(AGENT, "method:odd", limit=4, cursor=first.next_cursor)


def test_a_page_has_at_most_two_hundred_entries() -> None:
    store(*(("command", {"method": "add"}) for _ in range(MAX_LIMIT + 1)))

    assert MAX_LIMIT == 200
    assert len(search_oplog(AGENT, limit=10_000).items) == MAX_LIMIT
    assert len(search_oplog(AGENT, limit=0).items) == 1


def test_it_refuses_a_cursor_that_is_not_its_own() -> None:
    Counter.of("a").add(1)
    with pytest.raises(CursorNotValid):
        search_oplog(AGENT, cursor="nonsense")


def test_it_finds_what_is_far_below_the_newest() -> None:
    """The oplog is looked at stretch by stretch."""
    store(*(("command", {"method": "rare" if n % 4000 == 1 else "add"}) for n in range(9001)))

    assert found("method:rare") == [8002, 4002, 2]
    assert found("NOT method:add") == [8002, 4002, 2]


@pytest.mark.parametrize("query", ["/(/", "method:/a{2,1}/", "/[[:nothing:]]/", "add OR /*a/"])
def test_it_refuses_what_is_no_regular_expression_even_of_an_empty_oplog(query: str) -> None:
    with pytest.raises(QueryNotValid) as refused:
        search_oplog(AGENT, query)

    assert refused.value.code == "query_not_valid"
    assert refused.value.facts["position"] == query.index("/") + 1
    assert "regular expression" in refused.value.facts["expected"]


def test_it_looks_into_entries_that_are_kept_out_of_line() -> None:
    Counter.of("a").put_note("k", "long " * 20_000 + "parcel", 1)
    Counter.of("a").put_note("k", "short", 1)

    assert found("parcel") == found("args.note:/parcel$/") == [1]
    assert found("method:put_note") == [2, 1]
    assert search_oplog(AGENT, "parcel").items[0].entry["args"]["note"].endswith("parcel")


def test_the_documentation_tells_what_its_examples_find() -> None:
    text = (BASE_DIR / "docs" / "operations.md").read_text().partition("## Searching the oplog")[2]
    entries = re.findall(r"^(\d+) (\S+) (\{.*\})$", text, re.M)
    examples = re.findall(r"^\| `(.*?)` \| ([\d, ]+|none) \|", text, re.M)
    store(*((kind, json.loads(entry)) for _, kind, entry in entries))

    assert [int(index) for index, _, _ in entries] == found("")[::-1]
    assert len(examples) > 20
    assert {query: ", ".join(map(str, found(query))) or "none" for query, _ in examples} == dict(
        examples
    )


CATASTROPHE = r"/^(a+)(a+)(a+)\1\2\3$/"
"""Of an odd number of letters it tries every way to share them out."""


def test_a_regular_expression_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents_core.oplog_search.SECONDS", 0.2)
    store(("command", {"method": "a" * 401}))
    started = time.monotonic()
    with pytest.raises(QueryTooSlow) as refused:
        search_oplog(AGENT, f"method:{CATASTROPHE}")

    assert time.monotonic() - started < 10
    assert refused.value.facts == {"seconds": 0.2, "entries": 1}
    assert found("method:/^a+$/") == [1]  # the connection is as good as before


def test_a_search_that_is_ended_takes_no_prepared_statements_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents_core.oplog_search.SECONDS", 0.2)
    Counter.of("a").add(1)
    store_at(2, "a" * 401)
    for _ in range(10):  # after some psycopg would prepare what it sends
        assert operators.invoke(AGENT, "get") == 1
        assert operators.show(AGENT).state["count"] == 1
    with pytest.raises(QueryTooSlow):
        search_oplog(AGENT, f"method:{CATASTROPHE}")

    assert operators.invoke(AGENT, "get") == 1


def test_a_page_that_takes_too_long_is_cut_and_its_cursor_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents_core.oplog_search.SECONDS", 0.5)
    slow = [("command", {"method": "a" * 401})]
    store(*slow, *(("command", {"method": "add"}) for _ in range(1500)))
    query = f"method:add OR method:{CATASTROPHE}"
    first = search_oplog(AGENT, f"NOT ({query})")

    assert indices(first) == []
    assert first.next_cursor is not None
    with pytest.raises(QueryTooSlow):
        search_oplog(AGENT, f"NOT ({query})", cursor=first.next_cursor)
    assert search_oplog(AGENT, "NOT method:add", cursor=first.next_cursor).items[0].index == 1


# What a generated entry and a generated query are made of: little, so that they often agree.
TEXT = st.text(st.sampled_from('aAbß Σσςİié"\\/%_.:\n\t\x01\x1f\x7fK😀0'), max_size=4)
NAME = st.sampled_from(["a", "A", "to", "TO", "a.b", "Größe", 'q"', "b\\", "İ", "", "0"])
NUMBER = st.one_of(
    st.integers(-20, 20), st.integers(-(2**60), 2**60), st.sampled_from([0.5, -0.0, 1e16, 1.5e-7])
)
SCALAR = st.one_of(TEXT, NUMBER, st.booleans(), st.none())
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=6,
)
ENTRY = st.fixed_dictionaries(
    {"method": TEXT},
    optional={
        "args": st.dictionaries(NAME, VALUE, max_size=3),
        "result": VALUE,
        "calls": st.lists(st.fixed_dictionaries({"agent": TEXT, "result": VALUE}), max_size=2),
        "caller": TEXT,
        "message": TEXT,
        "time": st.integers(0, 20),
        "seed": st.integers(0, 20),
    },
)
KIND = st.sampled_from(["command", "refusal", "fault", "update-asked"])
PATH = st.one_of(
    st.sampled_from(["method", "METHOD", "caller", "message", "kind", "index", "recorded_at"]),
    st.sampled_from(["result", "calls.agent", "CALLS.result", "time"]),
    st.lists(NAME, max_size=3).map(lambda names: ".".join(["args", *names])),
    st.lists(NAME, min_size=1, max_size=2).map(lambda names: ".".join(["result", *names])),
)
PIECE = st.one_of(
    TEXT.map(re.escape), st.sampled_from([".", "^", "$", "[ab]", "[^a]", "a*", "b+", "(a|b)", "ß?"])
)
REGEX = st.lists(PIECE, min_size=1, max_size=4).map("".join).filter(bool)
ANY_TEXT = st.one_of(
    TEXT,
    NUMBER.map(str),
    st.sampled_from(["true", "null", "command", "12:00:0", "2026-03-01T12:00:04", "e"]),
)
CONDITION = st.one_of(
    st.builds(Condition, st.just(Sort.WORD), ANY_TEXT.filter(bool), st.none() | PATH),
    st.builds(Condition, st.just(Sort.PHRASE), ANY_TEXT, st.none() | PATH),
    st.builds(Condition, st.just(Sort.REGEX), REGEX, st.none() | PATH),
)


def _several(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, inner) | st.builds(All, some) | st.builds(Some, some)


QUERY = st.recursive(CONDITION, _several, max_leaves=5)


@pytest.mark.slow
@pytest.mark.usefixtures("small_chapters")
@given(st.lists(st.tuples(KIND, ENTRY), max_size=6), st.lists(QUERY, min_size=1, max_size=5))
@example(
    [("command", {"method": "x", "result": [[{"a.b": [None, {"TO": 'q"'}]}], 0.5]})],
    [Condition(Sort.PHRASE, '"', "result.A.B.to"), Not(Condition(Sort.WORD, ".5", "RESULT"))],
)
@example(
    [("command", {"method": method, "caller": "Σ"}) for method in ("a", "b", "", "a", "b", "b")],
    [
        Condition(Sort.REGEX, "^$", "method"),
        Not(Condition(Sort.WORD, "A", "Method")),
        Not(Some((Condition(Sort.WORD, "b", "method"), Condition(Sort.WORD, "σ", "caller")))),
        Condition(Sort.WORD, "2026-03-01T12:00:03", "recorded_at"),
        Condition(Sort.PHRASE, "2026-03-01T12:00:03.000000Z", "recorded_at"),
    ],
)
@example(
    [("command", {"method": "a", "caller": "b", "result": '\x01\t\x1f"\\'})] * 5,
    [
        Not(All((Condition(Sort.WORD, "a", "method"), Condition(Sort.WORD, "b", "method")))),
        Not(Condition(Sort.WORD, "a", "caller")),
        Condition(Sort.PHRASE, '\x01\t\x1f"\\', None),
    ],
)
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
def test_the_database_and_a_plain_reading_agree_on_any_query(
    entries: list[tuple[str, Any]], queries: list[Node]
) -> None:
    rows("DELETE FROM agents_core_oplog")
    rows("DELETE FROM agents_core_oplogdigest")
    store(*entries)
    stored = [
        Row(index, kind, BEGINNING + timedelta(seconds=index), json.dumps(entry))
        for index, (kind, entry) in enumerate(entries, 1)
    ]

    for query in queries:
        text = written(query)
        assert parse(text) == query
        expected = [row.index for row in reversed(stored) if finds(query, row)]
        assert found(text) == expected, text


def test_the_plain_reading_ends_a_text_where_the_database_does() -> None:
    assert in_python(r"a$|\$b\\$") == r"a\Z|\$b\\\Z"
