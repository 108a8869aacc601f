"""A shopper's cart."""

from datetime import UTC, datetime

import pytest

from accounts.text import EmailNotValid
from agents_core import ArgumentsNotValid
from agents_core.testing import step
from shop.agents.cart import Cart
from shop.agents.errors import (
    ActionNotAllowed,
    AddressNotValid,
    CurrencyNotValid,
    ItemNotFound,
    OrderNotFound,
    PricingNotFound,
    ProductNotFound,
    QuantityTooLarge,
    TooManyItems,
)
from shop.agents.order import Order
from shop.agents.pricing import Pricing
from shop.agents.product import Product
from shop.agents.schemas import CartView, Market, NewOrder, ProductDetails
from tests.shop.goods import HOME, OFFICE, make_ready, place, sell

ALICE = "alice"


@pytest.fixture(autouse=True)
def goods(clean_world: None) -> None:
    sell("lamp", "9.90")
    sell("chair", "120")


def quantities(cart: CartView) -> dict[str, int]:
    return {item.product_id: item.quantity for item in cart.items}


def test_it_is_empty_at_first() -> None:
    cart = Cart.of(ALICE).get_cart()
    assert (cart.items, str(cart.total), cart.currency, cart.email) == ([], "0.00", "USD", None)
    assert (cart.revision, cart.updated_at) == (0, None)


def test_what_is_put_in_is_in_it_at_its_price() -> None:
    cart = Cart.of(ALICE).add_item("lamp", 3)
    assert cart.model_dump(mode="json", include={"items", "total", "currency"}) == {
        "items": [
            {
                "product_id": "lamp",
                "product_name": "Lamp",
                "product_brand": "Aurora",
                "price": "9.90",
                "quantity": 3,
            }
        ],
        "total": "29.70",
        "currency": "USD",
    }
    assert Cart.of(ALICE).get_cart() == cart


def test_putting_in_more_adds_to_what_is_there() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    Cart.of(ALICE).add_item("chair", 1)
    assert quantities(Cart.of(ALICE).add_item("lamp", 3)) == {"lamp": 5, "chair": 1}


def test_setting_a_quantity_sets_it() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    assert quantities(Cart.of(ALICE).set_quantity("lamp", 3)) == {"lamp": 3}


def test_the_same_quantity_again_changes_nothing() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    first = Cart.of(ALICE).set_quantity("lamp", 3)
    assert Cart.of(ALICE).set_quantity("lamp", 3) == first


@pytest.mark.parametrize("quantity", [0, -3, 1000, None, 1.5, True])
def test_a_quantity_is_one_to_999(quantity: int) -> None:
    before = Cart.of(ALICE).add_item("lamp", 2)
    for refused in (Cart.of(ALICE).add_item, Cart.of(ALICE).set_quantity):
        with pytest.raises(ArgumentsNotValid):
            refused("lamp", quantity)
    assert Cart.of(ALICE).get_cart() == before


def test_a_line_has_at_most_999() -> None:
    Cart.of(ALICE).add_item("lamp", 998)
    assert quantities(Cart.of(ALICE).add_item("lamp", 1)) == {"lamp": 999}
    with pytest.raises(QuantityTooLarge):
        Cart.of(ALICE).add_item("lamp", 1)
    assert quantities(Cart.of(ALICE).get_cart()) == {"lamp": 999}


def test_a_cart_has_a_limit_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.agents.cart.LINES_MAX", 1)
    Cart.of(ALICE).add_item("lamp", 1)
    with pytest.raises(TooManyItems):
        Cart.of(ALICE).add_item("chair", 1)
    assert quantities(Cart.of(ALICE).add_item("lamp", 1)) == {"lamp": 2}


