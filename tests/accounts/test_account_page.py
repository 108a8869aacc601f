"""The account page: tokens and what they may, in which zone times are, what is kept of a look."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken, User
from socialnet.agents.user_posts import UserPosts

PASSWORD = "right-horse-battery"
READING = {"name": "script", "scopes": ["social:read"], "lifetime": "30 days"}


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann", password=PASSWORD)


@pytest.fixture
def hers(ann: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD, "remember": "on"})
    return client


def made(client: Client, form: dict[str, object]) -> str:
    """The token that the form makes, once its sender has shown who they are."""
    answer = client.post("/account/tokens/", form)
    if answer.status_code == 302:
        form = {"password": PASSWORD, "next": "/account/tokens/"}
        answer = client.post(answer.headers["Location"], form)
    found = re.search(r'id="new-token">([^<]+)<', answer.content.decode())
    assert found is not None
    return found[1]


def test_a_token_takes_the_password_and_is_made_with_what_was_chosen(hers: Client) -> None:
    before = timezone.now()
    token = made(hers, READING)
    row = ApiToken.objects.get()
    assert (row.name, row.scopes) == ("script", "social:read")
    assert row.expires_at is not None
    assert timedelta(days=30) <= row.expires_at - before < timedelta(days=31)
    assert tokens.person_with(token) is not None
    assert made(
        hers, READING | {"name": "another", "lifetime": "Until revoked"}
    )  # not asked again at once
    assert ApiToken.objects.filter(expires_at=None).count() == 1


def test_a_token_that_may_nothing_is_not_made(hers: Client) -> None:
    answer = hers.post("/account/tokens/", {"name": "script", "scopes": ["social:everything"]})
    assert answer.status_code == 422
    assert "Choose what the token may do" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_token_does_what_its_scopes_say_and_no_more(hers: Client) -> None:
    headers = {"Authorization": f"Bearer {made(hers, READING)}"}
    people, chats = "/api/v1/social-net/users/ann", "/api/v1/social-net/users/ann/chats"
    program = Client(headers=headers)
    assert program.get(people).status_code == 200
    for refused in (
        program.post(f"{people}/posts", {"content": "x"}, content_type="application/json"),
        program.get(chats),
        program.get("/api/v1/shopping/carts/ann"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert UserPosts.of("ann").get_posts().items == []
    may = {"name": "two", "scopes": ["social:write", "chat:read"]}
    program = Client(headers={"Authorization": f"Bearer {made(hers, may)}"})
    posted = program.post(f"{people}/posts", {"content": "x"}, content_type="application/json")
    assert posted.status_code == 201
    assert program.get(chats).status_code == 200


def test_staff_are_staff_by_token_only_where_it_says_so() -> None:
    sue = User.objects.create_user("sue", is_staff=True)
    told = {}
    for scopes in ("social:read social:write", "social:read admin:read", ""):
        token = tokens.create(sue, "x", scopes=scopes)[1]
        program = Client(headers={"Authorization": f"Bearer {token}"})
        told[scopes] = [
            program.get("/api/v1/agents/").status_code,
            program.post("/api/v1/agents/user:sue/interrupt").status_code,
        ]
    assert told == {
        "social:read social:write": [403, 403],
        "social:read admin:read": [200, 403],
        "": [200, 200],
    }


def test_times_are_in_the_zone_of_the_account_or_the_device(ann: User) -> None:
    def says(until: str) -> bool:
        return until in client.get("/account/").content.decode()

    client = Client()
    with time_machine.travel("2030-07-01T22:30:00Z", tick=False):
        client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
        made(client, READING)
        assert says("31 Jul 2030")
        client.cookies["time_zone"] = "Europe/Rome"
        assert says("1 Aug 2030")
        client.post("/account/time-zone/", {"time_zone": "America/Lima"})
        assert says("31 Jul 2030")
        client.post("/account/time-zone/", {"time_zone": "../../etc/passwd"})
        ann.refresh_from_db()
        assert ann.time_zone == "America/Lima"
        client.post("/account/time-zone/", {"time_zone": ""})
        assert says("1 Aug 2030")
        client.cookies["time_zone"] = "nonsense"
        assert says("31 Jul 2030")


def test_pausing_live_updates_is_kept_with_the_account(hers: Client) -> None:
    for live, paused in (("", True), ("on", False)):
        assert hers.post("/account/live/", {"live": live}).status_code == 204
        assert ("data-paused" in hers.get("/").content.decode()) is paused


def test_only_a_theme_there_is_can_be_chosen(hers: Client, ann: User) -> None:
    hers.post("/account/theme/", {"theme": "dark"})
    assert 'data-theme="dark"' in hers.get("/account/").content.decode()
    assert "theme" not in hers.post("/account/theme/", {"theme": "<b>"}).cookies
    ann.refresh_from_db()
    assert ann.theme == "dark"
