"""Carts of people who have not signed in. The session knows which; signing in merges it, once."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.pages import PageRequest
from agents_core import AgentError, calling
from shop.agents.cart import Cart

logger = logging.getLogger(__name__)

SESSION_KEY = "guest_cart"
PREFIX = "guest~"
"""No username has a tilde: nobody can have an account of a guest's name."""


def find_cart(request: PageRequest) -> Cart | None:
    """The cart of whoever asks; None for a visitor who has put nothing into one."""
    if request.caller:
        return Cart.of(request.caller.user_id)
    guest_id = request.session.get(SESSION_KEY)
    return Cart.of(guest_id) if guest_id else None


def open_cart(request: PageRequest) -> Cart:
    """The same to put something in; a visitor gets one."""
    if request.caller:
        merge_guest(request, request.caller.user_id)
    elif SESSION_KEY not in request.session:
        request.session[SESSION_KEY] = f"{PREFIX}{secrets.token_hex(16)}"
    cart = find_cart(request)
    assert cart is not None
    return cart


@receiver(user_logged_in)
def take_cart_along(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Take what somebody gathered with them. Whatever becomes of it, they are signed in."""
    try:
        merge_guest(request, user.username)
    except AgentError:
        logger.exception("The cart of a guest waits to be merged into that of %s", user.username)


def merge_guest(request: HttpRequest, user_id: str) -> None:
    """Merge what a session gathered before its owner signed in; told twice, it happens once."""
    guest_id = request.session.get(SESSION_KEY)
    if guest_id:
        with calling(user_id, key=f"merge:{guest_id}"):
            Cart.of(user_id).merge_guest(guest_id)
        del request.session[SESSION_KEY]
