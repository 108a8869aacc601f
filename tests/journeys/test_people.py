"""People: what they are told, what they say of themselves, and finding each other."""

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from accounts.models import User as Account
from agents_core.testing import step
from socialnet.agents.notices import Notice
from socialnet.agents.notifications import Notifications
from socialnet.agents.user import User
from tests.journeys.conftest import Open, account_of
from tests.journeys.test_newcomer import BOTH, reload_until

pytestmark = pytest.mark.browser


@BOTH
def test_notifications_come_are_answered_and_read(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    page = visitor(alice, **options).visit("/people/")
    badge = page.locator("#unread-badge")
    expect(badge).to_be_hidden()
    other = visitor(bob, **options).visit("/u/alice/")
    other.get_by_role("button", name="Add Alice Marchetti as a friend").click()
    expect(other.get_by_role("button", name="Withdraw the friend request")).to_be_visible()
    if options:
        reload_until(page, "#unread-badge", "1")
    expect(badge).to_contain_text("1 unread")

    page.get_by_role("link", name="Notifications").click()
    expect(page.locator(".notice-link")).to_contain_text("Bob Lindqvist wants to be your friend")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(badge).to_be_hidden()
    page.get_by_role("button", name="Accept the friend request of Bob").click()
    if options:
        reload_until(page, "h2", "Nothing has happened yet")
    expect(page.get_by_role("heading", name="Nothing has happened yet")).to_be_visible()


def test_following_a_notification_reads_it(visitor: Open, alice: Account, bob: Account) -> None:
    for subject in ("alice", "bob"):
        Notifications.of("alice").add(Notice(kind="follow", subject=subject, actor="bob"))
    page = visitor(alice).visit("/notifications/")
    expect(page.locator("#unread-badge")).to_contain_text("2 unread")
    page.locator(".notice-link").first.click()
    expect(page.get_by_role("heading", name="Bob Lindqvist")).to_be_visible()
    expect(page.locator("#unread-badge")).to_contain_text("1 unread")
    page.go_back()
    page.get_by_role("button", name="Mark as read").click()
    expect(page.locator(".notice-row.unread")).to_have_count(0)


@BOTH
def test_a_profile_is_edited_and_shown(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    photo = io.BytesIO()
    Image.new("RGB", (90, 60), "teal").save(photo, "JPEG")
    page = visitor(alice, **options).visit("/u/alice/")
    page.get_by_role("link", name="Edit profile").click()
    page.get_by_label("Name").fill("Alice the Gardener")
    page.get_by_label("About you").fill("Tomatoes, mostly.")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.locator("input[type=file]").set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Alice the Gardener")).to_be_visible()
    expect(page.get_by_text("alice@example.org")).to_be_visible()

    page = visitor(bob, **options).visit("/u/alice/")
    expect(page.get_by_text("Tomatoes, mostly.")).to_be_visible()
    expect(page.get_by_text("alice@example.org")).to_have_count(0)
    face = page.locator(".profile img.avatar")
    expect(face).to_be_visible()
    src = face.get_attribute("src")
    assert src is not None
    answer = page.request.get(page.url.split("/u/")[0] + src)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")


@BOTH
def test_people_are_found_in_many_ways(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    account_of("carol", "Carol Lindqvist")
    User.of("carol").connect("alice", "following")
    step()
    page = visitor(alice, **options).visit("/people/")
    box, names = page.get_by_label("Search people"), page.locator("#results .name")

    def search(text: str) -> None:
        box.fill(text)
        box.press("Enter")

    search("lindqvist")
    expect(names).to_have_text(["Bob Lindqvist", "Carol Lindqvist"])
    search("lindqvist connected_users:alice")
    expect(names).to_have_text(["Carol Lindqvist"])
    search("bob@example.org")
    expect(page.get_by_role("heading", name="No one by that name")).to_be_visible()
    page.get_by_role("link", name="Show everybody").click()
    expect(names).to_have_count(2)
    page.get_by_text("Search like this").click()
    page.get_by_role("link", name="user_id:alice", exact=True).click()
    expect(names).to_have_text(["Alice Marchetti"])
    page.get_by_label("Connected with").check()
    search("alice")
    expect(names).to_have_text(["Carol Lindqvist"])
    names.first.click()
    expect(page.get_by_role("heading", name="Carol Lindqvist")).to_be_visible()


@BOTH
def test_muting_somebody_and_hearing_of_them_again(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    page = visitor(alice, **options).visit("/u/bob/")
    page.get_by_label("More about Bob Lindqvist").click()
    page.get_by_role("button", name="Mute").click()
    expect(page.locator("#toasts")).to_contain_text("Bob Lindqvist is muted")
    page.goto(page.url.replace("/u/bob/", "/u/alice/connections/?type=muted"))
    page.get_by_role("button", name="Unmute Bob Lindqvist").click()
    expect(page.get_by_role("heading", name="Nobody here yet")).to_be_visible()
