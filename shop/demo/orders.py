"""What people of the demo world have ordered before: recommendations are made from it."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from agents_core import hints, mailbox
from agents_core.clock import now
from shop.agents.cart import Cart
from shop.agents.order import Order
from shop.agents.schemas import Address, ItemView, Market, NewOrder
from shop.demo.shelves import Good, Progress, goods

SHOPPERS = 40
_FOREVER = uuid.UUID("5c0f7a3e-6c1b-4d0e-9f43-2f6e8a1d7b90")
_STREETS = ("Mill Lane", "Quay Street", "Olive Steps", "Bell Court", "Harbour Row")


def place_orders(user_ids: Sequence[str], progress: Progress | None = None) -> None:
    """Have the first forty of these people order; those that are there are left as they are.

    None of them has an e-mail address, so nobody is written to.
    """
    shoppers = user_ids[:SHOPPERS]
    for number, user_id in enumerate(shoppers):
        # There may be no workers yet, so the mail that this causes is run here.
        with hints.collected(Cart.lane) as here:
            for order_id, new_order in _drawn(user_id):
                if Order.of(order_id).get_order() is None:
                    Cart.of(user_id).take_order(order_id, new_order)
        mailbox.drain(set(here.kept))
        if progress is not None:
            progress(number + 1, len(shoppers), "People have ordered")


def _drawn(user_id: str) -> Iterator[tuple[str, NewOrder]]:
    """One person's orders, the oldest first: always the same, but for how long ago today is."""
    lot = random.Random(f"the basket of {user_id}")
    liked = lot.choice(sorted({tag for good in goods() for tag in good.details.tags}))
    weights = [6 if liked in good.details.tags else 1 for good in goods()]
    address = Address(
        street=f"{lot.randint(1, 60)} {lot.choice(_STREETS)}",
        city="Harbourton",
        state_or_region="Coast",
        country="Freedonia",
        postal_code=f"{lot.randint(10000, 99999)}",
    )
    days = sorted((lot.randint(1, 90) for _ in range(lot.randint(1, 3))), reverse=True)
    for number, ago in enumerate(days):
        chosen = lot.choices(goods(), weights, k=lot.randint(1, 4))
        basket = {good.product_id: good for good in chosen}.values()
        order_id = str(uuid.uuid5(_FOREVER, f"{user_id} {number}"))
        yield (
            order_id,
            NewOrder(
                user_id=user_id,
                items=list(map(partial(_line, lot), basket)),
                billing_address=address,
                market=Market(),
                order_status="new" if ago < 4 else lot.choice(("shipped", "shipped", "cancelled")),
                ordered_at=now() - timedelta(days=ago, minutes=lot.randint(0, 600)),
            ),
        )


def _line(lot: random.Random, good: Good) -> ItemView:
    return ItemView(
        product_id=good.product_id,
        product_name=good.details.name,
        product_brand=good.details.brand,
        price=good.price,
        quantity=lot.choice((1, 1, 1, 2, 3)),
    )
