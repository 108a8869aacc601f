"""What the shop tells on a user's socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import orjson
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from accounts import tokens
from accounts.models import User
from agents_core.clock import now
from agents_core.testing import freeze, step
from config.asgi import application
from shop.agents.assistant import ShoppingAssistant
from shop.agents.cart import Cart
from shop.agents.order import Order
from shop.agents.pricing import Pricing
from shop.agents.schemas import SalePriceItem
from tests.shop.goods import place, sell


class Socket(WebsocketCommunicator):  # type: ignore[misc]
    """A client's end of `/ws/v1/updates`."""

    async def open(self) -> dict[str, Any]:
        """The hello."""
        accepted, _ = await self.connect()
        assert accepted
        return await self.frame()

    async def frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = orjson.loads(await self.receive_from(timeout=5))
        return frame


Connect = Callable[..., Socket]


@pytest_asyncio.fixture
async def socket() -> AsyncIterator[Connect]:
    tokens.forget()
    opened: list[Socket] = []

    def socket(token: str, query: str = "") -> Socket:
        headers = [(b"authorization", f"Bearer {token}".encode())]
        opened.append(Socket(application, f"/ws/v1/updates{query}", headers))
        return opened[-1]

    yield socket
    for one in opened:
        await one.disconnect()
    await get_channel_layer().flush()
    tokens.forget()


@pytest.fixture
def alice(clean_world: None) -> str:
    """Her token; lamps are sold."""
    sell("lamp", "9.90")
    return tokens.create(User.objects.create_user("alice"), "test")[1]


@pytest.fixture
def bob(clean_world: None) -> str:
    return tokens.create(User.objects.create_user("bob"), "test")[1]


@sync_to_async
def add(quantity: int = 1) -> int:
    """Put lamps into alice's cart; its revision."""
    return Cart.of("alice").add_item("lamp", quantity).revision


@sync_to_async
def order() -> str:
    order_id = place(lamp=1)
    step()
    return order_id


@sync_to_async
def ship(order_id: str) -> None:
    Order.of(order_id).ship()
    step()


def told(order_id: str, status: str) -> dict[str, str]:
    return {"type": "order", "order_id": order_id, "order_status": status}


async def test_a_changed_cart_is_told_in_every_tab(socket: Connect, alice: str) -> None:
    tabs = [socket(alice), socket(alice)]
    for tab in tabs:
        await tab.open()
    revision = await add()
    for tab in tabs:
        assert await tab.frame() == {"type": "cart", "revision": revision}


async def test_nothing_is_told_that_was_there_before(socket: Connect, alice: str) -> None:
    await order()
    tab = socket(alice)
    await tab.open()
    assert await tab.receive_nothing()


async def test_nothing_is_told_to_others(socket: Connect, alice: str, bob: str) -> None:
    stranger, tab = socket(bob), socket(alice)
    await stranger.open()
    await tab.open()
    await add()
    assert (await tab.frame())["type"] == "cart"
    assert await stranger.receive_nothing()


async def test_an_order_is_told_with_the_cart_it_came_from(socket: Connect, alice: str) -> None:
    await add()
    tab = socket(alice)
    await tab.open()
    order_id = await order()
    frames = [await tab.frame()]
    while told(order_id, "new") not in frames:
        frames.append(await tab.frame())
    assert {frame["type"] for frame in frames} == {"cart", "order"}


async def test_each_step_of_an_order_is_told(socket: Connect, alice: str) -> None:
    order_id = await order()
    tab = socket(alice)
    await tab.open()
    await ship(order_id)
    assert await tab.frame() == told(order_id, "shipped")
    assert await tab.receive_nothing()


async def test_coming_back_with_since_misses_nothing(socket: Connect, alice: str) -> None:
    first = await order()
    tab = socket(alice)
    seen = (await tab.open())["now"]
    await tab.disconnect()
    await ship(first)
    second = await order()
    again = socket(alice, f"?since={quote(seen)}")
    await again.open()
    frames = [await again.frame() for _ in range(3)]
    assert [frame for frame in frames if frame["type"] == "order"] == [
        told(first, "shipped"),
        told(second, "new"),
    ]
    assert [frame["type"] for frame in frames].count("cart") == 1


@sync_to_async
def recommend() -> dict[str, Any]:
    """Have something recommended to alice; the frame that tells of it."""
    for number in range(5):
        sell(f"thing{number}", "9.90", brand=f"Brand {number}")
    ShoppingAssistant.of("alice").recommend_items()
    step()
    return frame_of_items()


