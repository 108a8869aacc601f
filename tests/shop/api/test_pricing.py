"""Prices over HTTP."""

from typing import Any

import pytest

from tests.shop.api.client import Api, refusal

MSRP = {"price": "949.00", "currency": "USD", "zone": "global"}
LIST = {"price": "899.00", "currency": "USD", "zone": "global"}
SALE = {"price": "849.00", "currency": "USD", "zone": "global", "start": None, "end": None}
OVER = SALE | {"price": "1.00", "end": "2020-01-01T00:00:00Z"}
ALL = {"msrp_prices": [MSRP], "list_prices": [LIST], "sale_prices": [OVER, SALE]}


def test_staff_writes_prices_and_anyone_reads_them(root: Api, visitor: Api) -> None:
    answer = root.put("/pricing/lamp", ALL)
    assert answer.status_code == 200
    pricing = visitor.get("/pricing/lamp").json()
    assert pricing == answer.json()
    assert pricing.keys() == {"product_id", "created_at", "updated_at", *ALL}
    assert {name: pricing[name] for name in ALL} == ALL


def test_anyone_reads_the_price_that_holds(root: Api, visitor: Api) -> None:
    root.put("/pricing/lamp", ALL)
    price = {"price": "849.00", "currency": "USD", "zone": "global", "kind": "sale"}
    for query in ("", "?currency=USD&zone=global", "?currency=usd&region=global"):
        assert visitor.get(f"/pricing/lamp/price{query}").json() == price


@pytest.mark.parametrize("query", ["?currency=EUR", "?zone=eu", "?region=eu"])
def test_there_is_no_price_elsewhere(root: Api, visitor: Api, query: str) -> None:
    root.put("/pricing/lamp", ALL)
    assert refusal(visitor.get(f"/pricing/lamp/price{query}")) == (404, "pricing_not_found")


def test_there_are_no_prices(visitor: Api) -> None:
    assert refusal(visitor.get("/pricing/lamp")) == (404, "pricing_not_found")
    assert refusal(visitor.get("/pricing/lamp/price")) == (404, "pricing_not_found")


@pytest.mark.parametrize("query", ["currency=dollar", "currency=", "zone=a%20b", "region=%00"])
def test_a_malformed_question_is_refused(visitor: Api, query: str) -> None:
    answer = visitor.get(f"/pricing/lamp/price?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_putting_replaces_all(root: Api) -> None:
    root.put("/pricing/lamp", ALL)
    pricing = root.put("/pricing/lamp", {name: [] for name in ALL} | {"msrp_prices": [MSRP]})
    assert (pricing.json()["list_prices"], pricing.json()["sale_prices"]) == ([], [])


def test_changing_merges(root: Api) -> None:
    root.put("/pricing/lamp", ALL)
    answer = root.call(
        "PATCH",
        "/pricing/lamp",
        {"list_prices": [LIST | {"price": "9"}, LIST | {"zone": "eu"}], "sale_prices": []},
    )
    assert answer.status_code == 200
    assert [item["price"] for item in answer.json()["list_prices"]] == ["9.00", "899.00"]
    assert answer.json()["sale_prices"] == ALL["sale_prices"]
    assert answer.json()["msrp_prices"] == ALL["msrp_prices"]


def test_nobody_else_writes_any(alice: Api, visitor: Api) -> None:
    for call, body in ((alice.put, ALL), (alice.patch, {"list_prices": [LIST]})):
        assert refusal(call("/pricing/lamp", body)) == (403, "staff_only")
    assert visitor.put("/pricing/lamp", ALL).status_code == 401
    assert visitor.patch("/pricing/lamp", {}).status_code == 401
    assert visitor.get("/pricing/lamp").status_code == 404


def test_the_same_key_gives_the_first_answer(root: Api) -> None:
    first = root.patch("/pricing/lamp", {"list_prices": [LIST]}, key="k")
    root.patch("/pricing/lamp", {"list_prices": [LIST | {"price": "1"}]})
    again = root.patch("/pricing/lamp", {"list_prices": [LIST]}, key="k")
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert root.get("/pricing/lamp/price").json()["price"] == "1.00"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (MSRP | {"price": "1.001"}, "price_not_valid"),
        (MSRP | {"currency": "ABC"}, "currency_not_valid"),
    ],
)
def test_what_cannot_be_a_price_is_refused(root: Api, item: dict[str, Any], code: str) -> None:
    for call in (root.put, root.patch):
        assert refusal(call("/pricing/lamp", ALL | {"msrp_prices": [item]})) == (422, code)
    assert root.get("/pricing/lamp").status_code == 404


def test_contradictions_are_refused(root: Api) -> None:
    twice = root.put("/pricing/lamp", ALL | {"list_prices": [LIST, LIST]})
    assert refusal(twice) == (422, "duplicate_price")
    backwards = SALE | {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
    answer = root.put("/pricing/lamp", ALL | {"sale_prices": [backwards]})
    assert refusal(answer) == (422, "sale_period_not_valid")
    many = [MSRP | {"zone": f"z{number}"} for number in range(501)]
    answer = root.put("/pricing/lamp", ALL | {"msrp_prices": many})
    assert refusal(answer) == (422, "too_many_prices")


@pytest.mark.parametrize(
    "item",
    [
        MSRP | {"price": "-1"},
        MSRP | {"price": "NaN"},
        MSRP | {"price": "1" * 13},
        MSRP | {"price": "ten"},
        MSRP | {"currency": "dollars"},
        MSRP | {"zone": ""},
        {"price": "1"},
    ],
)
def test_a_malformed_price_names_the_field(root: Api, item: dict[str, Any]) -> None:
    answer = root.put("/pricing/lamp", ALL | {"msrp_prices": [item]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("msrp_prices.0.")
    assert root.get("/pricing/lamp").status_code == 404


def test_times_need_a_zone(root: Api) -> None:
    naive = SALE | {"end": "2026-01-01T00:00:00"}
    answer = root.put("/pricing/lamp", ALL | {"sale_prices": [naive]})
    assert answer.json()["errors"][0]["field"] == "sale_prices.0.end"


def test_a_product_that_cannot_be_has_no_prices(root: Api) -> None:
    assert refusal(root.put("/pricing/a%20lamp", ALL)) == (404, "product_not_found")
