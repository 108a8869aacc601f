"""Carts over HTTP."""

from typing import Any

import pytest

from shop.agents.product import Product
from shop.agents.schemas import ProductDetails
from tests.shop.api.client import Api, refusal
from tests.shop.goods import HOME, sell

ADDRESS = HOME.model_dump(exclude_none=True)
FIELDS = {
    *("user_id", "email", "items", "billing_address", "shipping_address", "total", "currency"),
    *("previous_order_ids", "updated_at", "problems", "address_book", "zone", "revision"),
}
WRITES: list[tuple[str, str, Any]] = [
    ("PUT", "/items/chair", {"quantity": 1}),
    ("PATCH", "/items/lamp", {"quantity": 5}),
    ("DELETE", "/items/lamp", None),
    ("PUT", "/email", {"email": "new@example.com"}),
    ("PUT", "/billing-address", ADDRESS),
    ("PUT", "/shipping-address", ADDRESS),
    ("PUT", "/market", {"currency": "EUR", "zone": "eu"}),
    ("POST", "/accept-prices", None),
    ("POST", "/checkout", None),
    ("DELETE", "", None),
]
READS = ["", "/orders"]


@pytest.fixture(autouse=True)
def goods(clean_world: None) -> None:
    sell("lamp", "9.90")
    sell("chair", "120")


@pytest.fixture
def filled(alice: Api) -> Api:
    """Alice, with two lamps ready to be ordered."""
    alice.put("/carts/alice/email", {"email": "alice@example.com"})
    alice.put("/carts/alice/billing-address", ADDRESS)
    alice.put("/carts/alice/items/lamp", {"quantity": 2})
    return alice


def quantities(answer: Any) -> dict[str, int]:
    return {item["product_id"]: item["quantity"] for item in answer.json()["items"]}


def test_it_is_empty_at_first(alice: Api) -> None:
    answer = alice.get("/carts/alice")
    assert answer.status_code == 200
    cart = answer.json()
    assert cart.keys() == FIELDS
    assert (cart["user_id"], cart["items"], cart["total"]) == ("alice", [], "0.00")


def test_items_are_added_set_and_removed(alice: Api) -> None:
    added = alice.put("/carts/alice/items/lamp", {"quantity": 2})
    assert (added.status_code, quantities(added)) == (200, {"lamp": 2})
    assert added.json()["items"][0] == {
        "product_id": "lamp",
        "product_name": "Lamp",
        "product_brand": "Aurora",
        "price": "9.90",
        "quantity": 2,
    }
    assert added.json()["total"] == "19.80"
    assert quantities(alice.put("/carts/alice/items/lamp", {"quantity": 2})) == {"lamp": 4}
    assert quantities(alice.patch("/carts/alice/items/lamp", {"quantity": 3})) == {"lamp": 3}
    assert quantities(alice.delete("/carts/alice/items/lamp")) == {}


def test_plus_does_not_add_the_new_quantity(alice: Api) -> None:
    """The original sent the new quantity to the adding route: 2, then + made 5."""
    alice.put("/carts/alice/items/lamp", {"quantity": 2})
    assert quantities(alice.patch("/carts/alice/items/lamp", {"quantity": 3})) == {"lamp": 3}


def test_what_is_not_sold_or_not_priced_is_not_found(alice: Api) -> None:
    Product.of("gift").put(ProductDetails(name="Gift", brand="Aurora"))
    answer = alice.put("/carts/alice/items/unicorn", {"quantity": 1})
    assert refusal(answer) == (404, "product_not_found")
    answer = alice.put("/carts/alice/items/gift", {"quantity": 1})
    assert refusal(answer) == (404, "pricing_not_found")
    assert alice.put("/carts/alice/items/lamp", {"quantity": 1}).status_code == 200


def test_what_is_not_in_it_is_not_found(alice: Api) -> None:
    answer = alice.patch("/carts/alice/items/lamp", {"quantity": 1})
    assert refusal(answer) == (404, "item_not_found")
    assert answer.json()["product_id"] == "lamp"
    assert refusal(alice.delete("/carts/alice/items/lamp")) == (404, "item_not_found")