def frame_of_items() -> dict[str, Any]:
    items = ShoppingAssistant.of("alice").get_recommended_items()
    assert items is not None
    whole = items.model_dump(mode="json", include={"product_ids", "product_brands", "updated_at"})
    return {"type": "recommendations", **whole}


@sync_to_async
def dismiss(product_id: str) -> dict[str, Any]:
    ShoppingAssistant.of("alice").set_not_interested(product_id)
    return frame_of_items()


async def test_recommendations_are_told_when_they_are_there(socket: Connect, alice: str) -> None:
    tab = socket(alice)
    await tab.open()
    expected = await recommend()
    assert len(expected["product_ids"]) == 4
    assert await tab.frame() == expected
    assert await tab.receive_nothing()
    changed = await dismiss(expected["product_ids"][0])
    assert changed["product_ids"] != expected["product_ids"]
    assert await tab.frame() == changed


async def test_recommendations_are_told_to_nobody_else(
    socket: Connect, alice: str, bob: str
) -> None:
    stranger, tab = socket(bob), socket(alice)
    await stranger.open()
    await tab.open()
    assert await recommend() == await tab.frame()
    assert await stranger.receive_nothing()


async def test_recommendations_made_while_nobody_looked_are_told(
    socket: Connect, alice: str
) -> None:
    tab = socket(alice)
    seen = (await tab.open())["now"]
    await tab.disconnect()
    expected = await recommend()
    again = socket(alice, f"?since={quote(seen)}")
    await again.open()
    assert await again.frame() == expected
    later = socket(alice)
    await later.open()
    assert await later.receive_nothing()


@sync_to_async
def reprice(product_id: str, price: str) -> None:
    """Have staff ask another price for it."""
    sell(product_id, price)
    step()


def looks_at(*product_ids: str, **more: str) -> dict[str, Any]:
    return {"type": "subscribe", "product_ids": list(product_ids), **more}


def prices(*product_ids: str) -> dict[str, Any]:
    return {"type": "prices", "product_ids": list(product_ids)}


async def test_a_price_is_told_to_whoever_looks_at_it(socket: Connect, alice: str) -> None:
    await reprice("chair", "120")
    tab, elsewhere = socket(alice), socket(alice)
    await tab.open()
    await elsewhere.open()
    await tab.send_json_to(looks_at("lamp", "chair"))
    await elsewhere.send_json_to(looks_at("chair"))
    assert await tab.receive_nothing()
    await reprice("lamp", "8.80")
    assert await tab.frame() == prices("lamp")
    await tab.send_json_to(looks_at("chair"))
    await tab.send_json_to({"type": "ping"})
    assert (await tab.frame())["type"] == "pong"
    await reprice("lamp", "7.70")
    for price in ("110", "100"):
        await reprice("chair", price)
        assert await tab.frame() == prices("chair")
        assert await elsewhere.frame() == prices("chair")


async def test_a_sale_that_begins_is_told(socket: Connect, alice: str) -> None:
    tab = socket(alice)
    await tab.open()
    await tab.send_json_to(looks_at("lamp"))
    await tab.send_json_to({"type": "ping"})
    assert (await tab.frame())["type"] == "pong"
    start = now() + timedelta(seconds=1)
    sale = SalePriceItem(price=Decimal(5), currency="USD", start=start)
    await sync_to_async(Pricing.of("lamp").merge)(sale_prices=[sale])
    assert await tab.frame() == prices("lamp")
    with freeze(start + timedelta(seconds=1)):
        await sync_to_async(step)()
        assert await tab.frame() == prices("lamp")


async def test_a_price_that_changed_before_the_page_was_there_is_told(
    socket: Connect, alice: str
) -> None:
    tab = socket(alice)
    seen = (await tab.open())["now"]
    await reprice("chair", "120")
    await tab.send_json_to(looks_at("lamp", "chair", since=seen))
    assert await tab.frame() == prices("chair")
    assert await tab.receive_nothing()


@pytest.mark.parametrize(
    "frame",
    [looks_at("no such id"), looks_at(*["x"] * 201), looks_at("lamp", since="yesterday")],
)
async def test_what_no_page_can_look_at_is_no_frame(
    socket: Connect, alice: str, frame: dict[str, Any]
) -> None:
    tab = socket(alice)
    await tab.open()
    await tab.send_json_to(frame)
    assert await tab.frame() == {"type": "error", "code": "frame_not_valid"}
