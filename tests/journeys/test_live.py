"""A post travels from its author to a follower's open page."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser


def write(page: Page, text: str) -> None:
    page.get_by_label("Write a post").fill(text)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post-text").first).to_have_text(text)


def is_live(page: Page) -> None:
    expect(page.locator("#live-switch")).to_have_attribute("data-state", "on")


def test_a_post_appears_on_a_friends_open_page(visitor: Open, alice: Account, bob: Account) -> None:
    User.of("bob").connect("alice", "following")
    author, reader = visitor(alice).visit("/"), visitor(bob).visit("/")
    is_live(reader)
    write(author, "The square is open.")
    expect(reader.locator(".post-text").first).to_have_text("The square is open.")
    expect(reader.get_by_role("status")).to_contain_text("1 new post")
    # The author sees it once, though it comes by the form's answer and by the socket.
    is_live(author)
    expect(author.locator(".post")).to_have_count(1)


def test_further_down_a_pill_waits_and_nothing_moves(
    visitor: Open, alice: Account, bob: Account
) -> None:
    User.of("bob").connect("alice", "following")
    for number in range(12):
        UserPosts.of("bob").create_post(f"Something I wrote, number {number}.")
    author, reader = visitor(alice).visit("/"), visitor(bob).visit("/")
    expect(reader.locator(".post")).to_have_count(12)
    is_live(reader)
    reader.locator(".post").nth(8).scroll_into_view_if_needed()
    watched = reader.locator(".post").nth(8)
    before = watched.bounding_box()
    write(author, "First.")
    write(author, "Second.")
    pill = reader.get_by_role("button", name="2 new posts")
    expect(pill).to_be_visible()
    assert watched.bounding_box() == before
    pill.click()
    expect(reader.locator(".post-text").first).to_have_text("Second.")
    expect(reader.locator(".post").first).to_be_focused()
    assert reader.evaluate("scrollY") == 0


def test_what_was_missed_while_away_arrives_with_the_connection(
    visitor: Open, alice: Account, bob: Account
) -> None:
    User.of("bob").connect("alice", "following")
    author, reader = visitor(alice).visit("/"), visitor(bob).visit("/")
    is_live(reader)
    reader.get_by_role("button", name="Live").click()
    expect(reader.locator("#live-word")).to_have_text("Paused")
    write(author, "Written meanwhile.")
    reader.get_by_role("button", name="Paused").click()
    expect(reader.locator(".post-text").first).to_have_text("Written meanwhile.")


def test_following_somebody_brings_their_posts_in_order(
    visitor: Open, alice: Account, bob: Account
) -> None:
    for text in ("Older", "Newer"):
        UserPosts.of("alice").create_post(text)
    home = visitor(bob).visit("/")
    is_live(home)
    expect(home.get_by_role("heading", name="A quiet square, so far")).to_be_visible()
    User.of("bob").connect("alice", "following")
    expect(home.locator(".post-text")).to_have_text(["Newer", "Older"])
    expect(home.get_by_role("heading", name="A quiet square, so far")).to_be_hidden()


def test_without_a_socket_posts_come_all_the_same(
    visitor: Open, alice: Account, bob: Account
) -> None:
    User.of("bob").connect("alice", "following")
    guest = visitor(bob)
    guest.page.route_web_socket("**/ws/v1/updates*", lambda socket: socket.close())
    reader = guest.visit("/")
    write(visitor(alice).visit("/"), "By another way.")
    expect(reader.locator(".post-text").first).to_have_text("By another way.")
    expect(reader.locator("#live-switch")).to_have_attribute("data-state", "waiting")


def test_a_lost_connection_is_said_and_comes_back(visitor: Open, bob: Account) -> None:
    guest = visitor(bob)
    guest.page.route_web_socket("**/ws/v1/updates*", lambda socket: socket.close())
    guest.page.route("**/posts/new/*", lambda request: request.abort())
    page = guest.visit("/")
    expect(page.get_by_text("Connection lost. Trying again…")).to_be_visible()
    page.unroute("**/posts/new/*")
    expect(page.get_by_text("Connection lost. Trying again…")).to_be_hidden()
