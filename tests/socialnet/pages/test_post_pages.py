"""Pages of posts and comments without a browser: what they answer, and whom they refuse."""

import pytest
from django.test import Client

from accounts.models import User as Account
from agents_core.testing import step
from socialnet.agents.post import Post
from socialnet.agents.schemas import CommentView
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.templatetags import pages
from socialnet.views.post_cards import CommentCard, reactions_card, tree_of
from tests.browsing import HTMX

NOTHING = "01900000-0000-7000-8000-000000000000"


def write(by: str = "alice", **how: str) -> str:
    return UserPosts.of(by).create_post("Hello", **how).post_id


def state(post_id: str) -> object:
    return Post.of(post_id).get_post()


def said(post_id: str) -> list[CommentView]:
    found = Post.of(post_id).get_post()
    assert found is not None
    return found.comments


PARTS = ("", "news/", "card/", "reactions/", "edits/", "comments/", "edit/", "delete/")
OF_COMMENTS = ("reactions/", "edits/", "edit/", "delete/")
POSTED = ("react/", "comments/", "edit/", "delete/")
POSTED_OF_COMMENTS = ("react/", "edit/", "delete/")
FORM = {"content": "x", "like_type": "love"}


@pytest.mark.parametrize("audience", ["friends", "followers"])
def test_what_is_not_for_them_is_not_there(alice: Client, bob: Client, audience: str) -> None:
    post_id = write(audience=audience)
    comment_id = Post.of(post_id).comment("alice", "Hi").comment_id
    own, of_comment = f"/posts/{post_id}/", f"/posts/{post_id}/comments/{comment_id}/"
    before = state(post_id)
    for path in [*(own + part for part in PARTS), *(of_comment + part for part in OF_COMMENTS)]:
        assert bob.get(path).status_code == 404, path
        assert alice.get(path).status_code == 200, path
    posted = [*(own + part for part in POSTED), *(of_comment + part for part in POSTED_OF_COMMENTS)]
    for path in posted:
        assert bob.post(path, FORM).status_code == 404, path
        assert bob.post(path, FORM, **HTMX).status_code == 404, path
    assert state(post_id) == before


def test_nobody_changes_or_deletes_what_another_has_said(alice: Client, bob: Client) -> None:
    post_id = write()
    comment_id = Post.of(post_id).comment("alice", "Hi").comment_id
    before = state(post_id)
    of_comment = f"/posts/{post_id}/comments/{comment_id}/"
    for path in (f"/posts/{post_id}/edit/", f"{of_comment}edit/", f"{of_comment}delete/"):
        assert bob.get(path).status_code == 403, path
        assert bob.post(path, FORM).status_code == 403, path
    assert state(post_id) == before
    for path in (f"/posts/{post_id}/edit/", f"{of_comment}edit/", f"{of_comment}delete/"):
        assert alice.post(path, FORM).status_code == 302, path
    assert said(post_id) == []


def test_a_deletion_in_the_page_can_be_undone_and_one_by_form_cannot(
    alice: Client, bob: Client
) -> None:
    post_id = write()
    path = f"/posts/{post_id}/"
    gone = alice.post(f"{path}delete/", **HTMX).content.decode()
    assert f"{path}restore/" in gone
    assert alice.get(path).status_code == bob.get(path).status_code == 404
    assert bob.post(f"{path}restore/").status_code == 404
    back = alice.post(f"{path}restore/", HTTP_HX_CURRENT_URL="http://testserver/", **HTMX)
    assert f'id="post-{post_id}"' in back.content.decode()
    assert bob.get(path).status_code == 200
    assert alice.post(f"{path}delete/").status_code == 302
    assert alice.post(f"{path}restore/", **HTMX).status_code == 409
    assert state(post_id) is None


def test_closed_comments_are_not_offered_and_not_taken(alice: Client, bob: Client) -> None:
    post_id = write(commenting="nobody")
    path = f"/posts/{post_id}/comments/"
    assert bob.get(path).status_code == 403
    assert bob.post(path, FORM).status_code == 403
    assert "Comments are closed" in bob.get(f"/posts/{post_id}/").content.decode()
    assert said(post_id) == []
    assert alice.post(path, FORM).status_code == 302
    assert len(said(post_id)) == 1


@pytest.mark.parametrize("comment_id", [NOTHING, "nonsense"])
def test_a_comment_that_is_not_there(alice: Client, comment_id: str) -> None:
    post_id = write()
    for part in OF_COMMENTS:
        assert alice.get(f"/posts/{post_id}/comments/{comment_id}/{part}").status_code == 404
    assert alice.get(f"/posts/{post_id}/comments/?parent={comment_id}").status_code == 404
    answer = alice.post(f"/posts/{post_id}/comments/", FORM | {"parent": comment_id})
    assert answer.status_code == 404
    assert said(post_id) == []


def test_a_form_comments_once_and_leads_to_what_was_said(alice: Client, bob: Client) -> None:
    post_id = write()
    form = {"content": "Once", "idempotency_key": "of-this-form"}
    first, second = (bob.post(f"/posts/{post_id}/comments/", form) for _ in range(2))
    [comment] = said(post_id)
    assert first["Location"] == second["Location"]
    assert f"?comment={comment.comment_id}#comment-{comment.comment_id}" in first["Location"]
    page = alice.get(first["Location"]).content.decode()
    assert page.count(f'id="comment-{comment.comment_id}"') == 1


@pytest.mark.parametrize("content", ["", " ", "x" * 2_001])
def test_a_comment_that_cannot_be_is_given_back(alice: Client, content: str) -> None:
    post_id = write()
    for headers in ({}, HTMX):
        answer = alice.post(f"/posts/{post_id}/comments/", {"content": content}, **headers)
        assert answer.status_code == 422
        assert content in answer.content.decode()
    assert answer["HX-Retarget"] == f"#say-form-{post_id}"
    assert alice.post(f"/posts/{post_id}/edit/", {"content": content}).status_code == (
        422 if len(content) < 2_001 else 302
    )


