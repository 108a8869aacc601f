"""/metrics: who may read it, what is counted and what is asked for, and that it never hangs."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from accounts import tokens
from accounts.models import User
from agents_core import clock, operations
from agents_core.mailbox import drain, sweep
from agents_core.testing import fault_at, freeze, step
from config import asgi, metrics
from config.environment import BASE_DIR
from tests.agents_core.agents import Plumbing
from tests.agents_core.counter import Counter, TooMuch
from tests.agents_core.outside import Asker, world
from tests.config.talking.agents import Talker

TOKEN = "a-token-of-the-scraper"
NOBODY = "redis://127.0.0.1:1/0"

Numbers = dict[tuple[str, ...], float]


@pytest.fixture
def scraper(settings: Any) -> Client:
    """A client with the token."""
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


def scrape(client: Client) -> Numbers:
    """Every number by its name and the values of its labels, in the order of their names."""
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.content
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


class Since:
    """What was counted since it was made."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.before = scrape(client)

    def __call__(self, *name: str) -> float:
        return scrape(self.client).get(name, 0) - self.before.get(name, 0)


@pytest.fixture
def since(scraper: Client) -> Since:
    return Since(scraper)


# who may read them


def test_a_stranger_may_not_read_them(client: Client) -> None:
    answer = client.get("/metrics", REMOTE_ADDR="127.0.0.1")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(("is_staff", "status"), [(True, 200), (False, 401)])
def test_staff_may_with_a_session_or_a_token(client: Client, is_staff: bool, status: int) -> None:
    ada = User.objects.create_user("ada", is_staff=is_staff)
    client.force_login(ada)
    _, token = tokens.create(ada, "test")

    assert client.get("/metrics").status_code == status
    bearer = Client(headers={"Authorization": f"Bearer {token}"})
    assert bearer.get("/metrics").status_code == status


