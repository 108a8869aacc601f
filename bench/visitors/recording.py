"""What the visitors met with: every answer's time, exactly, route by route.

Locust's own statistics round to two digits; a median of 1.4 ms would be told as 1.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from locust import events
from locust.env import Environment

VISIT: dict[str, Any] = json.loads(os.environ["AGORA_VISIT"])
"""What the visitors are told: the size of the world, how to work out tokens, where to report."""

_times: dict[str, list[float]] = defaultdict(list)
_failures: Counter[str] = Counter()
_reasons: Counter[str] = Counter()
_began: dict[str, float] = {}


@events.test_start.add_listener
def begin(environment: Environment, **_: Any) -> None:
    _began["warm"] = time.perf_counter() + VISIT["warm_up"]


@events.request.add_listener
def note(name: str, response_time: float, exception: Exception | None, **_: Any) -> None:
    """Keep one answer; those of the first seconds (connections, plans) do not count."""
    now = time.perf_counter()
    if now < _began["warm"]:
        return
    if "counted" not in _began:
        _began["counted"], _began["processor"] = now, time.process_time()
    _began["last"] = now
    if exception is not None:
        _failures[name] += 1
        _reasons[f"{name}: {exception}"[:300]] += 1
        return
    _times[name].append(response_time)


@events.quitting.add_listener
def report(environment: Environment, **_: Any) -> None:
    """Write what was counted."""
    seconds = max(_began.get("last", 0) - _began.get("counted", 0), 1e-9)
    routes = {
        name: _figures(sorted(_times[name]), _failures[name], seconds)
        for name in sorted({*_times, *_failures})
    }
    told = {
        "seconds": max(round(seconds, 1), 0.1),
        "requests": sum(route["requests"] for route in routes.values()),
        "failures": sum(_failures.values()),
        "client": round((time.process_time() - _began.get("processor", 0)) / seconds, 3),
        "reasons": dict(_reasons.most_common(20)),
        "routes": routes,
    }
    Path(VISIT["report"]).write_text(json.dumps(told))
    # Failures are told in the report; the exit code says whether Locust itself worked.
    environment.process_exit_code = 0


def _figures(times: list[float], failures: int, seconds: float) -> dict[str, Any]:
    def at(percent: int) -> float | None:
        return round(times[min(len(times) - 1, len(times) * percent // 100)], 2) if times else None

    return {
        "requests": len(times) + failures,
        "failures": failures,
        "per_second": round(len(times) / seconds, 2),
        **{f"p{percent}": at(percent) for percent in (50, 95, 99)},
    }
