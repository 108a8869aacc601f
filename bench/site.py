"""The site's processes as `manage.py up` runs them, or some of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from accounts import tokens
from accounts.models import User
from bench.harness import say
from config.launch import answers, programs_to_run, reserve_ports
from config.polling import until
from config.supervisor import Supervisor

PORT, LIVE_PORT = 8790, 8791
PATIENCE = 60.0


@contextmanager
def site(*names: str) -> Iterator[Supervisor]:
    """Run these of web, live, worker, worker-bulk, worker-effects and beat; those that serve answer
    already."""
    for holder in reserve_ports("127.0.0.1", [PORT, LIVE_PORT]):
        holder.close()
    programs = [found for found in programs_to_run("127.0.0.1", PORT) if found.name in names]
    supervisor = Supervisor(programs, settings.VAR_DIR, say)
    supervisor.start()
    try:
        for name, port in (("web", PORT), ("live", LIVE_PORT)):
            if name in names:
                _wait_for_answers(name, port)
        yield supervisor
    finally:
        supervisor.stop()


def _wait_for_answers(name: str, port: int) -> None:
    if not until(lambda: answers("127.0.0.1", port, "/api/v1/"), patience=PATIENCE):
        raise RuntimeError(f"{name} does not answer; see {settings.VAR_DIR / 'log'}")


def token_of(user_id: str) -> str:
    """An API token for that account, which is made if need be."""
    account = User.objects.filter(username=user_id).first() or User.objects.create_user(user_id)
    return tokens.create(account, "bench")[1]