def test_the_scraper_may_under_any_host_and_without_https(scraper: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert scraper.get("/metrics", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer no", "Bearer", f"Basic {TOKEN}", "", f"Bearer {TOKEN}x"]
)
def test_another_credential_opens_nothing(scraper: Client, header: str) -> None:
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("header", ["Bearer None", "Bearer ", f"Bearer {TOKEN}"])
def test_without_a_token_in_the_settings_none_opens_it(header: str) -> None:
    assert Client().get("/metrics", headers={"Authorization": header}).status_code == 401


# what is counted


def test_commands_are_counted_by_type_and_outcome(since: Since) -> None:
    Counter.of("a").add(1)
    Counter.of("a").add_to("b", 1)
    with pytest.raises(TooMuch):
        Counter.of("a").refuse_half_way(1)
    with pytest.raises(RuntimeError):
        Counter.of("a").fail()
    Plumbing.of(1, "x").trigger.note("x")
    step()

    invocations = "agora_invocations_total"
    assert since(invocations, "done", "counter") == 3
    assert since(invocations, "refused", "counter") == 1
    assert since(invocations, "faulted", "counter") == 1
    assert since(invocations, "done", "plumbing") == 1


def test_what_an_agent_refuses_before_it_exists_is_counted_too(since: Since) -> None:
    with pytest.raises(TooMuch):
        Counter.of("nobody").refuse_half_way(1)

    assert since("agora_invocations_total", "refused", "counter") == 1


def test_turns_are_counted_with_their_time_and_their_mail(since: Since) -> None:
    Counter.of("a").add(1)
    for _ in range(3):
        Counter.of("a").trigger.add(1)
    drain(["counter:a"])

    assert since("agora_turn_seconds_count") == 2
    assert 0 < since("agora_turn_seconds_sum") < 60
    assert since("agora_turn_seconds_bucket", "+Inf") == 2
    assert since("agora_turn_messages_bucket", "0.0") == 1
    assert since("agora_turn_messages_bucket", "2.0") == 1
    assert since("agora_turn_messages_bucket", "5.0") == 2
    assert since("agora_turn_messages_sum") == 3


def test_retries_and_what_is_given_up_on_are_counted(since: Since) -> None:
    Counter.of("a").trigger.fail()
    Talker.of("ada").trigger.stumble()
    drain(["counter:a", "talker:ada"])

    assert since("agora_retries_total", "counter") == 1
    assert since("agora_retries_total", "talker") == 0
    assert since("agora_parked_total", "talker") == 1
    assert since("agora_dead_letters") == 1


def test_turns_that_are_rolled_back_are_counted_as_such_alone(since: Since) -> None:
    Counter.of("a").trigger.add(1)
    with fault_at("turn", "before"):
        drain(["counter:a"])
    drain(["counter:a"])

    assert since("agora_turns_abandoned_total") >= 1
    assert since("agora_invocations_total", "done", "counter") == 1


def test_what_the_sweeper_finds_is_counted(since: Since) -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of("a").trigger.add(1)
        time.tick(2)
        sweep()
        sweep()

    assert since("agora_sweep_found_total") == 1


@pytest.mark.slow
def test_what_processes_counted_that_are_no_more_is_kept(
    since: Since, settings: Any, server_environment: dict[str, str]
) -> None:
    environment = server_environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    source = (
        "import django; django.setup()\n"
        "from tests.config.talking.agents import Talker\n"
        "Talker.of('ada').muse()\n"
        "Talker.of('ada').say('hello')\n"
    )
    for number in (1, 2):
        subprocess.run([sys.executable, "-c", source], cwd=BASE_DIR, env=environment, check=True)
        assert since("agora_invocations_total", "done", "talker") == number
    files = {path.name for path in settings.METRICS_DIR.glob("counter_*.db")}
    assert "counter_gone.db" in files
    assert len(files) == 2


# what is asked for


def test_what_waits_is_told_by_lane(scraper: Client) -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of("a").trigger.add(1)
        time.tick(60)
        Plumbing.of(1, "x").trigger.note("x")
        time.tick(30)
        numbers = scrape(scraper)

    assert numbers["agora_waiting_messages", "interactive"] == 1
    assert numbers["agora_waiting_messages", "bulk"] == 1
    assert numbers["agora_oldest_message_seconds", "interactive"] == pytest.approx(90, abs=1)
    assert numbers["agora_oldest_message_seconds", "bulk"] == pytest.approx(30, abs=1)
    assert numbers["agora_fanout_lag_seconds",] == 0


def test_the_lag_of_a_fan_out_is_that_of_its_last_reader(scraper: Client) -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of_many(["a", "b"]).trigger.add(1)
        time.tick(40)
        drain(["counter:a"])
        assert scrape(scraper)["agora_fanout_lag_seconds",] == pytest.approx(40, abs=1)
        drain(["counter:b"])
        assert scrape(scraper)["agora_fanout_lag_seconds",] == 0


def test_nobody_is_late_with_mail_of_an_agent_that_was_stopped(scraper: Client) -> None:
    Counter.of("a").add(1)
    operations.interrupt("counter:a", by="ada")
    with freeze(clock.now() - timedelta(minutes=5)):
        Counter.of("a").trigger.add(1)

    numbers = scrape(scraper)
    assert numbers["agora_waiting_messages", "interactive"] == 1
    assert numbers["agora_oldest_message_seconds", "interactive"] == 0
    assert numbers["agora_agents", "interrupted"] == 1
    assert numbers["agora_agents", "failed"] == 0


def test_effects_are_told_by_state(scraper: Client) -> None:
    world.reset()
    Asker.of("a").ask("send", ["hello"])
    with freeze(clock.now() + timedelta(minutes=1)):
        assert scrape(scraper)["agora_effects", "waiting"] == 1
        step()
        numbers = scrape(scraper)

    assert [numbers["agora_effects", state] for state in ("waiting", "running", "failed")] == [
        0
    ] * 3


def test_nothing_hangs_when_somebody_does_not_answer(
    scraper: Client, monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    def hang() -> list[GaugeMetricFamily]:
        released.wait()
        return []

    monkeypatch.setattr(metrics, "PATIENCE", 0.2)
    monkeypatch.setattr(metrics, "SOURCES", tuple(metrics.Source(n, hang) for n in ("a", "b")))
    began = time.monotonic()

    numbers = scrape(scraper)

    assert time.monotonic() - began < 5
    assert (numbers["agora_a_up",], numbers["agora_b_up",]) == (0, 0)
    assert ("agora_turn_seconds_count",) in numbers


def test_who_answers_is_heard_though_another_hangs(
    scraper: Client, monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    def hang() -> list[GaugeMetricFamily]:
        released.wait()
        return []

    _, broker = metrics.SOURCES
    monkeypatch.setattr(metrics, "PATIENCE", 2.0)
    monkeypatch.setattr(metrics, "SOURCES", (metrics.Source("database", hang), broker))

    numbers = scrape(scraper)

    assert (numbers["agora_database_up",], numbers["agora_broker_up",]) == (0, 1)
    assert ("agora_hints_waiting", "bulk") in numbers


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_what_is_away_is_left_out_and_named(
    scraper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> list[GaugeMetricFamily]:
        raise ConnectionError

    database, _ = metrics.SOURCES
    monkeypatch.setattr(metrics, "SOURCES", (database, metrics.Source("broker", away)))

    numbers = scrape(scraper)

    assert (numbers["agora_database_up",], numbers["agora_broker_up",]) == (1, 0)
    assert ("agora_dead_letters",) in numbers
    assert ("agora_hints_waiting", "bulk") not in numbers


# what is written about them


def test_the_documentation_has_all_of_them_and_no_other(scraper: Client) -> None:
    assert asgi.application  # its sockets are counted too
    Counter.of("a").add(1)
    Counter.of("a").trigger.fail()
    Talker.of("ada").trigger.stumble()
    drain(["counter:a", "talker:ada"])
    text = (BASE_DIR / "docs" / "operations.md").read_text()
    documented = re.findall(r"^\| `(agora_\w+)`(?: \{([\w, ]+)\})? \| (\w+) \|", text, re.MULTILINE)

    families = text_string_to_metric_families(scraper.get("/metrics").content.decode())
    there = set()
    for family in families:
        labels = {name for sample in family.samples for name in sample.labels} - {"le"}
        suffix = "_total" if family.type == "counter" else ""
        there.add((family.name + suffix, frozenset(labels), family.type))
    assert {
        (name, frozenset(filter(None, labels.split(", "))), kind)
        for name, labels, kind in documented
    } == there


def test_rules_name_metrics_and_labels_that_there_are(scraper: Client) -> None:
    text = (BASE_DIR / "docs" / "operations.md").read_text()
    (rules,) = re.findall(r"```yaml\ngroups:.*?```", text, re.DOTALL)
    named = set(re.findall(r"agora_\w+", rules))
    labelled = set(re.findall(r'(agora_\w+)\{(\w+)="(\w+)"\}', rules))
    Counter.of("a").add(1)
    with pytest.raises(RuntimeError):
        Counter.of("a").fail()

    families = text_string_to_metric_families(scraper.get("/metrics").content.decode())
    samples = [sample for family in families for sample in family.samples]
    assert len(named) > 8
    assert named <= {sample.name for sample in samples}
    assert len(labelled) == 3
    assert labelled <= {
        (sample.name, *label) for sample in samples for label in sample.labels.items()
    }
