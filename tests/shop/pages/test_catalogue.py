"""The front page and the catalogue, as they answer without a browser."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User as Account
from agents_core.testing import step
from shop.agents.cart import Cart
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import PriceItem, ProductDetails, SalePriceItem
from tests.browsing import HTMX


def sell(
    product_id: str, price: str, *, brand: str = "Aurora", tags: list[str] | None = None
) -> None:
    """Have a product for sale in dollars, with a name like its id."""
    name = product_id.replace("-", " ").title()
    Product.of(product_id).put(ProductDetails(name=name, brand=brand, tags=tags or []))
    Pricing.of(product_id).put([], [PriceItem(price=Decimal(price), currency="USD")], [])


def reduce(product_id: str, price: str) -> None:
    """Have it on sale, from ever and for ever."""
    Pricing.of(product_id).merge(sale_prices=[SalePriceItem(price=Decimal(price), currency="USD")])


@pytest.fixture
def shelf() -> None:
    """Four things of two brands, one of them on sale."""
    sell("tin-kettle", "40.00", brand="Aurora", tags=["kitchen"])
    sell("blue-mug", "12.50", brand="Aurora", tags=["kitchen", "blue"])
    sell("oak-chair", "180.00", brand="Borealis", tags=["home"])
    sell("blue-rug", "95.00", brand="Borealis", tags=["home", "blue"])
    reduce("blue-rug", "60.00")
    step()


def ids(answer: HttpResponse) -> list[str]:
    return [item.product.product_id for item in answer.context["products"]]


def counts(answer: HttpResponse, facet: int) -> dict[str, int | None]:
    return {choice.value: choice.count for choice in answer.context["facets"][facet][1]}


def test_the_front_page_shows_the_window_the_sales_and_the_brands(shelf: None) -> None:
    sell("red-lamp", "70.00", tags=["featured"])
    step()
    answer = Client().get("/shop/")
    assert [one.product.product_id for one in answer.context["featured"]] == ["red-lamp"]
    assert [one.product.product_id for one in answer.context["on_sale"]] == ["blue-rug"]
    page = answer.content.decode()
    assert "$60.00" in page
    assert "?brand=Borealis" in page


def test_no_picture_comes_from_elsewhere(shelf: None) -> None:
    """In the originals another site drew them, and heard of every visitor."""
    for path in ("/shop/", "/shop/products/", "/shop/products/blue-mug/"):
        page = Client().get(path).content.decode()
        assert 'class="still-life"' in page
        assert 'src="http' not in page
        assert 'src="//' not in page


def test_an_empty_shop_says_so() -> None:
    assert "The shelves are empty" in Client().get("/shop/").content.decode()


def test_every_condition_is_in_the_address(shelf: None) -> None:
    visitor = Client()
    assert ids(visitor.get("/shop/products/", {"q": "blue"})) == ["blue-mug", "blue-rug"]
    assert ids(visitor.get("/shop/products/", {"brand": "Borealis", "tag": "blue"})) == ["blue-rug"]
    assert ids(
        visitor.get("/shop/products/", {"brand": ["Aurora", "Borealis"], "tag": "home"})
    ) == [
        "blue-rug",
        "oak-chair",
    ]
    assert ids(visitor.get("/shop/products/", {"sale": "1"})) == ["blue-rug"]
    assert ids(visitor.get("/shop/products/", {"least": "40", "most": "60,00"})) == [
        "blue-rug",
        "tin-kettle",
    ]
    assert ids(visitor.get("/shop/products/", {"sort": "-price"})) == [
        "oak-chair",
        "blue-rug",
        "tin-kettle",
        "blue-mug",
    ]


def test_brands_do_not_shrink_with_the_brand_that_is_picked(shelf: None) -> None:
    answer = Client().get("/shop/products/", {"brand": "Aurora"})
    assert counts(answer, 0) == {"Aurora": 2, "Borealis": 2}
    assert counts(answer, 1) == {"kitchen": 2, "blue": 1}


def test_what_is_picked_stays_to_be_lifted_though_nothing_fits(shelf: None) -> None:
    answer = Client().get("/shop/products/", {"brand": "Nobody", "q": "blue"})
    assert ids(answer) == []
    assert counts(answer, 0) == {"Aurora": 1, "Borealis": 1, "Nobody": 0}
    assert [chip.address for chip in answer.context["chips"]] == ["?q=blue"]
    assert "Clear filters" in answer.content.decode()


def test_a_slip_of_the_pen_is_understood(shelf: None) -> None:
    answer = Client().get("/shop/products/", {"q": "ketle"})
    assert "Did you mean" in answer.content.decode()
    assert [one.product_id for one in answer.context["suggestions"]] == ["tin-kettle"]


@pytest.mark.parametrize(
    "query",
    [
        {"least": "dear", "most": "NaN", "sort": "sideways", "sale": "yes", "brand": ""},
        {"least": "-1", "most": "1e99", "market": "XXX/moon", "q": "\0 "},
    ],
)
def test_nonsense_in_an_address_is_left_out(shelf: None, query: dict[str, str]) -> None:
    assert len(ids(Client().get("/shop/products/", query))) == 4


def test_a_place_in_the_list_that_is_none_is_refused(shelf: None) -> None:
    assert Client().get("/shop/products/", {"cursor": "nowhere"}).status_code == 422


def test_pages_are_addresses_and_keep_the_conditions() -> None:
    for number in range(30):
        sell(f"cup-{number:02}", "5.00", tags=["cup"])
    step()
    visitor = Client()
    first = visitor.get("/shop/products/", {"tag": "cup", "sort": "name"})
    assert len(ids(first)) == 24
    cursor = first.context["next_cursor"]
    query = {"tag": "cup", "sort": "name", "cursor": cursor}
    second = visitor.get("/shop/products/", query)
    assert ids(first) + ids(second) == [f"cup-{number:02}" for number in range(30)]
    assert "Back to the first" in second.content.decode()
    more = visitor.get("/shop/products/", query, **HTMX)
    assert more.content.decode().count("product-card") == 6
    assert "<html" not in more.content.decode()


def test_for_htmx_the_address_says_what_is_shown_in_few_words(shelf: None) -> None:
    query = {"q": "", "market": "USD/global", "least": "", "sort": "price"}
    here = HTMX | {"HTTP_HX_CURRENT_URL": "http://testserver/shop/products/"}
    answer = Client().get("/shop/products/", query, **here)
    assert answer["HX-Push-Url"] == "/shop/products/?sort=price"
    assert "<html" not in answer.content.decode()
    typed = Client().get(
        "/shop/products/",
        {"q": "bl", "sort": "best", "least": "1"} | {"market": "USD/global"},
        **here,
    )
    assert typed["HX-Replace-Url"] == "/shop/products/?q=bl&least=1&market=USD%2Fglobal"


def test_prices_are_in_the_chosen_currency_and_zone(shelf: None) -> None:
    euros = [PriceItem(price=Decimal("37.00"), currency="EUR", zone="eu")]
    Pricing.of("tin-kettle").merge(list_prices=euros)
    visitor = Client()
    form = {"market": "EUR/eu", "next": "/shop/products/?q=kettle&least=5&market=USD/global"}
    answer = visitor.post("/shop/market/", form)
    assert answer["Location"] == "/shop/products/?q=kettle"
    assert "€37.00" in visitor.get(answer["Location"]).content.decode()
    assert "$40.00" in Client().get(answer["Location"]).content.decode()
    shared = visitor.get("/shop/products/?q=kettle&market=USD/global")
    assert "$40.00" in shared.content.decode()


def test_the_cart_of_who_has_signed_in_changes_its_currency_with_the_shop(shelf: None) -> None:
    client = Client()
    client.force_login(Account.objects.create_user("alice"))
    client.post("/shop/market/", {"market": "EUR/eu"})
    cart = Cart.of("alice").get_cart()
    assert (cart.currency, cart.zone) == ("EUR", "eu")
    client.post("/shop/market/", {"market": "GBP/nowhere"})
    assert Cart.of("alice").get_cart().currency == "EUR"


@pytest.mark.parametrize("path", ["/shop/", "/shop/products/", "/shop/products/blue-mug/"])
def test_anyone_may_look_and_nobody_changes_anything_by_looking(shelf: None, path: str) -> None:
    assert Client().get(path).status_code == 200
    assert Client().post(path).status_code == 405
    assert Client().get("/shop/market/").status_code == 405
