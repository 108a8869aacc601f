"""How often and after which delays a message that faulted is tried again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """Backoff as a value: `retries` after the first attempt, `delay * factor**n`, capped.

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
