"""Signing up, in and out, and a forgotten password, through the pages' forms."""

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from socialnet.agents.user import User as Person

PASSWORD = "correct-horse-battery"
WRONG = "The username and/or password you specified are not correct."


def sign_up(client: Client, username: str, **fields: str) -> bool:
    """Whether that made an account."""
    data = {"username": username, "password1": PASSWORD, "password2": PASSWORD} | fields
    client.post("/accounts/signup/", data)
    return User.objects.filter(username=username.strip().casefold()).exists()


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_it_makes_an_account_and_signs_in(client: Client) -> None:
    assert sign_up(client, "Alice")
    assert is_signed_in(client)


def test_an_email_address_is_optional_and_kept(client: Client) -> None:
    assert sign_up(client, "alice", email="alice@example.com")
    assert User.objects.get().email == "alice@example.com"


@pytest.mark.parametrize("username", ["a", "admin", "no spaces", "me", "x" * 65, "a/b", "é"])
def test_it_refuses_some_names(client: Client, username: str) -> None:
    assert not sign_up(client, username)
    assert not is_signed_in(client)


def test_a_name_is_given_once(client: Client) -> None:
    sign_up(client, "alice")
    other = Client()
    sign_up(other, "ALICE")
    assert User.objects.count() == 1
    assert not is_signed_in(other)


def test_it_does_not_tell_whether_an_address_has_an_account() -> None:
    sign_up(Client(), "alice", email="alice@example.com")
    other = Client()
    assert sign_up(other, "mallory", email="alice@example.com")
    assert is_signed_in(other)


def test_it_signs_in_by_any_spelling_and_out(client: Client) -> None:
    User.objects.create_user("alice", password=PASSWORD)
    client.post("/accounts/login/", {"login": "ALICE", "password": PASSWORD})
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_reading_the_sign_out_page_does_not_sign_out(client: Client) -> None:
    client.force_login(User.objects.create_user("alice"))
    client.get("/accounts/logout/")
    assert is_signed_in(client)


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_a_wrong_password_and_a_wrong_name_look_the_same(client: Client, username: str) -> None:
    User.objects.create_user("alice", password=PASSWORD)
    page = client.post("/accounts/login/", {"login": username, "password": "wrong"})
    assert WRONG in page.context["form"].non_field_errors()


def test_a_forgotten_password_is_reset_by_mail(client: Client) -> None:
    User.objects.create_user("alice", "alice@example.com", PASSWORD)
    client.post("/accounts/password/reset/", {"email": "alice@example.com"})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)
    assert link is not None
    form = client.get(link[1], follow=True).request["PATH_INFO"]
    client.post(form, {"password1": "another-good-one", "password2": "another-good-one"})
    client.post("/accounts/login/", {"login": "alice", "password": "another-good-one"})
    assert is_signed_in(client)


def test_asking_for_a_reset_tells_a_stranger_nothing(client: Client) -> None:
    User.objects.create_user("alice", "alice@example.com", PASSWORD)
    known = client.post("/accounts/password/reset/", {"email": "alice@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_an_address_no_profile_takes_does_not_keep_one_out(client: Client) -> None:
    assert sign_up(client, "alice", email="alice@corp.local")
    assert Person.of("alice").is_registered()


def test_a_newcomer_is_a_person_at_once(client: Client) -> None:
    sign_up(client, "alice", email="alice@example.com")
    person = Person.of("alice").get_user()
    assert person is not None
    assert person.email == "alice@example.com"
