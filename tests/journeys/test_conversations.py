"""Reacting, commenting, replying, editing and taking back, with script and without."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User as Account
from socialnet.agents.post import Post
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from tests.journeys.conftest import Open
from tests.journeys.test_looks import LOOKS, look
from tests.journeys.test_newcomer import BOTH

pytestmark = pytest.mark.browser


def write(content: str = "The square is open.", **how: Any) -> str:
    return UserPosts.of("bob").create_post(content, **how).post_id


def comment(page: Page, content: str) -> None:
    box = page.locator("#say-root textarea")
    box.fill(content)
    page.get_by_role("button", name="Comment", exact=True).click()


@BOTH
def test_a_reaction_is_chosen_changed_and_taken_back(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    post_id = write()
    Post.of(post_id).like("bob", "like")
    page = visitor(alice, **options).visit(f"/posts/{post_id}/")
    main = page.locator(f"#react-{post_id}")
    main.click()
    expect(main).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Choose a reaction").click()
    page.get_by_role("button", name="Insightful").click()
    expect(main).to_have_text("Insightful")
    page.get_by_role("link", name="see who reacted").click()
    expect(page.locator(".person")).to_have_count(2)
    expect(page.locator(".person").first).to_contain_text("Alice Marchetti")
    page.get_by_role("link", name="Post", exact=True).click()
    main.click()
    expect(main).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-who]")).to_contain_text("1")


def test_a_reaction_shows_at_once_and_is_put_back_where_it_fails(
    visitor: Open, alice: Account, bob: Account
) -> None:
    post_id = write()
    guest = visitor(alice)
    page = guest.visit(f"/posts/{post_id}/")
    waiting: list[Any] = []
    page.route("**/react/", lambda route: waiting.append(route))
    main = page.locator(f"#react-{post_id}")
    page.keyboard.press("3")
    expect(main).to_have_text("Love")
    expect(main).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-who] .love .count").first).to_have_text("1")
    page.wait_for_function("document.querySelector('.htmx-request') !== null")
    waiting[0].abort()
    expect(main).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-who]")).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Nothing was changed")
    guest.faults.clear()  # the library says so, too


@BOTH
def test_people_talk_change_what_they_said_and_take_it_back(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    post_id = write()
    page = visitor(alice, **options).visit(f"/posts/{post_id}/")
    expect(page.get_by_text("No comments yet.")).to_be_visible()
    comment(page, "First, @bob\nand https://example.org/x")
    first = page.locator("#comments > .comment")
    expect(first).to_have_count(1)
    expect(first.locator(".mention")).to_have_attribute("href", "/u/bob/")
    expect(page.get_by_text("No comments yet.")).to_be_hidden()

    first.get_by_role("link", name="Reply").click()
    page.get_by_label("Reply to Alice Marchetti").fill("To myself")
    page.get_by_role("button", name="Reply").click()
    reply = page.locator(".replies .comment")
    expect(reply).to_contain_text("To myself")
    expect(page.locator("#comment-count")).to_have_text("2")
    page.locator(".replies > summary").first.click()
    expect(reply).to_be_hidden()
    expect(first.locator(".comment-text").first).to_be_visible()
    page.locator(".replies > summary").first.click()

    reply.get_by_label("More about this comment").click()
    reply.get_by_role("link", name="Edit").click()
    page.get_by_label("Text").fill("To me")
    page.get_by_role("button", name="Save").click()
    expect(reply).to_contain_text("To me")
    reply.get_by_role("link", name="edited").click()
    expect(page.locator(".versions .card")).to_have_count(2)
    expect(page.locator(".versions")).to_contain_text("To myself")
    page.get_by_role("link", name="Back").click()

    own = page.locator("#comments > .comment > .comment-own")
    own.get_by_label("More about this comment").click()
    own.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete comment").click()
    expect(page.get_by_text("A comment that was deleted")).to_be_visible()
    expect(reply).to_contain_text("To me")
    expect(page.locator("#comment-count")).to_have_text("1")


@BOTH
def test_a_post_is_for_whom_its_author_says_and_is_edited(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    User.of("alice").connect("bob", "following")
    page = visitor(bob, **options).visit("/")
    page.get_by_label("Write a post").fill("Among us")
    page.get_by_label("Who can read it").select_option(label="For followers and friends")
    page.get_by_label("Who may comment").select_option(label="Nobody may comment")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".post .mark")).to_contain_text("Followers")
    page.locator(".post .time").first.click()
    address = page.url
    reader = visitor(alice).visit(address.partition("/posts/")[1] + address.partition("/posts/")[2])
    expect(reader.get_by_text("Comments are closed.")).to_be_visible()

    page.get_by_label("More about this post").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Text").fill("Among all of us")
    page.get_by_label("Comments").select_option(label="All may comment")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".post-text").first).to_have_text("Among all of us")
    page.get_by_role("link", name="edited").click()
    expect(page.locator(".versions")).to_contain_text("Among us")
    stranger = visitor(Account.objects.create_user("carol"))
    stranger.page.goto(address)
    expect(stranger.page.get_by_text("Nothing stands here")).to_be_visible()


def test_an_open_page_follows_the_conversation(visitor: Open, alice: Account, bob: Account) -> None:
    post_id = write()
    post = Post.of(post_id)
    first = post.comment("bob", "Said before").comment_id
    gone = post.comment("bob", "Soon gone").comment_id
    page = visitor(alice).visit(f"/posts/{post_id}/")
    box = page.locator("#say-root textarea")
    box.fill("Half a thought")
    # by a worker: those who look hear of what the processes of the site commit
    post.trigger.comment("bob", "Said just now", first)
    expect(page.locator(f"#replies-{first}")).to_contain_text("Said just now")
    expect(page.locator("#comment-count")).to_have_text("3")
    post.trigger.like("bob", "love")
    expect(page.locator(f"#reactions-{post_id} [data-who]")).to_contain_text("1")
    post.trigger.edit_comment("bob", first, "Said otherwise")
    expect(page.locator(f"#own-{first}")).to_contain_text("Said otherwise")
    post.trigger.delete_comment("bob", gone)
    expect(page.locator(f"#comment-{gone}")).to_have_count(0)
    expect(box).to_have_value("Half a thought")
    expect(box).to_be_focused()


def test_a_card_in_the_feed_follows_too_and_takes_comments(
    visitor: Open, alice: Account, bob: Account
) -> None:
    User.of("alice").connect("bob", "following")
    post_id = write()
    page = visitor(alice).visit("/")
    card = page.locator(f"#post-{post_id}")
    expect(card).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(card.locator("textarea")).to_be_focused()
    page.keyboard.type("From the feed")
    page.keyboard.press("Control+Enter")
    expect(card.locator(".comment-text")).to_have_text("From the feed")
    expect(card.get_by_role("link", name="Comment")).to_be_focused()
    Post.of(post_id).trigger.comment("bob", "And back")
    expect(card.locator(".comment-text")).to_have_text(["From the feed", "And back"])
    page.locator(f"#react-{post_id}").click()
    expect(card.locator("[data-main]")).to_have_attribute("aria-pressed", "true")


def test_what_is_too_long_is_given_back_where_it_was_written(
    visitor: Open, alice: Account, bob: Account
) -> None:
    page = visitor(alice).visit(f"/posts/{write()}/")
    page.locator("#say-root textarea").fill("x" * 2_001)
    expect(page.locator("#say-root [data-counter]")).to_have_text("1 too many")
    send = page.get_by_role("button", name="Comment", exact=True)
    expect(send).to_be_disabled()
    send.evaluate("button => { button.disabled = false; button.form.requestSubmit(button); }")
    expect(page.locator("#say-root [role=alert]")).to_contain_text("2000")
    expect(page.locator("#comments > .comment")).to_have_count(0)
    comment(page, "Shorter")
    expect(page.locator("#comments > .comment")).to_have_count(1)


@BOTH
def test_a_long_conversation_is_read_page_by_page(
    visitor: Open, alice: Account, bob: Account, options: dict[str, Any]
) -> None:
    post_id = write()
    for number in range(55):
        Post.of(post_id).comment("bob", f"Comment {number}")
    page = visitor(alice, **options).visit(f"/posts/{post_id}/")
    expect(page.locator("#comments > .comment")).to_have_count(50)
    page.get_by_role("link", name="Load more comments").click()
    expect(page.locator("#comments > .comment")).to_have_count(5 if options else 55)
    expect(page.locator("#comments")).to_contain_text("Comment 54")


@LOOKS
def test_conversations_are_for_everybody(
    visitor: Open, alice: Account, bob: Account, width: int
) -> None:
    post_id = write("@alice and https://example.org/", audience="followers")
    User.of("alice").connect("bob", "following")
    post = Post.of(post_id)
    first = post.comment("bob", "First").comment_id
    second = post.comment("alice", "Second", first).comment_id
    for kind in ("like", "love"):
        post.like("alice", kind)
        post.like_comment("bob", second, kind)
    post.edit_comment("alice", second, "Second, edited")
    post.delete_comment("bob", first, keep_replies=True)
    guest = visitor(alice, viewport={"width": width, "height": 800})
    paths = ("", "reactions/", "edits/", f"comments/?parent={second}", f"comments/{second}/edit/")
    for path in paths if width == 320 else paths[:2]:
        look(guest.visit(f"/posts/{post_id}/{path}"), path)
    look(guest.visit("/"), "a feed with comments")
