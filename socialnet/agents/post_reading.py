"""What is read of a post and its comments, and where that is: the part that changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import AwareDatetime

from agents_core import Collection, DurableAgent, Page, Parameter, query
from agents_core.collections import encode_cursor
from socialnet.agents.errors import CommentNotFound, PostNotFound
from socialnet.agents.post_state import (
    Comment,
    Edit,
    PostState,
    comment_view,
    edit_views,
    post_view,
)
from socialnet.agents.reactions import (
    Like,
    key_of,
    like_of,
    page_of,
    place,
    subject_of,
    views_of,
)
from socialnet.agents.schemas import (
    PAGE_DEFAULT,
    CommentNews,
    CommentPage,
    CommentView,
    EditPage,
    LikePage,
    LikeType,
    PostView,
    ThreadPage,
)


class ReadPost(DurableAgent, abstract=True):
    """A post and its comments, for readers: each page costs the same however many there are."""

    post_id: Parameter[str]
    state: PostState | None

    # By their number; and the same by thread: each with the id of what it replies to, or nothing.
    comments = Collection(Comment)
    threads = Collection(str)
    # Of the post (subject 0) and its comments alike.
    likes = Collection(Like)
    edits = Collection(Edit)

    @query
    def get_comments(
        self, limit: int = PAGE_DEFAULT, cursor: str | None = None, viewer: str | None = None
    ) -> CommentPage:
        """The comments, oldest first: whatever one replies to comes before it."""
        if not self._existing().comment_count:
            return CommentPage(items=[])
        page = self.comments.page(limit=limit, cursor=cursor, oldest_first=True)
        comments = [entry.item for entry in page.items]
        return CommentPage(items=self._seen(comments, viewer), next_cursor=page.next_cursor)

    @query
    def get_threads(
        self,
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
        viewer: str | None = None,
        begin_at: str | None = None,
    ) -> ThreadPage:
        """The comments thread by thread, the oldest first, without a cursor from that of the
        comment `begin_at` on. A thread that would be cut begins the next page, if it is short."""
        made = self._existing().comments_made
        if not self._has_comments:
            return ThreadPage(items=[], made=made)
        page = self._page_of_threads(limit + 1, cursor, begin_at)
        entries, next_cursor = page.items[:limit], None
        if len(page.items) > limit:
            cut = subject_of(page.items[limit].sort)
            whole = [entry for entry in entries if subject_of(entry.sort) != cut]
            entries = whole if len(whole) * 2 >= limit else entries
            next_cursor = encode_cursor(entries[-1].sort, entries[-1].key)
        known = self.comments.get_many([entry.key for entry in entries])
        comments = [known[entry.key] for entry in entries]
        return ThreadPage(items=self._seen(comments, viewer), next_cursor=next_cursor, made=made)

    @query
    def get_news(
        self, after: int, since: AwareDatetime, shown: list[str], viewer: str | None = None
    ) -> CommentNews:
        """What a reader does not know who was shown these comments, and all made up to number
        `after`, at the time `since`: of new ones the first 50."""
        made, new = self._existing().comments_made, list[Comment]()
        if made > after:
            page = self.comments.page(cursor=encode_cursor(after + 1, ""), oldest_first=True)
            new = [entry.item for entry in page.items]
            made = new[-1].number if page.next_cursor else made
        known = self.comments.get_many(shown)
        changed = [one for one in known.values() if one.updated_at > since]
        return CommentNews(
            comments=self._seen([*changed, *new], viewer),
            gone=[comment_id for comment_id in shown if comment_id not in known],
            made=made,
        )

    @query
    def get_comment_likes(
        self, comment_id: str, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> LikePage:
        """Who reacted to a comment, newest first."""
        comment = self._existing_comment(comment_id)
        page = page_of(self.likes, comment.number, limit=limit, cursor=cursor)
        return LikePage(items=views_of(page), next_cursor=page.next_cursor)

    @query
    def get_comment_edits(
        self, comment_id: str, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> EditPage:
        """What a comment said before, newest first."""
        comment = self._existing_comment(comment_id)
        page = page_of(self.edits, comment.number, limit=limit, cursor=cursor)
        edits = edit_views([entry.item for entry in page.items])
        return EditPage(items=edits, next_cursor=page.next_cursor)

    @query
    def get_comment(self, comment_id: str, viewer: str | None = None) -> CommentView:
        """One comment, or the place it has left; refuses where there is neither."""
        return self._seen([self._existing_comment(comment_id, tombstones=True)], viewer)[0]

    @query
    def get_comment_author(self, comment_id: str) -> str:
        """Who wrote a comment; refuses where there is none."""
        return self._existing_comment(comment_id).created_by

    def brief(self, viewer: str | None) -> PostView:
        """The post as lists show it, by no row but those of who reacted to very popular ones."""
        state = self._existing()
        return post_view(
            self.post_id, state, self._my_like(viewer), self._seen(state.newest, viewer)
        )

    def _my_like(self, viewer: str | None) -> LikeType | None:
        if viewer is None:
            return None
        return like_of(self.likes, 0, self._existing().reactions, viewer)

    def _existing(self) -> PostState:
        if self.state is None or self.state.deleted_at is not None:
            raise PostNotFound(post_id=self.post_id)
        return self.state

    @property
    def _has_comments(self) -> bool:
        state = self._existing()
        return bool(state.comment_count or state.tombstones)

    def _existing_comment(self, comment_id: str, *, tombstones: bool = False) -> Comment:
        comment = self.comments.get(comment_id) if self._has_comments else None
        if comment is None or (comment.deleted_at and not tombstones):
            raise CommentNotFound(post_id=self.post_id, comment_id=comment_id)
        return comment

    def _seen(self, comments: Sequence[Comment], viewer: str | None) -> list[CommentView]:
        """The comments as the viewer sees them, with what the viewer thinks of each."""
        likes = {one.number: one.reactions.shown.get(viewer or "") for one in comments}
        if viewer is not None:
            unsure = [
                key_of(one.number, viewer)
                for one in comments
                if likes[one.number] is None and not one.reactions.are_all_shown
            ]
            for key, like in (self.likes.get_many(unsure) if unsure else {}).items():
                likes[int(key.partition("/")[0])] = like.like_type
        return [comment_view(one, likes[one.number]) for one in comments]

    def _page_of_threads(self, limit: int, cursor: str | None, begin_at: str | None) -> Page[str]:
        if begin_at is None or cursor is not None:
            return self.threads.page(limit=limit, cursor=cursor, oldest_first=True)
        comment = self._existing_comment(begin_at, tombstones=True)
        for first in (0, comment.number):  # if it is not among the first of a very long thread
            start = encode_cursor(place(comment.thread, first), "")
            page = self.threads.page(limit=limit, cursor=start, oldest_first=True)
            if any(entry.key == begin_at for entry in page.items):
                break
        return page
