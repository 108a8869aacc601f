"""The query language: in memory, on the index, and against a plain reading of its rules."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, SearchFields, command
from agents_core.search import Query, normalise_field, parse_query, search_agents
from tests.agents_core.counter import Counter


class BookState(BaseModel):
    title: str
    author: str
    tags: list[str]


class Book(DurableAgent):
    """Something to be found. Parameters: its number."""

    number: Parameter[str]
    state: BookState | None

    @command
    def write(self, state: BookState) -> None:
        self.state = state

    def search_fields(self) -> SearchFields | None:
        return fields_of(self.state, self.number) if self.state else None


def fields_of(book: BookState, number: str) -> SearchFields:
    return SearchFields(
        words=[book.title, book.author, *book.tags],
        text={"title": book.title, "tag": book.tags},
        ids={"author": book.author, "book_id": number},
    )


def find(text: str) -> list[str]:
    query = parse_query(text)
    found, _ = search_agents(Book, query, text=["title", "tag"], ids=["author", "book_id"])
    return found


@pytest.mark.parametrize(
    ("text", "words", "filters"),
    [
        ("", (), ()),
        ("*", (), ()),
        ("Hello World", ("hello", "world"), ()),
        ('"Hello World"', ("hello world",), ()),
        ('"never closed', ("never closed",), ()),
        ("user-id:Bob", (), (("userid", "bob"),)),
        ("user_id:bob USERID:eve", (), (("userid", "bob"), ("userid", "eve"))),
        ('name:"Ada L" x', ("x",), (("name", "ada l"),)),
        ("http://x", (), (("http", "//x"),)),
        ("a:", ("a:",), ()),
        (":b", (":b",), ()),
        ("a\0b", ("ab",), ()),
        ("\ud800x", ("x",), ()),
        ("ß STRASSE", ("ss", "strasse"), ()),
    ],
)
def test_it_reads_any_text(
    text: str, words: tuple[str, ...], filters: tuple[tuple[str, str], ...]
) -> None:
    assert parse_query(text) == Query(words, filters)


def test_it_sets_aside_filters_that_others_answer() -> None:
    rest, taken = parse_query("x connection-type:friend name:y").without("connection_type")

    assert rest == Query(("x",), (("name", "y"),))
    assert taken == [("connectiontype", "friend")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("*", True),
        ("dune", True),
        ("UNE", True),
        ("dune nothing", True),
        ("nothing", False),
        ("title:dune", True),
        ("title:herbert", False),
        ("author:herbert", False),
        ('author:"frank herbert"', True),
        ("tag:sand", True),
        ("nobody:knows", False),
        ("dune title:nothing", False),
        ("book-id:1", True),
        ("book_id:11", False),
        ('"dune frank"', False),
        ('"dune\x1ffrank"', False),
        ("100%", True),
        ("1_0", False),
        ("back\\slash", True),
    ],
)
def test_memory_and_index_find_the_same(text: str, found: bool) -> None:
    book = BookState(title="Dune", author="Frank Herbert", tags=["sands", "100%", "back\\slash"])
    Book.of("1").write(book)

    assert parse_query(text).matches(fields_of(book, "1")) is found
    assert find(text) == (["book:1"] if found else [])


def test_every_word_must_be_found_where_asked() -> None:
    fields = SearchFields(words=["red shoes"])

    assert parse_query("red shoes").matches(fields, every_word=True)
    assert not parse_query("red hats").matches(fields, every_word=True)


def test_it_finds_by_private_words_only_where_open() -> None:
    Counter.of("a").add(1, "x")

    assert search_agents(Counter, parse_query("secret"))[0] == []
    assert search_agents(Counter, parse_query("secret"), private=True)[0] == ["counter:a"]
    assert search_agents(Counter, parse_query("secret"), private="counter:a")[0] == ["counter:a"]
    assert search_agents(Counter, parse_query("secret"), private="counter:b")[0] == []


def test_it_filters_by_private_ids_only_where_open() -> None:
    Counter.of("a").add(1, "x")
    query = parse_query("secret:s-a")

    assert search_agents(Counter, query, private_ids=["secret"])[0] == []
    assert search_agents(Counter, query, private_ids=["secret"], private=True)[0] == ["counter:a"]
    owner = {"private_ids": ["secret"], "private": "counter:b"}
    assert search_agents(Counter, query, **owner)[0] == []  # type: ignore[arg-type]


def test_it_filters_by_whom_an_agent_has_in_a_collection() -> None:
    for name in "abc":
        Counter.of(name).add(1, "x")
    Counter.of("a").put_note("b", "x", 1)
    Counter.of("a").put_note("nobody", "x", 2)
    mutual = {"noted_by": ["notes"]}

    def found(query: str) -> list[str]:
        return search_agents(Counter, parse_query(query), mutual=mutual)[0]

    assert found("noted_by:a") == found("noted-by:a x") == ["counter:b"]
    assert found("noted_by:b") == found("noted_by:a y") == found('noted_by:""') == []


def test_it_pages_in_the_order_of_ids() -> None:
    for name in "cab":
        Counter.of(name).add(1, "x")
    first, cursor = search_agents(Counter, parse_query("x"), limit=2)
    second, end = search_agents(Counter, parse_query("x"), limit=2, cursor=cursor)

    assert first + second == ["counter:a", "counter:b", "counter:c"]
    assert end is None


def test_it_forgets_an_agent_that_is_no_longer_to_be_found() -> None:
    Counter.of("a").add(1, "x")
    Counter.of("a").forget()

    assert search_agents(Counter, parse_query("x"))[0] == []


@pytest.mark.parametrize(
    ("written", "known"), [("user-id", "userid"), ("User_Id", "userid"), ("userid", "userid")]
)
def test_it_knows_a_field_however_it_is_written(written: str, known: str) -> None:
    assert normalise_field(written) == known


TEXT = st.text(st.sampled_from('ab%_\\" :*-é\x1f\n'), max_size=6)
WORD = st.one_of(
    TEXT,
    st.tuples(st.sampled_from(["title", "tag", "author", "x"]), TEXT).map(
        lambda pair: f'{pair[0]}:"{pair[1]}"'
    ),
)


@given(
    title=TEXT,
    author=TEXT,
    tags=st.lists(TEXT, max_size=2),
    words=st.lists(WORD, max_size=3),
)
@example(title="a", author="b", tags=[], words=['"a\nb"'])
@example(title="a", author="b", tags=[], words=['title:""'])
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
def test_memory_and_index_agree_on_any_query(
    title: str, author: str, tags: list[str], words: list[str]
) -> None:
    book = BookState(title=title, author=author, tags=tags)
    Book.of("1").write(book)
    text = " ".join(words)

    assert (find(text) == ["book:1"]) is parse_query(text).matches(fields_of(book, "1"))
