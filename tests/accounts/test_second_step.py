"""A second step at the door: codes, recovery codes, passkeys; and the admin behind it."""

import re
import time

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from accounts.models import User

PASSWORD = "right-horse-battery"
FORM = {"login": "sue", "password": PASSWORD}


@pytest.fixture
def sue() -> User:
    return User.objects.create_user("sue", password=PASSWORD, is_staff=True, is_superuser=True)


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    counter = next(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counter))


def set_up(client: Client) -> str:
    """Switch codes on; the secret in the app."""
    asked = client.get("/accounts/2fa/totp/activate/")
    page = client.post(asked.headers["Location"], {"password": PASSWORD}, follow=True)
    found = re.search(r'id="authenticator_secret"[^>]* value="(\w+)"', page.content.decode())
    assert found is not None
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(found[1])})
    return found[1]


@pytest.fixture
def secret(sue: User) -> str:
    client = Client()
    with time_machine.travel(time.time(), tick=False):  # a code lasts half a minute
        client.post("/accounts/login/", FORM)
        return set_up(client)


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_password_alone_no_longer_opens_the_door(secret: str) -> None:
    client = Client()
    answer = client.post("/accounts/login/", FORM)
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 422
    assert not is_in(client)
    with time_machine.travel(time.time() + 60, tick=False):  # a code opens once
        client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert is_in(client)


def test_the_admin_is_behind_the_same_door(secret: str) -> None:
    client = Client()
    asked = client.get("/admin/")
    assert asked.status_code == 302
    login = client.get(asked.headers["Location"]).headers["Location"]
    assert login.startswith("/accounts/login/")
    client.post(login, FORM)
    assert client.get("/admin/").status_code == 302
    with time_machine.travel(time.time() + 60, tick=False):
        client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        assert client.get("/admin/").status_code == 200


def test_who_is_no_staff_is_told_so_at_the_admin() -> None:
    client = Client()
    client.force_login(User.objects.create_user("ann"))
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_recovery_code_opens_it_once(sue: User, secret: str) -> None:
    keeper = Client()
    keeper.post("/accounts/login/", FORM)
    with time_machine.travel(time.time() + 60, tick=False):
        keeper.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
        page = keeper.get("/accounts/2fa/recovery-codes/", follow=True).content.decode()
        if "recovery_codes" not in page:
            asked = keeper.get("/accounts/2fa/recovery-codes/").headers["Location"]
            page = keeper.post(asked, {"password": PASSWORD}, follow=True).content.decode()
        codes = re.findall(r"\b\d{8}\b", page)
        assert len(codes) == 10
        for works in (True, False):
            client = Client()
            client.post("/accounts/login/", FORM)
            client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
            assert is_in(client) is works


def test_a_passkey_is_offered_at_the_door(client: Client) -> None:
    assert "Use a passkey" in client.get("/accounts/login/").content.decode()
    options = client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["challenge"]


@pytest.mark.parametrize("page", ["totp/activate/", "webauthn/add/", "recovery-codes/generate/"])
def test_changing_it_takes_the_password(sue: User, page: str) -> None:
    client = Client()
    client.post("/accounts/login/", FORM)
    asked = client.get(f"/accounts/2fa/{page}")
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")


def test_changing_the_address_takes_the_password(sue: User) -> None:
    client = Client()
    client.post("/accounts/login/", FORM)
    asked = client.post("/accounts/email/", {"email": "s@example.com", "action_add": ""})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    form = {"password": PASSWORD, "next": "/accounts/email/"}
    assert client.post(asked.headers["Location"], form).status_code == 302
    assert list(sue.emailaddress_set.values_list("email", flat=True)) == ["s@example.com"]
