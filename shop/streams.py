"""What the shop tells on a user's socket."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, ValidationError

from accounts.user_socket import Stream, UserSocket
from shop.agents.assistant import ShoppingAssistant
from shop.agents.cart import Cart
from shop.agents.pricing import Pricing
from shop.agents.schemas import PAGE_MAX, PRODUCT_ID, OrderRef

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Looked(BaseModel):
    """Which products a client looks at, and since when it knows what they cost."""

    product_ids: list[Annotated[str, StringConstraints(pattern=PRODUCT_ID)]] = Field(
        max_length=PAGE_MAX
    )
    since: AwareDatetime | None = None


class CartStream(Stream):
    """That the user's cart has changed, in this tab or another."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.cart = Cart.of(self.user_id)
        self.revision = 0

    async def begin(self, since: datetime | None) -> None:
        if not (await self.socket.watch(self.cart.id)).revision:
            return
        news = await self.socket.read(self.cart.get_news)
        if since is not None and news.updated_at is not None and news.updated_at > since:
            self.socket.look_at(self.cart.id)
        else:
            self.revision = news.revision

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        if self.cart.id not in changed and self.cart.id not in put:
            return
        revision = (await self.socket.read(self.cart.get_news)).revision
        # The same agent tells of its orders too; a cart taken back by an operator counts backwards.
        if revision != self.revision:
            self.revision = revision
            await self.socket.say({"type": "cart", "revision": revision})


class OrderStream(Stream):
    """That an order of the user's was made, edited, shipped or cancelled."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.cart = Cart.of(self.user_id)

    async def begin(self, since: datetime | None) -> None:
        self.since = await self.begin_with(self.cart.id, since)

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        if self.cart.id in changed:
            refs = await self.socket.read(self.newest)
        else:
            refs = [OrderRef.model_validate_json(ref) for ref in put.get(self.cart.id, ())]
        for ref in sorted((ref for ref in refs if noted_at(ref) > self.since), key=noted_at):
            self.since = noted_at(ref)
            await self.socket.say(
                {"type": "order", "order_id": ref.order_id, "order_status": ref.order_status}
            )

    def newest(self) -> list[OrderRef]:
        """The orders that are looked at after a gap: the newest 200."""
        return self.cart.get_order_refs(PAGE_MAX).items


class RecommendationStream(Stream):
    """What is recommended to the user, whenever that has changed."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.assistant = ShoppingAssistant.of(self.user_id)

    async def begin(self, since: datetime | None) -> None:
        self.since = await self.begin_with(self.assistant.id, since)

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        if self.assistant.id not in changed:
            return
        now = await self.socket.read(self.assistant.get_recommended_items)
        # The agent changes for other reasons, too.
        if now is None or now.updated_at is None or now.updated_at <= self.since:
            return
        self.since = now.updated_at
        await self.socket.say(
            {
                "type": "recommendations",
                "product_ids": now.product_ids,
                "product_brands": now.product_brands,
                "updated_at": now.updated_at,
            }
        )


class PriceStream(Stream):
    """That products which the client looks at may cost something else by now."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.products: dict[str, str] = {}  # id of the agent that has the prices: product id

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        await self.say_of((changed | put.keys()) & self.products.keys())

    async def hear(self, frame: Any) -> bool:
        match frame:
            case {"type": "subscribe", "product_ids": list()}:
                try:
                    asked = Looked.model_validate(frame)
                except ValidationError:
                    return False
                await self.look_at(asked)
                return True
        return False

    async def look_at(self, asked: Looked) -> None:
        """Tell of these products' prices from now on, and of no others."""
        wanted = {Pricing.of(product_id).id: product_id for product_id in asked.product_ids}
        for agent_id in self.products.keys() - wanted:
            await self.socket.unwatch(agent_id)
        new = [agent_id for agent_id in wanted if agent_id not in self.products]
        self.products = wanted
        seen = await asyncio.gather(*map(self.socket.watch, new))
        since = asked.since or datetime.now(UTC)
        await self.say_of({one for one, (_, at) in zip(new, seen, strict=True) if at > since})

    async def say_of(self, agent_ids: set[str]) -> None:
        """One frame for all of them, however many."""
        product_ids = [self.products[one] for one in sorted(agent_ids) if one in self.products]
        if product_ids:
            await self.socket.say({"type": "prices", "product_ids": product_ids})


def noted_at(ref: OrderRef) -> datetime:
    """When its owner's cart heard of an order's last change."""
    return ref.noted_at or BEGINNING
