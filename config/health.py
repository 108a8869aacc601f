"""Whether this process lives and whether it can work, for load balancers and supervisors.

Both are answered without signing in and tell nothing but which part failed.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from agents_core.probe import run_probe

# Shorter than any balancer's own patience, longer than a busy database needs for one turn.
PATIENCE = 3.0

logger = logging.getLogger("agora.health")


class Check:
    """Something to try. Who asks while it is being tried gets the answer to that try.

    So neither many probes at once nor one that hangs cost more than one thread.
    """

    def __init__(self, name: str, attempt: Callable[[], Any]) -> None:
        self.name = name
        self.attempt = attempt
        self._lock = threading.Lock()
        self._running: Future[float] | None = None

    def start(self) -> Future[float]:
        """Begin a try, or join the one under way; it becomes the milliseconds it took."""
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                # A daemon: a try that hangs must not keep the process from ending.
                threading.Thread(target=self._run, args=[self._running], daemon=True).start()
            return self._running

    def _run(self, running: "Future[float]") -> None:
        began = time.monotonic()
        try:
            self.attempt()
        except Exception as error:
            running.set_exception(error)
        else:
            running.set_result(round((time.monotonic() - began) * 1000, 2))


def ping_valkey() -> None:
    """Raise unless Valkey answers."""
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    ) as client:
        client.ping()


TURN = Check("turn", run_probe)
VALKEY = Check("valkey", ping_valkey)


def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Do a real turn, and ping Valkey: 200 if work can be done here, 503 with what failed.

    Without Valkey work takes longer but none is lost, so that is `degraded`, and 200.
    """
    deadline = time.monotonic() + PATIENCE
    started = [(check.name, check.start()) for check in (TURN, VALKEY)]
    checks = {name: outcome(name, running, deadline) for name, running in started}
    failed = [name for name, found in checks.items() if found["status"] != "ok"]
    ready = "turn" not in failed
    status = "unready" if not ready else "degraded" if failed else "ready"
    answer = {"status": status, "failed": failed, "checks": checks}
    response = JsonResponse(answer, status=200 if ready else 503)
    response["Cache-Control"] = "no-store"
    # What failed is logged below; Django's own line would say less.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def outcome(name: str, running: "Future[float]", deadline: float) -> dict[str, Any]:
    """What a try came to, or that it is still running. The error itself goes to the log alone."""
    began = time.monotonic()
    try:
        return {"status": "ok", "ms": running.result(max(0.0, deadline - began))}
    except TimeoutError as error:
        late = not running.done()
        reason = f"no answer within {PATIENCE:g} s" if late else type(error).__name__
    except Exception as error:
        reason = type(error).__name__
        logger.warning("Readiness: %s failed: %s", name, error)
    waited = round((time.monotonic() - began) * 1000, 2)
    return {"status": "failed", "ms": waited, "reason": reason}


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
}
