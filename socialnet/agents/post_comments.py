"""What people say and think of a post: the half of `Post` that deals with its comments."""

from __future__ import annotations

from collections.abc import Sequence

from agents_core import Collection, DurableAgent, Entry, Parameter, command, query
from agents_core.collections import encode_cursor
from socialnet.agents import text
from socialnet.agents.errors import (
    CommentNotFound,
    CommentNotYours,
    ParentCommentNotFound,
    PostNotFound,
)
from socialnet.agents.post_state import (
    SHOWN_COMMENTS,
    Comment,
    Edit,
    PostState,
    comment_view,
    edit_views,
    post_view,
)
from socialnet.agents.reactions import (
    Like,
    forget,
    key_of,
    like_of,
    page_of,
    place,
    react,
    views_of,
)
from socialnet.agents.schemas import (
    PAGE_DEFAULT,
    CommentCreated,
    CommentPage,
    CommentView,
    EditPage,
    LikePage,
    LikeType,
    PostView,
)

_STRETCH = 1_000


class CommentedPost(DurableAgent, abstract=True):
    """A post's comments: what is read and written of each costs the same however many there are.

    Deleting one takes its replies with it. They stand behind it in its thread, which is read from
    there on, and only if there are any.
    """

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
    def get_comment_author(self, comment_id: str) -> str:
        """Who wrote a comment; refuses where there is none."""
        return self._existing_comment(comment_id).created_by

    @command
    def comment(
        self, by: str, content: str, parent_comment_id: str | None = None, staff: bool = False
    ) -> CommentCreated:
        """Say something about the post or a comment on it; every call says it again.

        Those who are told of the post are told that it has news, some seconds later.
        """
        state = self._existing()
        parent = self.comments.get(parent_comment_id) if parent_comment_id else None
        hidden = self._meet(by, [parent.created_by] if parent else [], staff=staff)
        if parent_comment_id and (parent is None or parent.created_by in hidden):
            raise ParentCommentNotFound(post_id=self.post_id, parent_comment_id=parent_comment_id)
        now, number = self.now(), state.comments_made + 1
        comment = Comment(
            comment_id=self.new_id(),
            number=number,
            thread=parent.thread if parent else number,
            parent_comment_id=parent.comment_id if parent else None,
            content=text.clean_comment(content),
            created_by=by,
            created_at=now,
            updated_at=now,
        )
        if parent:
            parent.replies += 1
            self._keep(parent)
        self._keep(comment)
        sort = place(comment.thread, number)
        self.threads.put(comment.comment_id, comment.parent_comment_id or "", sort=sort)
        state.comments_made = number
        state.comment_count += 1
        state.newest = [*state.newest, comment][-SHOWN_COMMENTS:]
        self._changed()
        self._move_up_soon()
        return CommentCreated(comment_id=comment.comment_id)

    @command
    def edit_comment(self, by: str, comment_id: str, content: str) -> PostView:
        """Say it differently, as its author; what it said stays to be read. Repeating changes
        nothing."""
        comment = self._existing_comment(comment_id)
        self._meet_comment(by, comment)
        if by != comment.created_by:
            raise CommentNotYours(post_id=self.post_id, comment_id=comment_id)
        content = text.clean_comment(content)
        if content != comment.content:
            self._keep_edit(comment.number, comment.edits, comment.content, comment)
            comment.content, comment.edited_at = content, self.now()
            comment.edits += 1
            self._comment_changed(comment)
        return self.brief(by)

    @command
    def delete_comment(self, by: str, comment_id: str, staff: bool = False) -> None:
        """Take it back with all its replies; its author, the post's and staff may. A second call
        finds no comment."""
        state, comment = self._existing(), self._existing_comment(comment_id)
        self._meet_comment(by, comment, staff=staff)
        if by not in (comment.created_by, state.created_by) and not staff:
            raise CommentNotYours(post_id=self.post_id, comment_id=comment_id)
        for doomed in self._with_replies(comment):
            self._forget(doomed)
            state.comment_count -= 1
        parent = self.comments.get(comment.parent_comment_id) if comment.parent_comment_id else None
        if parent:
            parent.replies -= 1
            self._keep(parent)
        if state.comment_count:
            newest = self.comments.page(limit=SHOWN_COMMENTS).items
            state.newest = [entry.item for entry in reversed(newest)]
        else:
            state.newest = []
        self._changed()

    @command
    def like_comment(
        self, by: str, comment_id: str, like_type: LikeType, staff: bool = False
    ) -> PostView:
        """React to a comment in this way alone; repeating changes nothing."""
        return self._react_to_comment(by, comment_id, like_type, staff=staff)

    @command
    def unlike_comment(self, by: str, comment_id: str, staff: bool = False) -> PostView:
        """Take a reaction back; where there is none nothing changes."""
        return self._react_to_comment(by, comment_id, None, staff=staff)

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

    def _existing_comment(self, comment_id: str) -> Comment:
        comment = self.comments.get(comment_id) if self._existing().comment_count else None
        if comment is None:
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

    def _meet_comment(self, by: str, comment: Comment, *, staff: bool = False) -> None:
        """Refuse who may not write here, and whom a block hides this comment from."""
        if comment.created_by in self._meet(by, [comment.created_by], staff=staff):
            raise CommentNotFound(post_id=self.post_id, comment_id=comment.comment_id)

    def _react_to_comment(
        self, by: str, comment_id: str, like_type: LikeType | None, *, staff: bool
    ) -> PostView:
        comment = self._existing_comment(comment_id)
        self._meet_comment(by, comment, staff=staff)
        if react(self.likes, comment.number, comment.reactions, by, like_type, now=self.now()):
            self._comment_changed(comment)
        return self.brief(by)

    def _comment_changed(self, comment: Comment) -> None:
        comment.updated_at = self.now()
        self._keep(comment)
        self._changed()

    def _keep(self, comment: Comment) -> None:
        """Store a comment, also where lists show it."""
        self.comments.put(comment.comment_id, comment, sort=comment.number)
        newest = self._existing().newest
        for index, shown in enumerate(newest):
            if shown.number == comment.number:
                newest[index] = comment

    def _keep_edit(self, subject: int, number: int, content: str, of: Comment | PostState) -> None:
        edit = Edit(content=content, written_at=of.edited_at or of.created_at)
        self.edits.put(key_of(subject, number), edit, sort=place(subject, number))

    def _with_replies(self, comment: Comment) -> list[Comment]:
        """The comment and all that reply to it, and to those."""
        if not comment.replies:
            return [comment]
        ids = {comment.comment_id}
        for entry in self._thread_behind(comment):
            if entry.item in ids:
                ids.add(entry.key)
        return list(self.comments.get_many(sorted(ids)).values())

    def _thread_behind(self, comment: Comment) -> list[Entry[str]]:
        found: list[Entry[str]] = []
        cursor: str | None = encode_cursor(
            place(comment.thread, comment.number), comment.comment_id
        )
        while cursor is not None:
            page = page_of(
                self.threads, comment.thread, limit=_STRETCH, cursor=cursor, oldest_first=True
            )
            found += page.items
            cursor = page.next_cursor
        return found

    def _forget(self, comment: Comment) -> None:
        self.comments.remove(comment.comment_id)
        self.threads.remove(comment.comment_id)
        forget(self.likes, comment.number, comment.reactions)
        for number in range(comment.edits):
            self.edits.remove(key_of(comment.number, number))

    def _changed(self) -> None:
        self._existing().updated_at = self.now()

    def _meet(self, by: str, others: list[str], *, staff: bool = False) -> set[str]:
        """Refuse who is not there and from whom a block hides the post; of the others, those whom a
        block hides, too. Nobody is hidden from staff."""
        raise NotImplementedError

    def _move_up_soon(self) -> None:
        """Have those who are told of the post be told of news, unless they are about to be."""
        raise NotImplementedError
