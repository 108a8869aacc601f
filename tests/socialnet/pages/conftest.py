"""Browsers without a browser: alice, bob and charlie are ordinary people."""

import pytest
from django.test import Client

from tests.browsing import signed_in


@pytest.fixture
def alice() -> Client:
    return signed_in("alice")


@pytest.fixture
def bob() -> Client:
    return signed_in("bob")


@pytest.fixture
def charlie() -> Client:
    return signed_in("charlie")
