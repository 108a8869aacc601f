"""Reporting what should not be here, and what staff makes of it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts import reports
from accounts.models import Report, User
from agents_core.oplog_search import search_oplog
from agents_core.testing import step
from socialnet.agents.chat import Chat
from socialnet.agents.post import Post
from socialnet.agents.user import User as Person
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_posts import UserPosts

FORM = {"reason": "spam", "note": "Look at the link"}


def account(user_id: str, *, superuser: bool = False) -> User:
    make = User.objects.create_superuser if superuser else User.objects.create_user
    return make(user_id)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice() -> User:
    return account("alice")


@pytest.fixture
def bob() -> User:
    return account("bob")


@pytest.fixture
def root() -> Client:
    return browser(account("root", superuser=True))


def subjects_of_bob() -> dict[str, str]:
    """One of each kind, by bob, that alice can see."""
    post_id = UserPosts.of("bob").create_post("Buy this").post_id
    theirs = UserPosts.of("alice").create_post("Hello").post_id
    comment_id = Post.of(theirs).comment("bob", "Buy that").comment_id
    step()
    chat_id = UserChats.of("bob").create_chat(["alice"]).chat_id
    step()
    message_id = Chat.of(chat_id).send("bob", "Buy it all").message_id
    return {
        "person": "bob",
        "post": post_id,
        "comment": f"{theirs}/{comment_id}",
        "message": f"{chat_id}/{message_id}",
    }


def test_each_kind_can_be_reported_by_whoever_sees_it(alice: User, bob: User) -> None:
    mallory = browser(account("mallory"))
    Person.of("bob").block("mallory")
    step()
    for kind, path in subjects_of_bob().items():
        page = f"/account/report/{kind}/{path}/"
        assert browser(alice).get(page).status_code == 200, kind
        assert browser(alice).post(page, FORM | {"next": "/people/"})["Location"] == "/people/"
        assert mallory.get(page).status_code == 404, kind
        assert mallory.post(page, FORM).status_code == 404, kind
        assert browser(bob).post(page, FORM).status_code == 400, kind

    made = {report.kind: report for report in Report.objects.all()}
    assert {report.reporter for report in made.values()} == {alice}
    assert {report.accused for report in made.values()} == {"bob"}
    assert {kind: report.snapshot["text"] for kind, report in made.items()} == {
        "person": "",
        "post": "Buy this",
        "comment": "Buy that",
        "message": "Buy it all",
    }


def test_each_thing_says_where_to_report_it(alice: User, bob: User) -> None:
    paths = subjects_of_bob()
    chat_id = paths["message"].partition("/")[0]
    pages = {
        "person": "/u/bob/",
        "post": f"/posts/{paths['post']}/",
        "message": f"/chats/{chat_id}/",
    }
    for kind, page in pages.items():
        assert (
            f"/account/report/{kind}/{paths[kind]}/?next="
            in browser(alice).get(page).content.decode()
        )
        assert "/account/report/" not in browser(bob).get(page).content.decode()


def test_the_same_twice_is_one_report(alice: User, bob: User) -> None:
    first = reports.report(alice, "person", "bob", "spam")
    assert reports.report(alice, "person", "bob", "hate").pk == first.pk
    assert reports.report(account("carol"), "person", "bob", "hate").pk != first.pk


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("person/bob", {}, 422),
        ("person/bob", {"reason": "boredom"}, 422),
        ("person/bob", FORM | {"note": "x" * 1_001}, 422),
        ("person/nobody", FORM, 404),
        ("person/no one", FORM, 404),
        ("post/nothing", FORM, 404),
        ("comment/nothing", FORM, 404),
        ("weather/rain", FORM, 404),
    ],
)
def test_what_cannot_be_reported_is_not(
    alice: User, bob: User, path: str, form: dict[str, str], status: int
) -> None:
    assert browser(alice).post(f"/account/report/{path}/", form).status_code == status
    assert not Report.objects.exists()


def test_a_visitor_is_asked_to_sign_in(bob: User) -> None:
    answer = Client().post("/account/report/person/bob/", FORM)
    assert answer.status_code == 302
    assert not Report.objects.exists()


def decide(root: Client, report: Report, outcome: str) -> str:
    form = {"outcome": outcome, "why": "Seen"}
    answer = root.post(f"/admin/accounts/report/{report.pk}/close/", form, follow=True)
    return str(answer.content.decode())


def test_staff_sees_what_was_said_and_removes_it(alice: User, bob: User, root: Client) -> None:
    paths = subjects_of_bob()
    for kind in ("post", "comment", "message"):
        report = reports.report(alice, kind, paths[kind], "spam", "Look")
        page = root.get(f"/admin/accounts/report/{report.pk}/change/").content.decode()
        assert report.snapshot["text"] in page
        assert "Remove it" in page
        assert "Removed" in decide(root, report, "removed")
        assert "decided already" in decide(root, report, "kept")

    post = Post.of(paths["post"])
    assert post.get_brief() is None
    assert "root" in repr(search_oplog(post.id, limit=1).items[0])  # the journal knows by whom
    assert Post.of(paths["comment"].partition("/")[0]).get_comments().items == []
    chat_id, message_id = paths["message"].split("/")
    assert Chat.of(chat_id).get_messages([message_id], "alice") == []
    assert LogEntry.objects.filter(change_message="Removed. Seen").count() == 3


def test_what_many_report_is_decided_once(alice: User, bob: User, root: Client) -> None:
    of_alice, of_carol = (
        reports.report(user, "person", "bob", "spam") for user in (alice, account("carol"))
    )
    decide(root, of_alice, "kept")
    of_carol.refresh_from_db()
    assert of_carol.outcome == "kept"
    assert reports.report(alice, "person", "bob", "spam").pk != of_alice.pk  # it went on


def test_what_is_gone_already_counts_as_removed(alice: User, bob: User, root: Client) -> None:
    post_id = UserPosts.of("bob").create_post("Buy this").post_id
    report = reports.report(alice, "post", post_id, "spam")
    Post.of(post_id).delete(by="bob")
    assert "Buy this" in root.get(f"/admin/accounts/report/{report.pk}/change/").content.decode()
    assert "Removed" in decide(root, report, "removed")


def test_nothing_that_somebody_said_outlives_their_account(alice: User, bob: User) -> None:
    post_id = UserPosts.of("bob").create_post("Buy this").post_id
    of_bob = reports.report(alice, "post", post_id, "spam", "He again")
    of_alice = reports.report(bob, "person", "alice", "other", "She is after me")
    reports.erase(bob)
    of_bob.refresh_from_db()
    of_alice.refresh_from_db()
    assert (of_bob.snapshot["text"], of_bob.note) == ("", "He again")
    assert (of_alice.note, of_alice.reporter) == ("", None)


def test_staff_suspends_or_leaves_it(alice: User, bob: User, root: Client) -> None:
    carol = account("carol")
    of_bob = reports.report(alice, "person", "bob", "spam")
    of_carol = reports.report(alice, "person", "carol", "spam")
    page = root.get(f"/admin/accounts/report/{of_bob.pk}/change/").content.decode()
    assert "Remove it" not in page  # a person cannot be removed
    decide(root, of_bob, "suspended")
    decide(root, of_carol, "kept")

    bob.refresh_from_db()
    carol.refresh_from_db()
    assert (bob.is_active, carol.is_active) == (False, True)
    queue = root.get("/admin/accounts/report/").content.decode()
    assert "0 reports" in queue
    assert "2 reports" in root.get("/admin/accounts/report/?decision=all").content.decode()


def test_only_staff_with_the_right_to_may_decide(alice: User, bob: User) -> None:
    report = reports.report(alice, "person", "bob", "spam")
    page = f"/admin/accounts/report/{report.pk}/close/"
    sue = User.objects.create_user("sue", is_staff=True)
    for who in (alice, sue):
        browser(who).post(page, {"outcome": "suspended"})
        assert browser(who).get("/admin/accounts/report/").status_code in (302, 403)
    bob.refresh_from_db()
    report.refresh_from_db()
    assert (bob.is_active, report.outcome) == (True, "open")
