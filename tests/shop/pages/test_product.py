"""The page of a product, as it answers without a browser."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from agents_core.clock import now
from agents_core.testing import freeze, step
from shop import pictures
from shop.agents.bought_together import BoughtTogether
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceItem, ProductDetails, SalePriceItem
from tests.browsing import HTMX
from tests.shop.pages.test_catalogue import reduce, sell


def test_it_shows_what_it_was_and_how_much_less_it_is() -> None:
    sell("kettle", "80.00", tags=["kitchen"])
    msrp = [PriceItem(price=Decimal("100.00"), currency="USD")]
    Pricing.of("kettle").merge(msrp_prices=msrp)
    page = Client().get("/shop/products/kettle/").content.decode()
    assert "$80.00" in page
    assert "$100.00</s>" in page
    assert "20% off" in page
    assert 'href="/shop/products/?tag=kitchen"' in page
    assert 'href="/shop/products/?brand=Aurora"' in page


def test_a_price_that_is_no_less_strikes_nothing_through() -> None:
    sell("kettle", "80.00")
    page = Client().get("/shop/products/kettle/").content.decode()
    assert "$80.00" in page
    assert "</s>" not in page
    assert "% off" not in page


@pytest.mark.parametrize("product_id", ["nothing", "no such thing", "x" * 65, "a.b"])
def test_what_is_not_sold_is_a_page_that_says_so(product_id: str) -> None:
    answer = Client().get(f"/shop/products/{product_id}/")
    assert answer.status_code == 404
    assert "Nothing stands here" in answer.content.decode()


def test_what_is_withdrawn_is_gone_and_comes_back() -> None:
    sell("kettle", "80.00")
    Product.of("kettle").withdraw()
    assert Client().get("/shop/products/kettle/").status_code == 404
    sell("kettle", "80.00")
    assert Client().get("/shop/products/kettle/").status_code == 200


def test_a_sale_begins_and_ends_on_an_open_page() -> None:
    sell("kettle", "80.00")
    start = now() + timedelta(seconds=90)
    sale = SalePriceItem(
        price=Decimal("60.00"), currency="USD", start=start, end=start + timedelta(hours=1)
    )
    Pricing.of("kettle").merge(sale_prices=[sale])

    def part() -> tuple[str, int | None]:
        answer = Client().get("/shop/products/kettle/", **HTMX)
        assert "<html" not in answer.content.decode()
        return answer.content.decode(), answer.context["changes_in"]

    text, wait = part()
    assert "$80.00" in text
    assert wait is not None
    assert 85 <= wait <= 91
    assert f"load delay:{wait}s" in text
    with freeze(start + timedelta(seconds=1)):
        text, wait = part()
        assert "$60.00" in text
        assert "25% off" in text
        assert wait == 3600
    with freeze(start + timedelta(hours=1)):
        text, wait = part()
        assert "$80.00" in text
        assert wait is None
        assert "load delay" not in text


def test_it_shows_what_goes_with_it_and_what_was_looked_at() -> None:
    sell("kettle", "80.00", tags=["kitchen"])
    sell("mug", "8.00", tags=["kitchen"], brand="Borealis")
    sell("lamp", "50.00", tags=["light"])
    sell("rug", "90.00", tags=["floor"], brand="Borealis")
    step()
    visitor = Client()
    for product_id in ("rug", "lamp", "rug"):
        visitor.get(f"/shop/products/{product_id}/")
    answer = visitor.get("/shop/products/kettle/")
    assert [one.product.product_id for one in answer.context["related"]] == ["mug", "lamp"]
    assert [one.product.product_id for one in answer.context["seen"]] == ["rug", "lamp"]
    Product.of("lamp").withdraw()
    answer = visitor.get("/shop/products/kettle/")
    assert [one.product.product_id for one in answer.context["seen"]] == ["rug"]


def test_a_cookie_of_somebody_elses_making_is_no_matter() -> None:
    sell("kettle", "80.00")
    visitor = Client()
    visitor.cookies["viewed"] = "kettle.<script>...-." + "x" * 99
    assert visitor.get("/shop/products/kettle/").status_code == 200


def test_a_picture_shows_what_it_is_of_and_is_always_the_same() -> None:
    assert pictures.kind_of("Red thing", ["kitchen", "kettle"]) == "kettle"
    assert pictures.kind_of("Oak chair", ["home"]) == "chair"
    assert pictures.kind_of("Something", []) == "box"
    drawn = pictures.still_life("a", "Oak chair", [])
    assert drawn == pictures.still_life("a", "Oak chair", [])
    assert "class=" not in drawn
    assert drawn != pictures.still_life("b", "Oak chair", [])


def test_words_in_a_name_are_no_html() -> None:
    Product.of("x").put(ProductDetails(name="<b>Bold</b>", brand="A&B", description="<script>"))
    page = Client().get("/shop/products/x/").content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<script>" not in page.split("</head>")[1]
    reduce("x", "1.00")
    assert "?brand=A%26B" in page


def test_what_is_often_bought_with_it_stands_beside_it_and_nowhere_else() -> None:
    for product_id in ("kettle", "teapot", "tray"):
        sell(product_id, "20.00", tags=["kitchen"])
    BoughtTogether.of("kettle").count(["teapot", "gone"])
    step()
    answer = Client().get("/shop/products/kettle/")
    assert [item.product.product_id for item in answer.context["together"]] == ["teapot"]
    assert [item.product.product_id for item in answer.context["related"]] == ["tray"]
    assert "Often bought together" in answer.content.decode()
    assert "Often bought together" not in Client().get("/shop/products/tray/").content.decode()


def test_what_pages_show_already_is_priced_anew() -> None:
    sell("kettle", "80.00")
    sell("mug", "8.00")
    Product.of("gone").put(ProductDetails(name="Gone", brand="Aurora"))
    Product.of("gone").withdraw()
    ids = "id=mug&id=kettle&id=gone&id=no+id&id=nothing"
    answer = Client().get(f"/shop/prices/?{ids}").content.decode()
    assert [part.split('"')[0] for part in answer.split('data-price-of="')[1:]] == ["mug", "kettle"]
    assert "$8.00" in answer
    euros = Client().get(f"/shop/prices/?{ids}&market=EUR/eu").content.decode()
    assert "$8.00" not in euros
    assert "Not sold in this currency" in euros
    assert Client().get("/shop/prices/").content.decode().strip() == ""