def test_only_what_is_sold_and_priced_can_be_put_in() -> None:
    with pytest.raises(ProductNotFound):
        Cart.of(ALICE).add_item("unicorn", 1)
    Product.of("gift").put(ProductDetails(name="Gift", brand="Aurora"))
    with pytest.raises(PricingNotFound):
        Cart.of(ALICE).add_item("gift", 1)
    sell("gift", "1")
    assert quantities(Cart.of(ALICE).add_item("gift", 1)) == {"gift": 1}


def test_what_is_taken_out_is_gone() -> None:
    Cart.of(ALICE).add_item("lamp", 1)
    Cart.of(ALICE).add_item("chair", 1)
    assert quantities(Cart.of(ALICE).remove_item("lamp")) == {"chair": 1}


def test_what_is_not_in_it_can_be_neither_set_nor_taken_out() -> None:
    with pytest.raises(ItemNotFound):
        Cart.of(ALICE).set_quantity("lamp", 1)
    with pytest.raises(ItemNotFound):
        Cart.of(ALICE).remove_item("lamp")


def test_clearing_keeps_the_email_and_nothing_else() -> None:
    make_ready()
    Cart.of(ALICE).set_shipping_address(OFFICE)
    Cart.of(ALICE).add_item("lamp", 1)
    cart = Cart.of(ALICE).clear()
    assert (cart.items, cart.billing_address, cart.shipping_address) == ([], None, None)
    assert cart.email == "alice@example.com"


def test_it_knows_who_gets_it_where() -> None:
    Cart.of(ALICE).set_email(" alice@EXAMPLE.com ")
    Cart.of(ALICE).set_billing_address(HOME)
    cart = Cart.of(ALICE).set_shipping_address(OFFICE)
    assert (cart.email, cart.billing_address, cart.shipping_address) == (
        "alice@example.com",
        HOME,
        OFFICE,
    )


@pytest.mark.parametrize("email", ["", "  ", "nobody", "a@b"])
def test_an_email_address_is_one(email: str) -> None:
    with pytest.raises(EmailNotValid):
        Cart.of(ALICE).set_email(email)
    assert Cart.of(ALICE).get_cart().email is None


def test_an_address_is_complete() -> None:
    for refused in (Cart.of(ALICE).set_billing_address, Cart.of(ALICE).set_shipping_address):
        with pytest.raises(AddressNotValid):
            refused(HOME.model_copy(update={"city": " "}))
    assert Cart.of(ALICE).get_cart().billing_address is None


def test_a_changed_price_is_told_and_counts() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    sell("lamp", "12")
    cart = Cart.of(ALICE).get_cart()
    assert str(cart.total) == "24.00"
    assert [problem.model_dump(mode="json") for problem in cart.problems] == [
        {
            "code": "price_changed",
            "product_id": "lamp",
            "product_name": "Lamp",
            "quantity": 2,
            "old_price": "9.90",
            "new_price": "12.00",
        }
    ]


def test_a_changed_price_is_told_until_it_is_accepted() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    sell("lamp", "12")
    assert Cart.of(ALICE).set_quantity("lamp", 3).problems
    cart = Cart.of(ALICE).accept_prices()
    assert (cart.problems, str(cart.total)) == ([], "36.00")
    assert Cart.of(ALICE).accept_prices() == cart


def test_adding_more_at_the_new_price_accepts_it() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    sell("lamp", "12")
    assert Cart.of(ALICE).add_item("lamp", 1).problems == []


def test_a_new_name_is_shown() -> None:
    Cart.of(ALICE).add_item("lamp", 1)
    Product.of("lamp").put(ProductDetails(name="Big lamp", brand="Boreal"))
    (item,) = Cart.of(ALICE).get_cart().items
    assert (item.product_name, item.product_brand) == ("Big lamp", "Boreal")


def test_what_is_no_longer_sold_is_told_and_does_not_count() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    Cart.of(ALICE).add_item("chair", 1)
    Product.of("lamp").withdraw()
    cart = Cart.of(ALICE).get_cart()
    assert (quantities(cart), str(cart.total)) == ({"chair": 1}, "120.00")
    (problem,) = cart.problems
    assert (problem.code, problem.product_name, problem.quantity) == ("no_longer_sold", "Lamp", 2)
    assert Cart.of(ALICE).accept_prices().problems == [problem]
    assert Cart.of(ALICE).remove_item("lamp").problems == []


