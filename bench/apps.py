"""Makes the bench's agents known, where its settings are in force."""

from importlib import import_module

from django.apps import AppConfig


class BenchConfig(AppConfig):
    """Only in `bench.settings`; the site does not have it."""

    name = "bench"

    def ready(self) -> None:
        import_module("bench.agents")
        import_module("bench.vessels")
