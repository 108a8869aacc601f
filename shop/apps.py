"""The shop as a Django app: makes its agents known."""

from __future__ import annotations

from django.apps import AppConfig

from agents_core import registry
from shop import checks  # noqa: F401  # registers itself


class ShopConfig(AppConfig):
    """Wires the shop to the house."""

    name = "shop"
    verbose_name = "Shop"

    def ready(self) -> None:
        registry.autodiscover(self.name)