def test_a_reaction_is_set_changed_and_taken_back(alice: Client, bob: Client) -> None:
    post_id = write()
    comment_id = Post.of(post_id).comment("alice", "Hi").comment_id
    for path in (f"/posts/{post_id}/react/", f"/posts/{post_id}/comments/{comment_id}/react/"):
        for kind in ("like", "love"):
            answer = bob.post(path, {"like_type": kind}, **HTMX)
            assert answer.content.decode().count('aria-pressed="true"') == 2
        assert bob.post(path, {"like_type": "none", "next": "/people/"})["Location"] == "/people/"
        assert 'aria-pressed="true"' not in alice.get(f"/posts/{post_id}/").content.decode()
        bob.post(path, {"like_type": "love"})
    assert [one.likes for one in said(post_id)] == [{"bob": "love"}]
    who = alice.get(f"/posts/{post_id}/reactions/").content.decode()
    assert "@bob" in who
    User.of("bob").block("alice")
    step()
    assert "@bob" not in alice.get(f"/posts/{post_id}/reactions/").content.decode()


def test_deleting_takes_the_thread_under_ones_own_post_and_keeps_it_elsewhere(
    alice: Client, bob: Client
) -> None:
    post_id = write()
    post = Post.of(post_id)
    first = post.comment("bob", "First").comment_id
    post.comment("alice", "Second", first)
    path = f"/posts/{post_id}/comments/{first}/delete/"
    assert "stays" in bob.get(path).content.decode()
    assert bob.post(path).status_code == 302
    assert [one.content for one in said(post_id)] == ["", "Second"]
    assert bob.post(path).status_code == 404
    assert alice.post(path, **HTMX).status_code == 200
    assert said(post_id) == []


def test_news_hold_what_is_new_changed_and_gone(alice: Client) -> None:
    post_id = write()
    post = Post.of(post_id)
    kept, gone = (post.comment("alice", word).comment_id for word in ("kept", "gone"))
    page = alice.get(f"/posts/{post_id}/")
    asked = {"after": page.context["made"], "since": "2999-01-01T00:00:00Z", "shown": f"{kept},x"}
    news = alice.get(f"/posts/{post_id}/news/", asked, **HTMX).content.decode()
    assert 'class="comment"' not in news
    post.comment("alice", "new", kept)
    post.delete_comment("alice", gone)
    asked |= {"since": page.context["since"].isoformat(), "shown": f"{kept},{gone}"}
    news = alice.get(f"/posts/{post_id}/news/", asked, **HTMX).content.decode()
    assert f'data-gone="{gone}"' in news
    assert 'data-made="3"' in news
    assert news.count('class="comment"') == 2


def test_a_card_knows_whose_it_is(alice: Client, bob: Client) -> None:
    post_id = write()
    own, other = (one.get(f"/posts/{post_id}/card/").content.decode() for one in (alice, bob))
    assert f"/posts/{post_id}/edit/" in own
    assert f"/posts/{post_id}/edit/" not in other
    assert f"/posts/{post_id}/delete/" not in other


def test_timelines_show_only_what_is_for_the_viewer(alice: Client, bob: Client) -> None:
    User.of("bob").connect("alice", "following")
    step()
    write(audience="followers")
    step()
    assert "Hello" in bob.get("/").content.decode()
    assert "Hello" in bob.get("/posts/new/?since=2020-01-01T00:00:00Z", **HTMX).content.decode()
    assert "Hello" in bob.get("/u/alice/").content.decode()
    carol = Client()
    carol.force_login(Account.objects.create_user("carol"))
    assert "Hello" not in carol.get("/u/alice/").content.decode()


def test_names_and_addresses_are_linked_and_nothing_else() -> None:
    shown = pages.post_text("<b> @ada, https://example.org/@ada and @bob", ["ada"])
    assert shown.startswith('&lt;b&gt; <a class="mention" href="/u/ada/">@ada</a>, <a href="https')
    assert shown.count("mention") == 1
    assert shown.endswith("and @bob")


def test_a_tree_is_as_deep_as_fits() -> None:
    chain = [card(str(number), str(number - 1) if number else None) for number in range(2_000)]
    roots = tree_of([*chain, card("lost", "nobody")])
    assert [root.comment_id for root in roots] == ["0", "lost"]
    assert max(one.depth for one in chain) == 4
    assert roots[0].below == 1_999
    assert [one.replies_to for one in chain[:7]] == [None] * 5 + ["4", "5"]


def card(comment_id: str, parent: str | None) -> CommentCard:
    counts = CommentView.model_fields["like_counts"].get_default()
    moment = pages.timezone.now()
    return CommentCard(
        comment_id=comment_id,
        post_id=NOTHING,
        parent_comment_id=parent,
        content="",
        mentions=[],
        created_by=comment_id,
        author_name=None,
        author_picture=None,
        created_at=moment,
        edited_at=None,
        is_gone=False,
        mine=False,
        may_delete=False,
        may_reply=True,
        reactions=reactions_card(counts, None, comment_id, "post", NOTHING),
    )


def test_what_others_said_can_be_reported_and_what_one_said_not(alice: Client, bob: Client) -> None:
    post_id = write()
    comment_id = Post.of(post_id).comment("bob", "Hi").comment_id
    address = f"/account/report/comment/{post_id}/{comment_id}/"
    assert address in alice.get(f"/posts/{post_id}/").content.decode()
    assert address not in bob.get(f"/posts/{post_id}/").content.decode()
    assert alice.get(address).status_code == 200
