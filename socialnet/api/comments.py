"""Comments on posts: writing, reading, changing, reacting, deleting."""

from ninja import Router, Schema

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.access import (
    get_comment_edits_for,
    get_comment_likes_for,
    get_comments_for,
    whole_post_for,
)
from socialnet.agents.errors import ParentCommentNotFound
from socialnet.agents.post import Post
from socialnet.agents.schemas import CommentCreated, CommentPage, EditPage, LikePage, PostView
from socialnet.api.params import CommentId, PostId, UserId, UserIdText
from socialnet.api.posts import LikeIn
from socialnet.ids import is_uuid

router = Router(tags=["comments"])


class CommentIn(Schema):
    """What somebody says, 1 to 2,000 characters after trimming, and to which comment if to one."""

    content: str
    parent_comment_id: str | None = None
    user_id: UserIdText | None = None


class CommentEditIn(Schema):
    """What a comment says from now on."""

    content: str


@router.get("/posts/{post_id}/comments", response=CommentPage)
def get_comments(request: CallerRequest, post_id: PostId, page: PageQuery) -> CommentPage:
    """What people said, oldest first."""
    return get_comments_for(request.caller, post_id, page.limit, page.cursor)


@router.post("/posts/{post_id}/comments", response={201: CommentCreated})
def comment(request: CallerRequest, post_id: PostId, body: CommentIn) -> CommentCreated:
    """Say something about a post, or about a comment on it."""
    by = acting_for(request, body.user_id)
    parent_id = body.parent_comment_id and body.parent_comment_id.lower()
    if parent_id is not None and not is_uuid(parent_id):
        raise ParentCommentNotFound(post_id=post_id, parent_comment_id=parent_id[:36])
    return Post.of(post_id).comment(by, body.content, parent_id, request.caller.is_staff)


@router.put("/posts/{post_id}/comments/{comment_id}", response=PostView)
def edit_comment(
    request: CallerRequest, post_id: PostId, comment_id: CommentId, body: CommentEditIn
) -> PostView:
    """Change the text, as its author; what it said before stays to be read."""
    caller = request.caller
    post = Post.of(post_id).edit_comment(caller.user_id, comment_id, body.content)
    return whole_post_for(caller, post)


@router.delete("/posts/{post_id}/comments/{comment_id}", response={204: None})
def delete_comment(
    request: CallerRequest, post_id: PostId, comment_id: CommentId, keep_replies: bool = False
) -> None:
    """Delete a comment and its replies, as its author, the post's author or staff.

    With `keep_replies` one that has replies leaves its place, without what it said.
    """
    caller = request.caller
    Post.of(post_id).delete_comment(caller.user_id, comment_id, caller.is_staff, keep_replies)


@router.get("/posts/{post_id}/comments/{comment_id}/edits", response=EditPage)
def get_comment_edits(
    request: CallerRequest, post_id: PostId, comment_id: CommentId, page: PageQuery
) -> EditPage:
    """What the comment said before it was edited, newest first."""
    return get_comment_edits_for(request.caller, post_id, comment_id, page.limit, page.cursor)


@router.get("/posts/{post_id}/comments/{comment_id}/likes", response=LikePage)
def get_comment_likes(
    request: CallerRequest, post_id: PostId, comment_id: CommentId, page: PageQuery
) -> LikePage:
    """Who reacted to the comment, newest first."""
    return get_comment_likes_for(request.caller, post_id, comment_id, page.limit, page.cursor)


@router.put("/posts/{post_id}/comments/{comment_id}/likes/{user_id}", response=PostView)
def like_comment(
    request: CallerRequest,
    post_id: PostId,
    comment_id: CommentId,
    user_id: UserId,
    body: LikeIn,
) -> PostView:
    """React to a comment in this way alone; reacting so already changes nothing."""
    by, staff = acting_for(request, user_id), request.caller.is_staff
    post = Post.of(post_id).like_comment(by, comment_id, body.like_type, staff)
    return whole_post_for(request.caller, post)


@router.delete("/posts/{post_id}/comments/{comment_id}/likes/{user_id}", response=PostView)
def unlike_comment(
    request: CallerRequest, post_id: PostId, comment_id: CommentId, user_id: UserId
) -> PostView:
    """Take a reaction to a comment back; where there is none nothing changes."""
    by, staff = acting_for(request, user_id), request.caller.is_staff
    return whole_post_for(request.caller, Post.of(post_id).unlike_comment(by, comment_id, staff))
