"""Running `manage.py` the way people do: as a process, watched from outside."""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from config.environment import BASE_DIR
from config.supervisor import MARK
from tests.waiting import wait_for

# Long, for a machine that is busy with something else.
START_PATIENCE = 300.0
STOP_PATIENCE = 120.0
# What would make a site under test use the servers of the test session.
FOREIGN = {"DATABASE_URL", "REDIS_URL", "AGORA_VAR", "DJANGO_SETTINGS_MODULE", MARK}


def environment(**changes: str) -> dict[str, str]:
    """The environment of a newcomer, with some changes."""
    return {key: value for key, value in os.environ.items() if key not in FOREIGN} | changes


def manage(*arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=START_PATIENCE,
        check=False,
    )


def free_ports() -> int:
    """Find a port that is free and followed by a free one.

    Below those the kernel hands out: a client that knocks at one of these again and again before
    anybody listens can be connected to itself.
    """
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class Site:
    """One `manage.py up` on a directory and ports of its own."""

    def __init__(self, var: Path, *options: str, make: bool = False, **changes: str) -> None:
        """Start it by `manage.py up`, or by `make run` as a newcomer does."""
        self.var = var
        self.port = free_ports()
        self.output = var.with_name(f"{var.name}.output-{self.port}")
        arguments = [*options, "--var", str(var), "--port", str(self.port)]
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                ["make", "run", f"ARGS={' '.join(arguments)}"]
                if make
                else [sys.executable, "manage.py", "up", *arguments],
                cwd=BASE_DIR,
                env=environment(**changes),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        """Return everything it has printed."""
        return self.output.read_text()

    def says(self, text: str) -> None:
        """Wait until it has printed something."""

        def said_or_ended() -> bool:
            assert self.process.poll() is None, f"ended: {self.said()}"
            return text in self.said()

        wait_for(said_or_ended, f"{text!r} in {self.output}", patience=START_PATIENCE)

    def get(self, path: str, *, live: bool = False) -> int:
        """Ask `web` or `live` for a page; return the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port + live, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def children(self) -> list[psutil.Process]:
        """List the processes it runs, theirs included, also after its own end."""
        found = []
        for process in psutil.process_iter(["environ"]):
            if (process.info["environ"] or {}).get(MARK) == str(self.var):
                found.append(process)
        return found

    def child(self, word: str) -> psutil.Process:
        """Find the process whose command line has a word, such as `beat`."""
        return next(process for process in self.children() if word in process.cmdline())

    def servers(self) -> list[psutil.Process]:
        """List the embedded servers' processes and keepers in its directory."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            if any(part.startswith(str(self.var)) for part in process.info["cmdline"] or []):
                found.append(process)
        ours = {self.process.pid, *(child.pid for child in self.children())}
        return [process for process in found if process.pid not in ours]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(STOP_PATIENCE)
