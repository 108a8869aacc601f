"""API tokens: shown once, recognised fast, closed within seconds."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from time import perf_counter

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import tokens
from accounts.caller import Person
from accounts.models import ApiToken, User


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    tokens.forget()
    yield
    tokens.forget()


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let this process's memory of tokens grow old without waiting for it."""

    def grow_old(seconds: float) -> None:
        now = tokens.time.monotonic()
        monkeypatch.setattr(tokens.time, "monotonic", lambda: now + seconds)

    return grow_old


def test_it_says_whose_token_it_is(alice: User) -> None:
    _, token = tokens.create(alice, "laptop")
    assert tokens.person_with(token) == Person("alice", is_staff=False)


@pytest.mark.parametrize("token", ["", "agora_nonsense", "ü", "\ud800", "x" * 10_000])
def test_it_opens_to_no_other(alice: User, token: str) -> None:
    tokens.create(alice, "laptop")
    assert tokens.person_with(token) is None


def test_it_keeps_only_the_prefix_and_the_hash(alice: User) -> None:
    row, token = tokens.create(alice, "laptop")
    row.refresh_from_db()
    assert token.startswith(row.prefix)
    assert len(row.prefix) == 12
    assert token not in str(vars(row))


def test_a_known_token_costs_no_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, token = tokens.create(alice, "laptop")
    tokens.person_with(token)
    with django_assert_num_queries(0):
        assert tokens.person_with(token) is not None


def test_a_known_token_costs_next_to_no_time(alice: User) -> None:
    _, token = tokens.create(alice, "laptop")
    tokens.person_with(token)
    fastest = min(timed(lambda: tokens.person_with(token)) for _ in range(200))
    assert fastest < 50e-6


def timed(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def test_a_revoked_token_closes_at_once_here(alice: User) -> None:
    row, token = tokens.create(alice, "laptop")
    assert tokens.person_with(token)
    tokens.revoke(row)
    assert tokens.person_with(token) is None


def test_a_token_revoked_elsewhere_closes_in_seconds(
    alice: User, later: Callable[[float], None]
) -> None:
    row, token = tokens.create(alice, "laptop")
    tokens.person_with(token)
    ApiToken.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    assert tokens.person_with(token) is not None
    later(tokens.MEMORY_SECONDS)
    assert tokens.person_with(token) is None


def test_revoking_twice_keeps_the_first_time(alice: User) -> None:
    row, _ = tokens.create(alice, "laptop")
    tokens.revoke(row)
    row.refresh_from_db()
    first = row.revoked_at
    tokens.revoke(row)
    row.refresh_from_db()
    assert row.revoked_at == first


def test_an_expired_token_is_closed(alice: User, later: Callable[[float], None]) -> None:
    soon = timezone.now() + timedelta(seconds=1)
    _, token = tokens.create(alice, "laptop", expires_at=soon)
    assert tokens.person_with(token) is not None
    past = timezone.now() - timedelta(seconds=1)
    ApiToken.objects.update(expires_at=past)
    later(1)
    assert tokens.person_with(token) is None


def test_the_token_of_a_closed_account_is_closed(
    alice: User, later: Callable[[float], None]
) -> None:
    _, token = tokens.create(alice, "laptop")
    User.objects.update(is_active=False)
    assert tokens.person_with(token) is None


def test_it_notes_use_once_a_minute(alice: User, later: Callable[[float], None]) -> None:
    row, token = tokens.create(alice, "laptop")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tokens.person_with(token)
        row.refresh_from_db()
        first = row.last_used_at
        assert first is not None
        clock.shift(30)
        tokens.forget()
        tokens.person_with(token)
        row.refresh_from_db()
        assert row.last_used_at == first
        clock.shift(31)
        tokens.forget()
        tokens.person_with(token)
        row.refresh_from_db()
        assert row.last_used_at == first + timedelta(seconds=61)
