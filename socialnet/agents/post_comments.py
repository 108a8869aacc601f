"""What people say and think of a post: the part of `Post` that deals with its comments."""

from __future__ import annotations

from agents_core import Entry, command
from agents_core.collections import encode_cursor
from socialnet.agents import post_news, text
from socialnet.agents.errors import (
    CommentNotFound,
    CommentNotYours,
    ParentCommentNotFound,
)
from socialnet.agents.post_reading import ReadPost
from socialnet.agents.post_state import (
    SHOWN_COMMENTS,
    Comment,
    Edit,
    PostState,
)
from socialnet.agents.reactions import (
    Reactions,
    forget,
    key_of,
    page_of,
    place,
    react,
)
from socialnet.agents.schemas import (
    CommentCreated,
    LikeType,
    PostView,
)

_STRETCH = 1_000


class CommentedPost(ReadPost, abstract=True):
    """A post's comments: what is read and written of each costs the same however many there are.

    Deleting one takes its replies with it. They stand behind it in its thread, which is read from
    there on, and only if there are any.
    """

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
        gone = parent is None or parent.deleted_at or parent.created_by in hidden
        if parent_comment_id and gone:
            raise ParentCommentNotFound(post_id=self.post_id, parent_comment_id=parent_comment_id)
        self._meet_speaker(by, staff=staff)
        content = text.clean_comment(content)
        now, number = self.now(), state.comments_made + 1
        comment = Comment(
            comment_id=self.new_id(),
            number=number,
            thread=parent.thread if parent else number,
            parent_comment_id=parent.comment_id if parent else None,
            content=content,
            created_by=by,
            mentions=self._mentioned(by, content),
            created_at=now,
            updated_at=now,
        )
        if parent:
            parent.replies += 1
            self._keep(parent)
        self._keep(comment)
        sort = place(comment.thread, number)
        self.threads.put(comment.comment_id, comment.parent_comment_id or "", sort=sort)
        told = post_news.tell_of_comment(self.post_id, state, comment, parent)
        if comment.mentions:
            post_news.tell_of_mentions(
                self.post_id, state, by, comment.mentions, comment=comment, but=told
            )
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
            known, comment.mentions = comment.mentions, self._mentioned(by, content)
            if comment.mentions:
                post_news.tell_of_mentions(
                    self.post_id, self._existing(), by, comment.mentions, comment=comment, but=known
                )
            comment.edits += 1
            self._comment_changed(comment)
        return self.brief(by)

    @command
    def delete_comment(
        self, by: str, comment_id: str, staff: bool = False, keep_replies: bool = False
    ) -> None:
        """Take it back with all its replies; its author, the post's and staff may. A second call
        finds no comment.

        With `keep_replies` one that has replies leaves its place behind, until the last of them is
        gone or the post's author takes that away, too.
        """
        state = self._existing()
        comment = self._existing_comment(comment_id, tombstones=not keep_replies)
        self._meet_comment(by, comment, staff=staff)
        if comment.deleted_at and by != state.created_by and not staff:
            raise CommentNotFound(post_id=self.post_id, comment_id=comment_id)
        if by not in (comment.created_by, state.created_by) and not staff:
            raise CommentNotYours(post_id=self.post_id, comment_id=comment_id)
        if keep_replies and comment.replies:
            self._bury(comment)
        else:
            for doomed in self._with_replies(comment):
                self._forget(doomed)
            self._lose_reply(comment.parent_comment_id)
        newest = self.comments.page(limit=SHOWN_COMMENTS).items if self._has_comments else []
        state.newest = [entry.item for entry in reversed(newest)]
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
            post_news.tell_of_reaction(
                self.post_id, self._existing(), by, comment=comment, reacts=like_type is not None
            )
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
        if comment.deleted_at:
            self._existing().tombstones -= 1
        else:
            self._silence(comment)

    def _bury(self, comment: Comment) -> None:
        """Leave nothing of a comment but its place."""
        self._silence(comment)
        self._existing().tombstones += 1
        comment.content, comment.mentions, comment.edits = "", [], 0
        comment.reactions, comment.edited_at = Reactions(), None
        comment.deleted_at = comment.updated_at = self.now()
        self._keep(comment)

    def _silence(self, comment: Comment) -> None:
        """Forget what was said before and what people think of it."""
        self._existing().comment_count -= 1
        forget(self.likes, comment.number, comment.reactions)
        for number in range(comment.edits):
            self.edits.remove(key_of(comment.number, number))

    def _lose_reply(self, comment_id: str | None) -> None:
        """A comment has one reply less; an empty place that was its last goes, too."""
        while comment_id and (parent := self.comments.get(comment_id)):
            parent.replies -= 1
            if parent.replies or not parent.deleted_at:
                self._keep(parent)
                return
            self._forget(parent)
            comment_id = parent.parent_comment_id

    def _changed(self) -> None:
        self._existing().updated_at = self.now()

    def _meet(self, by: str, others: list[str], *, staff: bool = False) -> set[str]:
        """Refuse who is not there and from whom a block hides the post; of the others, those whom a
        block hides, too. Nobody is hidden from staff."""
        raise NotImplementedError

    def _meet_speaker(self, by: str, *, staff: bool) -> None:
        """Refuse whom the author lets read and not comment."""
        raise NotImplementedError

    def _mentioned(self, by: str, content: str) -> list[str]:
        """Who of those named in a text is there, and not hidden from who wrote it by a block."""
        raise NotImplementedError

    def _move_up_soon(self) -> None:
        """Have those who are told of the post be told of news, unless they are about to be."""
        raise NotImplementedError
