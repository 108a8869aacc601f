"""What is recommended on pages, as they answer without a browser."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User as Account
from agents_core.testing import step
from shop.agents.assistant import REFRESHES, ShoppingAssistant
from shop.recommended import Pick
from tests.browsing import HTMX
from tests.shop.goods import place, sell

ALICE = ShoppingAssistant.of("alice")
PAGE = "/shop/for-you/"


@pytest.fixture(autouse=True)
def goods(clean_world: None) -> None:
    for number in range(8):
        sell(f"thing{number}", "9.90", brand=f"Brand {number % 4}")
    step()


@pytest.fixture
def alice(clean_world: None) -> Client:
    client = Client()
    client.force_login(Account.objects.create_user("alice"))
    return client


def recommended() -> list[str]:
    step()
    items = ALICE.get_recommended_items()
    assert items is not None
    return items.product_ids


def text(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", ["/shop/", PAGE, "/shop/cart/", "/shop/orders/{}/"])
def test_after_an_order_they_are_shown_with_reasons_and_brands(alice: Client, path: str) -> None:
    order_id = place(thing1=1)
    picks = recommended()
    shown = text(alice.get(path.format(order_id)))
    assert "Picked for you" in shown
    assert [product_id for product_id in picks if f'id="pick-{product_id}"' not in shown] == []
    assert 'id="pick-thing1"' not in shown
    assert "You have bought from Brand 1" in shown
    assert "?brand=Brand%201" in shown


def test_before_the_first_order_popular_things_are_shown(alice: Client) -> None:
    place("bob", thing2=1)
    step()
    for shown in (text(alice.get("/shop/")), text(alice.get(PAGE))):
        assert "Popular now" in shown
        assert "After your first order" in shown
        assert 'id="pick-thing2"' in shown


def test_visitors_see_what_is_popular_and_no_buttons() -> None:
    place("bob", thing2=1)
    step()
    shown = text(Client().get("/shop/"))
    assert 'id="pick-thing2"' in shown
    assert "Not interested" not in shown
    answer = Client().get(PAGE)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={PAGE}")


def test_where_nothing_is_popular_yet_it_says_what_will_come(alice: Client) -> None:
    shown = text(alice.get("/shop/"))
    assert "After your first order" in shown
    assert 'class="pick"' not in shown


def test_others_are_picked_on_demand(alice: Client) -> None:
    answer = alice.post("/shop/for-you/refresh/", {"next": "/shop/"})
    assert (answer.status_code, answer["Location"]) == (302, "/shop/")
    assert "being picked for you" in text(alice.get("/shop/"))
    assert len(recommended()) == 4
    assert "being picked" not in text(alice.get("/shop/"))


def test_too_many_demands_are_refused_in_words(alice: Client) -> None:
    for _ in range(REFRESHES):
        assert alice.post("/shop/for-you/refresh/").status_code == 302
    refused = alice.post("/shop/for-you/refresh/")
    assert refused.status_code == 429
    assert "requests for recommendations" in refused.content.decode()
    assert alice.post("/shop/for-you/refresh/", **HTMX).status_code == 429


def test_a_form_that_is_sent_twice_counts_once(alice: Client) -> None:
    for _ in range(REFRESHES + 1):
        answer = alice.post("/shop/for-you/refresh/", {"idempotency_key": "one"})
        assert answer.status_code == 302


def test_what_is_not_wanted_goes_at_once_and_can_be_had_back(alice: Client) -> None:
    ALICE.recommend_items()
    first = recommended()
    part = text(alice.post(f"/shop/for-you/not-interested/{first[0]}/", **HTMX))
    assert "<html" not in part
    assert "Not recommended any more" in part
    assert f'id="pick-{first[0]}"' not in part
    assert part.count('class="pick"') == 4
    assert f'id="pick-{first[0]}"' in text(
        alice.post(f"/shop/for-you/interested/{first[0]}/", **HTMX)
    )


def test_without_script_it_is_said_on_the_page_one_comes_back_to(alice: Client) -> None:
    ALICE.recommend_items()
    first = recommended()[0]
    path = f"/shop/for-you/not-interested/{first}/"
    answer = alice.post(path, {"next": "/shop/"}, follow=True)
    assert answer.redirect_chain == [("/shop/", 302)]
    assert f"{first.title()} will not be recommended again" in text(answer)
    listed = text(alice.get(PAGE))
    assert f'aria-label="Recommend {first.title()} again"' in listed
    alice.post(f"/shop/for-you/interested/{first}/")
    assert "Recommend again" not in text(alice.get(PAGE))


def test_for_htmx_it_is_the_shelf_alone(alice: Client) -> None:
    ALICE.recommend_items()
    recommended()
    part = text(alice.get(PAGE, **HTMX))
    assert part.lstrip().startswith("<section")
    assert part.count('class="pick"') == 4


def test_a_language_model_can_be_kept_out_where_there_is_one(
    alice: Client, settings: Settings
) -> None:
    assert "language model" not in text(alice.get(PAGE))
    settings.LLM_BASE_URL, settings.LLM_MODEL = "http://127.0.0.1:9/v1", "sage"
    assert "Pick for me without it" in text(alice.get(PAGE))
    alice.post("/shop/for-you/language-model/", {"may": "no"})
    assert ALICE.get_view().may_ask_llm is False
    assert "Let it choose for me, too" in text(alice.get(PAGE))
    alice.post("/shop/for-you/language-model/", {"may": "yes"})
    assert ALICE.get_view().may_ask_llm is True


@pytest.mark.parametrize("action", ["not-interested", "interested"])
def test_what_cannot_be_a_product_is_not_found(alice: Client, action: str) -> None:
    assert alice.post(f"/shop/for-you/{action}/no.such/").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["refresh/", "not-interested/thing1/", "interested/thing1/", "language-model/"],
)
def test_only_forms_of_people_who_signed_in_change_anything(alice: Client, path: str) -> None:
    assert alice.get(PAGE + path).status_code == 405
    assert Client().post(PAGE + path)["Location"].startswith("/accounts/login/")
    assert ALICE.get_view().unwanted == []
    assert alice.post(PAGE + path).status_code == 302


def test_what_a_guest_is_about_to_buy_is_not_popular_with_them() -> None:
    place("bob", thing2=1, thing3=1)
    step()
    guest = Client()
    assert {pick.item.product.product_id for pick in shelf_in(guest)} == {"thing2", "thing3"}
    guest.post("/shop/cart/thing2/add/", {"quantity": "1"})
    assert {pick.item.product.product_id for pick in shelf_in(guest)} == {"thing3"}


def shelf_in(client: Client) -> list[Pick]:
    picks: list[Pick] = client.get("/shop/").context["shelf"].picks
    return picks


def test_no_heading_stands_over_nothing() -> None:
    """In the originals one did, for whoever had not signed in."""
    page = text(Client().get("/shop/"))
    assert "Popular now" in page
    assert "After your first order, what we pick for you appears here." in page
    place("bob", thing2=1)
    step()
    page = text(Client().get("/shop/"))
    assert 'id="pick-thing2"' in page
