"""The runtime as a Django app."""

from django.apps import AppConfig

from agents_core import checks, engine, mailbox, nearby


class AgentsCoreConfig(AppConfig):
    """Its tables; it has no settings but `AGENTS`."""

    name = "agents_core"
    verbose_name = "Agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """From here on calls from outside of agents go through this process's engine."""
        engine.install()
        nearby.install(mailbox.drain_nearby)
        checks.install()
