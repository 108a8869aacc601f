"""Saving posts from where they stand, and the page of those saved; without a browser."""

import re

import pytest
from django.test import Client

from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.post import Post
from socialnet.agents.user_posts import UserPosts
from tests.browsing import HTMX

pytestmark = pytest.mark.usefixtures("bob")


def write(content: str = "Worth keeping", **how: str) -> str:
    return UserPosts.of("bob").create_post(content, **how).post_id


def pressed(page: str, post_id: str) -> str:
    found = re.search(f'<button[^>]*id="bookmark-{post_id}"[^>]*>', page)
    assert found is not None
    assert 'aria-label="Bookmark"' in found[0]
    return re.findall('aria-pressed="(.*?)"', found[0])[0]


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_button_says_whether_it_is_saved_wherever_the_post_stands(alice: Client) -> None:
    post_id = write()
    path = f"/posts/{post_id}/bookmark/"
    places = ["/u/bob/", f"/posts/{post_id}/", f"/posts/{post_id}/card/"]
    assert {pressed(text(alice, place), post_id) for place in places} == {"false"}
    answer = alice.post(path, {"saved": "yes", "next": "/u/bob/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/u/bob/")
    assert {pressed(text(alice, place), post_id) for place in places} == {"true"}
    assert pressed(text(alice, "/bookmarks/"), post_id) == "true"
    for _ in range(2):
        part = alice.post(path, {"saved": "no"}, **HTMX)
        assert pressed(part.content.decode(), post_id) == "false"
    assert "Nothing kept yet" in text(alice, "/bookmarks/")


def test_older_ones_are_a_link_away_and_words_find_them(alice: Client) -> None:
    for number in range(21):
        Bookmarks.of("alice").save(write(f"Number {number}"))
    page = text(alice, "/bookmarks/")
    assert page.index("Number 20") < page.index("Number 19")
    assert "Number 0<" not in page
    [older] = re.findall('href="([^"]*)" id="load-older"', page)
    assert "Number 0<" in text(alice, f"/bookmarks/{older}")
    found = text(alice, "/bookmarks/?q=number+7")
    assert "Number 7<" in text(alice, '/bookmarks/?q="number+7"')
    assert "Number 8<" not in text(alice, '/bookmarks/?q="number+7"')
    assert "Number 7<" in found
    assert "None of your bookmarks" in text(alice, "/bookmarks/?q=created_by:nobody")


def test_nobody_saves_what_is_not_for_them(alice: Client, bob: Client) -> None:
    post_id = write(audience="friends")
    path = f"/posts/{post_id}/bookmark/"
    assert alice.post(path).status_code == 404
    assert Client().post(path).status_code == 302  # to sign in
    assert Bookmarks.of("alice").get_bookmarks().items == []
    assert bob.post(path).status_code == 302
    assert [one.post_id for one in Bookmarks.of("bob").get_bookmarks().items] == [post_id]


def test_a_deleted_post_is_not_on_the_page(alice: Client) -> None:
    post_id = write()
    Bookmarks.of("alice").save(post_id)
    assert "Worth keeping" in text(alice, "/bookmarks/")
    Post.of(post_id).delete("bob")
    assert "Worth keeping" not in text(alice, "/bookmarks/")


def test_a_button_that_was_swapped_in_leads_back_to_its_page(alice: Client) -> None:
    post_id = write()
    form = {"saved": "yes", "next": "/bookmarks/"}
    answer = alice.post(f"/posts/{post_id}/bookmark/", form, **HTMX)
    assert 'name="next" value="/bookmarks/"' in answer.content.decode()
