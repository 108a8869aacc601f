"""Where sign-up is closed: an invitation lets one person in, once, and for a while."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import inviting
from accounts.models import Invitation, User

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def closed(settings: Settings) -> None:
    settings.SIGN_UP_OPEN = False


def code_in(address: str) -> str:
    return address.removeprefix("http://127.0.0.1:8000/accounts/signup/?invitation=").strip()


def sign_up(client: Client, username: str) -> bool:
    form = {"username": username, "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", form)
    return User.objects.filter(username=username).exists()


def come_with(code: str) -> Client:
    client = Client()
    client.get(f"/accounts/signup/?invitation={code}")
    return client


def test_nobody_signs_up_without_one() -> None:
    assert "By invitation" in Client().get("/accounts/signup/").content.decode()
    assert not sign_up(Client(), "ann")
    assert not sign_up(come_with("guessed"), "ann")


def test_one_lets_one_person_in(settings: Settings) -> None:
    code = code_in(inviting.invite(None, "for Ann")[1])
    first, second = come_with(code), come_with(code)
    assert sign_up(first, "ann")
    assert not sign_up(second, "ben")
    assert not sign_up(come_with(code), "ben")
    made = Invitation.objects.get()
    assert made.used_by is not None
    assert made.used_by.username == "ann"
    settings.SIGN_UP_OPEN = True
    assert sign_up(second, "ben")


def test_after_two_weeks_it_is_too_late() -> None:
    address = inviting.invite(None)[1]
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not sign_up(come_with(code_in(address)), "ann")


def test_operators_make_them_at_a_shell() -> None:
    out = StringIO()
    call_command("invite", "--note", "for Ann", "--days", "1", stdout=out)
    assert sign_up(come_with(code_in(out.getvalue())), "ann")
    assert Invitation.objects.get().note == "for Ann"


def test_operators_make_them_in_the_admin() -> None:
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    page = root.post("/admin/accounts/invitation/add/", {"note": "for Ann"}, follow=True)
    text = page.content.decode()
    code = text.partition("?invitation=")[2].partition("<")[0].strip()
    assert "for Ann" in text
    assert Invitation.objects.count() == 1
    assert sign_up(come_with(code), "ann")
    assert code not in root.get("/admin/accounts/invitation/").content.decode()
