"""E-mails about orders: one for each step, whatever breaks."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from agents_core.models import Effect
from agents_core.testing import fault_at, freeze, step
from shop.agents.cart import Cart
from shop.agents.order import Order
from tests.shop.goods import HOME, OFFICE, place, sell


@pytest.fixture(autouse=True)
def goods(clean_world: None) -> None:
    sell("lamp", "9.90")


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


def test_the_customer_is_told_of_each_step() -> None:
    Cart.of("alice").set_shipping_address(OFFICE)
    order_id = place(lamp=2)
    step()
    Order.of(order_id).ship()
    step()
    assert subjects() == ["We have your order", "Your order is on its way"]
    assert [message.to for message in mail.outbox] == [["alice@example.com"]] * 2
    for said in (order_id, "2 × Lamp (Aurora): $19.80", "Total: $19.80", OFFICE.street):
        assert said in mail.outbox[0].body


def test_it_goes_to_who_pays_where_nothing_else_was_said() -> None:
    place(lamp=1)
    step()
    assert HOME.street in mail.outbox[0].body


def test_the_customer_is_told_of_the_end() -> None:
    Order.of(place(lamp=1)).cancel()
    step()
    assert subjects() == ["We have your order", "Your order has been cancelled"]


def test_what_is_refused_is_not_told() -> None:
    order = Order.of(place(lamp=1))
    order.cancel()
    step()
    with pytest.raises(Exception, match="cancelled"):
        order.ship()
    step()
    assert len(mail.outbox) == 2


def test_edits_are_not_told() -> None:
    order = Order.of(place(lamp=1))
    order.set_quantity("lamp", 3)
    step()
    assert subjects() == ["We have your order"]


def test_news_go_to_the_address_of_the_moment() -> None:
    order = Order.of(place(lamp=1))
    order.set_email("new@example.com")
    order.ship()
    step()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "alice@example.com",
        "new@example.com",
    ]


def failing(
    monkeypatch: pytest.MonkeyPatch, *errors: Exception | None, after: bool = False
) -> None:
    """Have the mail server raise these, one a letter, instead of (or after) taking it."""
    take, coming = EmailBackend.send_messages, list(errors)

    def send(self: EmailBackend, messages: Any) -> Any:
        error = coming.pop(0) if coming else None
        if error is None or after:
            take(self, messages)
        if error is not None:
            raise error

    monkeypatch.setattr(EmailBackend, "send_messages", send)


def step_for_hours() -> None:
    with freeze("2030-01-01T00:00:00Z") as time:
        for _ in range(5):
            step()
            time.tick(3600)


def test_a_letter_that_is_not_taken_is_sent_later(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, SMTPDataError(451, b"later"), SMTPDataError(451, b"later"))
    place(lamp=1)
    step_for_hours()
    assert subjects() == ["We have your order"]


def test_a_mail_server_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    away = [ConnectionRefusedError(), TimeoutError()]

    def open_(self: EmailBackend) -> None:
        if away:
            raise away.pop()

    monkeypatch.setattr(EmailBackend, "open", open_)
    place(lamp=1)
    step_for_hours()
    assert subjects() == ["We have your order"]
    assert away == []


@pytest.mark.parametrize("after", [False, True])
def test_nothing_is_sent_again_that_may_have_been_sent(
    monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    failing(monkeypatch, SMTPServerDisconnected(), after=after)
    place(lamp=1)
    step_for_hours()
    assert len(mail.outbox) == int(after)
    (doubtful,) = Effect.objects.all()
    assert "letter_in_doubt" in str(doubtful.__dict__)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("edge", ["effect-claim", "effect-result"])
def test_a_lost_commit_sends_nothing_twice(edge: Any, side: Any) -> None:
    place(lamp=1)
    with fault_at(edge, side):
        step()
    step_for_hours()
    assert subjects() == ["We have your order"]
    assert Effect.objects.count() == 0
