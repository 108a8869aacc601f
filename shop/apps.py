"""The shop as a Django app: makes its agents known, and hears of who signs in."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

from agents_core import registry
from shop import checks  # noqa: F401  # registers itself


class ShopConfig(AppConfig):
    """Wires the shop to the house."""

    name = "shop"
    verbose_name = "Shop"

    def ready(self) -> None:
        registry.autodiscover(self.name)
        import_module(f"{self.name}.guests")
