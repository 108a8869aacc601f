"""The supervisor: restarts what falls, shows what matters, stops what does not want to."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config import supervisor as supervising
from config.children import is_alive
from config.supervisor import LogTail, Program, Supervisor, end_leftovers
from tests.waiting import wait_for

WAIT = "import signal, sys; print('begun', flush=True); signal.pause()"
IGNORE = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAIT}"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WAIT!r}])"
Run = Callable[..., Supervisor]


@pytest.fixture
def said() -> list[str]:
    """What the supervisor said."""
    return []


@pytest.fixture
def run(tmp_path: Path, said: list[str]) -> Iterator[Run]:
    """Run small programs, each a line of Python, and stop them in the end."""
    running: list[Supervisor] = []

    def start(*sources: str) -> Supervisor:
        programs = [
            Program(f"program{number}", [sys.executable, "-c", source])
            for number, source in enumerate(sources)
        ]
        supervisor = Supervisor(programs, tmp_path, said.append)
        running.append(supervisor)
        supervisor.start()
        wait_for(
            lambda: all("begun" in child.log.read_text() for child in supervisor.children),
            "the programs to begin",
        )
        return supervisor

    yield start
    for supervisor in running:
        supervisor.stop()


def process_of(supervisor: Supervisor) -> psutil.Process:
    """The first program's process."""
    process = supervisor.children[0].process
    assert process is not None
    return psutil.Process(process.pid)


def test_it_says_that_a_program_fell_and_starts_it_again(run: Run, said: list[str]) -> None:
    supervisor = run(WAIT)
    process_of(supervisor).kill()

    def is_back() -> bool:
        supervisor.look()
        return bool(said) and supervisor.children[0].process is not None

    wait_for(is_back, "the program to be back")
    assert said[0].startswith("program0 was ended by signal 9; it starts again in 0.5 s")


def test_it_waits_longer_for_a_program_that_keeps_falling(run: Run) -> None:
    supervisor = run("print('begun')")
    child = supervisor.children[0]

    def has_fallen_thrice() -> bool:
        supervisor.look()
        child.start_again_at = 0.0
        return child.faults == 3

    notices: list[str | None] = []
    supervisor._say = notices.append
    wait_for(has_fallen_thrice, "three faults")
    assert [str(notice).split(" in ")[1].split(" s")[0] for notice in notices] == ["0.5", "1", "2"]


def test_it_kills_what_does_not_stop(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "STOP_PATIENCE", 0.2)
    supervisor = run(IGNORE)
    stubborn = process_of(supervisor)
    supervisor.stop()
    assert not stubborn.is_running()


def test_it_ends_the_children_of_a_program_with_it(run: Run) -> None:
    supervisor = run(PARENT)
    [grandchild] = process_of(supervisor).children()
    process_of(supervisor).kill()
    wait_for(lambda: supervisor.look() or not grandchild.is_running(), "the grandchild to end")


def test_a_next_run_ends_what_a_killed_one_left(run: Run, tmp_path: Path) -> None:
    leftover = process_of(run(WAIT))
    end_leftovers(tmp_path / "elsewhere")
    assert is_alive(leftover.pid)
    end_leftovers(tmp_path)
    assert not is_alive(leftover.pid)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-01-01 10:00:00,1 INFO a: fine\n", []),
        ("2026-01-01 10:00:00,1 WARNING django.request: Not Found: /x\n", []),
        ("2026-01-01 10:00:00,1 ERROR a: bad\nTraceback ...\n", ["ERROR a: bad"]),
        ("2026-01-01 10:00:00,1 ERROR a: bad\n2026-01-01 10:00:01,1 ERROR a: bad\n", ["a: bad"]),
        ("Content-Type: text/plain\nSubject: Hi\n" + "-" * 79 + "\nmore\n", ["C", "Hi", "---"]),
        ("2026-01-01 10:00:00,1 ERROR a: not yet whole", []),
        (
            "2026-01-01 10:00:00,1 ERROR a: bad [request_id=1 agent_id=x:y]\n"
            "2026-01-01 10:00:01,1 ERROR a: bad [request_id=2]\n",
            ["ERROR a: bad [request_id=1"],
        ),
        (
            '{"level": "INFO", "logger": "a", "message": "fine"}\n'
            '{"level": "ERROR", "logger": "a", "message": "bad", "request_id": "1"}\n'
            '{"level": "ERROR", "logger": "a", "message": "bad", "request_id": "2"}\n{broken\n',
            ['"request_id": "1"'],
        ),
    ],
)
def test_it_shows_faults_and_mail(tmp_path: Path, written: str, shown: list[str]) -> None:
    log = tmp_path / "web.log"
    tail = LogTail(log)
    log.write_text(written)
    lines = tail.worth_showing()
    assert len(lines) == len(shown)
    assert all(part in line for part, line in zip(shown, lines, strict=True))
