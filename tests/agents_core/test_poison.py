"""A message that kills its process: a real process, which dies of it again and again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agents_core.testing import step
from tests.agents_core.counter import Counter
from tests.agents_core.racing import dead, mail, rows

# One process is started and forks a worker a time: each dies as a worker of its own would.
WORKERS = """
import os, sys
import django
django.setup()
import tests.agents_core.agents
from agents_core import mailbox

for worker in range(12):
    child = os.fork()
    if child == 0:
        mailbox.drain(sys.argv[1:])
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
    if status == 0:
        break
"""


def run_workers(environment: dict[str, str], *names: str) -> list[int]:
    """Let workers drain these counters until one survives it; how each ended."""
    ids = [Counter.of(name).id for name in names]
    ran = subprocess.run(
        [sys.executable, "-c", WORKERS, *ids],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    return [int(line) for line in ran.stdout.split()]


@pytest.mark.slow
def test_it_is_parked_after_its_attempts_and_everything_else_goes_on(
    server_environment: dict[str, str],
) -> None:
    Counter.of("before").send("a", 1, 3)
    Counter.of("a").trigger.die()
    Counter.of("behind").send("a", 1, 3)
    Counter.of_many(["b", "c"]).trigger.add(1)

    ends = run_workers(server_environment, "a", "b", "c")

    assert ends == [9, 9, 9, 9, 0]
    assert dead("counter:a") == [("die", 4, "the process that ran it died")]
    assert Counter.of("a").get_seen() == [f"before{n}" for n in range(3)] + [
        f"behind{n}" for n in range(3)
    ]
    assert Counter.of_many(["b", "c"]).get() == [1, 1]
    assert mail("counter:a") == []
    assert rows("SELECT 1 FROM agents_core_attempt") == []


def test_mail_whose_process_died_once_is_run_as_if_nothing_had_been() -> None:
    Counter.of("a").trigger.add(1)
    rows(
        "INSERT INTO agents_core_attempt (id, taken, started_at) SELECT gen_random_uuid(), "
        "jsonb_build_object('counter:a', id::text), now() FROM agents_core_message"
    )
    step()

    assert Counter.of("a").get() == 1
    assert dead("counter:a") == []
    assert rows("SELECT 1 FROM agents_core_attempt") == []
