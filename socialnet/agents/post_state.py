"""What a post keeps, and how readers see it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from socialnet.agents.reactions import Reactions
from socialnet.agents.schemas import (
    Audience,
    Commenting,
    CommentView,
    EditView,
    LikeType,
    PostView,
)

# Lists show so many comments of each post; a post that has no more needs no row to be shown whole.
SHOWN_COMMENTS = 3


class Comment(BaseModel):
    """One comment. Comments are counted from 1 as they are written; `thread` is the number of the
    comment that stands at the root of this one's branch, its own if that is itself. One with
    `deleted_at` only keeps the place of what its replies reply to."""

    comment_id: str
    number: int
    thread: int
    parent_comment_id: str | None = None
    content: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    mentions: list[str] = []
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    edits: int = 0
    replies: int = 0
    reactions: Reactions = Reactions()


class Edit(BaseModel):
    """What a text said before, and since when."""

    content: str
    written_at: datetime


class PostState(BaseModel):
    """What was written, and what a list shows of what was said about it. Of a deleted post only the
    tombstone stays, so that it cannot come back; before, until `kept_until`, whoever deleted it may
    take that back.

    `newest` are the newest comments, oldest first. `comments_made` counts those deleted since, too,
    `tombstones` those that are deleted and keep a place.
    `move_at` is when readers will be told of what is new here; None: nothing is.
    """

    content: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    audience: Audience = "public"
    commenting: Commenting = "everyone"
    mentions: list[str] = []
    edited_at: datetime | None = None
    edits: int = 0
    deleted_at: datetime | None = None
    deleted_by: str | None = None
    kept_until: datetime | None = None
    reactions: Reactions = Reactions()
    comment_count: int = 0
    comments_made: int = 0
    tombstones: int = 0
    newest: list[Comment] = []
    move_at: datetime | None = None


def post_view(
    post_id: str, state: PostState, my_like: LikeType | None, comments: list[CommentView]
) -> PostView:
    """A post as its readers see it."""
    return PostView(
        post_id=post_id,
        content=state.content,
        created_by=state.created_by,
        audience=state.audience,
        commenting=state.commenting,
        mentions=state.mentions,
        like_counts=state.reactions.counts,
        likes=state.reactions.shown,
        my_like=my_like,
        comment_count=state.comment_count,
        comments=comments,
        edited_at=state.edited_at,
        created_at=state.created_at,
        updated_at=state.updated_at,
    )


def comment_view(comment: Comment, my_like: LikeType | None) -> CommentView:
    """A comment as its readers see it."""
    return CommentView(
        comment_id=comment.comment_id,
        parent_comment_id=comment.parent_comment_id,
        content=comment.content,
        like_counts=comment.reactions.counts,
        likes=comment.reactions.shown,
        my_like=my_like,
        created_by=comment.created_by,
        mentions=comment.mentions,
        edited_at=comment.edited_at,
        deleted_at=comment.deleted_at,
        created_at=comment.created_at,
        updated_at=comment.updated_at,
    )


def edit_views(edits: list[Edit]) -> list[EditView]:
    """Earlier texts as readers see them."""
    return [EditView(content=edit.content, written_at=edit.written_at) for edit in edits]
