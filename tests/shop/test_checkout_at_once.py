"""Many checkouts of one cart at the same moment: one order, however they come."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import pytest

from agents_core import AgentError, Caller, calling
from shop.agents.cart import Cart
from shop.agents.order import Order
from shop.agents.schemas import CartView
from tests.agents_core.racing import in_own_process, together
from tests.shop.goods import make_ready, sell

AT_ONCE = 32
# Each process says that it is ready, waits for the word, and checks out eight times at once.
BUYERS = """
import sys
import django
django.setup()
from agents_core import AgentError, Caller, calling
from shop.agents.cart import Cart
from tests.agents_core.racing import together

def check_out():
    try:
        with calling(Caller("alice"), key=sys.argv[1] or None):
            return Cart.of("alice").checkout().order_id
    except AgentError as refusal:
        return refusal.code

Cart.of("alice").get_cart()
print("ready", flush=True)
sys.stdin.readline()
print(*together(*[check_out] * 8), flush=True)
"""


@pytest.fixture(autouse=True)
def cart(clean_world: None) -> CartView:
    """What alice is about to order."""
    sell("lamp", "9.90")
    make_ready()
    return Cart.of("alice").add_item("lamp", 2)


def check_out(key: str | None = None) -> str:
    """The order's id, or the code of the refusal."""
    try:
        with calling(Caller("alice"), key=key):
            return Cart.of("alice").checkout().order_id
    except AgentError as refusal:
        return refusal.code


def check_out_in_own_process() -> str:
    try:
        order: str = in_own_process(Cart.of("alice"), "checkout").order_id
        return order
    except AgentError as refusal:
        return refusal.code


def assert_one_order(answers: list[str], *, refused: int) -> None:
    (order,) = Cart.of("alice").get_orders().items
    assert sorted(answers) == sorted(
        [order.order_id] * (AT_ONCE - refused) + ["empty_items"] * refused
    )
    assert str(order.total) == "19.80"
    assert Cart.of("alice").get_cart().items == []
    assert Order.of(order.order_id).get_order() == order


def test_threads_make_one_order() -> None:
    assert_one_order(together(*[check_out] * AT_ONCE), refused=AT_ONCE - 1)


def test_turns_that_go_alone_make_one_order() -> None:
    assert_one_order(together(*[check_out_in_own_process] * AT_ONCE), refused=AT_ONCE - 1)


def test_clicks_with_one_key_get_the_same_order() -> None:
    assert_one_order(together(*[partial(check_out, "k")] * AT_ONCE), refused=0)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "refused"), [("", AT_ONCE - 1), ("k", 0)])
def test_processes_make_one_order(
    server_environment: dict[str, str], key: str, refused: int
) -> None:
    buyers = [
        subprocess.Popen(
            [sys.executable, "-c", BUYERS, key],
            env=server_environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(AT_ONCE // 8)
    ]
    for buyer in buyers:
        assert buyer.stdout is not None
        assert buyer.stdout.readline() == "ready\n"
    for buyer in buyers:
        assert buyer.stdin is not None
        buyer.stdin.write("go\n")
        buyer.stdin.flush()
    answers = [answer for buyer in buyers for answer in buyer.communicate(timeout=60)[0].split()]
    assert_one_order(answers, refused=refused)
