"""Browsers without a browser: alice and bob are customers, root is staff, the guest is nobody."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User as Account
from tests.shop.goods import sell

SignIn = Callable[..., Client]


@pytest.fixture
def goods(clean_world: None) -> None:
    sell("lamp", "9.90")
    sell("chair", "120")


@pytest.fixture
def sign_in(clean_world: None) -> SignIn:
    def sign_in(user_id: str, *, staff: bool = False) -> Client:
        client = Client()
        client.force_login(Account.objects.create_user(user_id, is_staff=staff))
        return client

    return sign_in


@pytest.fixture
def alice(sign_in: SignIn) -> Client:
    return sign_in("alice")


@pytest.fixture
def bob(sign_in: SignIn) -> Client:
    return sign_in("bob")


@pytest.fixture
def root(sign_in: SignIn) -> Client:
    return sign_in("root", staff=True)


@pytest.fixture
def guest(clean_world: None) -> Client:
    return Client()
