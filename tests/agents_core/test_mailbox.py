"""Messages: durable, in the order of their sender, once each."""

import pytest

from agents_core import Caller, calling, clock
from agents_core.mailbox import drain, sweep
from agents_core.store import ALONE_LIMIT
from agents_core.testing import freeze, step
from tests.agents_core.counter import Counter
from tests.agents_core.racing import dead, locked, mail, oplog, rows, started, together


def test_a_message_waits_until_it_is_drained() -> None:
    Counter.of("a").trigger.add(2)

    assert Counter.of("a").get() is None
    step()
    assert Counter.of("a").get() == 2
    assert mail("counter:a") == []


def test_a_fresh_query_applies_what_waits() -> None:
    Counter.of("a").trigger.add(2)

    assert Counter.of("a").fresh.get() == 2


def test_messages_of_one_sender_arrive_in_the_order_sent() -> None:
    Counter.of("a").send("target", 1, 30)
    step()

    assert Counter.of("target").get_seen() == [f"a{number}" for number in range(30)]


def test_more_messages_than_a_turn_takes_arrive_in_order() -> None:
    number = ALONE_LIMIT * 2 + 10
    Counter.of("a").send("target", 1, number)
    step()

    assert Counter.of("target").get_seen() == [f"a{index}" for index in range(number)]


def test_messages_of_an_outsider_arrive_in_the_order_sent() -> None:
    for number in range(20):
        Counter.of("a").trigger.add(1, str(number))
    step()

    assert Counter.of("a").get_seen() == [str(number) for number in range(20)]


def test_an_outsider_does_not_overtake_his_own_message() -> None:
    with calling(Caller("alice")):
        Counter.of("a").trigger.add(1, "sent first")
        Counter.of("a").add(1, "awaited second")

    assert Counter.of("a").get_seen() == ["sent first", "awaited second"]


def test_messages_of_many_senders_at_once_keep_each_senders_order() -> None:
    senders = [f"s{number}" for number in range(4)]

    def send(name: str) -> None:
        for number in range(10):
            with calling(Caller(name)):
                Counter.of("target").trigger.add(1, f"{name}.{number}")

    together(
        *[lambda name=name: send(name) for name in senders],  # type: ignore[misc]
        lambda: [drain(["counter:target"]) for _ in range(10)],
        lambda: [drain(["counter:target"]) for _ in range(10)],
    )
    step()

    seen = Counter.of("target").get_seen()
    for name in senders:
        assert [label for label in seen if label.startswith(name)] == [
            f"{name}.{number}" for number in range(10)
        ]


def test_a_frozen_clock_keeps_the_order_too() -> None:
    with freeze("2026-03-01T12:00:00Z"):
        Counter.of("a").send("target", 1, 5)
        Counter.of("a").send("target", 1, 5)
        step()

    assert Counter.of("target").get_seen() == [f"a{number}" for number in range(5)] * 2


def test_drains_of_the_same_agents_at_once_run_each_message_once() -> None:
    names = [f"n{number}" for number in range(20)]
    for _ in range(5):
        Counter.of_many(names).trigger.add(1)
    ids = [Counter.of(name).id for name in names]

    together(*[lambda: drain(ids)] * 4)
    step()

    assert Counter.of_many(names).get() == [5] * 20


def test_one_payload_goes_to_many() -> None:
    names = [f"n{number}" for number in range(250)]
    Counter.of("a").send_to_all(names, 2)

    assert rows("SELECT count(*) FROM agents_core_payload") == [(1,)]
    step()
    assert Counter.of_many(names).get() == [2] * 250


def test_one_payload_goes_to_each_of_many_once() -> None:
    Counter.of_many(["a", "b", "a"]).trigger.add(1)
    Counter.of_many([]).trigger.add(1)
    step()

    assert Counter.of_many(["a", "b"]).get() == [1, 1]


def test_a_dropped_command_sends_nothing() -> None:
    with pytest.raises(RuntimeError):
        Counter.of("a").send_then_fail("b")
    step()

    assert Counter.of("b").get() is None


def test_an_agent_that_is_locked_holds_up_nobody_elses_mail() -> None:
    Counter.of_many(["a", "b", "c"]).trigger.add(1)
    step()
    Counter.of_many(["a", "b", "c"]).trigger.add(1)
    with locked("counter:b"):
        drained = started(lambda: drain(["counter:a", "counter:b", "counter:c"]))
        while Counter.of_many(["a", "b", "c"]).get() != [2, 1, 2]:
            assert not drained.done()
    drained.result(30)

    assert Counter.of("b").get() == 2


def test_a_sweep_finds_mail_whose_hint_was_lost() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of("a").trigger.add(1)
        assert sweep() == 0
        time.tick(2)
        assert sweep() == 1

    assert Counter.of("a").get() == 1


def test_sweeps_find_every_agent_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents_core.mailbox.SWEEP_LIMIT", 3)
    names = [f"n{number}" for number in range(8)]
    with freeze("2026-03-01T12:00:00Z") as time:
        Counter.of_many(names).trigger.add(1)
        time.tick(2)
        for _ in range(4):
            sweep()

    assert Counter.of_many(names).get() == [1] * 8


def stray(agent_id: str, method: str = "add", args: str = "{}") -> None:
    """Mail that no handle would send."""
    id_ = clock.message_id(clock.stamp(), 0, "")
    rows(
        "INSERT INTO agents_core_message (agent_id, id, method, args) VALUES (%s, %s, %s, %s)",
        agent_id,
        id_,
        method,
        args,
    )


@pytest.mark.parametrize("agent_id", ["no-such-type:a", "plumbing:x/y", "counter:a/b", "nonsense"])
def test_mail_for_nobody_stops_nobody_elses(agent_id: str) -> None:
    stray(agent_id)
    Counter.of_many(["a", "z"]).trigger.add(1)

    drain([agent_id, "counter:a", "counter:z"])

    assert Counter.of_many(["a", "z"]).get() == [1, 1]


def test_a_sweep_leaves_mail_of_unknown_types_where_it_is() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        stray("no-such-type:a")
        Counter.of("a").trigger.add(1)
        time.tick(60)
        sweep()
        assert sweep() == 0

    assert Counter.of("a").get() == 1
    assert len(mail("no-such-type:a")) == 1


def test_a_message_of_a_method_that_is_gone_is_kept_as_a_dead_letter() -> None:
    stray("counter:a", "method_of_last_year")
    step()

    assert [(method, attempts) for method, attempts, _ in dead("counter:a")] == [
        ("method_of_last_year", 4)
    ]


def test_a_message_whose_arguments_no_longer_fit_is_kept_as_a_dead_letter() -> None:
    stray("counter:a", "add", '{"amount": "much"}')
    step()

    assert [(method, attempts) for method, attempts, _ in dead("counter:a")] == [("add", 4)]


def test_an_agent_whose_document_no_longer_fits_stops_nobody_elses() -> None:
    Counter.of("broken").add(1)
    rows("UPDATE agents_core_agent SET state = '{\"count\": \"x\"}' WHERE id = 'counter:broken'")
    Counter.of_many(["a", "broken", "z"]).trigger.add(1)

    drain(["counter:a", "counter:broken", "counter:z"])

    assert Counter.of_many(["a", "z"]).get() == [1, 1]
    assert len(mail("counter:broken")) == 1


def test_a_refusal_is_the_result_of_a_message() -> None:
    Counter.of("a").add(1)
    Counter.of("a").trigger.refuse(5)
    step()

    assert mail("counter:a") == dead("counter:a") == []
    assert oplog("counter:a")[1][0] == "refusal"
