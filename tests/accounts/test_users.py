"""Accounts: one spelling per person, and born together with what others make of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import User
from accounts.signals import account_created


@pytest.fixture
def heard() -> Iterator[list[str]]:
    names: list[str] = []

    def hear(user: User, **kwargs: Any) -> None:
        names.append(user.username)
        if user.username == "unlucky":
            raise RuntimeError("the agents are away")

    account_created.connect(hear)
    yield names
    account_created.disconnect(hear)


def test_it_folds_usernames_however_they_are_made() -> None:
    assert User.objects.create_user("Alice").username == "alice"
    assert User.objects.create(username="BOB").username == "bob"


def test_it_knows_one_person_by_any_spelling() -> None:
    User.objects.create_user("alice", password="correct horse")
    with pytest.raises(IntegrityError):
        User.objects.create_user("ALICE")
    assert authenticate(username="Alice", password="correct horse") is not None


def test_the_database_refuses_what_is_no_agent_id() -> None:
    with pytest.raises(IntegrityError):
        User.objects.create(username="no spaces")


def test_validation_refuses_it_too() -> None:
    with pytest.raises(ValidationError):
        User(username="no spaces", password="x").full_clean()


def test_it_announces_an_account_once(heard: list[str]) -> None:
    user = User.objects.create_user("alice")
    user.save()
    assert heard == ["alice"]


def test_there_is_no_account_if_a_receiver_fails(heard: list[str]) -> None:
    with pytest.raises(RuntimeError):
        User.objects.create_user("unlucky")
    assert not User.objects.filter(username="unlucky").exists()
