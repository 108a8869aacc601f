"""Makes the teapots known to the site that browsers visit."""

from importlib import import_module

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """An app with agents and nothing else."""

    name = "tests.journeys"

    def ready(self) -> None:
        """Define the agent types."""
        import_module("tests.journeys.agents")
