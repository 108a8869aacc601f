"""Accounts and tokens, as operators see them."""

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import ApiToken, User
from socialnet.agents.user import User as Person

PASSWORD = "correct-horse-battery"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password=PASSWORD))
    return client


def test_it_makes_an_account_and_its_person(operator: Client) -> None:
    operator.post(
        "/admin/accounts/user/add/",
        {
            "username": "Alice",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert User.objects.filter(username="alice").exists()
    assert Person.of("alice").is_registered()


def test_it_does_not_rename_an_account(operator: Client) -> None:
    alice = User.objects.create_user("alice")
    page = operator.get(f"/admin/accounts/user/{alice.pk}/change/")
    assert page.status_code == 200
    assert b'name="username"' not in page.content


def test_it_revokes_tokens_and_makes_none(operator: Client) -> None:
    row, token = tokens.create(User.objects.create_user("alice"), "laptop")
    assert operator.get("/admin/accounts/apitoken/add/").status_code == 403
    listed = operator.get("/admin/accounts/apitoken/")
    assert row.prefix in listed.content.decode()
    operator.post(
        "/admin/accounts/apitoken/",
        {"action": "revoke_tokens", "_selected_action": [row.pk]},
    )
    assert ApiToken.objects.get().revoked_at is not None
    assert tokens.person_with(token) is None


def test_it_is_not_open_to_others(client: Client) -> None:
    client.force_login(User.objects.create_user("alice"))
    assert client.get("/admin/accounts/user/").status_code in (302, 403)
