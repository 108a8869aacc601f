"""The app that joins the others: Celery, system checks, `up`."""

from django.apps import AppConfig

from config import celery, checks

__all__ = ["ConfigConfig", "celery", "checks"]


class ConfigConfig(AppConfig):
    """Loaded first, so that tasks find our Celery app and not an unconfigured one."""

    name = "config"
    verbose_name = "Agora"
