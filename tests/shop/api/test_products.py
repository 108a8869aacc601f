"""Products over HTTP."""

import pytest

from tests.shop.api.client import Api, refusal

LAMP = {"name": "Lamp", "brand": "Aurora", "description": "Glows.", "tags": ["light", "home"]}


def test_staff_writes_a_product_and_anyone_reads_it(root: Api, visitor: Api) -> None:
    answer = root.put("/products/lamp", LAMP)
    assert answer.status_code == 201
    product = visitor.get("/products/lamp")
    assert product.status_code == 200
    assert product.json() == answer.json()
    assert product.json().items() >= ({"product_id": "lamp"} | LAMP).items()
    assert product.json().keys() == {"product_id", "created_at", "updated_at", *LAMP}


def test_writing_it_again_is_no_creation(root: Api) -> None:
    root.put("/products/lamp", LAMP)
    answer = root.put("/products/lamp", LAMP | {"name": "Big lamp"})
    assert (answer.status_code, answer.json()["name"]) == (200, "Big lamp")


def test_the_same_key_gives_the_first_answer(root: Api) -> None:
    first = root.put("/products/lamp", LAMP, key="k")
    again = root.put("/products/lamp", LAMP, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    other = root.put("/products/lamp", LAMP | {"name": "Other"}, key="k")
    assert refusal(other) == (422, "idempotency_key_reused")


def test_nobody_else_writes_one(alice: Api, visitor: Api) -> None:
    assert refusal(alice.put("/products/lamp", LAMP)) == (403, "staff_only")
    assert visitor.put("/products/lamp", LAMP).status_code == 401
    assert refusal(visitor.get("/products/lamp")) == (404, "product_not_found")


@pytest.mark.parametrize("product_id", ["lamp", "a%20lamp", "%00", "x" * 65, "l%C3%A4mp"])
def test_there_is_no_such_product(visitor: Api, product_id: str) -> None:
    assert refusal(visitor.get(f"/products/{product_id}")) == (404, "product_not_found")


@pytest.mark.parametrize(
    "wrong", [{"name": None}, {"tags": "light"}, {"brand": 1}, {"description": ["x"]}]
)
def test_a_malformed_product_names_the_field(root: Api, wrong: dict[str, object]) -> None:
    answer = root.put("/products/lamp", LAMP | wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].split(".")[0] == next(iter(wrong))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "product_not_valid"),
        ({"brand": "x" * 81}, "product_not_valid"),
        ({"tags": [f"t{number}" for number in range(31)]}, "too_many_tags"),
    ],
)
def test_what_breaks_a_limit_is_refused(root: Api, wrong: dict[str, object], code: str) -> None:
    assert refusal(root.put("/products/lamp", LAMP | wrong)) == (422, code)
    assert root.get("/products/lamp").status_code == 404


def test_anyone_searches(root: Api, visitor: Api) -> None:
    for name in ("a", "b", "c"):
        root.put(f"/products/{name}", LAMP | {"name": f"Lamp {name}"})
    page = visitor.get("/products/search?query=lamp+aurora&limit=2")
    assert page.status_code == 200
    assert [product["product_id"] for product in page.json()["items"]] == ["a", "b"]
    assert page.json()["items"][0] == visitor.get("/products/a").json()
    cursor = page.json()["next_cursor"]
    rest = visitor.get(f"/products/search?query=lamp+aurora&limit=2&cursor={cursor}").json()
    assert [product["product_id"] for product in rest["items"]] == ["c"]
    assert rest["next_cursor"] is None
    assert visitor.get("/products/search?query=lamp+borea").json()["items"] == []


@pytest.mark.parametrize("query", ["", "query=x&limit=0", "query=x&limit=201", "query=%00"])
def test_a_malformed_search_is_refused(visitor: Api, query: str) -> None:
    assert visitor.get(f"/products/search?{query}").status_code == 422


def test_a_cursor_that_is_none_is_refused(visitor: Api) -> None:
    answer = visitor.get("/products/search?query=x&cursor=nonsense")
    assert answer.status_code in (400, 422)
