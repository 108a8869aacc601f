"""Makes the agents of the fault tests known to the workers and drivers that run them."""

from importlib import import_module

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """An app with agents and nothing else."""

    name = "tests.faults"

    def ready(self) -> None:
        """Define the agent types."""
        for part in ("", ".chaos", ".edges"):
            import_module(f"tests.faults{part}.agents")
