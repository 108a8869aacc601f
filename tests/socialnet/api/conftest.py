"""The actors: alice and bob are ordinary people, charlie is a stranger, root is staff."""

from collections.abc import Callable, Iterator

import pytest

from tests.callers import joining
from tests.socialnet.api.client import Api

Join = Callable[..., Api]


@pytest.fixture
def join() -> Iterator[Join]:
    yield from joining(Api)


@pytest.fixture
def alice(join: Join) -> Api:
    return join("alice")


@pytest.fixture
def bob(join: Join) -> Api:
    return join("bob")


@pytest.fixture
def charlie(join: Join) -> Api:
    return join("charlie")


@pytest.fixture
def root(join: Join) -> Api:
    return join("root", staff=True)


@pytest.fixture
def visitor() -> Api:
    return Api("visitor", None)
