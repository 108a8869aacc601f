"""The command lines of the four kinds of process, the same for `up`, fault tests and benches."""

import sys
from collections.abc import Sequence
from pathlib import Path

WEB_WORKERS = 2
# More threads than cores on purpose: commands that arrive together commit together.
WEB_THREADS = 8


def web(
    host: str, port: int, *, workers: int = WEB_WORKERS, threads: int = WEB_THREADS
) -> list[str]:
    """Pages and the API: Granian's WSGI server."""
    return [
        *[sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"],
        *["--host", host, "--port", str(port), "--workers", str(workers)],
        *["--blocking-threads", str(threads), "--blocking-threads-idle-timeout", "600"],
        *["--backlog", "1024", "--backpressure", str(threads * 8)],
        *["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "5"],
        *["--log-level", "warning", "config.wsgi:application"],
    ]


def live(host: str, port: int) -> list[str]:
    """WebSockets and waiting routes: Daphne."""
    return [
        *[sys.executable, "-m", "daphne", "-b", host, "-p", str(port), "--no-server-name"],
        *["--verbosity", "0", "--application-close-timeout", "2"],
        # Shorter than the day after which the channel layer forgets who is in a group.
        *["--websocket_timeout", "43200", "config.asgi:application"],
    ]


def worker(name: str, queues: Sequence[str], *, threads: int) -> list[str]:
    """One Celery process for some queues; threads, as draining mostly waits for PostgreSQL."""
    return [
        *[sys.executable, "-m", "celery", "--quiet", "-A", "config.celery", "worker"],
        *["--hostname", f"{name}@%h", "--queues", ",".join(queues)],
        *["--pool", "threads", "--concurrency", str(threads), "--loglevel", "WARNING"],
        # Workers need not know of each other; PostgreSQL's locks are how they share work.
        *["--without-gossip", "--without-mingle", "--without-heartbeat"],
    ]


def beat(var: Path) -> list[str]:
    """The clock. It only publishes; two by mistake would cost a little work and break nothing."""
    return [
        *[sys.executable, "-m", "celery", "--quiet", "-A", "config.celery", "beat"],
        *["--schedule", str(var / "beat-schedule"), "--pidfile", "", "--loglevel", "WARNING"],
    ]