def test_what_is_sold_again_is_in_it_again() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    Product.of("lamp").withdraw()
    sell("lamp", "9.90")
    cart = Cart.of(ALICE).get_cart()
    assert (quantities(cart), cart.problems) == ({"lamp": 2}, [])


def test_what_has_no_price_any_more_is_told() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    Pricing.of("lamp").put([], [], [])
    cart = Cart.of(ALICE).get_cart()
    assert (cart.items, [problem.code for problem in cart.problems]) == ([], ["no_price"])


def test_it_can_be_bought_in_another_currency() -> None:
    sell("lamp", "1500", currency="JPY", zone="asia")
    Cart.of(ALICE).add_item("lamp", 2)
    Cart.of(ALICE).set_market("JPY", "asia")
    cart = Cart.of(ALICE).get_cart()
    assert (str(cart.total), cart.currency, cart.zone) == ("3000", "JPY", "asia")
    assert cart.problems == []
    with pytest.raises(PricingNotFound):
        Cart.of(ALICE).add_item("chair", 1)


def test_nothing_can_be_bought_for_what_is_no_money() -> None:
    with pytest.raises(CurrencyNotValid):
        Cart.of(ALICE).set_market("XXX", "global")
    assert Cart.of(ALICE).get_cart().currency == "USD"


def test_its_revision_counts_changes() -> None:
    first = Cart.of(ALICE).add_item("lamp", 1)
    again = Cart.of(ALICE).add_item("lamp", 1)
    assert (first.revision, again.revision) == (1, 2)
    assert Cart.of(ALICE).set_quantity("lamp", 2).revision == 2
    assert Cart.of(ALICE).get_news().revision == 2


def test_a_guests_cart_is_merged_with_the_larger_quantities() -> None:
    Cart.of(ALICE).add_item("lamp", 2)
    Cart.of("guest~1").add_item("lamp", 1)
    Cart.of("guest~1").add_item("chair", 3)
    assert quantities(Cart.of(ALICE).merge_guest("guest~1")) == {"lamp": 2, "chair": 3}
    Cart.of("guest~2").add_item("lamp", 5)
    assert quantities(Cart.of(ALICE).merge_guest("guest~2")) == {"lamp": 5, "chair": 3}


def test_a_guests_cart_is_merged_once() -> None:
    Cart.of("guest~1").add_item("lamp", 1)
    merged = Cart.of(ALICE).merge_guest("guest~1")
    Cart.of(ALICE).remove_item("lamp")
    assert quantities(merged) == {"lamp": 1}
    assert Cart.of(ALICE).merge_guest("guest~1").items == []
    assert Cart.of("bob").merge_guest("guest~1").items == []
    assert Cart.of("guest~1").get_cart().items == []


def test_what_a_guest_typed_fills_gaps_and_replaces_nothing() -> None:
    Cart.of(ALICE).set_email("alice@example.com")
    Cart.of("guest~1").set_email("other@example.com")
    Cart.of("guest~1").set_billing_address(HOME)
    cart = Cart.of(ALICE).merge_guest("guest~1")
    assert (cart.email, cart.billing_address) == ("alice@example.com", HOME)


def test_an_address_can_be_forgotten() -> None:
    make_ready()
    Cart.of(ALICE).add_item("lamp", 1)
    Cart.of(ALICE).checkout()
    assert Cart.of(ALICE).get_cart().address_book == [HOME]
    assert Cart.of(ALICE).forget_address(HOME).address_book == []
    step()


