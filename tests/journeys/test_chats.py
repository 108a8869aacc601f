"""Talking: between two at once, in groups, with script and without, and with a bad connection."""

import re
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from socialnet.agents.chat import Chat
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from tests.journeys.conftest import Open, Visitor, account_of
from tests.journeys.test_looks import LOOKS, look
from tests.journeys.test_newcomer import BOTH, reload_until
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

UNFOCUSED = "document.hasFocus = () => window.watched === true"


@pytest.fixture
def chat_id(alice: Account, bob: Account) -> str:
    """Alice and bob are friends and have a chat, and both have it on their lists."""
    friends("alice", "bob")
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    wait_for(lambda: UserChats.of("bob").get_ref(chat_id) is not None, "bob's chat")
    return chat_id


def friends(one: str, other: str) -> None:
    User.of(one).connect(other, "friend", staff=True)
    wait_for(lambda: User.of(other).get_connection(one) is not None, "the friend")


def opened(guest: Visitor, chat_id: str) -> Page:
    """The conversation, once its script has begun."""
    page = guest.visit(f"/chats/{chat_id}/")
    expect(page.locator("#conversation")).to_have_attribute("data-ready", "")
    return page


def write(page: Page, text: str) -> None:
    page.get_by_label("Write a message").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def said(page: Page, text: str) -> None:
    expect(page.locator(".message:not(.sending) .bubble").filter(has_text=text)).to_have_count(1)


def likes(chat_id: str, message_id: str) -> dict[str, Any]:
    [message] = Chat.of(chat_id).get_messages([message_id], "alice")
    return dict(message.likes)


def unread(user_id: str) -> int:
    return UserChats.of(user_id).get_unread()


@BOTH
def test_two_meet_by_a_profile_and_talk(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    friends("alice", "bob")
    page = visitor(alice, **options).visit("/u/bob/")
    page.get_by_role("button", name="Message Bob Lindqvist").click()
    expect(page.get_by_role("heading", name="Bob Lindqvist")).to_be_visible()
    expect(page.get_by_text("No messages yet")).to_be_visible()
    write(page, "Hello <b>Bob</b> https://example.org/x")
    said(page, "Hello <b>Bob</b>")
    expect(page.locator(".bubble a")).to_have_attribute("href", "https://example.org/x")
    expect(page.get_by_label("Write a message")).to_have_value("")
    address = page.url

    other = visitor(bob, **options).visit("/chats/")
    reload_until(other, ".chat-row", "Alice Marchetti")
    other.get_by_role("link", name="Alice Marchetti").click()
    said(other, "Hello <b>Bob</b>")
    write(other, "Hello Alice")
    said(other, "Hello Alice")
    if options:
        reload_until(page, ".bubble", "Hello Alice")
    said(page, "Hello Alice")
    # There is one chat of two, whoever opens it.
    other = visitor(bob, **options).visit("/u/alice/")
    other.get_by_role("button", name="Message Alice Marchetti").click()
    expect(other).to_have_url(re.compile(re.escape(address.partition("#")[0])))


def test_what_is_said_is_read_when_somebody_looks(
    visitor: Open, alice: Account, bob: Account, chat_id: str
) -> None:
    guest = visitor(bob)
    guest.page.add_init_script(UNFOCUSED)
    reader = opened(guest, chat_id)
    expect(reader.get_by_text("No messages yet")).to_be_visible()
    Chat.of(chat_id).send("alice", "Are you there?")
    said(reader, "Are you there?")
    expect(reader.locator("#new")).to_be_visible()
    expect(reader.locator("#chats-badge")).to_have_text(re.compile("1"))
    assert unread("bob") == 1
    reader.evaluate("window.watched = true; window.dispatchEvent(new Event('focus'))")
    expect(reader.locator("#chats-badge")).to_be_hidden()
    assert unread("bob") == 0


def test_a_line_stands_where_reading_ended_and_can_be_put_back(
    visitor: Open, alice: Account, bob: Account, chat_id: str
) -> None:
    for number in range(3):
        Chat.of(chat_id).send("alice", f"Number {number}")
    wait_for(lambda: unread("bob") == 3, "the count")
    guest = visitor(bob)
    page = guest.visit("/")
    expect(page.locator("#chats-badge")).to_have_text(re.compile("3"))
    page = guest.visit("/chats/")
    page.locator(".chat-row").click()
    expect(page.locator("#new + .message")).to_contain_text("Number 0")
    expect(page.locator("#chats-badge")).to_be_hidden()
    page.locator(".message").nth(1).hover()
    page.locator(".message").nth(1).get_by_label("More about this message").click()
    page.get_by_role("button", name="Mark as unread").click()
    expect(page.locator(".count-badge")).to_have_text(re.compile("2"))
    page.locator(".chat-row").click()
    expect(page.locator("#new + .message")).to_contain_text("Number 1")


def test_what_cannot_be_sent_is_kept_and_sent_once(
    visitor: Open, alice: Account, bob: Account, chat_id: str
) -> None:
    guest = visitor(alice)
    page = opened(guest, chat_id)
    # It arrives, but its answer never does: the worst that can happen.
    answers: list[int] = []

    def lose(route: Any) -> None:
        answers.append(route.fetch().status)
        route.abort()

    page.route("**/send/", lose)
    write(page, "Only once")
    expect(page.get_by_text("Not sent")).to_be_visible()
    assert answers == [200]
    page = opened(guest, chat_id)
    expect(page.get_by_text("Not sent")).to_be_visible()
    page.unroute("**/send/")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator(".sending")).to_have_count(0)
    said(page, "Only once")
    chat = Chat.of(chat_id).get_chat("bob")
    assert chat is not None
    assert [message.content for message in chat.messages] == ["Only once"]


