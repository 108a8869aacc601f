"""Orders over HTTP."""

from typing import Any

import pytest

from shop.agents.cart import Cart
from shop.agents.order import Order
from shop.agents.schemas import ItemView, Market, NewOrder
from tests.shop.api.client import Api, refusal
from tests.shop.goods import HOME, place, sell

ADDRESS = HOME.model_dump(exclude_none=True) | {"street": "3 New Road"}
FIELDS = {
    *("order_id", "user_id", "order_status", "email", "items", "billing_address"),
    *("shipping_address", "total", "currency", "zone", "created_at", "updated_at"),
}
EDITS: list[tuple[str, str, Any]] = [
    ("PUT", "/items/chair", {"quantity": 1}),
    ("PATCH", "/items/lamp", {"quantity": 5}),
    ("DELETE", "/items/lamp", None),
    ("PUT", "/email", {"email": "new@example.com"}),
    ("PUT", "/billing-address", ADDRESS),
    ("PUT", "/shipping-address", ADDRESS),
    ("POST", "/cancel", None),
]
SHIP = ("POST", "/ship", None)
NO_ORDER = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def order(clean_world: None) -> str:
    """The path of an order of two lamps by alice."""
    sell("lamp", "9.90")
    sell("chair", "120")
    return f"/orders/{place(lamp=2)}"


def test_its_owner_reads_it(order: str, alice: Api) -> None:
    answer = alice.get(order)
    assert answer.status_code == 200
    read = answer.json()
    assert read.keys() == FIELDS
    assert (read["order_status"], read["total"], read["currency"]) == ("new", "19.80", "USD")
    assert read["billing_address"] == HOME.model_dump()


def test_staff_reads_it_and_others_find_none(
    order: str, alice: Api, bob: Api, root: Api, visitor: Api
) -> None:
    assert root.get(order).json() == alice.get(order).json()
    assert refusal(bob.get(order)) == (404, "order_not_found")
    assert refusal(visitor.get(order))[0] == 401


@pytest.mark.parametrize("order_id", [NO_ORDER, "nonsense", "%00", "x" * 600])
def test_there_is_no_such_order(alice: Api, root: Api, order_id: str) -> None:
    for method, path, body in [*EDITS, SHIP, ("GET", "", None), ("GET", "/events", None)]:
        answer = root.call(method, f"/orders/{order_id}{path}", body)
        assert refusal(answer) == (404, "order_not_found")


@pytest.mark.parametrize(("method", "path", "body"), EDITS)
def test_its_owner_and_staff_change_it_and_others_find_none(
    order: str, alice: Api, bob: Api, visitor: Api, method: str, path: str, body: Any
) -> None:
    before = alice.get(order).json()
    assert refusal(bob.call(method, f"{order}{path}", body)) == (404, "order_not_found")
    assert refusal(visitor.call(method, f"{order}{path}", body))[0] == 401
    assert alice.get(order).json() == before
    answer = alice.call(method, f"{order}{path}", body)
    assert (answer.status_code, answer.json()) == (200, alice.get(order).json())
    assert answer.json() != before


@pytest.mark.parametrize(("method", "path", "body"), EDITS)
def test_staff_changes_it(order: str, root: Api, method: str, path: str, body: Any) -> None:
    assert root.call(method, f"{order}{path}", body).status_code == 200


@pytest.mark.parametrize("end", ["/ship", "/cancel"])
@pytest.mark.parametrize(("method", "path", "body"), [*EDITS, SHIP])
def test_nothing_changes_after_its_end(
    order: str, root: Api, end: str, method: str, path: str, body: Any
) -> None:
    ended = root.post(f"{order}{end}").json()
    answer = root.call(method, f"{order}{path}", body)
    assert refusal(answer) == (409, "action_not_allowed")
    assert answer.json()["order_status"] == ended["order_status"]
    assert root.get(order).json() == ended


def test_staff_ships_it_and_nobody_else(order: str, alice: Api, bob: Api, root: Api) -> None:
    assert refusal(alice.post(f"{order}/ship")) == (403, "staff_only")
    assert refusal(bob.post(f"{order}/ship")) == (404, "order_not_found")
    assert root.post(f"{order}/ship").json()["order_status"] == "shipped"


def test_its_owner_cancels_it(order: str, alice: Api) -> None:
    assert alice.post(f"{order}/cancel").json()["order_status"] == "cancelled"


