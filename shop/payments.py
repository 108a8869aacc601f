"""Where a way to pay would be installed. None is: orders are placed, and paid for outside."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from shop.agents.schemas import OrderView


class PaymentProvider(Protocol):
    """A way to pay, named by the setting `PAYMENT_PROVIDER` (the dotted path of a class).

    Taking money belongs into an effect of an agent of the provider's own, with the order's id as
    the idempotency key, and never into this call: it may be made again for the same order.
    """

    label: str
    """What the button of the checkout says, such as "Place order and pay"."""

    def payment_page(self, order: OrderView) -> str:
        """The address that the shopper is sent to, to pay for an order that has been placed."""
        ...


def payment_provider() -> PaymentProvider | None:
    """The installed way to pay, if there is one."""
    path: str | None = settings.PAYMENT_PROVIDER
    if path is None:
        return None
    provider: PaymentProvider = import_string(path)()
    return provider
