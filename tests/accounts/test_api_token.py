"""`manage.py api_token`: a token alone on standard output, or one line of error."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import tokens
from accounts.caller import Person
from accounts.models import User


def api_token(*arguments: str) -> str:
    out = StringIO()
    call_command("api_token", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_a_token_alone() -> None:
    User.objects.create_user("alice")
    printed = api_token("Alice")
    assert printed == printed.strip() + "\n"
    assert tokens.person_with(printed.strip()) == Person("alice")


def test_it_does_not_make_an_account_unasked() -> None:
    with pytest.raises(CommandError, match="There is no user 'bob'"):
        api_token("bob")
    assert not User.objects.exists()


def test_it_makes_the_account_if_asked() -> None:
    assert tokens.person_with(api_token("bob", "--create").strip()) == Person("bob")
    assert not User.objects.get(username="bob").has_usable_password()


def test_it_makes_an_account_once() -> None:
    api_token("bob", "--create")
    api_token("bob", "--create")
    assert User.objects.count() == 1


def test_it_makes_staff() -> None:
    assert tokens.person_with(api_token("bob", "--create", "--staff").strip()) == Person(
        "bob", is_staff=True
    )


@pytest.mark.parametrize("name", ["no spaces", "", "me", "x" * 65])
def test_it_refuses_what_cannot_be_a_name(name: str) -> None:
    with pytest.raises(CommandError, match="cannot be a username"):
        api_token(name, "--create")