def test_an_order_of_nothing_cannot_be_shipped(order: str, root: Api) -> None:
    root.delete(f"{order}/items/lamp")
    assert refusal(root.post(f"{order}/ship")) == (400, "empty_items")
    root.put(f"{order}/items/lamp", {"quantity": 1})
    assert root.post(f"{order}/ship").status_code == 200


def test_an_import_without_address_or_email_cannot_be_shipped(order: str, root: Api) -> None:
    items = [ItemView.model_validate(item) for item in root.get(order).json()["items"]]
    Order.of(NO_ORDER).create(NewOrder(user_id="alice", items=items, market=Market()))
    imported = f"/orders/{NO_ORDER}"
    assert refusal(root.post(f"{imported}/ship")) == (400, "billing_address_not_set")
    root.put(f"{imported}/billing-address", ADDRESS)
    assert refusal(root.post(f"{imported}/ship")) == (400, "empty_email")
    root.put(f"{imported}/email", {"email": "alice@example.com"})
    assert root.post(f"{imported}/ship").status_code == 200


def test_it_refuses_what_a_cart_refuses(order: str, alice: Api) -> None:
    answer = alice.put(f"{order}/items/unicorn", {"quantity": 1})
    assert refusal(answer) == (404, "product_not_found")
    answer = alice.patch(f"{order}/items/chair", {"quantity": 1})
    assert refusal(answer) == (404, "item_not_found")
    assert refusal(alice.delete(f"{order}/items/chair")) == (404, "item_not_found")
    answer = alice.put(f"{order}/items/lamp", {"quantity": 998})
    assert refusal(answer) == (400, "quantity_too_large")
    assert alice.put(f"{order}/items/lamp", {"quantity": 0}).status_code == 422
    assert refusal(alice.put(f"{order}/email", {"email": ""})) == (400, "email_not_valid")
    answer = alice.put(f"{order}/billing-address", ADDRESS | {"city": ""})
    assert refusal(answer) == (400, "address_not_valid")


@pytest.mark.parametrize(("method", "path", "body"), [*EDITS, SHIP])
def test_every_write_takes_a_key(order: str, root: Api, method: str, path: str, body: Any) -> None:
    first = root.call(method, f"{order}{path}", body, key="k")
    assert first.status_code == 200
    again = root.call(method, f"{order}{path}", body, key="k")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


def test_its_history_says_who_did_what_when(order: str, alice: Api, root: Api) -> None:
    alice.patch(f"{order}/items/lamp", {"quantity": 5})
    alice.delete(f"{order}/items/chair")  # refused: not of its history
    root.post(f"{order}/ship")
    events = root.get(f"{order}/events").json()["items"]
    assert [(event["event"], event["by"]) for event in events] == [
        ("shipped", "root"),
        ("quantity_set", "alice"),
        ("ordered", "alice"),
    ]
    assert (events[1]["product_id"], events[1]["quantity"]) == ("lamp", 5)
    assert events == sorted(events, key=lambda event: event["at"], reverse=True)
    assert [event["by"] for event in alice.get(f"{order}/events").json()["items"]] == [
        "staff",
        "alice",
        "alice",
    ]


def test_its_history_comes_by_page_and_not_to_strangers(order: str, alice: Api, bob: Api) -> None:
    alice.post(f"{order}/cancel")
    page = alice.get(f"{order}/events?limit=1").json()
    assert [event["event"] for event in page["items"]] == ["cancelled"]
    rest = alice.get(f"{order}/events?limit=1&cursor={page['next_cursor']}").json()
    assert [event["event"] for event in rest["items"]] == ["ordered"]
    assert refusal(bob.get(f"{order}/events")) == (404, "order_not_found")


def test_the_cart_lists_it_as_it_is_now(order: str, alice: Api) -> None:
    alice.post(f"{order}/cancel")
    (listed,) = alice.get("/carts/alice/orders").json()["items"]
    assert listed == alice.get(order).json()
    assert Cart.of("bob").get_orders().items == []


def test_staff_searches_orders_and_nobody_else(order: str, alice: Api, root: Api) -> None:
    found = root.get("/orders/search?query=status:new%20user-id:alice").json()
    assert found == {"items": [alice.get(order).json()], "next_cursor": None}
    assert refusal(alice.get("/orders/search?query=*")) == (403, "staff_only")
