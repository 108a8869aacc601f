"""The agents that run random programs, and the registers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from pydantic import BaseModel

from agents_core import (
    Answer,
    Collection,
    DurableAgent,
    EffectPolicy,
    EphemeralAgent,
    Parameter,
    RetryPolicy,
    calling,
    command,
    effect,
    query,
)
from agents_core.errors import Conflict, Rejected
from tests.faults.chaos.programs import Ending, Instruction, Program

MUCH_TOO_LATE = timedelta(hours=1)
PATIENT = RetryPolicy(retries=200, delay=0.02, factor=2.0, cap=0.3)
"""In the storm every message meets many deaths; what the ledger does about deadly ones is shown by
tests of their own."""
STUBBORN = EffectPolicy(attempts=200, delay=0.02, cap=0.3)
ONCE = EffectPolicy(on=())


class Declined(Rejected):
    """The program {label} ends in a refusal."""

    code = "chaos_declined"


class Upset(Exception):
    """A program ends in a fault; who awaits it catches this."""


class Stumbled(Exception):
    """A fault that does not come for ever."""


class Lost(Exception):
    """What must be there is not: raised for ever, so that the storm's end finds it."""


class Somewhere(EphemeralAgent):
    """Somewhere outside: a directory in which what happens leaves its marks. Parameters: none."""

    @effect(retry=STUBBORN)
    def fetch(self, label: str, times: int, refuse: bool) -> str:
        """Fault the first times, then answer, or refuse to."""
        stumble(f"{label}_{self.idempotency_key}", times)
        if refuse:
            raise Declined(label=label)
        return label

    @effect(retry=ONCE, idempotent=False)
    def fetch_once(self, label: str) -> str:
        """Answer; to have been here before, with the same key, is a fault."""
        _marks(f"{label}_{self.idempotency_key}").open("x").close()
        return label

    @effect(retry=STUBBORN)
    def tell(self, name: str, program: Program, times: int) -> None:
        """Have an agent run a program, or send it to it: under the effect's own key, so once."""
        with calling(self.id, key=self.idempotency_key):
            if times % 2:
                node_named(name).trigger.run(program)
            else:
                _await(node_named(name), program)
        stumble(f"{program.label}_{self.idempotency_key}", times)


def stumble(label: str, times: int) -> None:
    """Fault the first times; they are counted outside, as what a fault leaves must not count."""
    for time in range(times):
        try:
            _marks(f"{label}_{time}").open("x").close()
        except FileExistsError:
            continue
        raise Stumbled(f"{label}, time {time + 1} of {times}")


def _marks(name: str) -> Path:
    return settings.VAR_DIR / "marks" / name


class NodeState(BaseModel):
    """What programs added up to."""

    count: int = 0
    runs: int = 0


