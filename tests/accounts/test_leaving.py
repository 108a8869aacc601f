"""Leaving: hidden at once, taken back for two weeks, then nothing of one is left."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts import leaving, tokens
from accounts.models import User as Account
from agents_core.testing import step
from shop.agents.cart import Cart
from shop.agents.former_order import FormerOrder
from shop.agents.order import Order
from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.chat import Chat
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from tests.agents_core.racing import rows
from tests.shop.goods import HOME, place, sell

PASSWORD = "right-horse-battery"
FORM = {"login": "alice", "password": PASSWORD}


@pytest.fixture
def alice() -> Account:
    return Account.objects.create_user("alice", "alice@example.com", PASSWORD)


@pytest.fixture
def bob() -> Account:
    return Account.objects.create_user("bob", "bob@example.com", PASSWORD)


@pytest.fixture
def client_of_alice(alice: Account) -> Client:
    client = Client()
    client.post("/accounts/login/", FORM)
    return client


def after_the_grace(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(leaving_at=timezone.now() - timedelta(seconds=1))
    erased = 0
    while not erased:
        erased = leaving.erase_leavers()
        step()
    assert erased == 1


def where_it_says(words: str) -> set[str]:
    """The tables of agents in which that stands anywhere."""
    tables = [model._meta.db_table for model in apps.get_app_config("agents_core").get_models()]
    return {
        table
        for table in tables
        if rows(f"SELECT 1 FROM {table} t WHERE t::text ILIKE %s", f"%{words}%")
    }


def test_it_takes_the_password_and_ends_every_session(client_of_alice: Client) -> None:
    elsewhere = Client()
    elsewhere.post("/accounts/login/", FORM)
    asked = client_of_alice.post("/account/data/leave/").headers["Location"]
    assert client_of_alice.post(asked, {"password": "wrong"}).status_code == 422
    assert elsewhere.get("/account/").status_code == 200

    answer = client_of_alice.post(
        asked, {"password": PASSWORD, "next": "/account/data/leave/"}, follow=True
    )

    assert "You are about to leave" in answer.content.decode()
    assert elsewhere.get("/account/").status_code == 302
    assert client_of_alice.get("/account/").status_code == 302


def test_a_token_opens_nothing_any_more(alice: Account) -> None:
    tokens.forget()
    headers = {"Authorization": f"Bearer {tokens.create(alice, 'test')[1]}"}
    leaving.ask_to_leave(alice)
    assert Client().get("/api/v1/social-net/users/me", headers=headers).status_code == 401


def test_who_signs_in_within_two_weeks_may_stay(alice: Account) -> None:
    until = leaving.ask_to_leave(alice)
    assert timedelta(days=13) < until - timezone.now() <= timedelta(days=14)
    assert leaving.ask_to_leave(alice) == until
    assert leaving.erase_leavers() == 0

    client = Client()
    page = client.post("/accounts/login/", FORM, follow=True)
    assert "Stay after all" in page.content.decode()
    assert client.get("/account/").status_code == 302
    client.post("/account/leaving/")

    assert client.post("/accounts/login/", FORM).status_code == 302
    assert client.get("/account/").status_code == 200


def test_the_page_is_for_who_has_shown_the_password(alice: Account) -> None:
    leaving.ask_to_leave(alice)
    stranger = Client()
    stranger.post("/accounts/login/", FORM | {"password": "wrong"})
    assert stranger.post("/account/leaving/").headers["Location"] == "/accounts/login/"
    alice.refresh_from_db()
    assert alice.leaving_at is not None


def test_nothing_of_them_is_left_and_nothing_of_others_is_gone(
    alice: Account, bob: Account
) -> None:
    User.of("alice").set_bio("I grow lemons")
    User.of("alice").connect("bob", "friend")
    User.of("bob").connect("alice", "friend")
    step()
    gone = UserPosts.of("alice").create_post("My lemons").post_id
    stays = UserPosts.of("bob").create_post("My pears").post_id
    Post.of(stays).comment("alice", "Nice pears")
    Bookmarks.of("alice").save(stays)
    chat_id = UserChats.of("bob").create_chat(["alice"]).chat_id
    step()
    assert [ref.post_id for ref in UserTimeline.of("bob").get_references().items] == [stays, gone]
    leaving.ask_to_leave(alice)

    after_the_grace(alice)

    assert User.of("alice").get_user() is None
    assert Bookmarks.of("alice").get_bookmarks().items == []
    assert User.of("bob").get_connections().items == []
    assert Post.of(gone).get_post() is None
    assert [ref.post_id for ref in UserTimeline.of("bob").get_references().items] == [stays]
    kept = Post.of(stays).get_post()
    assert kept is not None
    assert [comment.content for comment in kept.comments] == ["Nice pears"]
    chat = Chat.of(chat_id).get_chat("bob")
    assert chat is not None
    assert chat.participants == ["bob"]
    assert where_it_says("pears") > set()
    assert where_it_says("lemons") | where_it_says("alice@example.com") == set()


def test_orders_are_kept_and_tell_nobodys_name(alice: Account) -> None:
    sell("lamp", "9.90")
    sent, waiting = place(lamp=2), place(lamp=1)
    assert where_it_says(HOME.street) > set()
    Order.of(sent).ship()
    step()
    leaving.ask_to_leave(alice)

    after_the_grace(alice)

    kept = [FormerOrder.of(order_id).get() for order_id in (sent, waiting)]
    assert [one and one.order_status for one in kept] == ["shipped", "cancelled"]
    assert [one and str(one.total) for one in kept] == ["19.80", "9.90"]
    assert Order.of(sent).get_order() is None
    assert Cart.of("alice").get_cart().email is None
    assert where_it_says(HOME.street) == set()


def test_the_name_is_nobodys_ever_again(alice: Account) -> None:
    leaving.ask_to_leave(alice)
    after_the_grace(alice)
    alice.refresh_from_db()
    assert (alice.email, alice.is_active, alice.has_usable_password()) == ("", False, False)

    client = Client()
    assert client.post("/accounts/login/", FORM).status_code == 422
    again = {"username": "alice", "email": "", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/signup/", again).status_code == 422
    assert client.post("/accounts/signup/", again | {"username": "alicia"}).status_code == 302
    assert leaving.erase_leavers() == 0


def test_killed_in_the_middle_it_comes_to_the_same_end(
    alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_id = UserPosts.of("alice").create_post("My lemons").post_id
    step()
    leaving.ask_to_leave(alice)
    with monkeypatch.context() as broken:
        broken.setattr("socialnet.personal.UserChats.id_of", lambda user_id: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            after_the_grace(alice)
    alice.refresh_from_db()
    assert alice.erased_at is None

    after_the_grace(alice)

    assert Post.of(post_id).get_post() is None
    assert User.of("alice").get_user() is None
