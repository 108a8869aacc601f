"""Finding products: the query language, ranks, filters, sorts, counts and suggestions."""

from datetime import timedelta
from decimal import Decimal

import pytest

from agents_core.collections import CursorNotValid
from agents_core.store import listings
from agents_core.testing import freeze, step
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import (
    PriceItem,
    ProductDetails,
    ProductFilter,
    ProductSort,
    SalePriceItem,
)
from shop.agents.search import ProductSearch

SEARCH = ProductSearch.of()


def sell(
    product_id: str,
    name: str,
    *,
    brand: str = "Plain",
    description: str = "",
    tags: tuple[str, ...] = (),
    price: str | None = None,
) -> None:
    details = ProductDetails(name=name, brand=brand, description=description, tags=list(tags))
    Product.of(product_id).put(details)
    if price is not None:
        Pricing.of(product_id).put([], [PriceItem(price=price, currency="USD")], [])
        step()


@pytest.fixture
def goods() -> None:
    sell("lamp", "Desk lamp", brand="Aurora", tags=("light", "desk"), price="40")
    sell("big", "Big lamp", brand="Aurora", description="For a whole room.", price="90")
    sell("desk", "Oak desk", brand="Borea", tags=("desk",), price="400")
    sell("bulb", "Bulb", brand="Borea", description="Fits every lamp.", tags=("light",))


def found(query: str) -> list[str]:
    return [product.product_id for product in SEARCH.search(query).items]


def listed(sort: ProductSort = "best", **filter: object) -> list[str]:
    page = SEARCH.list_products(ProductFilter(**filter), sort)
    return [item.product.product_id for item in page.items]


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("*", {"lamp", "big", "desk", "bulb"}),
        ("LAMP", {"lamp", "big", "bulb"}),
        ("lamp desk", {"lamp"}),
        ("lamp nothing", set()),
        ("aurora", {"lamp", "big"}),
        ("light", {"lamp", "bulb"}),
        ("whole", {"big"}),
        ("amp", {"lamp", "big", "bulb"}),
        ('"big lamp"', {"big"}),
        ("brand:auro", {"lamp", "big"}),
        ("brand:lamp", set()),
        ("name:lamp", {"lamp", "big"}),
        ("description:lamp", {"bulb"}),
        ("tag:desk", {"lamp", "desk"}),
        ("tags:desk brand:borea", {"desk"}),
        ("product_id:lamp", {"lamp"}),
        ("product-id:lam", set()),
        ("colour:red", set()),
        ("=brand:Aurora", set()),
        ("100%", set()),
    ],
)
def test_every_word_and_every_filter_holds(query: str, expected: set[str]) -> None:
    assert set(found(query)) == expected


def test_the_best_named_come_first() -> None:
    sell("e-elsewhere", "Shade", description="For a lamp.")
    sell("d-tag", "Bulb", tags=("lamp",))
    sell("c-named", "Big lamp")
    sell("b-begins", "Lampshade")
    sell("z-exact", "Lamp")
    assert found("lamp") == ["z-exact", "b-begins", "c-named", "d-tag", "e-elsewhere"]


