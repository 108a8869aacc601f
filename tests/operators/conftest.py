"""The actors: root is staff, alice is not, the visitor is nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts import tokens
from accounts.models import User
from tests.agents_core.conftest import definitions
from tests.socialnet.api.client import Api

__all__ = ["definitions"]

BASE = "/api/v1/agents"


@pytest.fixture
def root() -> Iterator[Api]:
    yield from _joined("root", staff=True)


@pytest.fixture
def alice() -> Iterator[Api]:
    yield from _joined("alice", staff=False)


@pytest.fixture
def visitor() -> Api:
    return Api("visitor", None, BASE)


def _joined(name: str, *, staff: bool) -> Iterator[Api]:
    tokens.forget()
    account = User.objects.create_user(name, is_staff=staff)
    yield Api(name, tokens.create(account, "test")[1], BASE)
    tokens.forget()
