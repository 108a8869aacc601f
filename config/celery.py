"""The Celery application: hints to drain mailboxes, and the clock that sweeps for lost ones."""

import os

from celery import Celery
from celery.signals import worker_init

from config import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("agora")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator]
def settle(**_: object) -> None:
    """A worker has loaded what it needs."""
    memory.settle()
