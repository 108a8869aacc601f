"""Whatever people say and think under a post, it is as a plain tree in memory has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from agents_core import AgentError
from socialnet.agents import reactions
from socialnet.agents.post import Post
from socialnet.agents.schemas import CommentView, LikeType, LikeView
from socialnet.agents.user_posts import UserPosts

PEOPLE = ("alice", "bob", "charlie")
WHO = st.sampled_from(PEOPLE)
KINDS = st.sampled_from([None, "like", "insightful", "love", "dislike"])
WHICH = st.integers(0, 30)


@dataclass
class Said:
    """A comment of the model, or the post."""

    by: str
    content: str
    parent: str | None = None
    likes: dict[str, LikeType] = field(default_factory=dict)  # oldest first
    before: list[str] = field(default_factory=list)
    is_gone: bool = False  # but for its place

    def react(self, by: str, kind: LikeType | None) -> None:
        if self.likes.get(by) != kind:
            self.likes.pop(by, None)
            if kind is not None:
                self.likes[by] = kind

    def newest(self) -> list[tuple[str, LikeType]]:
        return list(self.likes.items())[::-1]


class Conversation(RuleBasedStateMachine):
    """Three people under one post of Alice's."""

    @initialize()
    def begin(self) -> None:
        self.post = Post.of(UserPosts.of("alice").create_post("Hello").post_id)
        self.root = Said("alice", "Hello")
        self.said: dict[str, Said] = {}
        self.gone: list[str] = []

    def one_of(self, which: int) -> str:
        """The id of a comment, sometimes of one that is gone."""
        known = [*self.said, *self.gone[-1:], "never"]
        return known[which % len(known)]

    def alive(self, comment_id: str) -> Said | None:
        """A comment that still says something."""
        said = self.said.get(comment_id)
        return None if said is None or said.is_gone else said

    @rule(by=WHO, content=st.text("xyz", min_size=1, max_size=3))
    def comment(self, by: str, content: str) -> None:
        self.said[self.post.comment(by, content).comment_id] = Said(by, content)

    @rule(by=WHO, content=st.text("xyz", min_size=1, max_size=3), which=WHICH)
    def reply(self, by: str, content: str, which: int) -> None:
        parent = self.one_of(which)
        if self.alive(parent):
            comment_id = self.post.comment(by, content, parent).comment_id
            self.said[comment_id] = Said(by, content, parent)
        else:
            assert self.refusal_of("comment", by, content, parent) == "parent_comment_not_found"

    @rule(by=WHO, which=WHICH, keep_replies=st.booleans())
    def delete(self, by: str, which: int, keep_replies: bool) -> None:
        comment_id = self.one_of(which)
        said = self.said.get(comment_id)
        expected = None
        if said is None or (said.is_gone and (keep_replies or by != "alice")):
            expected = "comment_not_found"
        elif by not in (said.by, "alice"):
            expected = "comment_not_yours"
        done = self.refusal_of("delete_comment", by, comment_id, False, keep_replies)
        assert done == expected
        if said is not None and expected is None:
            if keep_replies and self.replies_to(comment_id):
                said.is_gone, said.content, said.before, said.likes = True, "", [], {}
            else:
                self.forget(comment_id)
                self.forget_empty(said.parent)

    @rule(by=WHO, which=WHICH, content=st.text("xyz", min_size=1, max_size=2))
    def edit(self, by: str, which: int, content: str) -> None:
        comment_id = self.one_of(which)
        said = self.alive(comment_id)
        expected = None
        if said is None:
            expected = "comment_not_found"
        elif by != said.by:
            expected = "comment_not_yours"
        elif content != said.content:
            said.before.insert(0, said.content)
            said.content = content
        assert self.refusal_of("edit_comment", by, comment_id, content) == expected

    @rule(by=WHO, kind=KINDS)
    def react(self, by: str, kind: LikeType | None) -> None:
        self.root.react(by, kind)
        view = self.post.like(by, kind) if kind else self.post.unlike(by)
        assert view.my_like == kind

    @rule(by=WHO, kind=KINDS, which=WHICH)
    def react_to_comment(self, by: str, kind: LikeType | None, which: int) -> None:
        comment_id = self.one_of(which)
        what = (
            ("like_comment", by, comment_id, kind) if kind else ("unlike_comment", by, comment_id)
        )
        known = self.alive(comment_id) is not None
        assert self.refusal_of(*what) == (None if known else "comment_not_found")
        if known:
            self.said[comment_id].react(by, kind)

    @rule(viewer=WHO)
    def look(self, viewer: str) -> None:
        view = self.post.get_post(viewer)
        brief = self.post.get_brief(viewer)
        assert view is not None
        assert brief is not None
        assert view.comment_count == len([one for one in self.said.values() if not one.is_gone])
        assert [one.comment_id for one in view.comments] == list(self.said)
        assert brief == view.model_copy(update={"comments": view.comments[-3:]})
        assert view.my_like == self.root.likes.get(viewer)
        assert list(view.likes.items()) == self.root.newest()[:2]
        assert self.listed(self.post.get_likes().items) == self.root.newest()
        for kind, number in view.like_counts:
            assert number == list(self.root.likes.values()).count(kind)
        for comment in view.comments:
            self.compare(comment, self.said[comment.comment_id], viewer)
        assert self.by_thread(limit=3) == self.threads()

    def compare(self, comment: CommentView, said: Said, viewer: str) -> None:
        assert comment.content == said.content
        assert (comment.created_by, comment.parent_comment_id) == (said.by, said.parent)
        assert list(comment.likes.items()) == said.newest()[:2]
        assert comment.my_like == said.likes.get(viewer)
        assert (comment.deleted_at is not None) == said.is_gone
        if said.is_gone:
            assert self.refusal_of("get_comment_edits", comment.comment_id) == "comment_not_found"
            return
        likes = self.post.get_comment_likes(comment.comment_id).items
        assert self.listed(likes) == said.newest()
        edits = self.post.get_comment_edits(comment.comment_id).items
        assert [edit.content for edit in edits] == said.before

    def teardown(self) -> None:
        self.look("bob")

    def forget(self, comment_id: str) -> None:
        del self.said[comment_id]
        self.gone.append(comment_id)
        for reply in [key for key, said in self.said.items() if said.parent == comment_id]:
            self.forget(reply)

    def forget_empty(self, comment_id: str | None) -> None:
        """A place that nobody replies to any more goes, too."""
        if comment_id and self.said[comment_id].is_gone and not self.replies_to(comment_id):
            parent = self.said[comment_id].parent
            self.forget(comment_id)
            self.forget_empty(parent)

    def replies_to(self, comment_id: str | None) -> list[str]:
        return [key for key, said in self.said.items() if said.parent == comment_id]

    def threads(self) -> list[str]:
        """Thread by thread, within each as they were written."""
        roots = self.replies_to(None)
        thread: dict[str, str] = {}
        for key, said in self.said.items():
            thread[key] = thread[said.parent] if said.parent else key
        return [key for root in roots for key in self.said if thread[key] == root]

    def by_thread(self, limit: int) -> list[str]:
        """The comments as pages by thread have them; a short thread is on one page."""
        found: list[str] = []
        cursor: str | None = None
        while True:
            page = self.post.get_threads(limit, cursor)
            found += [one.comment_id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    def refusal_of(self, method: str, *args: object) -> str | None:
        try:
            getattr(self.post, method)(*args)
        except AgentError as refusal:
            return refusal.code
        return None

    @staticmethod
    def listed(likes: list[LikeView]) -> list[tuple[str, LikeType]]:
        return [(like.user_id, like.like_type) for like in likes]


@pytest.mark.slow
def test_a_conversation_is_a_plain_tree() -> None:
    """With two reactions shown instead of a hundred, three people are enough to go beyond them."""
    with mock.patch.object(reactions, "SHOWN_LIKES", 2):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            Conversation,
            settings=settings(
                max_examples=15,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
