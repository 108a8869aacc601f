"""What the shop recommends, in a browser: it comes by itself, and one may say no."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from agents_core.testing import step
from shop.agents.assistant import ShoppingAssistant
from tests.journeys.conftest import Open
from tests.journeys.test_looks import look
from tests.shop.goods import place, sell

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def goods(clean_world: None) -> None:
    for number in range(8):
        sell(f"thing{number}", "9.90", brand=f"Brand {number % 4}")


def picks(page: Page) -> list[str]:
    """Ids of what is picked, in order."""
    ids = page.locator(".pick").evaluate_all("picks => picks.map((pick) => pick.id)")
    return [str(one) for one in ids]


def test_they_arrive_by_themselves_and_one_can_be_waved_away(visitor: Open, alice: Account) -> None:
    guest = visitor(alice)
    page = guest.visit("/shop/")
    shelf = page.locator("#recommendations")
    expect(shelf).to_contain_text("After your first order")
    place(thing1=1)
    expect(shelf.get_by_role("heading", name="Picked for you")).to_be_visible()
    expect(shelf.locator(".pick")).to_have_count(4)
    expect(shelf.locator("#pick-thing1")).to_have_count(0)

    first = picks(page)[0]
    name = first.removeprefix("pick-").title()
    shelf.get_by_role("button", name=f"Not interested in {name}").click()
    expect(shelf.locator(f"#{first}")).to_have_count(0)
    expect(shelf.locator(".pick")).to_have_count(4)
    undo = shelf.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(shelf.locator(f"#{first}")).to_be_visible()

    shelf.get_by_role("button", name="Pick others").click()
    expect(page.locator("#toasts")).to_contain_text("New recommendations are on their way")
    expect(shelf).not_to_contain_text("being picked")
    expect(shelf.locator(".pick")).to_have_count(4)
    assert ShoppingAssistant.of("alice").get_view().made == 2
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        look(guest.visit("/shop/for-you/"), f"what is picked, {width} wide")


def test_it_all_works_without_script(visitor: Open, alice: Account) -> None:
    place(thing1=1)
    step()
    page = visitor(alice, java_script_enabled=False).visit("/shop/")
    first = page.locator(".pick").first
    name = first.locator(".product-name").inner_text()
    first.get_by_role("button", name=f"Not interested in {name}").click()
    expect(page).to_have_url(re.compile(r"/shop/$"))
    expect(page.get_by_text(f"{name} will not be recommended again")).to_be_visible()
    expect(page.get_by_role("button", name=f"Not interested in {name}")).to_have_count(0)

    page.get_by_role("link", name="How we pick").click()
    page.get_by_role("button", name=f"Recommend {name} again").click()
    expect(page.get_by_role("button", name=f"Recommend {name} again")).to_have_count(0)
    page.get_by_role("button", name="Pick others").click()
    expect(page.get_by_text("New recommendations are on their way")).to_be_visible()
