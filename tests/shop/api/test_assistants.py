"""Shopping assistants over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from agents_core.testing import step
from shop.agents.assistant import REFRESHES, ShoppingAssistant
from tests.shop.api.client import Api, refusal
from tests.shop.goods import place, sell

BASE = "/assistants/alice"
ITEMS = f"{BASE}/recommended-items"
ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/recommended-items", None),
    ("POST", "/recommend", None),
    ("PUT", "/not-interested/thing1", None),
    ("DELETE", "/not-interested/thing1", None),
    ("PUT", "/llm", {"may_ask_llm": False}),
]


@pytest.fixture(autouse=True)
def goods(clean_world: None) -> None:
    for number in range(7):
        sell(f"thing{number}", "9.90", brand=f"Brand {number % 4}")


def test_there_are_none_before_the_first(alice: Api) -> None:
    answer = alice.get(ITEMS)
    assert answer.status_code == 200
    assert answer.json() == {
        "product_ids": [],
        "product_brands": [],
        "reasons": {},
        "brand_reasons": {},
        "updated_at": None,
    }


def test_they_come_after_a_checkout(alice: Api) -> None:
    place(thing1=1)
    step()
    items = alice.get(ITEMS).json()
    assert len(items["product_ids"]) == 4
    assert len(items["product_brands"]) == 3
    assert "thing1" not in items["product_ids"]
    assert items["updated_at"].endswith("Z")


def test_they_are_made_again_on_demand(alice: Api) -> None:
    answer = alice.post(f"{BASE}/recommend")
    assert answer.status_code == 202
    step()
    assert len(alice.get(ITEMS).json()["product_ids"]) == 4


def test_demands_are_limited_but_those_of_staff(alice: Api, root: Api) -> None:
    answers = [alice.post(f"{BASE}/recommend").status_code for _ in range(REFRESHES)]
    assert answers == [202] * REFRESHES
    refused = alice.post(f"{BASE}/recommend")
    assert refusal(refused) == (429, "too_many_requests")
    assert int(refused["Retry-After"]) > 3000
    assert root.post(f"{BASE}/recommend").status_code == 202


def test_the_same_key_counts_once(alice: Api) -> None:
    for _ in range(REFRESHES + 1):
        assert alice.post(f"{BASE}/recommend", key="again").status_code == 202


def test_what_is_not_wanted_goes_and_comes_back(alice: Api) -> None:
    alice.post(f"{BASE}/recommend")
    step()
    first = alice.get(ITEMS).json()["product_ids"]
    path = f"{BASE}/not-interested/{first[0]}"
    assert first[0] not in alice.put(path).json()["product_ids"]
    assert alice.delete(path).json()["product_ids"] == first
    assert refusal(alice.put(f"{BASE}/not-interested/no.such")) == (404, "product_not_found")


def test_a_language_model_may_be_kept_out(alice: Api) -> None:
    answer = alice.put(f"{BASE}/llm", {"may_ask_llm": False})
    assert (answer.status_code, answer.json()) == (200, {"may_ask_llm": False})
    assert ShoppingAssistant.of("alice").get_view().may_ask_llm is False


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_those_of_others_are_not_found(
    alice: Api, bob: Api, root: Api, visitor: Api, method: str, path: str, body: Any
) -> None:
    assert refusal(bob.call(method, BASE + path, body)) == (404, "assistant_not_found")
    assert refusal(visitor.call(method, BASE + path, body)) == (401, "not_signed_in")
    assert ShoppingAssistant.of("alice").get_view().made == 0
    for caller in (alice, root):
        assert caller.call(method, BASE + path, body).status_code in (200, 202)


def test_who_cannot_exist_has_none(root: Api) -> None:
    answer = root.get("/assistants/no%20one/recommended-items")
    assert refusal(answer) == (404, "assistant_not_found")