@pytest.mark.parametrize("quantity", [0, -1, 1000, 1.5, "2", None, True])
def test_a_quantity_is_1_to_999(filled: Api, quantity: object) -> None:
    for method in ("PUT", "PATCH"):
        answer = filled.call(method, "/carts/alice/items/lamp", {"quantity": quantity})
        assert refusal(answer) == (422, "arguments_not_valid")
    assert quantities(filled.get("/carts/alice")) == {"lamp": 2}


def test_a_line_has_a_limit(filled: Api) -> None:
    answer = filled.put("/carts/alice/items/lamp", {"quantity": 998})
    assert refusal(answer) == (400, "quantity_too_large")
    assert filled.put("/carts/alice/items/lamp", {"quantity": 997}).status_code == 200


def test_a_cart_has_a_limit(filled: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.agents.cart.LINES_MAX", 1)
    answer = filled.put("/carts/alice/items/chair", {"quantity": 1})
    assert refusal(answer) == (400, "too_many_items")


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.com"])
def test_an_email_address_is_one(alice: Api, email: str) -> None:
    answer = alice.put("/carts/alice/email", {"email": email})
    assert refusal(answer) == (400, "email_not_valid")
    assert alice.put("/carts/alice/email", {"email": "a@example.com"}).status_code == 200


@pytest.mark.parametrize("kind", ["billing", "shipping"])
def test_an_address_is_answered_as_it_is_kept(alice: Api, kind: str) -> None:
    answer = alice.put(f"/carts/alice/{kind}-address", ADDRESS | {"street": " 1  Mill Lane"})
    assert answer.json()[f"{kind}_address"] == HOME.model_dump()


@pytest.mark.parametrize("kind", ["billing", "shipping"])
def test_an_address_says_what_is_wrong_with_each_field(alice: Api, kind: str) -> None:
    answer = alice.put(f"/carts/alice/{kind}-address", ADDRESS | {"city": " ", "street": ""})
    assert refusal(answer) == (400, "address_not_valid")
    assert answer.json()["errors"].keys() == {"city", "street"}
    assert alice.put(f"/carts/alice/{kind}-address", {"city": "x"}).status_code == 422


def test_changed_prices_are_told_and_accepted(filled: Api) -> None:
    sell("lamp", "12")
    (problem,) = filled.get("/carts/alice").json()["problems"]
    assert (problem["code"], problem["old_price"], problem["new_price"]) == (
        "price_changed",
        "9.90",
        "12.00",
    )
    accepted = filled.post("/carts/alice/accept-prices").json()
    assert (accepted["problems"], accepted["total"]) == ([], "24.00")


def test_what_is_no_longer_sold_is_told(filled: Api) -> None:
    Product.of("lamp").withdraw()
    cart = filled.get("/carts/alice").json()
    assert [problem["code"] for problem in cart["problems"]] == ["no_longer_sold"]
    assert (cart["items"], cart["total"]) == ([], "0.00")


def test_it_can_be_bought_elsewhere(filled: Api) -> None:
    sell("lamp", "8.5", currency="EUR", zone="eu")
    answer = filled.put("/carts/alice/market", {"currency": "eur", "zone": "eu"})
    assert (answer.json()["total"], answer.json()["currency"]) == ("17.00", "EUR")
    answer = filled.put("/carts/alice/market", {"currency": "XXX", "zone": "eu"})
    assert refusal(answer) == (422, "currency_not_valid")


def test_clearing_keeps_the_email(filled: Api) -> None:
    cart = filled.delete("/carts/alice").json()
    assert (cart["items"], cart["billing_address"]) == ([], None)
    assert cart["email"] == "alice@example.com"


def test_a_checkout_makes_an_order(filled: Api) -> None:
    answer = filled.post("/carts/alice/checkout")
    assert (answer.status_code, answer.json().keys()) == (201, {"order_id"})
    order_id = answer.json()["order_id"]
    cart = filled.get("/carts/alice").json()
    assert (cart["items"], cart["email"]) == ([], "alice@example.com")
    assert cart["previous_order_ids"] == [order_id]
    assert filled.get(f"/orders/{order_id}").json()["total"] == "19.80"


def test_a_checkout_asks_for_items_then_billing_address_then_email(alice: Api) -> None:
    assert refusal(alice.post("/carts/alice/checkout")) == (400, "empty_items")
    alice.put("/carts/alice/items/lamp", {"quantity": 2})
    assert refusal(alice.post("/carts/alice/checkout")) == (400, "billing_address_not_set")
    alice.put("/carts/alice/billing-address", ADDRESS)
    assert refusal(alice.post("/carts/alice/checkout")) == (400, "empty_email")
    alice.put("/carts/alice/email", {"email": "alice@example.com"})
    assert alice.post("/carts/alice/checkout").status_code == 201


def test_a_checkout_of_another_total_than_was_shown_is_refused(filled: Api) -> None:
    sell("lamp", "12")
    answer = filled.post("/carts/alice/checkout", {"total": "19.80"})
    assert refusal(answer) == (409, "total_changed")
    assert answer.json()["total"] == "24.00"
    assert filled.post("/carts/alice/checkout", {"total": "24"}).status_code == 201


@pytest.mark.parametrize("body", [{}, {"total": "much"}, {"total": -1}, []])
def test_a_malformed_checkout_is_refused(filled: Api, body: object) -> None:
    assert filled.post("/carts/alice/checkout", body).status_code == 422
    assert filled.get("/carts/alice/orders").json()["items"] == []


def test_orders_are_listed_newest_first(filled: Api) -> None:
    made = [filled.post("/carts/alice/checkout").json()["order_id"]]
    filled.put("/carts/alice/billing-address", ADDRESS)
    filled.put("/carts/alice/items/lamp", {"quantity": 1})
    made.append(filled.post("/carts/alice/checkout").json()["order_id"])
    page = filled.get("/carts/alice/orders?limit=1").json()
    assert [order["order_id"] for order in page["items"]] == made[1:]
    rest = filled.get(f"/carts/alice/orders?limit=1&cursor={page['next_cursor']}").json()
    assert [order["order_id"] for order in rest["items"]] == made[:1]
    assert rest["next_cursor"] is None


def test_who_has_no_cart_has_no_orders(alice: Api) -> None:
    assert alice.get("/carts/alice/orders").json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=201"])
def test_a_malformed_page_is_refused(alice: Api, query: str) -> None:
    assert alice.get(f"/carts/alice/orders?{query}").status_code == 422


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_its_owner_and_staff_write_it_and_others_find_none(
    filled: Api, bob: Api, root: Api, visitor: Api, method: str, path: str, body: Any
) -> None:
    before = filled.get("/carts/alice").json()
    answer = bob.call(method, f"/carts/alice{path}", body)
    assert refusal(answer) == (404, "cart_not_found")
    assert refusal(visitor.call(method, f"/carts/alice{path}", body))[0] == 401
    assert filled.get("/carts/alice").json() == before
    assert root.call(method, f"/carts/alice{path}", body).status_code in (200, 201)


@pytest.mark.parametrize("path", READS)
def test_its_owner_and_staff_read_it_and_others_find_none(
    filled: Api, bob: Api, root: Api, visitor: Api, path: str
) -> None:
    assert refusal(bob.get(f"/carts/alice{path}")) == (404, "cart_not_found")
    assert refusal(visitor.get(f"/carts/alice{path}"))[0] == 401
    assert root.get(f"/carts/alice{path}").json() == filled.get(f"/carts/alice{path}").json()


@pytest.mark.parametrize("user_id", ["guest~1", "x" * 65, "a%00b"])
def test_what_is_no_user_has_no_cart(root: Api, user_id: str) -> None:
    assert refusal(root.get(f"/carts/{user_id}")) == (404, "cart_not_found")
    answer = root.put(f"/carts/{user_id}/items/lamp", {"quantity": 1})
    assert refusal(answer) == (404, "cart_not_found")


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_every_write_takes_a_key(filled: Api, method: str, path: str, body: Any) -> None:
    first = filled.call(method, f"/carts/alice{path}", body, key="k")
    assert first.status_code in (200, 201)
    again = filled.call(method, f"/carts/alice{path}", body, key="k")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_the_same_key_adds_once(filled: Api) -> None:
    for _ in range(2):
        filled.put("/carts/alice/items/chair", {"quantity": 2}, key="k")
    assert quantities(filled.get("/carts/alice"))["chair"] == 2
    answer = filled.put("/carts/alice/items/chair", {"quantity": 3}, key="k")
    assert refusal(answer) == (422, "idempotency_key_reused")


def test_the_name_is_folded(filled: Api) -> None:
    assert filled.get("/carts/Alice").json() == filled.get("/carts/alice").json()
