"""Browsers without a browser: alice and bob are customers, root is staff, the guest is nobody."""

import pytest
from django.test import Client

from tests.browsing import signed_in
from tests.shop.goods import sell


@pytest.fixture
def goods(clean_world: None) -> None:
    sell("lamp", "9.90")
    sell("chair", "120")


@pytest.fixture
def alice() -> Client:
    return signed_in("alice")


@pytest.fixture
def bob() -> Client:
    return signed_in("bob")


@pytest.fixture
def root() -> Client:
    return signed_in("root", staff=True)


@pytest.fixture
def guest() -> Client:
    return Client()