class Node(DurableAgent):
    """Runs programs. Parameters: its name."""

    name: Parameter[str]
    state: NodeState | None
    labels = Collection(int)  # of the programs run to the end: how often each was
    retry = PATIENT

    @command
    def run(self, program: Program) -> int:
        """Run a program; the counter after it."""
        state = self.state = self.state or NodeState()
        for place, instruction in enumerate(program.instructions):
            self._take(instruction, f"{program.label}.{place}")
        if program.ending == "refused":
            raise Declined(label=program.label)
        if program.ending == "faulted":
            raise Upset(program.label)
        state.runs += 1
        self.labels.put(program.label, (self.labels.get(program.label) or 0) + 1, sort=self.now())
        return state.count

    @command
    def revoke(self, target: str, name: str) -> None:
        """Cancel what is scheduled for another agent."""
        if not node_named(target).unschedule(name):
            raise Lost(name)

    @command
    def replan(self, target: str, name: str, program: Program, milliseconds: int) -> None:
        """Replace what is scheduled for another agent."""
        soon = self.now() + timedelta(milliseconds=milliseconds)
        node_named(target).schedule(at=soon, name=name).run(program)

    @command
    def answered(self, program: Program, answer: Answer[str]) -> None:
        """Run a program if the effect gave what it must; nothing if it refused as it must."""
        try:
            found = answer.get()
        except Declined:
            found = program.label if program.ending == "refused" else ""
        if found != program.label:
            raise Lost(f"{program.label}: {answer}")
        self.run(program)

    @command
    def dared(self, program: Program, answer: Answer[str]) -> None:
        """Run a program if the effect happened once, or nobody knows whether it has happened."""
        code = answer.refusal["code"] if answer.refusal else None
        if code != "effect_outcome_unknown" and answer.result != program.label:
            raise Lost(f"{program.label}: {answer}")
        self.run(program)

    def _take(self, instruction: Instruction, label: str) -> None:
        assert self.state is not None
        if instruction.kind == "add":
            self.state.count += 1
        elif instruction.kind == "stumble":
            stumble(f"{self.name}_{label}", instruction.number)
        else:
            assert instruction.program is not None
            give = self._ask if instruction.kind in ("ask", "dare", "tell") else self._hand_on
            give(instruction, instruction.program, label)

    def _ask(self, instruction: Instruction, program: Program, label: str) -> None:
        if instruction.kind == "tell":
            Somewhere.of().trigger.tell(instruction.to[0], program, instruction.number)
        elif instruction.kind == "dare":
            Somewhere.of().then(self.dared, program=program).fetch_once(label)
        else:
            refuse = program.ending == "refused"
            asked = Somewhere.of().then(self.answered, program=program)
            asked.fetch(label, instruction.number, refuse)

    def _hand_on(self, instruction: Instruction, program: Program, label: str) -> None:
        target = node_named(instruction.to[0])
        if instruction.kind == "call":
            _await(target, program)
        elif instruction.kind == "send":
            target.trigger.run(program)
        elif instruction.kind == "spread":
            Node.of_many(instruction.to).trigger.run(program)
        elif instruction.kind == "plan":
            soon = self.now() + timedelta(milliseconds=instruction.number)
            target.schedule(at=soon).run(program)
        else:
            late, (name, by) = self.now() + MUCH_TOO_LATE, instruction.to
            own = f"{label} {self.new_id()}"  # what one of many was given may run here twice
            target.schedule(at=late, name=own).run(program)
            if instruction.kind == "revoke":
                node_named(by).trigger.revoke(name, own)
            else:
                node_named(by).trigger.replan(name, own, program, instruction.number)


class BulkNode(Node):
    """The same on the lane of the bulk worker. Parameters: its name."""

    lane = "bulk"


class BriefNode(Node):
    """The same with a brief oplog. Parameters: its name."""

    oplog = "brief"


def node_named(name: str) -> Node:
    """The node of that name, whose end says of which type it is."""
    return {"b": BulkNode, "l": BriefNode}.get(name[-1], Node).of(name)


def _await(target: Node, program: Program) -> None:
    """Await a program; what it ends in, if not in peace, is caught, and nothing of it remains."""
    ended: Ending = "done"
    try:
        target.run(program)
    except Declined:
        ended = "refused"
    except Upset:
        ended = "faulted"
    assert ended == program.ending, program.label


class Changed(Conflict):
    """The register holds {found}."""

    code = "chaos_changed"


class RegisterState(BaseModel):
    """One value."""

    value: str | None = None


class Register(DurableAgent):
    """Holds a value. Parameters: its name."""

    name: Parameter[str]
    state: RegisterState | None
    retry = PATIENT

    @query
    def read(self) -> str | None:
        """The value."""
        return self.state.value if self.state else None

    @command
    def write(self, value: str) -> None:
        """Hold another value."""
        self.state = RegisterState(value=value)

    @command
    def compare_and_set(self, expected: str | None, value: str) -> None:
        """Hold another value if it holds the expected one; else say what it holds."""
        if (found := self.read()) != expected:
            raise Changed(found=found)
        self.state = RegisterState(value=value)
