"""What lists are made of, beside what the agents are."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, SearchFields, command, operations
from agents_core.listings import COUNTED_AT_MOST, Wanted, count_facets, list_agents, suggest
from agents_core.search import parse_query
from agents_core.testing import fault_at, step
from tests.agents_core.racing import rows


class RecordState(BaseModel):
    title: str
    year: int | None = None
    hidden: bool = False


class Record(DurableAgent):
    """Something in a catalogue. Parameters: its number."""

    number: Parameter[str]
    state: RecordState | None

    @command
    def write(self, state: RecordState) -> None:
        self.state = state

    def search_fields(self) -> SearchFields | None:
        if self.state is None or self.state.hidden:
            return None
        return SearchFields(
            words=[self.state.title],
            text={"title": self.state.title},
            headline=[self.state.title],
            facets={"title": self.state.title},
            sorts={} if self.state.year is None else {"year": self.state.year},
        )


def write(number: str, title: str, year: int | None = None, *, hidden: bool = False) -> None:
    Record.of(number).write(RecordState(title=title, year=year, hidden=hidden))


def by_year() -> list[str]:
    return list_agents(Record, Wanted(parse_query("*")), sort="year")[0]


def test_a_list_follows_what_it_is_sorted_by() -> None:
    write("a", "Blue", 1971)
    write("b", "Kind", 1959)
    assert by_year() == ["record:b", "record:a"]
    write("a", "Blue", 900)
    assert by_year() == ["record:a", "record:b"]


@pytest.mark.parametrize("gone", ["value", "hidden", "deleted"])
def test_who_has_no_such_value_any_more_is_not_in_it(gone: str) -> None:
    write("a", "Blue", 1971)
    write("b", "Kind", 1959)
    match gone:
        case "value":
            write("a", "Blue")
        case "hidden":
            write("a", "Blue", 1971, hidden=True)
        case "deleted":
            operations.delete("record:a", by="olivia")
    assert by_year() == ["record:b"]
    assert rows("SELECT agent_id FROM agents_core_searchsort") == [("record:b",)]


def test_a_revert_puts_it_back_into_its_place() -> None:
    write("a", "Blue", 1971)
    revision = rows("SELECT revision FROM agents_core_agent WHERE id = 'record:a'")[0][0]
    write("b", "Kind", 1959)
    write("a", "Blue", 900)
    operations.revert("record:a", to_revision=revision, by="olivia")
    step()
    assert by_year() == ["record:b", "record:a"]


def test_an_unfinished_turn_lists_nothing() -> None:
    Record.of("a").trigger.write(RecordState(title="Blue", year=1971))
    with fault_at("turn", "before"):
        step()
    assert by_year() == ["record:a"]
    assert len(rows("SELECT name FROM agents_core_searchsort")) == 1


def test_agents_that_are_not_listed_have_no_such_rows() -> None:
    write("a", "Blue")
    assert rows("SELECT name FROM agents_core_searchsort") == []


def test_ranges_are_inclusive_and_may_be_open() -> None:
    for year in (9, 10, 11):
        write(f"n{year}", "Blue", year)
    for bounds, expected in [
        ((10, 11), ["n10", "n11"]),
        ((None, 10), ["n9", "n10"]),
        ((10, None), ["n10", "n11"]),
    ]:
        wanted = Wanted(parse_query("*"), ranges={"year": bounds})
        found = list_agents(Record, wanted, sort="year")[0]
        assert found == [f"record:{number}" for number in expected]


def test_signs_of_the_database_are_letters_like_others() -> None:
    write("a", "100%_\\ wool")
    write("b", "100 wool")
    assert list_agents(Record, Wanted(parse_query("100%_\\")))[0] == ["record:a"]
    assert suggest(Record, "100%_\\ wol") != []


def test_a_filter_on_a_field_nobody_knows_finds_and_counts_nothing() -> None:
    write("a", "Blue")
    wanted = Wanted(parse_query("colour:blue"), text={"title": "title"})
    assert list_agents(Record, wanted) == ([], None)
    counts = count_facets(Record, wanted, ["title"])
    assert (counts.found, counts.facets) == (0, {"title": []})


def test_it_counts_no_further_than_anybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents_core.listings.COUNTED_AT_MOST", 2)
    for number in range(3):
        write(f"n{number}", "Blue")
    counts = count_facets(Record, Wanted(parse_query("blue")), ["title"])
    assert (counts.found, counts.is_all) == (2, False)
    assert COUNTED_AT_MOST > 2