def test_a_draft_is_kept_per_chat_and_shift_enter_breaks_the_line(
    visitor: Open, alice: Account, bob: Account, chat_id: str
) -> None:
    account_of("carol", "Carol Danvers")
    other = UserChats.of("alice").create_chat(["carol"]).chat_id
    guest = visitor(alice)
    page = opened(guest, chat_id)
    box = page.get_by_label("Write a message")
    box.press_sequentially("First")
    box.press("Shift+Enter")
    box.press_sequentially("second")
    opened(guest, other)
    expect(box).to_have_value("")
    page = opened(guest, chat_id)
    expect(box).to_have_value("First\nsecond")
    box.press("Enter")
    expect(page.locator(".message:not(.sending) .bubble")).to_have_text(re.compile("First\nsecond"))
    opened(guest, chat_id)
    expect(box).to_have_value("")


def test_typing_is_seen_and_gone_with_the_message(
    visitor: Open, alice: Account, bob: Account, chat_id: str
) -> None:
    writer, reader = visitor(alice), visitor(bob)
    for guest in (reader, writer):
        guest.page.add_init_script(
            "document.addEventListener('agora:live', ({ detail }) => (window.socketIs = detail))"
        )
        page = guest.visit(f"/chats/{chat_id}/")
        # Not Playwright's own waiting: that would evaluate text in the page, against its policy.
        wait_for(partial(page.evaluate, "window.socketIs === 'on'"), "the socket")
    writer.page.get_by_label("Write a message").press_sequentially("Hel")
    expect(reader.page.get_by_text("Alice Marchetti is typing…")).to_be_visible()
    writer.page.get_by_label("Write a message").press("Enter")
    said(reader.page, "Hel")
    expect(reader.page.get_by_text("is typing…")).to_have_count(0)