def test_what_does_not_fit_is_left_out_of_a_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    Cart.of(ALICE).add_item("lamp", 1)
    Cart.of("guest~1").add_item("chair", 1)
    monkeypatch.setattr("shop.agents.cart.LINES_MAX", 1)
    assert quantities(Cart.of(ALICE).merge_guest("guest~1")) == {"lamp": 1}


def test_its_news_count_the_pieces() -> None:
    assert Cart.of(ALICE).get_news().pieces == 0
    Cart.of(ALICE).add_item("lamp", 2)
    Cart.of(ALICE).add_item("chair", 3)
    assert Cart.of(ALICE).get_news().pieces == 5


def test_an_order_is_put_in_again_at_todays_prices() -> None:
    order_id = place(lamp=2, chair=1)
    sell("lamp", "12")
    Cart.of(ALICE).add_item("lamp", 1)
    cart = Cart.of(ALICE).add_again(order_id)
    assert quantities(cart) == {"lamp": 3, "chair": 1}
    assert (str(cart.total), cart.problems) == ("156.00", [])


def test_what_is_no_longer_sold_is_not_put_in_again() -> None:
    order_id = place(lamp=998, chair=1)
    Product.of("chair").withdraw()
    assert quantities(Cart.of(ALICE).add_again(order_id)) == {"lamp": 998}
    assert quantities(Cart.of(ALICE).add_again(order_id)) == {"lamp": 999}


def test_an_order_of_somebody_else_is_not_put_in() -> None:
    order_id = place(lamp=1)
    for nothing in (order_id, "0198c0de-0000-7000-8000-000000000000"):
        with pytest.raises(OrderNotFound):
            Cart.of("bob").add_again(nothing)
    assert Cart.of("bob").get_cart().items == []


def test_what_was_seen_in_another_currency_is_bought_in_that() -> None:
    sell("lamp", "8", currency="EUR", zone="eu")
    Cart.of(ALICE).add_item("lamp", 1)
    Cart.of(ALICE).add_item("chair", 1)
    cart = Cart.of(ALICE).add_item("lamp", 1, Market(currency="EUR", zone="eu"))
    assert (quantities(cart), str(cart.total), cart.currency) == ({"lamp": 2}, "16.00", "EUR")
    assert [(one.product_id, one.code) for one in cart.problems] == [("chair", "no_price")]
    with pytest.raises(CurrencyNotValid):
        Cart.of(ALICE).add_item("lamp", 1, Market(currency="XXX", zone="eu"))
    assert Cart.of(ALICE).get_cart() == cart


def test_an_empty_cart_takes_the_currency_of_the_guests() -> None:
    sell("lamp", "8", currency="EUR", zone="eu")
    for guest in ("guest~1", "guest~2"):
        Cart.of(guest).add_item("lamp", 1, Market(currency="EUR", zone="eu"))
    cart = Cart.of(ALICE).merge_guest("guest~1")
    assert (cart.currency, str(cart.total)) == ("EUR", "8.00")
    Cart.of("bob").add_item("chair", 1)
    cart = Cart.of("bob").merge_guest("guest~2")
    assert (cart.currency, str(cart.total), cart.problems) == ("USD", "129.90", [])


def test_an_order_from_before_is_taken_in_once_and_nobody_is_written_to() -> None:
    order_id = "01900000-0000-7000-8000-000000000001"
    (item,) = Cart.of(ALICE).add_item("lamp", 2).items
    then = datetime(2025, 1, 1, tzinfo=UTC)
    old = NewOrder(
        user_id="x", items=[item], market=Market(), order_status="shipped", ordered_at=then
    )
    for _ in range(2):
        Cart.of(ALICE).take_order(order_id, old)
    (order,) = Cart.of(ALICE).get_orders().items
    assert (order.order_id, order.user_id, order.order_status) == (order_id, ALICE, "shipped")
    assert (order.created_at, str(order.total)) == (then, "19.80")
    assert Cart.of(ALICE).get_cart().previous_order_ids == [order_id]
    with pytest.raises(ActionNotAllowed):
        Order.of(order_id).cancel()
