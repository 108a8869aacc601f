"""Signing in: what is refused, and where."""

import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
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


def test_a_session_lasts_two_weeks_from_the_last_visit(ann: User) -> None:
    client = Client()
    with time_machine.travel("2030-01-01T12:00:00Z", tick=False) as clock:
        client.post("/accounts/login/", FORM | {"remember": "on"})
        for _ in range(3):
            clock.shift(timedelta(days=10))
            assert client.get("/account/").status_code == 200
        assert UserSession.objects.get().last_seen_at == timezone.now()
        assert "set-cookie" not in {name.lower() for name in client.get("/account/").headers}
        clock.shift(timedelta(days=15))
        assert client.get("/account/").status_code == 302


def test_who_would_rather_not_stay_signed_in_is_forgotten_with_the_window(ann: User) -> None:
    kept, forgotten = Client(), Client()
    kept.post("/accounts/login/", FORM | {"remember": "on"})
    forgotten.post("/accounts/login/", FORM)
    ages = [one.cookies["agora_session"]["max-age"] for one in (kept, forgotten)]
    assert ages == [14 * 24 * 3600, ""]
    assert forgotten.get("/account/").status_code == 200


def test_signing_in_changes_the_sessions_key(ann: User) -> None:
    client = Client()
    client.get("/accounts/signup/?invitation=none")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["agora_session"] = before = session.session_key or ""
    client.post("/accounts/login/", FORM)
    assert client.cookies["agora_session"].value not in ("", before)


@pytest.mark.parametrize("password", ["password1", "qwertyuiop", "annannann", "12345678"])
def test_passwords_everybody_knows_are_not_taken(client: Client, password: str) -> None:
    form = {"username": "annann", "password1": password, "password2": password}
    assert client.post("/accounts/signup/", form).status_code == 422
    assert not User.objects.exists()


def test_cookies_are_bound_to_this_host_where_the_site_is_https_only(
    server_environment: dict[str, str],
) -> None:
    names = "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SECURE_HSTS_SECONDS", "CSRF_COOKIE_SECURE"
    asked = f"import config.settings as s; print(*(getattr(s, name) for name in {names}))"
    secure = {"DEBUG": "false", "SECRET_KEY": "x" * 60}
    told = subprocess.run(
        [sys.executable, "-c", asked],
        env=server_environment | secure,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["__Host-session", "__Host-csrf", "31536000", "True"]
