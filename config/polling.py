"""Asking again and again for what nothing tells: another process's lock, port or end."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], *, patience: float, every: float = 0.02) -> bool:
    """Tell whether the condition came true within so many seconds; it is asked at least once."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
