"""The actors: alice is a customer, root is staff, the visitor is not signed in."""

from collections.abc import Callable, Iterator

import pytest

from accounts import tokens
from accounts.models import User
from tests.shop.api.client import Api

Join = Callable[..., Api]


@pytest.fixture
def join() -> Iterator[Join]:
    tokens.forget()

    def join(name: str, *, staff: bool = False) -> Api:
        account = User.objects.create_user(name, is_staff=staff)
        return Api(name, tokens.create(account, "test")[1])

    yield join
    tokens.forget()


@pytest.fixture
def alice(join: Join) -> Api:
    return join("alice")


@pytest.fixture
def bob(join: Join) -> Api:
    return join("bob")


@pytest.fixture
def root(join: Join) -> Api:
    return join("root", staff=True)


@pytest.fixture
def visitor() -> Api:
    return Api("visitor", None)