@BOTH
def test_ones_own_message_is_edited_and_deleted(
    visitor: Open, alice: Account, bob: Account, chat_id: str, options: dict[str, Any]
) -> None:
    Chat.of(chat_id).send("bob", "Not hers")
    Chat.of(chat_id).send("alice", "Good mroning")
    guest = visitor(alice, **options)
    page = guest.visit(f"/chats/{chat_id}/") if options else opened(guest, chat_id)
    said(page, "Not hers")
    expect(page.locator("[data-edit]")).to_have_count(1)
    if options:
        page.locator(".message.mine").hover()
        page.locator(".message.mine").get_by_label("More about this message").click()
        page.get_by_role("link", name="Edit").click()
    else:
        page.get_by_label("Write a message").press("ArrowUp")
    page.get_by_label("Edit your message").fill("Good morning")
    page.get_by_role("button", name="Save").click()
    said(page, "Good morning")
    expect(page.locator(".edited")).to_have_text("edited")
    page.locator(".message.mine").hover()
    page.locator(".message.mine").get_by_label("More about this message").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete message").click()
    expect(page.locator(".message.gone")).to_have_text(re.compile("Message deleted"))
    expect(page.get_by_text("Good morning")).to_have_count(0)
    if not options:
        page.get_by_role("button", name="Undo").click()
        said(page, "Good morning")


@BOTH
def test_a_reaction_is_chosen_seen_and_taken_back(
    visitor: Open, alice: Account, bob: Account, chat_id: str, options: dict[str, Any]
) -> None:
    message_id = Chat.of(chat_id).send("alice", "The tomatoes are ripe").message_id
    guest = visitor(bob, **options)
    page = guest.visit(f"/chats/{chat_id}/") if options else opened(guest, chat_id)
    message = page.locator(f"#message-{message_id}")
    message.hover()
    message.get_by_label("Choose a reaction").click()
    message.get_by_role("button", name="Love").click()
    expect(message.locator("[data-who]")).to_contain_text("1")
    message.locator("[data-who]").click()
    expect(page.locator(".person")).to_contain_text("Bob Lindqvist")
    page = guest.visit(f"/chats/{chat_id}/") if options else opened(guest, chat_id)
    message = page.locator(f"#message-{message_id}")
    message.hover()
    message.get_by_role("button", name="Love", pressed=True).first.click()
    expect(message.locator("[data-who]")).to_be_hidden()
    # It shows before the server has it.
    wait_for(lambda: not likes(chat_id, message_id), "the reaction taken back")


@BOTH
def test_a_long_chat_is_read_back_to_its_beginning(
    visitor: Open, alice: Account, bob: Account, chat_id: str, options: dict[str, Any]
) -> None:
    for number in range(45):
        Chat.of(chat_id).send("bob", f"Number {number}.")
    page = visitor(alice, **options).visit(f"/chats/{chat_id}/")
    expect(page.locator(".bubble").get_by_text("Number 44.")).to_be_in_viewport()
    expect(page.locator(".message")).to_have_count(40)
    page.get_by_role("link", name="Load older messages").click()
    expect(page.locator(".bubble").get_by_text("Number 0.")).to_have_count(1)
    expect(page.get_by_role("link", name="Load older messages")).to_have_count(0)
    if not options:
        expect(page.locator(".message")).to_have_count(45)


@BOTH
def test_a_group_is_made_named_joined_and_left(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    account_of("carol", "Carol Danvers")
    for other in ("bob", "carol"):
        User.of("alice").connect(other, "following")
    page = visitor(alice, **options).visit("/chats/")
    page.get_by_role("link", name="New chat").click()
    page.get_by_role("button", name="Start chat").click()
    expect(page.get_by_text("name somebody to talk with")).to_be_visible()
    page.get_by_label("Bob Lindqvist").check()
    page.get_by_role("button", name="Start chat").click()
    page.get_by_role("link", name="People and name of this chat").click()
    page.get_by_label("Carol Danvers").check()
    page.get_by_role("button", name="Add to chat").click()
    expect(page.get_by_role("heading", name="3 people")).to_be_visible()
    page.get_by_label("What it is called").fill("Allotment club")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_role("heading", name="Allotment club")).to_be_visible()
    page.get_by_role("button", name="Mute this chat").click()
    expect(page.get_by_role("button", name="Unmute this chat")).to_be_visible()
    page.get_by_role("link", name="People and name of this chat").click()
    page.get_by_role("button", name="Remove Carol Danvers").click()
    if not options:
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="2 people")).to_be_visible()
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.locator("#toasts")).to_contain_text("You have left the chat")
    expect(page.locator(".chat-row")).to_have_count(0)


