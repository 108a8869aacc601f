"""Posts: writing, listing, searching, reading, changing, reacting, deleting."""

from ninja import Router, Schema

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.access import (
    get_edits_for,
    get_likes_for,
    get_post_for,
    get_post_refs_for,
    search_posts_for,
    whole_post_for,
)
from socialnet.agents.post import Post
from socialnet.agents.schemas import (
    Audience,
    Commenting,
    EditPage,
    LikePage,
    LikeType,
    PostCreated,
    PostPage,
    PostView,
    UserPostRefPage,
)
from socialnet.agents.user_posts import UserPosts
from socialnet.api.params import PostId, SearchText, UserId

router = Router(tags=["posts"])


class PostIn(Schema):
    """What somebody writes: 1 to 5,000 characters after trimming; for whom, and who may comment."""

    content: str
    audience: Audience = "public"
    commenting: Commenting = "everyone"


class PostEditIn(Schema):
    """What a post says from now on, and who may comment from now on if that is to change."""

    content: str
    commenting: Commenting | None = None


class LikeIn(Schema):
    """How somebody reacts."""

    like_type: LikeType


@router.post("/users/{user_id}/posts", response={201: PostCreated})
def create_post(request: CallerRequest, user_id: UserId, body: PostIn) -> PostCreated:
    """Write a post; it travels to everybody who follows the author."""
    posts = UserPosts.of(acting_for(request, user_id))
    return posts.create_post(body.content, body.audience, body.commenting)


@router.get("/users/{user_id}/posts", response=UserPostRefPage)
def get_posts(request: CallerRequest, user_id: UserId, page: PageQuery) -> UserPostRefPage:
    """A person's posts by id, newest first."""
    return get_post_refs_for(request.caller, user_id, page.limit, page.cursor)


@router.get("/users/{user_id}/posts/search", response=PostPage)
def search_posts(
    request: CallerRequest, user_id: UserId, query: SearchText, page: PageQuery
) -> PostPage:
    """A person's posts that match, newest first."""
    return search_posts_for(request.caller, user_id, query, page.limit, page.cursor)


@router.get("/posts/{post_id}", response=PostView)
def get_post(request: CallerRequest, post_id: PostId) -> PostView:
    """One post with its first 200 comments."""
    return get_post_for(request.caller, post_id)


@router.put("/posts/{post_id}", response=PostView)
def edit_post(request: CallerRequest, post_id: PostId, body: PostEditIn) -> PostView:
    """Change the text, as its author; what it said before stays to be read."""
    caller = request.caller
    post = Post.of(post_id).edit(caller.user_id, body.content, body.commenting)
    return whole_post_for(caller, post)


@router.get("/posts/{post_id}/edits", response=EditPage)
def get_edits(request: CallerRequest, post_id: PostId, page: PageQuery) -> EditPage:
    """What the post said before it was edited, newest first."""
    return get_edits_for(request.caller, post_id, page.limit, page.cursor)


@router.get("/posts/{post_id}/likes", response=LikePage)
def get_likes(request: CallerRequest, post_id: PostId, page: PageQuery) -> LikePage:
    """Who reacted to the post, newest first."""
    return get_likes_for(request.caller, post_id, page.limit, page.cursor)


@router.put("/posts/{post_id}/likes/{user_id}", response=PostView)
def like_post(request: CallerRequest, post_id: PostId, user_id: UserId, body: LikeIn) -> PostView:
    """React in this way alone; reacting so already changes nothing."""
    by, staff = acting_for(request, user_id), request.caller.is_staff
    return whole_post_for(request.caller, Post.of(post_id).like(by, body.like_type, staff))


@router.delete("/posts/{post_id}/likes/{user_id}", response=PostView)
def unlike_post(request: CallerRequest, post_id: PostId, user_id: UserId) -> PostView:
    """Take a reaction back; where there is none nothing changes."""
    by, staff = acting_for(request, user_id), request.caller.is_staff
    return whole_post_for(request.caller, Post.of(post_id).unlike(by, staff))


@router.delete("/posts/{post_id}", response={204: None})
def delete_post(request: CallerRequest, post_id: PostId) -> None:
    """Delete a post, as its author or staff; it leaves every timeline."""
    Post.of(post_id).delete(by=request.caller.user_id, staff=request.caller.is_staff)
