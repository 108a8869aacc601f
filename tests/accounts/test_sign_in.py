"""Signing in: what is refused, and where."""

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User

FORM = {"login": "ann", "password": "right-horse-battery"}


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann", password=FORM["password"])


def test_the_right_password_opens_the_door(client: Client, ann: User) -> None:
    assert client.post("/accounts/login/", FORM).status_code == 302
    assert client.get("/account/").status_code == 200


def test_guessing_passwords_ends_soon(client: Client, ann: User) -> None:
    wrong = FORM | {"password": "wrong"}
    for _ in range(5):
        client.post("/accounts/login/", wrong)
    answer = client.post("/accounts/login/", FORM)

    assert "Too many failed login attempts" in answer.content.decode()
    assert client.get("/account/").status_code == 302


def test_where_nobody_can_count_the_door_stays_closed(
    client: Client, ann: User, settings: Settings
) -> None:
    gone = settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": gone}
    assert caches["default"]._servers == ["redis://127.0.0.1:1/0"]

    answer = client.post("/accounts/login/", FORM)

    assert answer.status_code == 503
    assert "nobody signs in" in answer.content.decode()
    assert client.get("/account/").status_code == 302
