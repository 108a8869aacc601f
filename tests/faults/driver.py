"""A client process: takes the steps of a load on a few threads until told to stop.

Run as `python -m tests.faults.driver LOAD DRIVER JOURNAL`. Every step has an idempotency key and is
tried until it is answered, then written to the journal; a driver started again on the same journal
takes the step it was killed in again, under the same key. It stops when `JOURNAL.stop` appears.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
import traceback
from pathlib import Path

import django

from agents_core import calling
from agents_core.errors import AgentUnavailable, MailboxFull, OutcomeUnknown
from tests.faults.load import KEYLESS, Load, Step, read_journal

PAUSE = 0.004
"""Between two steps of a thread: a load, not a flood, so that what is queued can be drained."""


class Sender:
    """One thread's steps."""

    def __init__(
        self, load: Load, name: str, done: int, *, again: bool, journal: int, stop: Path
    ) -> None:
        self.load, self.name, self._done = load, name, done
        self._again, self._journal, self._stop = again, journal, stop
        self._totals: dict[str, int] = {}

    def run(self) -> None:
        """Take steps until told to stop; a fault ends the process, so that the test hears of it."""
        try:
            for place, step in enumerate(self.load.steps(self.name)):
                if place < self._done:
                    continue
                # The process before us may have been killed in this step; it may have counted.
                under_way = self._again and place == self._done
                if self._stop.exists() and not under_way:
                    return
                if step.kind not in KEYLESS:
                    how = self._keyed(step, place)
                else:
                    how = "unknown" if under_way else self._plain(step)
                os.write(self._journal, f"{self.name} {place} {how}\n".encode())
                time.sleep(PAUSE)
        except BaseException:
            traceback.print_exc()
            os._exit(3)

    def _keyed(self, step: Step, place: int) -> str:
        while True:
            try:
                with calling(self.name, key=f"{self.name}/{place}"):
                    self._take(step)
            except (AgentUnavailable, OutcomeUnknown, MailboxFull):
                time.sleep(0.05 * random.random())
            else:
                return "keyed"

    def _take(self, step: Step) -> None:
        from tests.faults.agents import Relay, tally_named

        if step.kind == "send":
            tally_named(step.target).trigger.note(self.name, step.number)
        elif step.kind == "await":
            total = tally_named(step.target).note(self.name, step.number)
            before = self._totals.get(step.target, 0)
            assert total > before, f"{step.target} counted {before}, then {total}"
            self._totals[step.target] = total
        elif step.kind == "pass_on":
            Relay.of(step.relay).trigger.pass_on(step.target)
        elif step.kind == "carry":
            Relay.of(step.relay).carry(step.target)
        elif step.kind == "haul":
            Relay.of(step.relay).trigger.carry(step.target)
        elif step.kind == "spread":
            Relay.of(step.relay).spread(self.load.everybody)
        else:
            Relay.of(step.relay).remind(step.target)

    def _plain(self, step: Step) -> str:
        """Without a key, once: it was counted, or was not, or we are told that nobody knows."""
        from tests.faults.agents import tally_named

        try:
            with calling(self.name):
                tally = tally_named(step.target)
                (tally if step.kind == "plain" else tally.trigger).add_plain()
        except OutcomeUnknown:
            return "unknown"
        except AgentUnavailable:
            return "refused"
        return "done"


def main(load: Load, driver: str, journal: Path) -> None:
    """Go on where the journal ends, on all threads."""
    django.setup()
    names = [load.sender(driver, thread) for thread in range(load.senders)]
    again = journal.exists()
    written = journal.read_text().splitlines() if again else []
    done = read_journal(written).steps
    output = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    stop = Path(f"{journal}.stop")
    senders = [
        Sender(load, name, done[name], again=again, journal=output, stop=stop) for name in names
    ]
    threads = [threading.Thread(target=sender.run) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Load.from_json(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
