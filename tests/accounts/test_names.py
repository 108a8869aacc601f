"""Usernames, as pure rules."""

import pytest
from django.core.exceptions import ValidationError

from accounts import names


@pytest.mark.parametrize("name", ["alice", "a", "u001", "a.b-c_d", "0", "x" * 64, "agora"])
def test_it_accepts_what_can_be_an_id(name: str) -> None:
    assert names.is_valid(name)


@pytest.mark.parametrize(
    "name", ["", "Alice", "a b", "é", "a/b", "x" * 65, "alice\n", "me", "search", ".", "..", "a@b"]
)
def test_it_rejects_what_cannot(name: str) -> None:
    assert not names.is_valid(name)
    with pytest.raises(ValidationError):
        names.validate(name)


def test_it_folds_to_one_spelling() -> None:
    assert names.fold(" Alice.B ") == "alice.b"


@pytest.mark.parametrize("name", ["a", "admin", "API", "ws", "...", "-_", "me"])
def test_it_keeps_some_names_from_newcomers(name: str) -> None:
    with pytest.raises(ValidationError):
        names.validate_for_sign_up(names.fold(name))


def test_it_lets_newcomers_have_the_rest() -> None:
    names.validate_for_sign_up("al")
