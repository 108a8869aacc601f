"""Orders in the admin: filtered, shipped and cancelled in bulk, and for nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from agents_core.testing import step
from shop.agents.order import Order
from tests.shop.goods import place

pytestmark = pytest.mark.usefixtures("goods")

PATH = "/admin/shop/order/"


def statuses(order_ids: list[str]) -> list[str]:
    return [order.order_status for order in Order.of_many(order_ids).get_order() if order]


def found(client: Client, **query: str) -> list[str]:
    return [order.order_id for order in client.get(PATH, query).context["orders"]]


def said(answer: object) -> list[str]:
    return [str(message) for message in answer.context["messages"]]  # type: ignore[attr-defined]


def test_those_that_wait_are_listed_the_oldest_first(root: Client) -> None:
    first, second, third = (place(lamp=number) for number in (1, 2, 3))
    Order.of(second).ship()
    step()
    assert found(root) == [first, third]
    assert found(root, status="shipped") == [second]
    assert found(root, status="all") == [first, second, third]
    assert found(root, status="all", q="user_id:alice product_id:lamp") == [first, second, third]
    assert found(root, status="all", q="user_id:bob") == []
    assert "No such orders" in root.get(PATH, {"q": "user_id:bob"}).content.decode()


def test_each_of_many_says_what_became_of_it(root: Client) -> None:
    placed = [place(lamp=number) for number in (1, 2, 3)]
    Order.of(placed[1]).cancel()
    Order.of(placed[2]).ship()
    data = {"action": "ship", "order_id": placed, "next": f"{PATH}?status=all"}
    answer = root.post(f"{PATH}act/", data, follow=True)
    assert statuses(placed) == ["shipped", "cancelled", "shipped"]
    assert answer.redirect_chain == [(f"{PATH}?status=all", 302)]
    one, other, last = (order_id[-8:].upper() for order_id in placed)
    assert said(answer) == [
        f"Order {one} is shipped.",
        f"Order {other} was not shipped: The order is cancelled: only a new one can still be "
        "changed.",
        f"Order {last} was shipped already.",
    ]
    history = root.get(f"/shop/orders/{placed[0]}/").context["history"]
    assert (history[0][0], history[0][1].by) == ("Shipped", "root")


def test_many_are_cancelled_at_once(root: Client) -> None:
    placed = [place(lamp=1) for _ in range(2)]
    root.post(f"{PATH}act/", {"action": "cancel", "order_id": placed})
    assert statuses(placed) == ["cancelled", "cancelled"]


def test_nonsense_does_nothing_and_says_so(root: Client) -> None:
    order_id = place(lamp=1)
    assert root.post(f"{PATH}act/", {"action": "burn", "order_id": order_id}).status_code == 400
    nothing = root.post(f"{PATH}act/", {"action": "ship"}, follow=True)
    assert said(nothing) == ["Choose some orders first."]
    unknown = root.post(f"{PATH}act/", {"action": "ship", "order_id": "x"}, follow=True)
    assert "not shipped" in said(unknown)[0]
    away = root.post(f"{PATH}act/", {"action": "ship", "next": "https://evil.example/"})
    assert away["Location"] == PATH
    assert statuses([order_id]) == ["new"]


def test_it_is_for_staff_alone(alice: Client, guest: Client) -> None:
    order_id = place(lamp=1)
    for client in (alice, guest):
        assert client.get(PATH).status_code == 302
        answer = client.post(f"{PATH}act/", {"action": "ship", "order_id": order_id})
        assert answer.status_code == 302
    assert statuses([order_id]) == ["new"]
