"""Somebody new: signs up, finds people, follows, makes friends."""

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from tests.journeys.conftest import PASSWORD, Open

pytestmark = pytest.mark.browser

WITHOUT_SCRIPT = {"java_script_enabled": False}
BOTH = pytest.mark.parametrize("options", [{}, WITHOUT_SCRIPT], ids=["script", "no-script"])


def reload_until(page: Page, selector: str, text: str) -> None:
    """Without script nothing arrives by itself: look again."""
    for _ in range(40):
        if page.locator(selector).filter(has_text=text).count():
            return
        page.reload()
    raise AssertionError(f"{text!r} did not arrive")


@BOTH
def test_from_sign_up_to_a_full_timeline(
    visitor: Open, alice: Account, options: dict[str, Any]
) -> None:
    UserPosts.of("alice").create_post("Welcome to whoever reads this.")
    page = visitor(None, **options).visit("/")
    expect(page).to_have_title("Sign in · Agora")
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Username").fill("Carla")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()

    expect(page.get_by_role("heading", name="A quiet square, so far")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Find people").click()
    page.get_by_label("Search people").fill("marchetti")
    if options:  # with script the results come while one types
        page.get_by_role("button", name="Search", exact=True).click()
    else:
        expect(page.locator("#results-count")).to_contain_text("marchetti")
    results = page.locator("#results")
    results.get_by_role("button", name="Follow Alice Marchetti").press("Enter")
    unfollow = results.get_by_role("button", name="Unfollow Alice Marchetti")
    expect(unfollow).to_be_visible()
    if not options:
        expect(unfollow).to_be_focused()
    page.get_by_role("link", name="Home", exact=True).click()
    if options:
        reload_until(page, ".post-text", "Welcome to whoever reads this.")
    expect(page.locator(".post-text")).to_have_text("Welcome to whoever reads this.")


def test_a_bad_sign_up_says_what_is_wrong_and_keeps_what_was_typed(visitor: Open) -> None:
    page = visitor().visit("/accounts/signup/")
    page.get_by_label("Username").fill("no spaces please")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("Password (again)").fill("other")
    with page.expect_response("**/accounts/signup/") as answer:
        page.get_by_role("button", name="Make my account").click()
    assert answer.value.status == 422
    expect(page.locator("#form-errors")).to_be_focused()
    expect(page.get_by_label("Username")).to_have_value("no spaces please")
    expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")


def test_signing_in_and_out(visitor: Open, alice: Account) -> None:
    # The suite's quick hashes are none that the site would take.
    alice.password = Argon2PasswordHasher().encode(PASSWORD, "salt and salt")
    alice.save()
    page = visitor().visit("/people/")
    page.get_by_label("Username").fill("ALICE")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_title("People · Agora")
    page.get_by_role("link", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in · Agora")


@BOTH
def test_a_friend_request_is_asked_and_accepted(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    asking, asked = visitor(alice, **options), visitor(bob, **options)
    page = asking.visit("/u/bob/")
    page.get_by_role("button", name="Add Bob Lindqvist as a friend").click()
    expect(page.get_by_role("button", name="Withdraw the friend request")).to_be_visible()

    page = asked.visit("/u/bob/")
    reload_until(page, "h2", "Friend requests")
    requests = page.locator("#requests")
    requests.get_by_role("button", name="Accept the friend request of Alice").click()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.goto(f"{asked.site.url}/u/bob/connections/?type=friend")
    expect(page.locator(".person .name")).to_have_text("Alice Marchetti")


def test_blocking_asks_first_and_hides_both(visitor: Open, alice: Account, bob: Account) -> None:
    blocker = visitor(alice)
    page = blocker.visit("/u/bob/")
    page.get_by_label("More about Bob Lindqvist").click()
    page.get_by_role("link", name="Block").click()
    page.get_by_role("dialog").get_by_role("button", name="Block").click()
    expect(page.locator("#toasts")).to_contain_text("Bob Lindqvist is blocked")
    assert User.of("alice").hides("bob")
    page = blocker.visit("/u/bob/")
    expect(page.get_by_role("heading", name="Nothing stands here")).to_be_visible()
    page = blocker.visit("/u/alice/connections/?type=blocked")
    page.get_by_role("button", name="Unblock Bob").click()
    expect(page.locator("#toasts")).to_contain_text("Block lifted")