def test_pages_go_on_where_they_ended() -> None:
    for number in range(5):
        sell(f"n{number}", f"Lamp {number}", price=f"{number + 1}")
        sell(f"d{number}", f"Shade {number}", description="For a lamp.", price="9")
    whole = found("lamp")
    pages, cursor = [], None
    while True:
        page = SEARCH.search("lamp", limit=3, cursor=cursor)
        pages += [product.product_id for product in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert pages == whole
    assert len(whole) == 10


@pytest.mark.parametrize("sort", ["name", "-name", "price", "-price", "best"])
def test_sorted_pages_go_on_too(sort: ProductSort) -> None:
    for number in range(7):
        sell(f"n{number}", f"Lamp {number % 3}", price=f"{number % 2 + 1}")
    whole = listed(sort)
    assert sorted(whole) == [f"n{number}" for number in range(7)]
    pages, cursor = [], None
    while True:
        page = SEARCH.list_products(ProductFilter(), sort, 2, cursor)
        pages += [item.product.product_id for item in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert pages == whole


@pytest.mark.parametrize("sort", ["name", "-name", "price", "-price"])
def test_what_stands_far_back_in_an_order_is_found_in_its_place(
    sort: ProductSort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "_LOOKED_THROUGH", 2)
    for number in range(9):
        wood = "Oak" if number in (3, 4, 8) else "Ash"
        sell(f"n{number}", f"{wood} lamp {number % 5}", price=str(abs(number - 4) + 1))
    everything = listed(sort)
    expected = [one for one in everything if one in ("n3", "n4", "n8")]
    assert (len(everything), len(expected)) == (9, 3)
    assert listed(sort, query="oak") == expected
    pages, cursor = [], None
    while True:
        page = SEARCH.list_products(ProductFilter(query="oak", least=Decimal(1)), sort, 1, cursor)
        pages += [item.product.product_id for item in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert pages == expected


def test_a_cursor_of_another_list_is_refused() -> None:
    sell("a", "Lamp", price="1")
    sell("b", "Lamp", price="2")
    cursor = SEARCH.search("lamp", limit=1).next_cursor
    with pytest.raises(CursorNotValid):
        SEARCH.list_products(ProductFilter(), "price", 1, cursor)


@pytest.mark.usefixtures("goods")
def test_it_sorts_by_name_and_price() -> None:
    assert listed("name") == ["big", "bulb", "lamp", "desk"]
    assert listed("-name") == ["desk", "lamp", "bulb", "big"]
    assert listed("price") == ["lamp", "big", "desk"]
    assert listed("-price") == ["desk", "big", "lamp"]
    assert listed("price", currency="EUR") == []


@pytest.mark.usefixtures("goods")
def test_it_narrows_by_brand_tag_and_price() -> None:
    assert set(listed(brands=["Aurora"])) == {"lamp", "big"}
    assert set(listed(brands=["Aurora", "Borea"], tags=["desk"])) == {"lamp", "desk"}
    assert listed(brands=["aurora"]) == []
    assert set(listed(least=Decimal(90))) == {"big", "desk"}
    assert listed(most=Decimal(90), least=Decimal("40.01")) == ["big"]
    assert listed(query="lamp", brands=["Borea"]) == ["bulb"]


def test_a_sale_begins_and_ends_in_the_lists_by_itself() -> None:
    with freeze("2026-03-01T12:00:00Z") as time:
        sell("lamp", "Lamp", price="40")
        hour = timedelta(hours=1)
        start, end = time.now + hour, time.now + 2 * hour
        sale = SalePriceItem(price="30", currency="USD", start=start, end=end)
        Pricing.of("lamp").merge(sale_prices=[sale])
        step()
        assert listed(on_sale=True) == []
        time.tick(3600)
        step()
        assert listed(on_sale=True, most=Decimal(30)) == ["lamp"]
        assert listed(on_sale=True, zone="eu") == []
        time.tick(3600)
        step()
        assert listed(on_sale=True) == []
        assert listed("price", least=Decimal(40)) == ["lamp"]


def test_a_price_that_was_there_before_its_product_is_listed() -> None:
    Pricing.of("lamp").put([PriceItem(price="40", currency="USD")], [], [])
    step()
    sell("lamp", "Lamp")
    assert listed("price") == ["lamp"]


def test_what_is_no_longer_sold_is_not_found_until_it_is_again() -> None:
    sell("lamp", "Lamp", price="40")
    Product.of("lamp").withdraw()
    assert (found("lamp"), listed("price")) == ([], [])
    sell("lamp", "Lamp")
    assert (found("lamp"), listed("price")) == (["lamp"], ["lamp"])


def test_a_price_that_is_taken_away_leaves_the_lists() -> None:
    sell("lamp", "Lamp", price="40")
    Pricing.of("lamp").put([], [], [])
    step()
    assert (listed("price"), listed()) == ([], ["lamp"])


@pytest.mark.usefixtures("goods")
def test_it_counts_what_could_be_picked() -> None:
    counts = SEARCH.count(ProductFilter(query="lamp"))
    assert (counts.found, counts.is_all, counts.on_sale) == (3, True, 0)
    assert [(one.value, one.count) for one in counts.brands] == [("Aurora", 2), ("Borea", 1)]
    assert [(one.value, one.count) for one in counts.tags] == [("light", 2), ("desk", 1)]


@pytest.mark.usefixtures("goods")
def test_of_a_facet_that_is_picked_from_the_others_stay_in_sight() -> None:
    counts = SEARCH.count(ProductFilter(query="lamp", brands=["Borea"]))
    assert counts.found == 1
    assert [(one.value, one.count) for one in counts.brands] == [("Aurora", 2), ("Borea", 1)]
    assert [one.value for one in counts.tags] == ["light"]


@pytest.mark.usefixtures("goods")
def test_a_list_says_what_things_cost_and_cost_before() -> None:
    msrp = PriceItem(price="50", currency="USD")
    Pricing.of("lamp").merge(msrp_prices=[msrp])
    [item] = SEARCH.list_products(ProductFilter(query="product_id:lamp")).items
    assert item.quote is not None
    assert (str(item.quote.price), str(item.quote.before)) == ("40.00", "50.00")
    assert (item.quote.kind, item.quote.percent_off) == ("list", 20)
    [bulb] = SEARCH.list_products(ProductFilter(query="product_id:bulb")).items
    assert bulb.quote is None


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize("typed", ["auroa", "arora", "Aurora", "aurora lmp"])
def test_it_suggests_in_spite_of_slips(typed: str) -> None:
    assert "lamp" in [product.product_id for product in SEARCH.suggest(typed)]


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize("typed", ["", "x", "zzzzzz"])
def test_it_suggests_nothing_for_nothing(typed: str) -> None:
    assert SEARCH.suggest(typed) == []


@pytest.mark.usefixtures("goods")
def test_it_lists_given_products_in_their_order() -> None:
    Product.of("big").withdraw()
    items = SEARCH.list_these(["desk", "big", "lamp", "none"], "USD", "global")
    assert [item.product.product_id for item in items] == ["desk", "lamp"]
