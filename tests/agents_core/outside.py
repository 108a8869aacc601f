"""An outside world that tests look at and break, and agents that ask it for things."""

from __future__ import annotations

import threading
from typing import Any

from pydantic import BaseModel

from agents_core import (
    AgentError,
    Answer,
    Collection,
    DurableAgent,
    EffectPolicy,
    EphemeralAgent,
    Parameter,
    Rejected,
    command,
    effect,
    query,
)
from agents_core.models import Effect
from tests.agents_core.counter import Counter


class AddressUnknown(Rejected):
    """Nobody lives at {address}."""

    code = "address_unknown"


class World:
    """What was done outside, and what goes wrong there next."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As it was in the beginning."""
        self.done: list[tuple[str, str]] = []
        """(idempotency key, what)"""
        self.broken: list[BaseException] = []
        """Raised by the next tries, in order."""
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def do(self, key: str, what: str) -> str:
        self.done.append((key, what))
        if self.broken:
            raise self.broken.pop(0)
        return f"done {what}"


world = World()


class Letter(BaseModel):
    """What is posted."""

    to: str
    text: str = ""


class Receipt(BaseModel):
    """What the post office gives."""

    number: int
    letter: Letter


class PostOffice(EphemeralAgent):
    """Talks to the outside world. Parameters: the town."""

    town: Parameter[str]

    @effect(retry=EffectPolicy(attempts=3, delay=10, factor=2, cap=15, jitter=0, on=(OSError,)))
    def send(self, text: str) -> str:
        return world.do(self.idempotency_key, text)

    @effect()
    def post(self, letter: Letter) -> Receipt:
        if letter.to == "nobody":
            raise AddressUnknown(address=letter.to)
        world.do(self.idempotency_key, letter.to)
        return Receipt(number=len(world.done), letter=letter)

    @effect(retry=EffectPolicy(attempts=9, delay=10, factor=1, jitter=0, deadline=25))
    def hurry(self) -> str:
        return world.do(self.idempotency_key, "hurry")

    @effect(idempotent=False)
    def pay(self, amount: int) -> str:
        return world.do(self.idempotency_key, f"pay {amount}")

    @effect(retry=EffectPolicy(delay=10, jitter=0, on=(ConnectionRefusedError,)), idempotent=False)
    def pay_surely(self, amount: int) -> str:
        return world.do(self.idempotency_key, f"pay {amount}")

    @effect()
    def lie(self) -> int:
        world.do(self.idempotency_key, "lie")
        return "one"  # type: ignore[return-value]

    @effect()
    def facts(self) -> dict[str, Any]:
        world.do(self.idempotency_key, "facts")
        return {
            "town": self.town,
            "caller": self.caller,
            "key": self.idempotency_key,
            "chance": self.random.random(),
        }

    @effect()
    def tell(self, name: str) -> int:
        """Call agents from within an effect."""
        Counter.of(name).trigger.add(10)
        return Counter.of(name).add(1)

    @effect()
    def call_another(self) -> str:
        return PostOffice.of("b").send("from within")

    @effect()
    def wait(self) -> str:
        """Stand still until the test lets go; only the first that does."""
        if not world.begun.is_set():
            world.begun.set()
            assert world.go_on.wait(30)
        return world.do(self.idempotency_key, "waited")

    @query
    def key_in_a_query(self) -> str:
        return self.idempotency_key

    @query
    def send_in_a_query(self) -> str:
        return PostOffice.of("b").send("x")


class AskerState(BaseModel):
    """What came back."""

    heard: list[str] = []
    receipts: list[Receipt] = []
    answers: list[dict[str, Any]] = []


class Asker(DurableAgent):
    """Asks the outside world. Parameters: its name."""

    name: Parameter[str]
    state: AskerState | None
    notes = Collection(str)

    @property
    def _state(self) -> AskerState:
        if self.state is None:
            self.state = AskerState()
        return self.state

    @query
    def heard(self) -> list[str]:
        return self.state.heard if self.state else []

    @query
    def receipts(self) -> list[Receipt]:
        return self.state.receipts if self.state else []

    @query
    def answers(self) -> list[dict[str, Any]]:
        return self.state.answers if self.state else []

    @command
    def note(self, text: str) -> None:
        self._state.heard.append(text)

    @command
    def ask(self, method: str, args: list[Any]) -> str:
        """Ask the post office for anything; the effect's id."""
        effect_id: str = getattr(PostOffice.of("a").then(self.answered, text=method), method)(*args)
        return effect_id

    @command
    def ask_for_all(self, texts: list[str]) -> None:
        for text in texts:
            PostOffice.of("a").then(self.answered, text=text).send(text)

    @command
    def ask_without_interest(self, method: str, args: list[Any]) -> str:
        effect_id: str = getattr(PostOffice.of("a").trigger, method)(*args)
        return effect_id

    @command
    def answered(self, text: str, answer: Answer[Any]) -> None:
        try:
            self._state.heard.append(f"{text}: {answer.get()}")
        except AgentError as refusal:
            self._state.heard.append(f"{text}: {refusal}")
        self._state.answers.append(answer.model_dump())

    @command
    def post(self, to: str) -> None:
        PostOffice.of("a").then(self.posted).post(Letter(to=to))

    @command
    def posted(self, answer: Answer[Receipt]) -> None:
        self._state.receipts.append(answer.get())

    @command
    def ask_then_refuse(self) -> None:
        PostOffice.of("a").then(self.answered, text="x").send("x")
        raise Rejected

    @command
    def ask_by_way_of(self, other: str) -> None:
        """A command of another agent, awaited, asks in its own name."""
        Asker.of(other).ask("send", ["by way"])
        PostOffice.of("a").then(self.answered, text="own").send("own")

    @command
    def ask_by_way_of_then_refuse(self, other: str) -> str:
        try:
            Asker.of(other).ask_then_refuse()
        except Rejected:
            return "refused"
        return "not refused"

    @command
    def ask_wrongly(self, how: str) -> None:
        office = PostOffice.of("a")
        match how:
            case "awaited":
                office.send("x")
            case "awaited in a query":
                PostOffice.of("a").send_in_a_query()
            case "no answer taken":
                office.then(self.note, text="x").send("x")
            case "not a command":
                office.then(self.heard).send("x")
            case "a handle":
                office.then(Asker.of("b").answered, text="x").send("x")
            case "another agent":
                office.then(Asker("asker:b", "b").answered, text="x").send("x")
            case "answer bound":
                office.then(self.answered, text="x", answer=Answer(effect="", attempts=1)).send("x")
            case "not an effect":
                office.then(self.answered, text="x").key_in_a_query()
            case "scheduled":
                office.schedule(at=self.now()).send("x")

    @command
    def bind_wrongly(self, bound: dict[str, Any]) -> None:
        PostOffice.of("a").then(self.answered, **bound).send("x")

    @query
    def ask_in_a_query(self, how: str) -> str:
        match how:
            case "awaited":
                return PostOffice.of("a").send("x")
            case _:
                return PostOffice.of("a").trigger.send("x")


class BriefAsker(Asker):
    """The same with a brief oplog. Parameters: its name."""

    oplog = "brief"


def waiting() -> list[tuple[str, str, int]]:
    """Who waits for which effect, and how often it was tried."""
    return [(row.agent_id, row.method, row.attempts) for row in Effect.objects.order_by("id")]
