"""The shopping assistant: what is recommended to whom, when, and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.limits import TooManyRequests
from agents_core.models import Effect
from agents_core.testing import Edge, Frozen, Side, fault_at, freeze, step
from shop.agents import assistant
from shop.agents.assistant import REFRESHES, ShoppingAssistant
from shop.agents.bought_together import BestSellers, BoughtTogether
from shop.agents.cart import Cart
from shop.agents.errors import ProductIdNotValid
from shop.agents.order import Order
from shop.agents.product import Product
from shop.agents.recommendations import Bought, Purchase, RecommendedItems
from shop.agents.schemas import Market
from tests.shop.goods import place, sell

ALICE = ShoppingAssistant.of("alice")


PAUSE = assistant.PAUSE


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "PAUSE", timedelta(0))


@pytest.fixture
def goods() -> None:
    """Ten products of five brands."""
    for number, brand in enumerate(["Aurora", "Borea", "Celadon", "Dune", "Ember"] * 2):
        sell(f"thing{number}", "9.90", brand=brand)
    sell("lamp", "40", brand="Aurora", tags=("light",))
    sell("bulb", "4", brand="Filament", tags=("light",))


@pytest.fixture
def time(goods: None) -> Iterator[Frozen]:
    with freeze("2026-03-01T12:00:00Z") as time:
        yield time


def recommended() -> RecommendedItems:
    step()
    items = ALICE.get_recommended_items()
    assert items is not None
    return items


def made() -> int:
    """How many recommendations alice's assistant is given from here on."""
    before = ALICE.get_view().made
    step()
    return ALICE.get_view().made - before


@pytest.mark.usefixtures("goods")
def test_a_checkout_brings_four_products_and_three_brands_with_reasons() -> None:
    place(lamp=1)
    items = recommended()
    assert len(items.product_ids) == len(set(items.product_ids)) == 4
    assert len(items.product_brands) == len(set(items.product_brands)) == 3
    assert items.reasons.keys() == set(items.product_ids)
    assert items.brand_reasons.keys() == set(items.product_brands)
    assert all([*items.reasons.values(), *items.brand_reasons.values()])
    assert items.reasons["bulb"] == "Like other things you bought: light"
    assert items.updated_at is not None


def test_being_in_the_shop_window_is_no_likeness() -> None:
    sell("lamp", "40", brand="Aurora", tags=("featured", "light"))
    sell("rug", "90", brand="Woven", tags=("featured",))
    sell("bulb", "4", brand="Filament", tags=("light",))
    place(lamp=1)
    items = recommended()
    assert items.product_ids == ["bulb", "rug"]
    assert items.reasons["rug"] == "From our catalogue"


@pytest.mark.usefixtures("goods")
def test_nothing_is_recommended_before_it_was_asked_for() -> None:
    assert ALICE.get_recommended_items() is None
    ALICE.recommend_items()
    assert ALICE.get_recommended_items() is None
    assert ALICE.get_view().is_busy is True
    assert len(recommended().product_ids) == 4
    assert ALICE.get_view().is_busy is False


@pytest.mark.usefixtures("goods")
def test_what_was_bought_is_not_recommended_also_before_the_new_ones_are_there() -> None:
    ALICE.recommend_items()
    before = recommended().product_ids
    place(**{before[0]: 1, before[1]: 1})
    assert not {before[0], before[1]} & set(recommended().product_ids)

    now = recommended().product_ids
    ALICE.note_purchase(
        Purchase(
            order_id="o",
            items=[Bought(product_id=now[0], name="X", brand="Y", quantity=1)],
            market=Market(),
        )
    )
    meanwhile = ALICE.get_recommended_items()
    assert meanwhile is not None
    assert now[0] not in meanwhile.product_ids
    assert len(meanwhile.product_ids) == 4


@pytest.mark.usefixtures("goods")
def test_what_is_no_longer_sold_is_not_recommended() -> None:
    ALICE.recommend_items()
    gone = recommended().product_ids[0]
    Product.of(gone).withdraw()
    items = recommended()
    assert gone not in items.product_ids
    assert len(items.product_ids) == 4
    ALICE.recommend_items()
    assert gone not in recommended().product_ids


@pytest.mark.usefixtures("goods")
def test_what_has_no_price_where_somebody_buys_is_not_recommended() -> None:
    for product_id in ("rug", "pen", "ink", "cup", "pot"):
        sell(product_id, "8", currency="EUR", zone="eu")
    purchase = Purchase(
        order_id="o",
        items=[Bought(product_id="x", name="X", brand="Aurora", quantity=1)],
        market=Market(currency="EUR", zone="eu"),
    )
    step()
    ALICE.note_purchase(purchase)
    assert set(recommended().product_ids) <= {"rug", "pen", "ink", "cup", "pot"}


@pytest.mark.usefixtures("goods")
def test_what_somebody_is_not_interested_in_is_replaced_at_once_and_for_good() -> None:
    ALICE.recommend_items()
    before = recommended()
    unwanted = before.product_ids[0]
    for _ in range(2):
        ALICE.set_not_interested(unwanted)
        now = ALICE.get_recommended_items()
        assert now is not None
        assert unwanted not in now.product_ids
        assert now.product_ids[:3] == before.product_ids[1:]
        assert len(now.product_ids) == 4
    ALICE.recommend_items()
    assert unwanted not in recommended().product_ids

    ALICE.set_interested(unwanted)
    ALICE.set_interested(unwanted)
    ALICE.recommend_items()
    assert unwanted in recommended().product_ids


