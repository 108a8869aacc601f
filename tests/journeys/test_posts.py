"""Writing, reading and deleting, with script and without, by mouse and by keys."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from socialnet.agents.user_posts import UserPosts
from tests.journeys.conftest import Open
from tests.journeys.test_newcomer import BOTH

pytestmark = pytest.mark.browser


@BOTH
def test_a_post_is_written_opened_and_deleted(
    visitor: Open, alice: Account, options: dict[str, Any]
) -> None:
    page = visitor(alice, **options).visit("/")
    page.get_by_label("Write a post").fill("First line\nSecond <b>line</b> https://example.org/x")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post")).to_have_count(1)
    expect(page.locator(".post-text a")).to_have_attribute("href", "https://example.org/x")
    expect(page.get_by_label("Write a post")).to_have_value("")

    page.locator(".post .time").click()
    expect(page.locator(".post-text")).to_contain_text("Second <b>line</b>")
    delete(page)
    expect(page.get_by_text("Post deleted")).to_be_visible()
    expect(page.locator(".post")).to_have_count(0)
    if options:
        return
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator(".post-text")).to_contain_text("Second <b>line</b>")
    page.get_by_role("link", name="Home").first.click()
    expect(page).to_have_title("Home · Agora")
    delete(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".post-text")).to_contain_text("Second <b>line</b>")


def delete(page: Page) -> None:
    page.get_by_label("More about this post").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete post").click()


def test_the_same_form_sent_twice_makes_one_post(visitor: Open, alice: Account) -> None:
    guest = visitor(alice)
    page = guest.visit("/")
    page.get_by_label("Write a post").fill("Only once")
    form: dict[str, str] = page.locator("#composer").evaluate(
        "form => Object.fromEntries(new FormData(form))"
    )
    for _ in range(2):
        page.request.post(f"{guest.site.url}/posts/", form=form)
    expect(guest.visit("/").locator(".post")).to_have_count(1)
    assert UserPosts.of("alice").count() == 1


def test_a_draft_survives_and_too_much_is_counted(visitor: Open, alice: Account) -> None:
    page = visitor(alice).visit("/")
    box = page.get_by_label("Write a post")
    box.press_sequentially("Half a thought")
    page.reload()
    expect(box).to_have_value("Half a thought")
    box.fill("x" * 5003)
    expect(page.locator("[data-counter]")).to_have_text("3 too many")
    expect(page.get_by_role("button", name="Post", exact=True)).to_be_disabled()
    box.fill("Whole")
    box.press("Control+Enter")
    expect(page.locator(".post-text")).to_have_text("Whole")
    page.reload()
    expect(box).to_have_value("")


@BOTH
def test_older_posts_are_a_link_away(
    visitor: Open, alice: Account, options: dict[str, Any]
) -> None:
    for number in range(25):
        UserPosts.of("alice").create_post(f"Number {number}")
    page = visitor(alice, **options).visit("/u/alice/")
    expect(page.locator(".post")).to_have_count(20)
    page.get_by_role("link", name="Load older posts").click()
    expect(page.locator(".post")).to_have_count(5 if options else 25)
    expect(page.get_by_text("That is everything.")).to_be_visible()
    if not options:
        expect(page.locator(".post").nth(20)).to_be_focused()


def arrive(page: Page, title: str) -> None:
    """On another page; it listens to keys from when all of it is there."""
    expect(page).to_have_title(re.compile(title))
    page.wait_for_load_state()


def test_the_keyboard_alone_does_it_all(visitor: Open, alice: Account) -> None:
    UserPosts.of("alice").create_post("Below")
    UserPosts.of("alice").create_post("Above")
    page = visitor(alice).visit("/u/alice/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".post").nth(1)).to_be_focused()
    page.keyboard.press("b")
    bookmark = page.get_by_role("button", name="Bookmark", pressed=True)
    expect(bookmark).to_have_count(1)
    page.keyboard.press("o")
    arrive(page, "Below")
    expect(bookmark).to_have_count(1)
    page.keyboard.press("b")
    expect(bookmark).to_have_count(0)
    page.keyboard.press("b")
    expect(bookmark).to_have_count(1)
    page.keyboard.press("g")
    page.keyboard.press("b")
    arrive(page, "Bookmarks")
    expect(page.locator(".post-text")).to_have_text("Below")
    page.keyboard.press("g")
    page.keyboard.press("h")
    arrive(page, "Home")
    page.keyboard.press("n")
    page.keyboard.type("j is only a letter here")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".post-text").first).to_have_text("j is only a letter here")
    # the socket may bring the post before the form has its answer, which puts the focus back
    expect(page.get_by_role("status")).to_contain_text("Posted")
    expect(page.get_by_label("Write a post")).to_have_value("")
    expect(page.get_by_label("Write a post")).to_be_focused()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_label("Search people")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_label("Use single-key shortcuts").press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


def test_the_first_tab_skips_to_the_content(visitor: Open, alice: Account) -> None:
    page = visitor(alice).visit("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
