"""The timeline without a browser, and what lists show of posts and people."""

import re

import pytest
from django.test import Client

from agents_core.errors import AgentUnavailable
from agents_core.testing import step
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from tests.browsing import HTMX


def write(content: str) -> str:
    return UserPosts.of("alice").create_post(content).post_id


def text(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_is_read_page_by_page_and_shows_few_comments_of_each_post(alice: Client) -> None:
    for number in range(21):
        newest = write(f"Number {number}")
    for number in range(5):
        Post.of(newest).comment("alice", f"Comment {number}")
    step()
    first = text(alice, "/")
    assert first.count("<article") == 20
    assert first.count('class="comment brief"') == 3
    assert "All 5 comments" in first
    [older] = re.findall('href="([^"]*)" id="load-older"', first)
    rest = text(alice, f"/{older}")
    assert rest.count("<article") == 1
    assert "Number 0<" in rest


def test_an_open_page_asks_for_what_is_new_alone(alice: Client) -> None:
    write("Known")
    step()
    [known] = UserTimeline.of("alice").get_references().items
    write("New")
    step()
    since = known.updated_at.isoformat().replace("+00:00", "Z")
    news = text(alice, f"/posts/new/?since={since}", **HTMX)
    assert ("New<" in news, "Known<" in news) == (True, False)


def test_a_fault_does_not_look_like_nothing_written(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "A quiet square, so far" in text(alice, "/")

    def away(user_id: str) -> None:
        raise AgentUnavailable(agent_id=f"user-timeline:{user_id}", reason="the database is away")

    monkeypatch.setattr("socialnet.agents.views.UserTimeline.of", away)
    answer = alice.get("/")
    assert answer.status_code == 503
    assert "A quiet square" not in answer.content.decode()


def test_a_card_says_names_and_has_an_address_to_share(alice: Client, bob: Client) -> None:
    User.of("alice").set_name("Alice Marchetti")
    post_id = write("Hello")
    card = text(bob, f"/posts/{post_id}/card/")
    assert re.search(r'<a class="name"[^>]*>Alice Marchetti</a>', card)
    assert f'data-copy="/posts/{post_id}/"' in card
    assert "Hello" in text(bob, f"/posts/{post_id}/")


def test_comments_and_replies_are_open_until_they_are_closed(alice: Client) -> None:
    post_id = write("Hello")
    first = Post.of(post_id).comment("alice", "Said").comment_id
    Post.of(post_id).comment("alice", "Answered", first)
    page = text(alice, f"/posts/{post_id}/")
    assert "Said" in page
    assert '<details class="replies" open>' in page
    assert '<details class="replies">' not in page


def test_people_who_are_found_are_paged_and_can_be_followed_there(alice: Client) -> None:
    for number in range(21):
        User.of(f"person{number:02}").set_name(f"Person {number:02}")
    step()
    first = text(alice, "/people/?q=person")
    found = re.findall('value="follow" aria-label="Follow Person (..)"', first)
    assert found == [f"{number:02}" for number in range(20)]
    [more] = re.findall(r'href="([^"]*cursor=[^"]*)"', first)
    rest = text(alice, f"/people/{more.replace('&amp;', '&')}")
    assert re.findall('aria-label="Follow Person (..)"', rest) == ["20"]