@pytest.mark.usefixtures("goods")
def test_when_too_few_are_left_others_are_looked_for() -> None:
    ALICE.recommend_items()
    for _ in range(8):
        ALICE.set_not_interested(recommended().product_ids[0])
    for number in range(8):
        sell(f"new{number}", "5", brand="Gale")
    step()
    ALICE.set_not_interested(recommended().product_ids[0])
    assert len(recommended().product_ids) == 4


def test_what_cannot_be_a_product_is_refused() -> None:
    with pytest.raises(ProductIdNotValid):
        ALICE.set_not_interested("../secret")
    assert ALICE.get_view().has_ordered is False


def test_a_small_shop_recommends_what_it_has() -> None:
    sell("lamp", "40")
    sell("bulb", "4", brand="Filament")
    place(lamp=1)
    items = recommended()
    assert items.product_ids == ["bulb"]
    assert "Filament" in items.product_brands


@pytest.mark.usefixtures("goods")
def test_what_others_buy_together_comes_first() -> None:
    for user_id in ("bob", "carol", "dora"):
        place(user_id, lamp=1, thing7=1)
    step()
    place(lamp=1)
    items = recommended()
    assert items.product_ids[0] == "thing7"
    assert items.reasons["thing7"] == "Often bought together with Lamp"


@pytest.mark.usefixtures("goods")
def test_purchases_are_counted_once_by_product_and_brand() -> None:
    order_id = place(lamp=3, bulb=1)
    step()
    with freeze(Order.of(order_id).get_order().created_at):
        assert BoughtTogether.of("lamp").get_strengths() == pytest.approx({"bulb": 1}, rel=1e-3)
        assert BestSellers.of("*").get_strengths() == pytest.approx(
            {"lamp": 1, "bulb": 1}, rel=1e-3
        )
        assert list(BestSellers.of("Filament").get_strengths()) == ["bulb"]
        assert BoughtTogether.of("thing1").get_strengths() == {}


@pytest.mark.usefixtures("goods")
def test_an_order_is_noted_once() -> None:
    purchase = Purchase(
        order_id="o",
        items=[Bought(product_id="lamp", name="Lamp", brand="Aurora", quantity=1)],
        market=Market(),
    )
    ALICE.note_purchase(purchase)
    first = recommended()
    ALICE.note_purchase(purchase)
    assert recommended() == first
    assert BestSellers.of("*").get_strengths()["lamp"] == pytest.approx(1, rel=1e-3)


def test_refreshing_is_limited_for_an_hour(time: Frozen) -> None:
    for _ in range(REFRESHES):
        ALICE.refresh()
        time.tick(60)
    with pytest.raises(TooManyRequests) as refused:
        ALICE.refresh()
    assert refused.value.facts["retry_after"] == pytest.approx(3600 - 60 * REFRESHES, abs=1)
    ALICE.recommend_items()  # a purchase still counts
    step()
    time.tick(3600)
    ALICE.refresh()
    assert ALICE.get_view().is_busy is True


def test_one_is_made_at_a_time_and_one_more_for_all_that_came_meanwhile(time: Frozen) -> None:
    ALICE.recommend_items()
    for _ in range(5):
        ALICE.recommend_items()
    assert made() == 2


def test_orders_in_a_hurry_are_counted_and_answered_together(
    time: Frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "PAUSE", PAUSE)
    place(lamp=1)
    assert made() == 1
    for _ in range(3):
        place(lamp=1, bulb=1)
    assert made() == 0
    ALICE.refresh()  # who asks does not wait
    assert made() == 1
    assert BestSellers.of("*").get_strengths() == pytest.approx({"lamp": 4, "bulb": 3}, rel=1e-3)
    assert BoughtTogether.of("lamp").get_strengths() == pytest.approx({"bulb": 3}, rel=1e-3)
    place(thing1=1)
    time.tick(PAUSE.total_seconds() + 1)
    assert made() == 1
    assert "thing1" not in recommended().product_ids
    time.tick(60)
    assert made() == 0


def test_an_answer_that_was_discarded_does_not_stop_the_next(time: Frozen) -> None:
    ALICE.recommend_items()
    Effect.objects.all().delete()
    ALICE.recommend_items()
    assert made() == 0
    time.tick(601)
    ALICE.recommend_items()
    assert made() == 1


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("edge", ["turn", "effect-claim", "effect-result"])
def test_a_death_between_any_two_steps_costs_nothing_and_repeats_nothing(
    time: Frozen, edge: Edge, side: Side
) -> None:
    """Of noting the order, asking, making and keeping: one recommendation comes of one order."""
    place(lamp=1)
    with fault_at(edge, side) as faults:
        step()
    time.tick(60)  # the lease of what died
    step()
    assert faults == [f"{side} {edge}"]
    items = recommended()
    assert len(items.product_ids) == 4
    assert "lamp" not in items.product_ids
    assert ALICE.get_view().made == 1
    assert BestSellers.of("*").get_strengths()["lamp"] == pytest.approx(1, rel=1e-3)


@pytest.mark.usefixtures("goods")
def test_what_is_in_the_cart_is_not_recommended() -> None:
    place(lamp=1)
    first = recommended().product_ids[0]
    Cart.of("alice").add_item(first, 1)
    assert first not in recommended().product_ids
    assert len(recommended().product_ids) == 4
    ALICE.refresh()
    assert first not in recommended().product_ids
    Cart.of("alice").remove_item(first)
    ALICE.refresh()
    assert first in recommended().product_ids
