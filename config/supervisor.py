"""Keeping a few child processes alive until told to stop."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import psutil

from config.children import end_processes, open_log, spawn
from config.environment import BASE_DIR

LOOK_EVERY = 0.1
STOP_PATIENCE = 8.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
# A child that ran this long was healthy: its next fault starts with a short pause again.
HEALTHY_AFTER = 30.0
LINES_AT_ONCE = 30
# As `settings.LOGGING` writes them, and as Django's console mail does.
FAULT = re.compile(
    r"\S+ \S+ (ERROR|CRITICAL) (?P<text>.*?)"
    r"( \[(request_id|agent_id|method|invocation_id)=[^\]]*\])?"
)
FAULTS = frozenset({"ERROR", "CRITICAL"})
MAIL_BEGINS, MAIL_ENDS = "Content-Type: text/plain", "-" * 70
MARK = "AGORA_SUPERVISED_IN"


@dataclass(frozen=True)
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    niceness: int = 0


class LogTail:
    """What was written to a log since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = path.stat().st_size if path.exists() else 0
        self._in_mail = False
        self._last_fault = ""

    def worth_showing(self) -> list[str]:
        """Return the new lines that somebody at the console should see: faults, and mail.

        Mail, because without a mail server this is where a password reset arrives. A fault that
        only repeats the one before is left to the log.
        """
        shown = []
        for line in self.new_lines():
            if line.startswith(MAIL_BEGINS):
                self._in_mail = True
            if self._in_mail:
                shown.append(line)
                self._in_mail = not line.startswith(MAIL_ENDS)
            elif (fault := fault_in(line)) and fault != self._last_fault:
                self._last_fault = fault
                shown.append(line)
        return shown

    def new_lines(self) -> list[str]:
        """Return the whole lines that are new."""
        with suppress(FileNotFoundError), self._path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(self._position if size >= self._position else 0)
            data = log.read()
            whole = data.rfind(b"\n") + 1
            self._position = log.tell() - len(data) + whole
            return data[:whole].decode(errors="replace").splitlines()
        return []


def fault_in(line: str) -> str | None:
    """What a line of a log says of a fault, without its time; None if it is about none."""
    if not line.startswith("{"):
        fault = FAULT.fullmatch(line)
        return fault["text"] if fault else None
    with suppress(orjson.JSONDecodeError):
        record = orjson.loads(line)
        if record.get("level") in FAULTS:
            return f"{record.get('logger')}: {record.get('message')}"
    return None


class Child:
    """A program with its current process, its log and its record of faults."""

    def __init__(self, program: Program, var: Path) -> None:
        self.program = program
        self.log = var / "log" / f"{program.name}.log"
        self.tail = LogTail(self.log)
        self.process: subprocess.Popen[bytes] | None = None
        self.faults = 0
        self.started_at = 0.0
        self.start_again_at = 0.0
        self._var = var

    def start(self) -> None:
        """Start the process. The kernel ends it if we are killed."""
        program = self.program
        with open_log(self.log) as log:
            self.process = spawn(
                program.command,
                output=log,
                environment=os.environ | program.environment | {MARK: str(self._var)},
                niceness=program.niceness,
                directory=BASE_DIR,
            )
        self.started_at = time.monotonic()

    def fell(self) -> str | None:
        """Notice that the process has ended; say when it will start again."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.end_group()
        self.process = None
        if time.monotonic() - self.started_at > HEALTHY_AFTER:
            self.faults = 0
        pause = min(FIRST_PAUSE * 2**self.faults, LONGEST_PAUSE)
        self.faults += 1
        self.start_again_at = time.monotonic() + pause
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{self.program.name} {how}; it starts again in {pause:g} s (see {self.log})"

    def end_group(self) -> None:
        """Kill what is left of the process and its own children."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Runs programs, restarts those that fall, and stops all of them."""

    def __init__(self, programs: Sequence[Program], var: Path, say: Callable[[str], None]) -> None:
        self.children = [Child(program, var) for program in programs]
        self._say = say

    def start(self) -> None:
        """Start every program."""
        for child in self.children:
            child.start()

    def look(self) -> None:
        """Pass on what the children said and start again those that fell; returns at once."""
        for child in self.children:
            lines = child.tail.worth_showing()
            for line in lines[:LINES_AT_ONCE]:
                self._say(f"{child.program.name}: {line}")
            if len(lines) > LINES_AT_ONCE:
                self._say(f"{child.program.name}: and more (see {child.log})")
            if notice := child.fell():
                self._say(notice)
            if child.process is None and time.monotonic() >= child.start_again_at:
                child.start()

    def stop(self) -> None:
        """Ask all to stop, wait some seconds, kill what is left. No work is lost by that."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            assert child.process is not None
            child.process.terminate()
        deadline = time.monotonic() + STOP_PATIENCE
        for child in running:
            assert child.process is not None
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            child.end_group()
            child.process.wait()


def end_leftovers(var: Path) -> None:
    """End what a supervisor killed with -9 left behind here; the caller holds the directory."""
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    leftovers = []
    for process in psutil.process_iter(["pid"]):
        with suppress(psutil.Error):
            if process.pid not in ours and process.environ().get(MARK) == str(var):
                leftovers.append(process)
    end_processes(leftovers, first=signal.SIGTERM, patience=STOP_PATIENCE)
