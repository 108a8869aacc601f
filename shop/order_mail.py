"""What e-mails about orders say."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from shop.agents.schemas import OrderStatus, OrderView
from shop.money import Money

SUBJECTS: dict[OrderStatus, str] = {
    "new": "We have your order",
    "shipped": "Your order is on its way",
    "cancelled": "Your order has been cancelled",
}


def compose(status: OrderStatus, order: OrderView, key: str, server: Any) -> EmailMessage:
    """The letter about an order that has come so far; of one key it has one Message-ID."""
    assert order.email is not None
    lines = [(item, Money(item.price, order.currency) * item.quantity) for item in order.items]
    context = {
        "status": status,
        "order": order,
        "lines": lines,
        "total": Money(order.total, order.currency),
    }
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ") or "localhost"
    return EmailMessage(
        subject=SUBJECTS[status],
        body=render_to_string("shop/mail/order.txt", context),
        to=[order.email],
        headers={"Message-ID": f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"},
        connection=server,
    )
