"""An agent that does whatever it is told, for histories made by chance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from agents_core import (
    Collection,
    DurableAgent,
    EphemeralAgent,
    Parameter,
    Rejected,
    command,
    query,
)
from agents_core.errors import AgentError


class NotToday(Rejected):
    """Not {what} today."""

    code = "not_today"


class Told(BaseModel):
    """What an agent was told, and what it was answered."""

    log: list[Any] = []
    count: int = 0


class Robot(DurableAgent):
    """Does what it is told, step by step. Parameters: its name."""

    name: Parameter[str]
    state: Told | None
    snapshot_every = 7

    free = Collection(str)
    bounded = Collection(str, newest=3)

    @command
    def do(self, steps: list[tuple[str, Any]]) -> list[Any]:
        """Do the steps; what each answered."""
        answers = [self._step(name, what) for name, what in steps]
        if self.state is not None:
            self.state.log = [*self.state.log, answers][-4:]
        return answers

    @query
    def ask(self, what: str) -> int:
        if what == "refuse":
            raise NotToday(what="asking")
        if what == "fault":
            raise RuntimeError("no answer")
        return self.state.count if self.state else 0

    def _step(self, name: str, what: Any) -> Any:
        try:
            return getattr(self, f"_{name}")(what)
        except AgentError as refusal:
            if name == "refuse":
                raise
            return refusal.code
        except RuntimeError as fault:
            if name == "fault":
                raise
            return str(fault)

    def _add(self, amount: int) -> int:
        self.state = self.state or Told()
        self.state.count += amount
        return self.state.count

    def _forget(self, _: Any) -> None:
        self.state = None

    def _put(self, item: list[Any]) -> None:
        collection, key, sort = item
        getattr(self, collection).put(key, f"{key}{sort}", sort=sort)

    def _remove(self, item: list[Any]) -> None:
        getattr(self, item[0]).remove(item[1])

    def _trim(self, newest: int) -> None:
        self.free.trim(newest=newest)

    def _clear(self, collection: str) -> None:
        getattr(self, collection).clear()

    def _page(self, collection: str) -> list[str]:
        return [entry.item for entry in getattr(self, collection).page(limit=5).items]

    def _count(self, collection: str) -> int:
        return int(getattr(self, collection).count())

    def _chance(self, _: Any) -> list[Any]:
        return [self.new_id(), self.random.random(), self.now().isoformat(), self.caller]

    def _dice(self, _: Any) -> Any:
        return Dice.of("d").throw()

    def _tell(self, told: list[Any]) -> Any:
        return Robot.of(told[0]).do([told[1]])

    def _look(self, looked: list[str]) -> Any:
        return Robot.of(looked[0]).ask(looked[1])

    def _look_at_all(self, what: str) -> Any:
        return Robot.of_many(["one", "two"]).ask(what)

    def _send(self, told: list[Any]) -> str:
        return Robot.of(told[0]).trigger.do([told[1]])  # type: ignore[return-value]

    def _send_to_all(self, amount: int) -> None:
        Robot.of_many(["one", "two", "three"]).trigger.do([("add", amount)])

    def _plan(self, name: str | None) -> None:
        at = self.now() + timedelta(minutes=1)
        Robot.of(self.name).schedule(at=at, name=name).do([("add", 100)])

    def _cancel(self, name: str) -> bool:
        return Robot.of(self.name).unschedule(name)

    def _refuse(self, what: str) -> None:
        self._add(1000)
        self.free.put("refused", what, sort=9)
        raise NotToday(what=what)

    def _fault(self, what: str) -> None:
        self._add(1000)
        raise RuntimeError(what)


class Dice(EphemeralAgent):
    """Throws a number. Parameters: its name."""

    name: Parameter[str]

    @query
    def throw(self) -> list[Any]:
        return [self.random.random(), self.new_id(), self.caller, Robot.of("two").ask("")]


NAMES = st.sampled_from(["one", "two", "three"])
COLLECTIONS = st.sampled_from(["free", "bounded"])
KEYS = st.sampled_from("abcd")
ASKED = st.sampled_from(["", "", "refuse", "fault"])
_OWN = st.one_of(
    st.tuples(st.just("add"), st.integers(1, 9)),
    st.tuples(st.just("put"), st.tuples(COLLECTIONS, KEYS, st.integers(0, 6))),
    st.tuples(st.just("put"), st.tuples(COLLECTIONS, KEYS, st.integers(0, 6))),
    st.tuples(st.just("put"), st.tuples(st.just("bounded"), KEYS, st.integers(0, 6))),
    st.tuples(st.just("remove"), st.tuples(COLLECTIONS, KEYS)),
    st.tuples(st.just("trim"), st.integers(0, 4)),
    st.tuples(st.just("clear"), COLLECTIONS),
    st.tuples(st.just("page"), COLLECTIONS),
    st.tuples(st.just("count"), COLLECTIONS),
    st.tuples(st.sampled_from(["chance", "dice", "forget"]), st.none()),
    st.tuples(st.sampled_from(["refuse", "fault"]), st.just("it")),
)
STEPS = st.one_of(
    _OWN,
    _OWN,
    st.tuples(st.sampled_from(["tell", "send"]), st.tuples(NAMES, _OWN)),
    st.tuples(st.just("look"), st.tuples(NAMES, ASKED)),
    st.tuples(st.just("look_at_all"), ASKED),
    st.tuples(st.just("send_to_all"), st.integers(1, 9)),
    st.tuples(st.just("plan"), st.sampled_from(["x", "y", None])),
    st.tuples(st.just("cancel"), st.sampled_from(["x", "y"])),
)
PROGRAMS = st.lists(STEPS, min_size=1, max_size=4)
"""What a robot may be told in one command."""
