"""A post."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime

from agents_core import command, query
from agents_core.search import SearchFields, parse_query

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import mentions, post_news, text, user, user_posts
from socialnet.agents.audience import may_comment, may_read
from socialnet.agents.errors import (
    CommentsClosed,
    NotTheAuthor,
    PostNotFound,
    TimeNotValid,
    TooLateToUndo,
    UserNotFound,
)
from socialnet.agents.post_comments import CommentedPost
from socialnet.agents.post_state import PostState, edit_views, post_view
from socialnet.agents.reactions import page_of, react, views_of
from socialnet.agents.schemas import (
    PAGE_DEFAULT,
    PAGE_MAX,
    UNDO_WITHIN,
    Audience,
    Commenting,
    ConnectionType,
    EditPage,
    LikePage,
    LikeType,
    PostView,
)

# Readers are told of news so much later: of a hundred comments that come meanwhile, once.
MOVE_UP_AFTER = timedelta(seconds=2)
# A telling that is overdue by so much is not coming any more: an operator took it away.
OVERDUE = timedelta(minutes=5)


class Post(CommentedPost):
    """One post, and what people say and think of it. Parameters: the post's id.

    Counts, the newest 100 reactions and the newest comments are in the document, so that lists of
    posts read no rows; everything else is rows.
    """

    live = True

    @query
    def get_post(self, viewer: str | None = None) -> PostView | None:
        """The post with its first 200 comments; None when there is none or none any more."""
        if self.state is None or self.state.deleted_at is not None:
            return None
        if self.state.comment_count + self.state.tombstones <= len(self.state.newest):
            return self.brief(viewer)
        page = self.comments.page(limit=PAGE_MAX, oldest_first=True)
        comments = self._seen([entry.item for entry in page.items], viewer)
        return post_view(self.post_id, self.state, self._my_like(viewer), comments)

    @query
    def get_brief(self, viewer: str | None = None) -> PostView | None:
        """The post as lists show it, with its newest comments; None as for `get_post`."""
        if self.state is None or self.state.deleted_at is not None:
            return None
        return self.brief(viewer)

    @query
    def get_post_if_match(
        self,
        query: str,
        connection_type: str | None = None,
        viewer: str | None = None,
        saved: bool = False,
    ) -> PostView | None:
        """The same if it fits the query; on a timeline `connection_type` is a field too, and
        `saved` says whether `in:bookmarks` finds it."""
        post = self.get_brief(viewer)
        if post is None or not parse_query(query).matches(fields_of(post, connection_type, saved)):
            return None
        return post

    @query
    def check_readable(self, by: str) -> None:
        """Refuse whom a block hides the post from, and whom it is not for."""
        self._meet(by, [])

    @query
    def get_audience(self) -> Audience | None:
        """Who may read the post; None as for `get_post`."""
        if self.state is None or self.state.deleted_at is not None:
            return None
        return self.state.audience

    @query
    def get_likes(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> LikePage:
        """Who reacted to the post, newest first."""
        self._existing()
        page = page_of(self.likes, 0, limit=limit, cursor=cursor)
        return LikePage(items=views_of(page), next_cursor=page.next_cursor)

    @query
    def get_edits(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> EditPage:
        """What the post said before, newest first."""
        self._existing()
        page = page_of(self.edits, 0, limit=limit, cursor=cursor)
        edits = edit_views([entry.item for entry in page.items])
        return EditPage(items=edits, next_cursor=page.next_cursor)

    @command
    def create(
        self,
        created_by: str,
        content: str,
        created_at: AwareDatetime | None = None,
        audience: Audience = "public",
        commenting: Commenting = "everyone",
    ) -> PostView:
        """Come into being; a second call changes nothing, not even after deletion.

        `created_at` is for imports: a time in the past.
        """
        if self.state is None:
            if created_at is not None and created_at > self.now():
                raise TimeNotValid(time=created_at.isoformat())
            written_at = created_at or self.now()
            content = text.clean_post(content)
            self.state = PostState(
                content=content,
                created_by=created_by,
                created_at=written_at,
                updated_at=written_at,
                audience=audience,
                commenting=commenting,
                mentions=self._mentioned(created_by, content),
            )
            if self.state.mentions and created_at is None:
                post_news.tell_of_mentions(
                    self.post_id, self.state, created_by, self.state.mentions
                )
        return self.brief(created_by)

    @command
    def edit(self, by: str, content: str, commenting: Commenting | None = None) -> PostView:
        """Say it differently, as its author, or open it to other comments; what it said stays to be
        read, and readers are told of what is new. Repeating changes nothing."""
        state = self._existing()
        if by != state.created_by:
            self._meet(by, [])
            raise NotTheAuthor(post_id=self.post_id)
        content = text.clean_post(content)
        if content != state.content:
            self._keep_edit(0, state.edits, state.content, state)
            state.content, state.edited_at = content, self.now()
            known, state.mentions = state.mentions, self._mentioned(by, content)
            if state.mentions:
                post_news.tell_of_mentions(self.post_id, state, by, state.mentions, but=known)
            state.edits += 1
            self._changed()
            self._move_up_soon()
        if commenting not in (None, state.commenting):
            state.commenting = commenting
            self._changed()
        return self.brief(by)

    @command
    def delete(self, by: str, staff: bool = False, undoable: bool = False) -> None:
        """Vanish from everywhere; only its author and staff may. A second call finds no post.

        Where it is `undoable`, nobody finds the post either, but nothing of it is lost for ten
        seconds.
        """
        state = self._existing()
        if by != state.created_by and not staff:
            self._meet(by, [])
            raise NotTheAuthor(post_id=self.post_id)
        state.deleted_at, state.deleted_by = self.now(), by
        if not undoable:
            self._vanish(state)
            return
        state.kept_until = self.now() + UNDO_WITHIN
        Post.of(self.post_id).schedule(at=state.kept_until, name="vanish").vanish(state.kept_until)

    @command
    def restore(self, by: str) -> None:
        """Take a deletion back, as who deleted the post; repeating changes nothing."""
        state = self.state
        if state is None or (state.deleted_at is not None and state.deleted_by != by):
            raise PostNotFound(post_id=self.post_id)
        if state.deleted_at is None:
            self._meet(by, [])
            return
        if state.kept_until is None:
            raise TooLateToUndo(seconds=int(UNDO_WITHIN.total_seconds()))
        state.deleted_at = state.deleted_by = state.kept_until = None
        Post.of(self.post_id).unschedule("vanish")
        if state.move_at is not None:  # readers may have been told of nothing meanwhile
            state.move_at = None
            self._move_up_soon()

    @command
    def vanish(self, due: AwareDatetime | None = None) -> None:
        """Be deleted for good, if the post is deleted and that is to be undone no more; of a
        deletion `due` at some time, if it is that one. Else nothing changes."""
        state = self.state
        if state is not None and state.kept_until and due in (None, state.kept_until):
            self._vanish(state)

    def _vanish(self, state: PostState) -> None:
        self.state = PostState(
            content="",
            created_by=state.created_by,
            created_at=state.created_at,
            updated_at=self.now(),
            deleted_at=state.deleted_at,
            deleted_by=state.deleted_by,
        )
        for rows in (self.comments, self.threads, self.likes, self.edits):
            rows.clear()
        user_posts.UserPosts.of(state.created_by).trigger.remove_post(self.post_id)

    @command
    def like(self, by: str, like_type: LikeType, staff: bool = False) -> PostView:
        """React to the post in this way alone; repeating changes nothing."""
        return self._react(by, like_type, staff=staff)

    @command
    def unlike(self, by: str, staff: bool = False) -> PostView:
        """Take a reaction back; where there is none nothing changes."""
        return self._react(by, None, staff=staff)

    @command
    def move_up(self) -> None:
        """Tell the author's audience that there is news; a deleted post tells nobody.

        A second call tells them again.
        """
        if self.state is None or self.state.deleted_at is not None:
            return
        self.state.move_at = None
        author = user_posts.UserPosts.of(self.state.created_by)
        author.trigger.move_post_up(self.post_id, self.now())

    def _react(self, by: str, like_type: LikeType | None, *, staff: bool) -> PostView:
        state = self._existing()
        self._meet(by, [], staff=staff)
        if react(self.likes, 0, state.reactions, by, like_type, now=self.now()):
            self._changed()
            post_news.tell_of_reaction(
                self.post_id, state, by, comment=None, reacts=like_type is not None
            )
        return self.brief(by)

    def _meet(self, by: str, others: list[str], *, staff: bool = False) -> set[str]:
        person, author = user.User.of(by), self._existing().created_by
        if not person.is_registered():
            raise UserNotFound(user_id=by)
        asked = {author, *others} - {by}
        hidden = set(person.hidden_among(sorted(asked))) if asked and not staff else set()
        if author in hidden:
            raise PostNotFound(post_id=self.post_id)
        audience = self._existing().audience
        is_open = audience == "public" or by == author or staff
        if not is_open and not may_read(audience, self._types_of(by)):
            raise PostNotFound(post_id=self.post_id)
        return hidden

    def _meet_speaker(self, by: str, *, staff: bool) -> None:
        state = self._existing()
        if state.commenting == "everyone" or by == state.created_by or staff:
            return
        if not may_comment(state.commenting, self._types_of(by)):
            raise CommentsClosed(post_id=self.post_id)

    def _types_of(self, by: str) -> list[ConnectionType]:
        """What the author is to somebody."""
        connection = user.User.of(by).get_connection(self._existing().created_by)
        return connection.connection_types if connection else []

    def _mentioned(self, by: str, content: str) -> list[str]:
        names = mentions.candidates(content) if "@" in content else []
        if not names:
            return []
        hidden = user.User.of(by).hidden_among(names)
        known = user.User.of_many(names).is_registered()
        return [
            name
            for name, is_there in zip(names, known, strict=True)
            if is_there and name not in hidden
        ]

    def _move_up_soon(self) -> None:
        state, now = self._existing(), self.now()
        if state.move_at is None or state.move_at < now - OVERDUE:
            state.move_at = now + MOVE_UP_AFTER
            Post.of(self.post_id).schedule(at=state.move_at, name="move up").move_up()


def fields_of(post: PostView, connection_type: str | None, saved: bool) -> SearchFields:
    """What a post is found by.

    Who follows the author is their `follower`, and has them as a `following`: both words find it.
    """
    kinds = ["follower", "following"] if connection_type == "follower" else [connection_type]
    return SearchFields(
        words=[post.post_id, post.content, post.created_by],
        text={"content": post.content},
        ids={
            "post_id": post.post_id,
            "created_by": post.created_by,
            "connection_type": [kind for kind in kinds if kind],
            "in": "bookmarks" if saved else None,
        },
    )
