"""Suspending an account closes its door and hides what stands in it; lifting it brings all back."""

from collections.abc import Iterator

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts import hidden, leaving, suspension, tokens
from accounts.models import User
from socialnet.agents.search import UserSearch
from socialnet.agents.user import User as Person
from socialnet.agents.user_posts import UserPosts

FORM = {"login": "bob", "password": "right-horse-battery"}


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    hidden.forget()
    yield
    hidden.forget()


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob", password=FORM["password"])


@pytest.fixture
def staff() -> User:
    return User.objects.create_user("sue", is_staff=True)


@pytest.fixture
def alice() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("alice"))
    return client


def test_the_door_closes_and_what_is_open_ends(bob: User, staff: User) -> None:
    client = Client()
    assert client.post("/accounts/login/", FORM).status_code == 302
    token = tokens.create(bob, "laptop")[1]
    assert client.get("/account/").status_code == 200
    assert tokens.person_with(token) is not None

    suspension.suspend("bob", staff, "Spam")

    assert client.get("/account/").status_code == 302
    assert tokens.person_with(token) is None
    answer = Client().post("/accounts/login/", FORM, follow=True)
    assert "This account is suspended" in answer.content.decode()
    suspension.lift("bob", staff, "")
    assert client.get("/account/").status_code == 302  # that session has ended for good
    assert Client().post("/accounts/login/", FORM).status_code == 302
    assert tokens.person_with(token) is not None


def test_a_wrong_password_does_not_tell_that_an_account_is_suspended(
    bob: User, staff: User
) -> None:
    suspension.suspend("bob", staff, "Spam")
    answer = Client().post("/accounts/login/", FORM | {"password": "wrong"}, follow=True)
    assert "This account is suspended" not in answer.content.decode()


def test_nobody_is_shown_what_they_did(alice: Client, bob: User, staff: User) -> None:
    post_id = UserPosts.of("bob").create_post("Buy this").post_id
    places = ("/u/bob/", f"/posts/{post_id}/")
    assert [alice.get(place).status_code for place in places] == [200, 200]

    suspension.suspend("bob", staff, "Spam")

    assert [alice.get(place).status_code for place in places] == [404, 404]
    assert UserSearch.of().search("bob", "alice").items == []
    assert not Person.of("alice").hears("bob")
    sue = Client()
    sue.force_login(staff)
    assert [sue.get(place).status_code for place in places] == [200, 200]
    suspension.lift("bob", staff, "")
    assert [alice.get(place).status_code for place in places] == [200, 200]


def test_it_is_recorded_and_happens_once(bob: User, staff: User) -> None:
    suspension.suspend("bob", staff, "Spam")
    with pytest.raises(suspension.AlreadySuspended):
        suspension.suspend("bob", staff, "Spam")
    suspension.lift("bob", staff, "A mistake")
    with pytest.raises(suspension.NotSuspended):
        suspension.lift("bob", staff, "A mistake")

    said = LogEntry.objects.filter(user=staff, object_id=str(bob.pk)).order_by("pk")
    assert [entry.change_message for entry in said] == [
        "Suspended. Spam",
        "Suspension lifted. A mistake",
    ]


def test_staff_suspends_neither_itself_nor_its_like(staff: User) -> None:
    User.objects.create_user("tom", is_staff=True)
    for user_id in ("sue", "tom"):
        with pytest.raises(suspension.CannotSuspend):
            suspension.suspend(user_id, staff, "")
    with pytest.raises(suspension.AccountNotFound):
        suspension.suspend("nobody", staff, "")
    assert User.objects.filter(is_active=True).count() == 2

    suspension.suspend("tom", User.objects.create_superuser("root"), "")
    assert not User.objects.get(username="tom").is_active


def test_who_is_leaving_can_be_suspended_and_then_not_come_back(bob: User, staff: User) -> None:
    leaving.ask_to_leave(bob)
    thinking = Client()
    assert "Stay after all" in thinking.post("/accounts/login/", FORM, follow=True).content.decode()

    suspension.suspend("bob", staff, "Spam")

    assert thinking.post("/account/leaving/").headers["Location"] == "/accounts/login/"
    answer = Client().post("/accounts/login/", FORM, follow=True)
    assert "This account is suspended" in answer.content.decode()
    bob.refresh_from_db()
    assert (bob.is_active, bob.leaving_at is None) == (False, False)
    suspension.lift("bob", staff, "")
    assert not leaving.stay(staff)
    assert leaving.stay(bob)
    assert Client().post("/accounts/login/", FORM).status_code == 302


def test_lifting_it_opens_no_door_to_who_has_left(bob: User, staff: User) -> None:
    leaving.ask_to_leave(bob)
    suspension.suspend("bob", staff, "Spam")
    suspension.lift("bob", staff, "")
    bob.refresh_from_db()
    assert not bob.is_active
    User.objects.filter(pk=bob.pk).update(leaving_at=timezone.now())
    suspension.suspend("bob", staff, "Spam")
    assert leaving.erase_leavers() == 1
    with pytest.raises(suspension.AccountNotFound):
        suspension.lift("bob", staff, "")


def test_operators_suspend_from_the_list_of_accounts(bob: User) -> None:
    root = Client()
    root.force_login(User.objects.create_superuser("root"))
    page = "/admin/accounts/user/"

    answer = root.post(page, {"action": "suspend", "_selected_action": [bob.pk]}, follow=True)
    assert "ob is suspended." in answer.content.decode()  # Django writes the first letter large
    answer = root.post(page, {"action": "suspend", "_selected_action": [bob.pk]}, follow=True)
    assert "suspended already" in answer.content.decode()
    answer = root.post(
        page, {"action": "lift_suspension", "_selected_action": [bob.pk]}, follow=True
    )
    assert "ob is open again." in answer.content.decode()
    assert User.objects.get(username="bob").is_active
