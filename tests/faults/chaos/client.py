"""A client process: threads that send programs, and threads that use registers.

Run as `python -m tests.faults.chaos.client PLAN CLIENT JOURNAL` by the nursery. What has an
idempotency key is repeated until it is answered. A client that was killed is started again on its
journal and goes on where it was. A thread with programs ends after the last of them, one with
registers when told to stop.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
import traceback
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from agents_core import calling
from agents_core.errors import AgentUnavailable, MailboxFull, OutcomeUnknown
from tests.faults.chaos.agents import Changed, Declined, Register, Stumbled, node_named
from tests.faults.chaos.journal import Answered, Begun, Journal
from tests.faults.chaos.plan import Plan
from tests.faults.chaos.programs import Program, programs_of

PAUSE = 0.01
"""Between two things a thread does: a load, not a flood."""


def take_breath() -> None:
    """Before the same again."""
    time.sleep(0.05 * random.random())


class ProgramThread:
    """Sends its programs one after the other, each under a key of its own."""

    def __init__(self, plan: Plan, name: str, journal: Journal) -> None:
        self.plan, self.name, self.journal = plan, name, journal

    def run(self) -> None:
        """Go on where the journal ends."""
        programs = programs_of(self.plan.graph, self.plan.seed, self.name)
        done = self.journal.sent.get(self.name, 0)
        for place, (agent, program) in enumerate(islice(programs, self.plan.programs)):
            if place < done:
                continue
            chance = random.Random(f"{self.plan.seed} {program.label}")
            is_sent = chance.random() < 0.4
            answer = self._have_run(agent, program, is_sent=is_sent)
            if chance.random() < 0.15:
                again = self._have_run(agent, program, is_sent=is_sent)
                assert again == answer, f"{program.label}: first {answer}, then {again}"
            self.journal.write({"thread": self.name, "place": place, "program": program.label})
            time.sleep(PAUSE)

    def _have_run(self, agent: str, program: Program, *, is_sent: bool) -> object:
        """Await the program, or send it; the answer: the same however often this is done."""
        node = node_named(agent)
        while True:
            try:
                with calling(self.name, key=program.label):
                    answer = (node.trigger if is_sent else node).run(program)
            except Declined as refusal:
                assert (program.ending, is_sent) == ("refused", False), program.label
                return refusal.facts
            except (AgentUnavailable, OutcomeUnknown, MailboxFull, Stumbled):
                take_breath()
            else:
                assert is_sent or program.ending == "done", program.label
                return answer


class RegisterThread:
    """Reads, writes, and compares and sets: with a key, repeated until answered; without one, once,
    and then it may be that nobody knows."""

    def __init__(self, plan: Plan, name: str, journal: Journal) -> None:
        self.plan, self.name, self.journal = plan, name, journal
        self._seen: dict[str, str | None] = {}
        """What each register held when this thread last heard of it."""

    def run(self) -> None:
        """Finish what a killed client had begun under a key, then go on until told to stop."""
        place = 0
        last = self.journal.last_begun(self.name)
        if last is not None:
            place = last["place"] + 1
            if last["keyed"] and (self.name, last["place"]) not in self.journal.answered:
                self._finish(last)
        while not self.journal.stop.exists():
            begun = self._choose(place)
            self.journal.write(begun)
            self._finish(begun)
            place += 1
            time.sleep(PAUSE)

    def _choose(self, place: int) -> Begun:
        chance = random.Random(f"{self.plan.seed} {self.name} {place}")
        register = chance.choice(self.plan.registers)
        return {
            "thread": self.name,
            "place": place,
            "register": register,
            "kind": chance.choices(("read", "fresh", "write", "cas"), (6, 1, 3, 4))[0],
            "value": f"{self.name}.{place}",
            "expected": self._seen.get(register),
            "keyed": chance.random() < 0.6,
            "called": time.monotonic_ns(),
        }

    def _finish(self, begun: Begun) -> None:
        """Do it and write down the answer; none where the answer is that nobody knows."""
        answer: Answered = {
            "thread": self.name,
            "place": begun["place"],
            "how": "done",
            "found": None,
            "answered": 0,
        }
        try:
            answer["found"] = self._have_done(begun)
        except Changed as refusal:
            answer |= {"how": "changed", "found": refusal.facts["found"]}
        except OutcomeUnknown:
            return
        except AgentUnavailable:
            answer["how"] = "unavailable"
        if answer["how"] != "unavailable":
            self._seen[begun["register"]] = answer["found"]
        answer["answered"] = time.monotonic_ns()
        self.journal.write(answer)

    def _have_done(self, begun: Begun) -> str | None:
        key = f"{self.name}.{begun['place']}" if begun["keyed"] else None
        while True:
            try:
                with calling(self.name, key=key):
                    return _operate(Register.of(begun["register"]), begun)
            except (AgentUnavailable, OutcomeUnknown):
                if key is None:
                    raise
                take_breath()


def _operate(register: Register, begun: Begun) -> str | None:
    """What the register holds afterwards."""
    if begun["kind"] == "read":
        return register.read()
    if begun["kind"] == "fresh":
        return register.fresh.read()
    if begun["kind"] == "write":
        register.write(begun["value"])
    else:
        register.compare_and_set(begun["expected"], begun["value"])
    return begun["value"]


def _or_end_all(run: Callable[[], None]) -> Callable[[], None]:
    """A thread's fault ends the process, so that the round hears of it."""

    def guarded() -> None:
        try:
            run()
        except BaseException:
            traceback.print_exc()
            os._exit(3)

    return guarded


def main(plan: Plan, client: str, journal: Journal) -> None:
    """Go on where the journal ends, on all threads."""
    runs = [ProgramThread(plan, name, journal).run for name in plan.senders(client)]
    runs += [RegisterThread(plan, name, journal).run for name in plan.callers(client)]
    threads = [threading.Thread(target=_or_end_all(run)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Plan.from_json(sys.argv[1]), sys.argv[2], Journal(Path(sys.argv[3])))
