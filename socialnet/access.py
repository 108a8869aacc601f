"""The only doors to what others wrote: finding it and being allowed to see it are one step."""

from accounts.caller import Person
from socialnet.agents.errors import PostNotFound, UserNotFound
from socialnet.agents.post import Post
from socialnet.agents.schemas import (
    ConnectionPage,
    ConnectionType,
    PostPage,
    PostView,
    UserPostRefPage,
    UserView,
)
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.views import UserPostsView


def get_user_for(viewer: Person, user_id: str) -> UserView:
    """The person as this viewer may see them; hidden by a block is like not there."""
    user = User.of(user_id).get_user()
    if user is None or is_hidden_from(viewer, user_id):
        raise UserNotFound(user_id=user_id)
    return user.seen_by(viewer.user_id, viewer.is_staff)


def get_post_for(viewer: Person, post_id: str) -> PostView:
    """The post, if it is there and no block parts its author and this viewer."""
    post = Post.of(post_id).get_post()
    if post is None or is_hidden_from(viewer, post.created_by):
        raise PostNotFound(post_id=post_id)
    return post


def is_hidden_from(viewer: Person, user_id: str) -> bool:
    """Whether a block, in either direction, hides the one from the other; never from staff."""
    if viewer.may_act_for(user_id):
        return False
    return User.of(viewer.user_id).hides(user_id)


def get_connections_for(
    viewer: Person, user_id: str, kind: ConnectionType | None, limit: int, cursor: str | None
) -> ConnectionPage:
    """A person's connections; unanswered requests are for the person and staff alone."""
    require_visible(viewer, user_id)
    page = User.of(user_id).get_connections(kind, limit, cursor)
    return page if viewer.may_act_for(user_id) else page.seen_by_others()


def get_post_refs_for(
    viewer: Person, user_id: str, limit: int, cursor: str | None
) -> UserPostRefPage:
    """A person's posts by id."""
    require_visible(viewer, user_id)
    return UserPosts.of(user_id).get_posts(limit, cursor)


def search_posts_for(
    viewer: Person, user_id: str, query: str, limit: int, cursor: str | None
) -> PostPage:
    """A person's posts that match."""
    require_visible(viewer, user_id)
    return UserPostsView.of(user_id).search(query, viewer.user_id, limit, cursor)


def require_visible(viewer: Person, user_id: str) -> None:
    """Refuse people who are not there, or not for this viewer."""
    if not User.of(user_id).is_registered() or is_hidden_from(viewer, user_id):
        raise UserNotFound(user_id=user_id)
