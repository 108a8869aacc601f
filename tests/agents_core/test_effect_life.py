"""Effects and the life of the agent that asked: its status, and what operators do meanwhile."""

from __future__ import annotations

import pytest

from agents_core import effects, operations
from agents_core.mailbox import drain
from agents_core.models import Agent, Effect, Message
from agents_core.testing import freeze, step
from tests.agents_core.outside import Asker, BriefAsker, world
from tests.agents_core.racing import dead, mail, oplog, started

pytestmark = pytest.mark.usefixtures("outside")
ANN = "ann"
NOON = "2026-03-01T12:00:00Z"


def status(agent_id: str = "asker:a") -> str:
    """What is stored, which must be what the oplog tells."""
    stored = Agent.objects.get(id=agent_id).status
    assert operations.rebuild(agent_id) is False, f"{stored}, its oplog tells another story"
    return stored


@pytest.mark.parametrize("asker", [Asker, BriefAsker])
def test_an_agent_is_suspended_until_all_its_answers_came(asker: type[Asker]) -> None:
    agent_id = asker.id_of("a")
    world.broken = [OSError("down")]
    with freeze(NOON) as time:
        asker.of("a").note("x")
        assert status(agent_id) == "idle"
        asker.of("a").ask("send", ["x"])
        asker.of("a").ask("facts", [])
        assert status(agent_id) == "suspended"
        step()
        assert status(agent_id) == "suspended"
        asker.of("a").note("it does other work meanwhile")
        assert status(agent_id) == "suspended"
        time.tick(60)
        step()
    assert len(asker.of("a").answers()) == 2
    assert status(agent_id) == "idle"


def test_it_does_not_wait_for_what_it_has_no_interest_in() -> None:
    Asker.of("a").ask_without_interest("send", ["x"])

    assert status() == "idle"


def test_an_answer_that_refuses_its_command_ends_the_waiting_too() -> None:
    Asker.of("a").post("nobody")
    assert status() == "suspended"
    step()

    assert oplog("asker:a")[-1][0] == "refusal"
    assert status() == "idle"


def test_so_does_an_answer_that_is_given_up() -> None:
    Asker.of("a").ask("send", ["x"])
    effects.run_one()
    Message.objects.update(method="forgotten")
    step()

    assert [method for method, _, _ in dead("asker:a")] == ["forgotten"]
    assert status() == "idle"


def test_so_does_an_answer_that_is_cancelled() -> None:
    Asker.of("a").ask("send", ["x"])
    effects.run_one()
    assert operations.cancel("asker:a", str(Message.objects.get().id), by=ANN) is True

    assert status() == "idle"


def test_an_interrupted_agent_gets_its_answers_when_it_is_resumed() -> None:
    Asker.of("a").ask("send", ["x"])
    operations.interrupt("asker:a", by=ANN)
    step()
    assert status() == "interrupted"
    assert mail("asker:a") == [("answered", 0)]
    assert Asker.of("a").heard() == []

    operations.resume("asker:a", by=ANN)
    step()
    assert Asker.of("a").heard() == ["send: done x"]
    assert status() == "idle"


def test_an_answer_does_not_reach_an_agent_made_anew() -> None:
    Asker.of("a").ask("wait", [])
    Asker.of("a").ask("send", ["x"])
    running = started(effects.run_one)
    assert world.begun.wait(30)
    operations.delete("asker:a", by=ANN)
    assert not Effect.objects.exists()
    Asker.of("a").note("anew")
    world.go_on.set()
    assert running.result(30) is True
    drain(["asker:a"])
    step()

    assert Asker.of("a").heard() == ["anew"]
    assert [what for _, what in world.done] == ["waited"]
