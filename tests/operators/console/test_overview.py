"""The overview: what there is now, and the last hour as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest
from django.test import Client

from agents_core import clock, database, operations, overview, store
from agents_core.samples import Point
from agents_core.tally import SECONDS
from agents_core.testing import step
from operators.console import charts
from operators.console.pages import address
from tests.agents_core.counter import Counter
from tests.agents_core.outside import Asker, PostOffice, world
from tests.operators.console.conftest import Counted

PAGE = address("overview")


@pytest.fixture(autouse=True)
def whole_world() -> Iterator[None]:
    world.reset()
    yield
    world.reset()


def counts(client: Client) -> dict[str, int]:
    return {tile.name: tile.number for tile in client.get(PAGE).context["tiles"]}


def sample(seconds_ago: float, invocations: int) -> None:
    turns = [10] + [0] * len(SECONDS)
    at = clock.now() - timedelta(seconds=seconds_ago)
    row = store.SampleRow(at, "here:1", invocations, 0, 0, 0, turns, 1.0, 0.5)
    store.add_sample(database.connection("search"), row)


def test_it_counts_what_there_is(ann: Client) -> None:
    step()  # what comes of an account
    before = counts(ann)
    Counter.of("a").add()
    operations.interrupt("counter:a", by="zoe")
    Counter.of("b").trigger.fail()
    world.broken = [ValueError("wrong")]
    PostOffice.of("a").trigger.send("x")
    step()
    Asker.of("a").ask("send", ["hello"])
    for _ in range(3):
        Counter.of("a").trigger.add()

    now = counts(ann)

    assert {name: now[name] - before[name] for name in now if now[name] != before[name]} == {
        "agents": 2,
        "messages": 3,
        "effects": 1,
        "letters": 1,
        "failed-effects": 1,
        "interrupted": 1,
        "suspended": 1,
    }


def test_a_count_leads_to_what_was_counted(ann: Client) -> None:
    Counter.of("a").add()
    operations.interrupt("counter:a", by="zoe")

    (tile,) = (one for one in ann.get(PAGE).context["tiles"] if one.name == "interrupted")

    listed = ann.get(tile.address).context["page"].items
    assert [agent.agent_id for agent in listed] == ["counter:a"]


def test_it_tells_for_whom_mail_waits(ann: Client) -> None:
    for _ in range(3):
        Counter.of("a").trigger.add()
    page = ann.get(PAGE).content.decode()
    assert '<th scope="row">counter</th><td class="number">3</td>' in page
    step()
    assert "No mail waits." in ann.get(PAGE).content.decode()


def test_very_many_agents_are_not_counted_to_the_end(ann: Client) -> None:
    for name in "abc":
        Counter.of(name).add()
    with mock.patch.object(overview, "COUNTED", 2):
        page = ann.get(PAGE).content.decode()
    assert "<span>2+</span>" in page


def test_it_draws_the_last_hour(ann: Client) -> None:
    sample(1800, 300)
    store.add_backlog(database.connection("search"), clock.now() - timedelta(minutes=20), 70, 1.0)

    answer = ann.get(PAGE)

    throughput, latency, backlog = answer.context["charts"]
    assert throughput.top == "10/s"  # 300 in half a minute
    assert "at most 10/s" in throughput.said
    assert [line.name for line in latency.lines] == ["half", "most"]
    assert (backlog.top, backlog.lines[0].now) == ("100", "70")
    page = answer.content.decode()
    assert page.count('<svg viewBox="0 0 600 120"') == 3
    assert all(f'd="{line.path}"' in page for line in throughput.lines)
    assert "style=" not in page[page.index("console-page") :]


def test_without_figures_it_says_so(ann: Client) -> None:
    answer = ann.get(PAGE)
    assert answer.status_code == 200
    assert "nothing was measured" in answer.context["charts"][1].said


def point(value: float | None) -> Point:
    return Point(clock.now(), value or 0.0, 0, 0, 0, value, value, value, None, None)


def test_a_line_has_gaps_where_nothing_is_known() -> None:
    points = [point(value) for value in (0.0, 0.5, None, 1.0, None, 0.25, 1.0)]
    drawn = charts.chart("x", "X", charts.DURATION, points, True, half=lambda one: one.p50)

    (line,) = drawn.lines
    assert line.path == "M0.0 120.0 L100.0 60.0 M300.0 0.0 L300.0 0.0 M500.0 90.0 L600.0 0.0"
    assert line.area.count("Z") == 3
    assert (line.now, drawn.top) == ("1 s", "1 s")


@pytest.mark.parametrize(
    ("value", "top"), [(1, 1), (1.01, 2), (3, 5), (7, 10), (10, 10), (0.03, 0.05), (4200, 5000)]
)
def test_the_upper_edge_is_a_round_figure(value: float, top: float) -> None:
    assert charts.ceiling(value) == pytest.approx(top)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0042, "4.2 ms"), (0.5, "500 ms"), (3.44, "3.44 s"), (900, "15 min")]
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert charts.duration(seconds) == text


def test_it_asks_the_database_a_few_times_only(ann: Client, statements: Counted) -> None:
    ann.get(PAGE)
    with statements() as asked:
        ann.get(PAGE)
    assert 5 < len(asked) < 14


def test_what_is_live_can_be_found_again(ann: Client) -> None:
    page = ann.get(PAGE).content.decode()
    live = re.findall(r'id="([^"]+)" data-live', page)
    assert len(live) == len(set(live)) == 1 + len(ann.get(PAGE).context["tiles"]) + 3 + 1
