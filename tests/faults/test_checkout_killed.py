"""Processes killed between the steps of a checkout: one order, one letter, one recommendation.

A letter may have gone when a process dies with it in hand: it is not sent again, and an operator
is told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.faults.edges.cases import CLIENT, OUTSIDE, WORKER
from tests.faults.edges.killing import Order, Side, read_killed
from tests.faults.edges.test_edges import Stage
from tests.faults.world import PATIENCE, World
from tests.waiting import wait_for

ORDERS = (
    "SELECT id FROM agents_core_agent WHERE starts_with(id, 'order:') AND state->>'user_id' = %s"
)
LEFT = "SELECT jsonb_array_length(state->'items') FROM agents_core_agent WHERE id = 'cart:' || %s"
MADE = "SELECT (state->>'made')::int FROM agents_core_agent WHERE id = 'shopping-assistant:' || %s"
IN_DOUBT = "SELECT count(*) FROM agents_core_effect WHERE agent_id = %s AND last_error LIKE %s"


class Death(NamedTuple):
    """Where a process is killed: at which edge, with which agent, or with whose letter."""

    process: str
    edge: str
    whose: str


DEATHS = {
    "the-checkout": Death(CLIENT, "commit", "cart:{name}"),
    "the-purchase-noted": Death(WORKER, "commit", "shopping-assistant:{name}"),
    "the-letter-claimed": Death(OUTSIDE, "claim_effect", "{order}"),
    "the-letter-handed-over": Death(OUTSIDE, "hand_over", "{name}@example.com"),
    "the-letter-done": Death(OUTSIDE, "finish_effect", "{order}"),
    "the-recommendation-claimed": Death(OUTSIDE, "claim_effect", "shopping-assistant:{name}"),
    "the-recommendation-done": Death(OUTSIDE, "finish_effect", "shopping-assistant:{name}"),
}

# Right before the others commit, what they do is as good as not begun: the edges' tests show that.
KILLED: list[tuple[str, Side]] = [
    *((where, "after") for where in DEATHS),
    ("the-checkout", "before"),
    ("the-letter-handed-over", "before"),
]


class Shopping:
    """One shopper on a stage."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage = stage
        self.world = stage.world
        self.name = name
        self.process = f"{name}.shopper"

    def begin(self, act: str) -> None:
        self.world.log(self.process).unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.faults.shopper", act, self.name]
        self.world.run(self.process, command, FAULTS_EDGES=CLIENT)

    def have_done(self, act: str) -> None:
        self.begin(act)
        self.world.processes.pop(self.process).wait_for_end()
        complaints = self.world.log(self.process).read_text()
        assert "Traceback" not in complaints, complaints

    def orders(self) -> list[str]:
        return [order_id for (order_id,) in self.world.ask(ORDERS, self.name)]

    def letters(self) -> list[str]:
        box = self.world.var / "post" / f"{self.name}@example.com"
        return box.read_text().splitlines() if box.exists() else []

    def in_doubt(self) -> int:
        return self.world.number(IN_DOUBT, self.orders()[0], "%letter_in_doubt%")

    def give_order(self, death: Death, side: Side, order: str) -> None:
        (self.stage.directory / "killed").unlink(missing_ok=True)
        whose = death.whose.format(name=self.name, order=order)
        url = self.world.servers["postgres"].url
        Order(death.process, death.edge, side, whose, url, ()).write(self.stage.directory / "order")

    def wait_for_kill(self, victim: str) -> None:
        wait_for(lambda: read_killed(self.stage.directory), "a kill", patience=PATIENCE)
        self.world.processes.pop(victim).wait_for_end()


@pytest.fixture(scope="module")
def stage(servers_and_tables: World) -> Iterator[Stage]:
    """Workers for all of them; those that were killed are started again."""
    stage = Stage(servers_and_tables)
    yield stage
    stage.world.end_fleet()


@pytest.mark.slow
@pytest.mark.parametrize(("where", "side"), KILLED)
def test_a_kill_anywhere_makes_one_order_and_one_letter(
    stage: Stage, where: str, side: Side
) -> None:
    death, shopping = DEATHS[where], Shopping(stage, f"{where}-{side}")
    stage.start_dead()
    shopping.have_done("fill")
    if death.process == OUTSIDE:
        stage.world.kill(OUTSIDE)
        shopping.have_done("check_out")
        shopping.give_order(death, side, *shopping.orders())
        stage.start_dead()
        shopping.wait_for_kill(OUTSIDE)
    else:
        shopping.give_order(death, side, "")
        if death.process == CLIENT:
            shopping.begin("check_out")
            shopping.wait_for_kill(shopping.process)
        else:
            shopping.have_done("check_out")
            shopping.wait_for_kill(death.process)
    stage.start_dead()
    shopping.have_done("check_out")

    doubtful = death.edge == "hand_over"
    sent = [] if doubtful and side == "before" else ["We have your order"]
    if doubtful:
        wait_for(shopping.in_doubt, "a letter in doubt", patience=PATIENCE)
    wait_for(lambda: shopping.letters() == sent, "the letter", patience=PATIENCE)
    wait_for(
        lambda: stage.world.ask(MADE, shopping.name) == [(1,)],
        "a recommendation",
        patience=PATIENCE,
    )
    assert len(shopping.orders()) == 1
    assert stage.world.ask(LEFT, shopping.name) == [(0,)]
    assert shopping.letters() == sent
    assert shopping.in_doubt() == int(doubtful)
    assert stage.world.take_dead_letters() == []