def test_a_phone_shows_the_list_or_the_conversation(
    visitor: Open, alice: Account, bob: Account, chat_id: str
) -> None:
    Chat.of(chat_id).send("bob", "Pocket size")
    phone = visitor(alice, viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True)
    page = phone.visit("/chats/")
    expect(page.locator(".chat-row")).to_contain_text("Pocket size")
    page.get_by_role("searchbox", name="Search your chats").fill("nothing of the kind")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("searchbox", name="Search your chats").fill("pocket")
    expect(page.locator(".chat-row")).to_have_count(1)
    page.locator(".chat-row").click()
    said(page, "Pocket size")
    expect(page.locator(".chat-row")).to_be_hidden()
    # Fingers do not hover.
    page.get_by_label("Choose a reaction").tap()
    page.get_by_role("button", name="Love").tap()
    expect(page.locator(".message [data-who]")).to_contain_text("1")
    page.get_by_role("link", name="Back to your chats").click()
    expect(page.locator(".chat-row")).to_be_visible()


@LOOKS
def test_chats_are_for_everybody(
    visitor: Open, alice: Account, bob: Account, chat_id: str, width: int
) -> None:
    chat = Chat.of(chat_id)
    chat.send("bob", "One")
    chat.like(chat.send("bob", "Liked").message_id, "alice", "love")
    chat.remove(chat.send("bob", "Two").message_id, "bob")
    chat.edit(chat.send("alice", "Three").message_id, "alice", "Four https://example.org/")
    chat.send("bob", "Five " * 60)
    account_of("carol", "Carol Danvers")
    asked = UserChats.of("carol").create_chat(["alice"]).chat_id
    UserChats.of("bob").mark_read(chat_id)
    wait_for(lambda: UserChats.of("alice").count_requests() == 1, "the request")
    guest = visitor(alice, viewport={"width": width, "height": 800})
    for path in ("/chats/", "/chats/?q=nothing", f"/chats/{chat_id}/", "/chats/new/"):
        look(guest.visit(path), path)
    for path in ("/chats/requests/", f"/chats/{asked}/", "/chats/settings/"):
        look(guest.visit(path), path)
    details = f"/chats/{chat_id}/details/"
    look(guest.visit(details), details)


def test_who_is_here_and_who_has_read_is_seen_as_it_happens(
    visitor: Open, alice: Account, bob: Account, chat_id: str
) -> None:
    page = opened(visitor(alice), chat_id)
    write(page, "Are you there?")
    said(page, "Are you there?")
    expect(page.locator(".talk-head .here")).to_be_hidden()
    expect(page.locator("#seen")).to_have_count(0)
    opened(visitor(bob), chat_id)
    expect(page.locator(".talk-head .here")).to_be_visible()
    expect(page.locator(".chat-row .here-dot")).to_be_visible()
    expect(page.locator(".message.mine + #seen")).to_have_text("Seen")
    write(page, "Good")
    expect(page.locator(".message.mine").last.locator("+ #seen")).to_have_text("Seen")


@BOTH
def test_a_stranger_asks_and_is_answered(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    Chat.of(chat_id).send("alice", "We met at the market")
    wait_for(lambda: UserChats.of("bob").count_requests() == 1, "the request")
    page = visitor(bob, **options).visit("/chats/")
    expect(page.locator("#chats-badge")).to_be_hidden()
    page.get_by_role("link", name="1 message request").click()
    page.get_by_role("link", name="Alice Marchetti").click()
    expect(page.get_by_role("heading", name="Alice Marchetti wants")).to_be_visible()
    expect(page.get_by_label("Write a message")).to_have_count(0)
    page.get_by_role("button", name="Accept").click()
    write(page, "I remember")
    said(page, "I remember")
    page = visitor(bob, **options).visit("/chats/")
    expect(page.locator(".chat-row")).to_contain_text("I remember")
