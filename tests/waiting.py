"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
PATIENCE = 30.0
LOOK_EVERY = 0.02


def wait_for(condition: Callable[[], Answer], what: str, *, patience: float = PATIENCE) -> Answer:
    """Return the first true answer of a condition, or fail naming what did not happen."""
    deadline = time.monotonic() + patience
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {patience:g} s in vain for {what}.")
        time.sleep(LOOK_EVERY)
