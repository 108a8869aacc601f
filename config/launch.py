"""The steps of `manage.py up` that can be refused, each with one line that says what to do."""

import errno
import http.client
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from redis import Redis, RedisError

from config import programs
from config.embedded.use import FileLock
from config.polling import until
from config.supervisor import LOOK_EVERY, Program, Supervisor

WILDCARDS = frozenset({"0.0.0.0", "::"})
READY_PATIENCE = 120.0
EFFECTS_AT_ONCE = 16
# How often a process may fall before the site first answers, until we stop trying.
FALLS_AT_START = 3


class LaunchRefused(Exception):
    """Agora cannot start; the text is the one line the user sees."""


@contextmanager
def own_directory(var: Path) -> Iterator[None]:
    """Hold the var directory for ourselves: two supervisors on it would fight."""
    lock = FileLock(var / "run" / "up")
    try:
        (var / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = lock.take()
    except OSError as error:
        raise LaunchRefused(f"Cannot use {var}: {error.strerror}.") from None
    if not taken:
        raise LaunchRefused(f"Another `manage.py up` runs in {var}; stop it or use another --var.")
    try:
        yield
    finally:
        lock.release()


def reserve_ports(host: str, ports: Sequence[int]) -> list[socket.socket]:
    """Hold the ports while we get ready, so that a busy one stops us before anything runs."""
    reserved = []
    for port in ports:
        try:
            family, address = resolve(host, port)
            holder = socket.socket(family, socket.SOCK_STREAM)
            reserved.append(holder)
            # As the servers do it: a port whose last connections are just fading is free.
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(address)
        except OSError as error:
            for holder in reserved:
                holder.close()
            why = (
                "is in use; choose another --port (`live` takes the one after it)"
                if error.errno == errno.EADDRINUSE
                else f"cannot be used: {error.strerror}"
            )
            raise LaunchRefused(f"Port {port} on {host} {why}.") from None
    return reserved


def resolve(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """Find the address a host name stands for, as the servers want it."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, address


def prepare_database() -> None:
    """Reach PostgreSQL and Valkey, and bring the tables up to date."""
    try:
        connection.ensure_connection()
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        where = settings.DATABASES["default"]["HOST"] or "this machine"
        raise LaunchRefused(f"PostgreSQL at {where}: {first_line(error)}") from None
    try:
        Redis.from_url(settings.REDIS_URL, socket_connect_timeout=5).ping()
    except RedisError as error:
        where = urlsplit(settings.REDIS_URL).hostname or "this machine"
        raise LaunchRefused(f"Redis at {where}: {first_line(error)}") from None


def first_line(error: Exception) -> str:
    """Shorten what a library says over several lines."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def base_url(host: str, port: int) -> str:
    """Write an address somebody can open in a browser."""
    name = "127.0.0.1" if host in WILDCARDS else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def host_names(host: str) -> str:
    """List by which names a site that listens on `host` may be asked for, for ALLOWED_HOSTS."""
    names = {"localhost", "127.0.0.1", "[::1]"}
    if host in WILDCARDS:
        names.add(socket.gethostname())
        for addresses in psutil.net_if_addrs().values():
            names.update(a.address for a in addresses if a.family == socket.AF_INET)
    else:
        names.add(f"[{host}]" if ":" in host else host)
    return ",".join(sorted(names))


def programs_to_run(host: str, port: int) -> list[Program]:
    """List the processes of a site on one machine."""
    environment = {
        "AGORA_VAR": str(settings.VAR_DIR),
        "WEB_URL": os.environ.get("WEB_URL") or base_url(host, port),
        "LIVE_URL": os.environ.get("LIVE_URL") or base_url(host, port + 1),
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS") or host_names(host),
        # Everything they say is shown on the console, so only what matters is said.
        "LOG_LEVEL": os.environ.get("LOG_LEVEL") or "WARNING",
        "PYTHONUNBUFFERED": "1",
    }
    # `live` handles requests on threads that come and go; kept connections would pile up.
    live_environment = environment | {"CONN_MAX_AGE": "0"}
    address = resolve(host, port)[1][0]
    quick = programs.worker("interactive", ["interactive", "upkeep"], threads=4)
    # Two threads: one runs agents while the other waits for PostgreSQL. The process stands back, so
    # that a fan-out to many does not slow down the people who are looking.
    bulk = programs.worker("bulk", ["bulk"], threads=2)
    # A process of its own: what waits for the outside world keeps no mail waiting.
    effects = programs.worker("effects", ["effects"], threads=EFFECTS_AT_ONCE)
    return [
        Program("web", programs.web(address, port), environment),
        Program("live", programs.live(address, port + 1), live_environment),
        Program("worker", quick, environment),
        Program("worker-bulk", bulk, environment, niceness=10),
        Program("worker-effects", effects, environment),
        Program("beat", programs.beat(settings.VAR_DIR), environment),
    ]


def wait_until_ready(
    supervisor: Supervisor, host: str, port: int, *, stopping: Callable[[], bool]
) -> None:
    """Return when web and live answer; give up when a process falls again and again."""
    waiting = {port, port + 1}

    def is_over() -> bool:
        supervisor.look()
        for child in supervisor.children:
            if child.faults >= FALLS_AT_START:
                raise LaunchRefused(f"{child.program.name} does not start; see {child.log}.")
        waiting.difference_update({port for port in waiting if answers(host, port, "/api/v1/")})
        return not waiting or stopping()

    if not until(is_over, patience=READY_PATIENCE, every=LOOK_EVERY):
        raise LaunchRefused(f"The site does not answer; see {settings.VAR_DIR / 'log'}.")


def answers(host: str, port: int, path: str) -> bool:
    """Tell whether a server gives any answer at all."""
    asked = http.client.HTTPConnection("127.0.0.1" if host in WILDCARDS else host, port, timeout=10)
    with suppress(OSError, http.client.HTTPException):
        asked.request("GET", path)
        return asked.getresponse().status < 500
    asked.close()
    return False
