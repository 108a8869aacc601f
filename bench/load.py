"""A load generator: a process of its own that works when told and answers what it did.

Run as `python -m bench.load KIND`; reads one JSON order a line, writes one JSON answer a line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import django

from config import memory

Answer = dict[str, float]
Ask = Callable[..., list[Answer]]


@contextmanager
def generators(kind: str, processes: int) -> Iterator[Ask]:
    """So many processes; call what this gives to have all of them work at the same time."""
    command = [sys.executable, "-m", "bench.load", kind]
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]

    def read(child: subprocess.Popen[str]) -> Any:
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line:
            raise RuntimeError(f"The load generator {kind} ended with code {child.wait()}.")
        return json.loads(line)

    def ask(**order: Any) -> list[Answer]:
        for number, child in enumerate(children):
            assert child.stdin is not None
            orders = order | {"process": number, "processes": processes}
            child.stdin.write(json.dumps(orders) + "\n")
            child.stdin.flush()
        return [read(child) for child in children]

    try:
        for child in children:
            read(child)
        yield ask
    finally:
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        for child in children:
            child.wait(30)


def main(kind: str) -> None:
    """Answer orders until there are none."""
    django.setup()
    work = import_module("bench.work").KINDS[kind]  # it imports models, which need the apps
    memory.settle()  # as our workers do
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(work(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
