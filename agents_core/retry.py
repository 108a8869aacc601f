"""How often and after which delays what failed is tried again."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from agents_core.errors import DefinitionError


def back_off(tries: int) -> None:
    """Wait before the same transaction is tried again after so many tries: up to 20 ms, doubled
    each time, at most 1 s.

    Nothing tells when a database that refused, or two transactions that hindered one another,
    will fare better; the chance in it keeps both from meeting again.
    """
    time.sleep(min(0.01 * 2**tries, 1.0) * random.random())


@dataclass(frozen=True)
class RetryPolicy:
    """Backoff of messages as a value: `retries` after the first attempt, `delay * factor**n`,
    capped.

    The defaults are Golem's: three quick retries after 100 ms, 300 ms and 900 ms, jitter 15 %.
    """

    retries: int = 3
    delay: float = 0.1
    factor: float = 3.0
    cap: float = 1.0
    jitter: float = 0.15

    def seconds_after(self, attempts: int, *, chance: float) -> float | None:
        """Seconds to wait after so many failed attempts (1 or more); None: do not try again.

        `chance` in [0, 1) spreads the delay by the jitter to both sides.
        """
        if attempts > self.retries:
            return None
        # the cap bounds the exponent too: factor**attempts of a long policy would overflow
        delay = min(self.delay, self.cap)
        for _ in range(attempts - 1):
            delay = min(delay * self.factor, self.cap)
            if delay >= self.cap:
                break
        return delay * (1 + self.jitter * (2 * chance - 1))


@dataclass(frozen=True)
class EffectPolicy:
    """Which failed tries of an effect are repeated, how often, and when.

    At most `attempts` tries. `delay`, `cap` and `deadline` are seconds: the delay grows by `factor`
    up to the cap and is spread by `jitter`; no try begins later than `deadline` after the effect
    was asked for. Only the errors of `on` are tried again; any other is final at once.
    """

    attempts: int = 5
    delay: float = 0.5
    factor: float = 2.0
    cap: float = 30.0
    jitter: float = 0.15
    deadline: float | None = None
    on: tuple[type[Exception], ...] = (Exception,)

    def __post_init__(self) -> None:
        wrong = [
            name
            for name, right in (
                ("attempts (1 or more)", type(self.attempts) is int and self.attempts >= 1),
                ("delay (seconds)", self.delay >= 0),
                ("factor (1 or more)", self.factor >= 1),
                ("cap (seconds)", self.cap >= 0),
                ("jitter (0 to 1)", 0 <= self.jitter <= 1),
                ("deadline (seconds, or None)", self.deadline is None or self.deadline > 0),
                ("on (a tuple of exception classes)", _are_exceptions(self.on)),
            )
            if not right
        ]
        if wrong:
            raise DefinitionError(f"EffectPolicy: wrong value of {', '.join(wrong)}.")

    def seconds_after(self, attempts: int, *, chance: float) -> float | None:
        """Seconds to wait after so many failed tries (1 or more); None: do not try again."""
        backoff = RetryPolicy(self.attempts - 1, self.delay, self.factor, self.cap, self.jitter)
        return backoff.seconds_after(attempts, chance=chance)


def _are_exceptions(given: object) -> bool:
    return isinstance(given, tuple) and all(
        isinstance(kind, type) and issubclass(kind, Exception) for kind in given
    )
