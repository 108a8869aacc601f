"""Posts: writing, listing, searching, reading, deleting."""

from ninja import Router, Schema

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.access import get_post_for, get_post_refs_for, search_posts_for
from socialnet.agents.post import Post
from socialnet.agents.schemas import PostCreated, PostPage, PostView, UserPostRefPage
from socialnet.agents.user_posts import UserPosts
from socialnet.api.params import PostId, SearchText, UserId

router = Router(tags=["posts"])


class PostIn(Schema):
    """What somebody writes: 1 to 5,000 characters after trimming."""

    content: str


@router.post("/users/{user_id}/posts", response={201: PostCreated})
def create_post(request: CallerRequest, user_id: UserId, body: PostIn) -> PostCreated:
    """Write a post; it travels to everybody who follows the author."""
    return UserPosts.of(acting_for(request, user_id)).create_post(body.content)


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
    """One post."""
    return get_post_for(request.caller, post_id)


@router.delete("/posts/{post_id}", response={204: None})
def delete_post(request: CallerRequest, post_id: PostId) -> None:
    """Delete a post, as its author or staff; it leaves every timeline."""
    Post.of(post_id).delete(by=request.caller.user_id, staff=request.caller.is_staff)
