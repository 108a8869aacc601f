"""The actors: root is staff, alice is not, the visitor is nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.agents_core.conftest import definitions
from tests.callers import Api, joining

__all__ = ["definitions"]

BASE = "/api/v1/agents"


@pytest.fixture
def join() -> Iterator[Callable[..., Api]]:
    yield from joining(lambda name, token: Api(name, token, BASE))


@pytest.fixture
def root(join: Callable[..., Api]) -> Api:
    return join("root", staff=True)


@pytest.fixture
def alice(join: Callable[..., Api]) -> Api:
    return join("alice")


@pytest.fixture
def visitor() -> Api:
    return Api("visitor", None, BASE)
