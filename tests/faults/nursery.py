"""Starts processes at once: one that has imported everything forks those that are asked for.

Importing takes a worker two seconds of processor time, which would be most of a loop that kills and
restarts them. What is forked then runs the very command line that `manage.py up` would run.

Run as `python -m tests.faults.nursery`. A line of JSON in is an order, a line out the new process.
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import django
import kombu.transport.redis  # noqa: F401
import orjson

from config.children import PR_SET_PDEATHSIG
from config.environment import BASE_DIR

_libc = ctypes.CDLL(None, use_errno=True)


class Order(TypedDict):
    """What to run: a command line that begins with `python -m`, its log, its environment."""

    command: Sequence[str]
    log: str
    environment: Mapping[str, str]
    niceness: int


def main() -> None:
    """Fork until the input ends."""
    django.setup()
    # Ended children vanish by themselves; who asked for them looks whether they are there.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getpid()
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            _become(orjson.loads(line), parent)
        print(child, flush=True)


def _become(order: Order, parent: int) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        os.setsid()
        os.nice(order["niceness"])
        os.chdir(BASE_DIR)
        _redirect(Path(order["log"]))
        os.environ.update(order["environment"])
        from tests.faults import settings

        settings.apply_environment()
        _python, dash_m, module, *arguments = order["command"]
        assert dash_m == "-m"
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        _leave(end.code if isinstance(end.code, int) else 1)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        _leave(1)
    _leave(0)


def _redirect(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for number, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(source, number)


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
