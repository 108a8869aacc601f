"""What pages answer without a browser: statuses, redirects, refusals."""

from datetime import timedelta

import pytest
from django.test import Client
from django.test.client import RequestFactory
from django.utils import timezone

from accounts.models import User as Account
from agents_core.testing import step
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.templatetags import pages
from socialnet.views.page import back
from tests.browsing import HTMX


@pytest.mark.parametrize("path", ["/", "/people/", "/u/alice/", "/account/", "/account/profile/"])
def test_a_visitor_is_asked_to_sign_in_and_brought_back(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={path}"


def test_a_part_of_a_page_asked_for_after_signing_out_sends_the_whole_page_to_sign_in() -> None:
    answer = Client().get("/", **HTMX)
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/login/?next=/"


@pytest.mark.parametrize("path", ["/u/nobody/", "/u/no%20one/", "/posts/nothing/", "/nowhere/"])
def test_what_is_not_there_is_a_page_that_says_so(alice: Client, path: str) -> None:
    answer = alice.get(path)
    assert answer.status_code == 404
    assert "Nothing stands here" in answer.content.decode()


def test_a_blocked_person_finds_nobody(alice: Client, bob: Client) -> None:
    assert alice.post("/u/bob/block/").status_code == 302
    step()
    assert bob.get("/u/alice/").status_code == 404
    assert bob.get("/people/?q=alice").context["people"] == []


def test_a_refusal_is_said_to_htmx_in_a_header(alice: Client) -> None:
    answer = alice.post("/u/nobody/connect/", {"action": "follow"}, **HTMX)
    assert answer.status_code == 404
    assert "nobody" in answer["X-Message"]


def test_only_the_author_may_delete(alice: Client, bob: Client) -> None:
    post_id = UserPosts.of("alice").create_post("Mine").post_id
    assert bob.get(f"/posts/{post_id}/delete/").status_code == 403
    assert bob.post(f"/posts/{post_id}/delete/").status_code == 403
    assert alice.post(f"/posts/{post_id}/delete/").status_code == 302
    assert alice.post(f"/posts/{post_id}/delete/").status_code == 404


@pytest.mark.parametrize("path", ["/posts/", "/u/bob/connect/", "/u/bob/unblock/"])
def test_reading_changes_nothing(alice: Client, path: str) -> None:
    assert alice.get(path).status_code == 405


def test_a_form_from_elsewhere_is_refused_with_a_page() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(Account.objects.create_user("alice"))
    answer = client.post("/posts/", {"content": "Not mine"})
    assert answer.status_code == 403
    assert "That form was too old" in answer.content.decode()


@pytest.mark.parametrize("content", ["", "   ", "x" * 5_001])
def test_a_post_that_cannot_be_is_given_back(alice: Client, content: str) -> None:
    answer = alice.post("/posts/", {"content": content})
    assert answer.status_code == 422
    assert content in answer.content.decode()


def test_one_form_makes_one_post(alice: Client) -> None:
    form = {"content": "Once", "idempotency_key": "the-key-of-this-form"}
    first, second = alice.post("/posts/", form), alice.post("/posts/", form)
    assert first["Location"] == second["Location"]
    assert UserPosts.of("alice").count() == 1


def test_a_written_post_stands_on_the_timeline_before_it_has_travelled(alice: Client) -> None:
    home = alice.post("/posts/", {"content": "Not travelled yet"})["Location"]
    assert alice.get(home).content.decode().count("Not travelled yet") == 1
    step()
    assert alice.get(home).content.decode().count("Not travelled yet") == 1


def test_a_bad_name_or_address_is_said_beside_its_field(alice: Client) -> None:
    answer = alice.post("/account/profile/", {"name": "Alice", "email": "not an address"})
    assert answer.status_code == 422
    assert "email" in answer.context["form"].errors


def test_a_sign_up_that_fails_answers_422() -> None:
    answer = Client().post("/accounts/signup/", {"username": "no spaces"})
    assert answer.status_code == 422


def test_the_search_takes_a_field_and_a_word(alice: Client, bob: Client) -> None:
    User.of("bob").set_name("Robert")
    found = alice.get("/people/", {"q": "rob", "in": "name"})
    assert [person.user_id for person in found.context["people"]] == ["bob"]
    found = alice.get("/people/", {"q": "bob", "in": "name"})
    assert found.context["people"] == []


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", ""])
def test_a_form_leads_nowhere_else(target: str) -> None:
    request = RequestFactory().post("/", {"next": target})
    assert back(request, "/here/")["Location"] == "/here/"


def test_a_post_is_text_with_links() -> None:
    shown = pages.post_text('<script>alert(1)</script> see https://example.org/?a=1&b=2 "now"')
    assert "<script>" not in shown
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow">' in shown


def test_a_long_post_is_cut_at_a_word() -> None:
    long = "word " * 400
    assert pages.shortened(long).endswith("word…")
    assert pages.shortened("short\nand sweet") == "short\nand sweet"


def test_an_avatar_is_always_the_same_and_escapes() -> None:
    assert pages.avatar("alice", "Alice B.") == pages.avatar("alice", "Alice B.")
    assert ">AB</text>" in pages.avatar("alice", "Alice B.")
    assert ">J</text>" in pages.avatar("j._-", None)


def test_times_are_few_words() -> None:
    now = timezone.now()
    ages = [5, 150, 2 * 3600, 3 * 86400]
    said = [pages.in_few_words(now - timedelta(seconds=age), now) for age in ages]
    assert said[:3] == ["now", "2 min", "2 h"]
    assert len(said[3].split()) == 2
