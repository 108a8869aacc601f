"""Somebody without an account looks around in the shop; staff keeps it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User as Account
from agents_core.clock import now
from agents_core.testing import step
from shop.agents.pricing import Pricing
from shop.agents.schemas import PriceItem, SalePriceItem
from tests.journeys.conftest import Open
from tests.journeys.test_looks import LOOKS, look
from tests.journeys.test_newcomer import BOTH
from tests.shop.pages.test_catalogue import reduce, sell
from tests.shop.test_bulk import GOOD

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def shelf(clean_world: None) -> None:
    sell("tin-kettle", "40.00", tags=["kitchen", "featured"])
    sell("blue-mug", "12.50", tags=["kitchen"])
    sell("oak-chair", "180.00", brand="Borealis", tags=["home"])
    reduce("oak-chair", "150.00")
    step()


@pytest.fixture
def root(alice: Account) -> Account:
    alice.is_staff = True
    alice.save()
    return alice


@BOTH
def test_looking_around(visitor: Open, options: dict[str, Any]) -> None:
    euros = [PriceItem(price=Decimal("37.00"), currency="EUR", zone="eu")]
    Pricing.of("tin-kettle").merge(list_prices=euros)
    page = visitor(None, **options).visit("/shop/")
    page.get_by_role("link", name="Shop now").click()
    names = page.locator(".product-name")
    expect(names).to_have_count(3)

    page.get_by_label("Borealis").check()
    if options:
        page.get_by_role("button", name="Show", exact=True).last.click()
    expect(names).to_have_text(["Oak Chair"])
    expect(page.get_by_label("Aurora")).to_be_visible()
    if not options:
        expect(page).to_have_url(f"{page.url.partition('?')[0]}?brand=Borealis")
        expect(page.get_by_label("Borealis")).to_be_focused()
        page.go_back()
        expect(names).to_have_count(3)
        page.get_by_label("Borealis").check()
        expect(names).to_have_count(1)
    page.get_by_role("link", name="Without Borealis").click()
    expect(names).to_have_count(3)

    page.get_by_label("Search products").fill("ketle")
    if options:
        page.get_by_role("button", name="Show", exact=True).first.click()
    page.get_by_role("link", name="Tin Kettle").click()
    expect(page.locator("#price")).to_have_text("$40.00")
    page.get_by_text("USD").first.click()
    page.get_by_role("button", name="Euros, in Europe").click()
    expect(page.locator("#price")).to_have_text("€37.00")
    page.get_by_role("list", name="Tags").get_by_role("link", name="kitchen").click()
    expect(names).to_have_count(2)


def test_a_sale_begins_on_an_open_page(visitor: Open) -> None:
    start = now() + timedelta(seconds=4)
    sale = SalePriceItem(price=Decimal("30.00"), currency="USD", start=start)
    Pricing.of("tin-kettle").merge(sale_prices=[sale])
    page = visitor().visit("/shop/products/tin-kettle/")
    page.evaluate("document.body.dataset.stayed = 'yes'")
    expect(page.locator("#price")).to_have_text("$30.00")
    expect(page.locator("body")).to_have_attribute("data-stayed", "yes")
    expect(page.locator("#quote")).to_contain_text("25% off")


@BOTH
def test_staff_imports_a_file_and_changes_a_price(
    visitor: Open, root: Account, tmp_path: Path, options: dict[str, Any]
) -> None:
    (tmp_path / "goods.csv").write_text(GOOD)
    page = visitor(root, **options).visit("/admin/shop/product/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("CSV file").set_input_files(tmp_path / "goods.csv")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status")).to_contain_text("all 2 products are in")
    page.get_by_role("link", name="To the products").click()
    page.get_by_role("link", name="Blue mug", exact=True).click()
    page.locator("#id_list-0-price").fill("9.50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="See it in the shop").click()
    expect(page.locator("#price")).to_have_text("$9.50")


@LOOKS
def test_the_shop_is_for_everybody(visitor: Open, root: Account, width: int) -> None:
    size = {"viewport": {"width": width, "height": 800}}
    guest, staff = visitor(**size), visitor(root, **size)
    for path in ("", "products/?brand=Aurora&sale=1", "products/?q=nothing", "products/oak-chair/"):
        look(guest.visit(f"/shop/{path}"), path)
    for path in ("", "oak-chair/change/", "import/"):
        look(staff.visit(f"/admin/shop/product/{path}"), path)
