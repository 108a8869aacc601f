"""Makes the agents known to a process of its own."""

from importlib import import_module

from django.apps import AppConfig


class TalkingConfig(AppConfig):
    """An app with agents and nothing else."""

    name = "tests.config.talking"

    def ready(self) -> None:
        """Define the agent types."""
        import_module("tests.config.talking.agents")
