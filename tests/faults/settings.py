"""The settings of the processes under test: the real ones, with a few agents more."""

import os
from datetime import timedelta
from pathlib import Path

from celery import Celery

from config.settings import *  # noqa: F403
from config.settings import AGENTS, INSTALLED_APPS

INSTALLED_APPS += ["tests.faults"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
EMAIL_BACKEND = "tests.faults.postbox.Postbox"

_send_task = Celery.send_task


def apply_environment() -> None:
    """Read the knobs that tests turn, each time a process begins its life."""
    from agents_core import rollouts
    from agents_core.config import options
    from tests.faults.edges import killing

    # The mail is for the workers, which are what is killed here; unless a test says otherwise.
    AGENTS["NEARBY_AGENTS"] = int(os.environ.get("FAULTS_NEARBY", "0"))
    # A stopped worker is fenced after this long.
    AGENTS["LEASE_MS"] = int(os.environ.get("FAULTS_LEASE_MS", "15000"))
    # An effect of a killed worker is another's after this long.
    AGENTS["EFFECT_LEASE_MS"] = int(os.environ.get("FAULTS_EFFECT_LEASE_MS", "30000"))
    AGENTS["EFFECT_RENEW_MS"] = AGENTS["EFFECT_LEASE_MS"] // 4
    options.cache_clear()
    # A rollout of a killed process is another's after this long.
    rollouts.CLAIM = timedelta(milliseconds=int(os.environ.get("FAULTS_ROLLOUT_CLAIM_MS", "30000")))
    # The name under which this process may be told to die at an edge.
    if process := os.environ.get("FAULTS_EDGES", ""):
        killing.install(Path(os.environ["AGORA_VAR"]) / "edges", process)
    # A broker may deliver a task more than once. With this one always does: whatever is published,
    # by workers, drivers or beat, is published so many times.
    deliveries = int(os.environ.get("FAULTS_DELIVERIES", "1"))

    def send_often(self: Celery, *args: object, **kwargs: object) -> object:
        for _ in range(deliveries - 1):
            _send_task(self, *args, **{k: v for k, v in kwargs.items() if k != "task_id"})
        return _send_task(self, *args, **kwargs)

    Celery.send_task = send_often if deliveries > 1 else _send_task
