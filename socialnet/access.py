"""The only doors to what others wrote: finding it and being allowed to see it are one step."""

from collections.abc import Sequence
from datetime import datetime

from accounts.caller import Person
from agents_core.files import AgentFile
from socialnet.agents.audience import may_comment, may_read
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatView, MessageView
from socialnet.agents.errors import (
    ChatNotFound,
    CommentNotFound,
    MessageNotFound,
    PostNotFound,
    UserNotFound,
)
from socialnet.agents.post import Post
from socialnet.agents.schemas import (
    PAGE_DEFAULT,
    CommentNews,
    CommentPage,
    CommentView,
    ConnectionPage,
    ConnectionType,
    EditPage,
    LikePage,
    PostPage,
    PostView,
    ThreadPage,
    UserPostRefPage,
    UserView,
)
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.views import UserPostsView, types_of


def get_user_for(viewer: Person, user_id: str) -> UserView:
    """The person as this viewer may see them; hidden by a block is like not there, also among the
    person's connections."""
    user = User.of(user_id).get_user()
    if user is not None and viewer.may_act_for(user_id):
        return user
    seen = user and user.seen_by(viewer.user_id)
    hidden = hidden_among(viewer, {user_id, *seen.connected_users}) if seen else set()
    if seen is None or user_id in hidden:
        raise UserNotFound(user_id=user_id)
    return seen.without(hidden)


def get_avatar_for(viewer: Person, user_id: str) -> AgentFile | None:
    """The person's picture, if they have one."""
    require_visible(viewer, user_id)
    return User.of(user_id).get_avatar()


def get_post_for(viewer: Person, post_id: str) -> PostView:
    """The post with its comments, if it is there, for this viewer to read, and no block parts its
    author and them."""
    return seen_by(viewer, Post.of(post_id).get_post(viewer.user_id), post_id)


def get_brief_post_for(viewer: Person, post_id: str) -> PostView:
    """The same as lists show it: with its newest comments."""
    return seen_by(viewer, Post.of(post_id).get_brief(viewer.user_id), post_id)


def whole_post_for(viewer: Person, brief: PostView) -> PostView:
    """A post that the viewer has just written to, as `get_post_for` would show it at that moment.

    Asked again under one key it is the same, as far as it is still there.
    """
    if brief.comment_count > len(brief.comments):
        now = Post.of(brief.post_id).get_post(viewer.user_id)
        comments = (
            [one for one in now.comments if one.created_at <= brief.updated_at] if now else []
        )
        brief = brief.model_copy(update={"comments": comments})
    return brief.without(unheard_among(viewer, brief.people))


def get_comments_for(viewer: Person, post_id: str, limit: int, cursor: str | None) -> CommentPage:
    """What people said about a post that this viewer may see."""
    require_visible_post(viewer, post_id)
    page = Post.of(post_id).get_comments(limit, cursor, viewer.user_id)
    return page.without(unheard_among(viewer, page.people))


def get_threads_for(
    viewer: Person,
    post_id: str,
    limit: int,
    cursor: str | None,
    begin_at: str | None = None,
) -> ThreadPage:
    """The comments on a post that this viewer may see, thread by thread."""
    require_visible_post(viewer, post_id)
    page = Post.of(post_id).get_threads(limit, cursor, viewer.user_id, begin_at)
    return page.without(unheard_among(viewer, page.people))


def get_news_for(
    viewer: Person, post_id: str, after: int, since: datetime, shown: list[str]
) -> CommentNews:
    """What became of the comments on a post that this viewer may see."""
    require_visible_post(viewer, post_id)
    news = Post.of(post_id).get_news(after, since, shown, viewer.user_id)
    hidden = unheard_among(viewer, set().union(*(one.people for one in news.comments)))
    comments = [one.without(hidden) for one in news.comments if one.created_by not in hidden]
    return news.model_copy(update={"comments": comments})


def get_likes_for(viewer: Person, post_id: str, limit: int, cursor: str | None) -> LikePage:
    """Who reacted to a post that this viewer may see."""
    require_visible_post(viewer, post_id)
    page = Post.of(post_id).get_likes(limit, cursor)
    return page.without(unheard_among(viewer, {like.user_id for like in page.items}))


def get_comment_likes_for(
    viewer: Person, post_id: str, comment_id: str, limit: int, cursor: str | None
) -> LikePage:
    """Who reacted to a comment that this viewer may see."""
    require_visible_comment(viewer, post_id, comment_id)
    page = Post.of(post_id).get_comment_likes(comment_id, limit, cursor)
    return page.without(unheard_among(viewer, {like.user_id for like in page.items}))


def get_comment_for(viewer: Person, post_id: str, comment_id: str) -> CommentView:
    """One comment on a post, both of which this viewer may see."""
    require_visible_post(viewer, post_id)
    comment = Post.of(post_id).get_comment(comment_id, viewer.user_id)
    if is_hidden_from(viewer, comment.created_by):
        raise CommentNotFound(post_id=post_id, comment_id=comment_id)
    return comment.without(unheard_among(viewer, comment.people))


def get_edits_for(viewer: Person, post_id: str, limit: int, cursor: str | None) -> EditPage:
    """What a post said before that this viewer may see."""
    require_visible_post(viewer, post_id)
    return Post.of(post_id).get_edits(limit, cursor)


def get_comment_edits_for(
    viewer: Person, post_id: str, comment_id: str, limit: int, cursor: str | None
) -> EditPage:
    """What a comment said before that this viewer may see."""
    require_visible_comment(viewer, post_id, comment_id)
    return Post.of(post_id).get_comment_edits(comment_id, limit, cursor)


def require_visible_post(viewer: Person, post_id: str) -> None:
    """Refuse posts that are not there, or not for this viewer."""
    post = Post.of(post_id).get_brief()
    if post is None or is_hidden_from(viewer, post.created_by) or not is_readable(viewer, post):
        raise PostNotFound(post_id=post_id)


def require_visible_comment(viewer: Person, post_id: str, comment_id: str) -> None:
    """Refuse comments that are not there, or not for this viewer."""
    require_visible_post(viewer, post_id)
    author = Post.of(post_id).get_comment_author(comment_id)
    if is_hidden_from(viewer, author):
        raise CommentNotFound(post_id=post_id, comment_id=comment_id)


def seen_by(viewer: Person, post: PostView | None, post_id: str) -> PostView:
    """The post without the doings of people whom a block hides or whom the viewer has muted;
    refused where a block hides its author, and where it is not for the viewer to read. Who asks
    for a post of somebody muted may read it."""
    unheard = unheard_among(viewer, post.people) if post else set()
    if post is None or not is_readable(viewer, post):
        raise PostNotFound(post_id=post_id)
    if post.created_by in unheard and is_hidden_from(viewer, post.created_by):
        raise PostNotFound(post_id=post_id)
    unheard.discard(post.created_by)
    return post.without(unheard) if unheard else post


def is_readable(viewer: Person, post: PostView) -> bool:
    """Whether the viewer is of the audience that the post is for."""
    if post.audience == "public" or viewer.may_act_for(post.created_by):
        return True
    types = types_of(viewer.user_id, {post.created_by})
    return may_read(post.audience, types.get(post.created_by, []))


def open_to(viewer: Person, posts: Sequence[PostView]) -> set[str]:
    """Those of the posts, by id, that the viewer may comment on; for pages, to offer it or not."""
    asked = {one.created_by for one in posts if one.commenting != "everyone"} - {viewer.user_id}
    types = types_of(viewer.user_id, asked) if asked and not viewer.is_staff else {}
    return {
        post.post_id
        for post in posts
        if viewer.may_act_for(post.created_by)
        or may_comment(post.commenting, types.get(post.created_by, []))
    }


def unheard_among(viewer: Person, people: set[str]) -> set[str]:
    """Those of the people whose doings the viewer is spared, by a block in either direction or as
    they have muted them; nobody for staff."""
    others = people - {viewer.user_id}
    if viewer.is_staff or not others:
        return set()
    return set(User.of(viewer.user_id).unheard_among(sorted(others)))


def get_chat_for(
    viewer: Person,
    chat_id: str,
    before: str | None = None,
    limit: int = PAGE_DEFAULT,
    *,
    deleted: bool = False,
) -> ChatView:
    """The chat, if this viewer takes part in it and no block parts the two of a pair; with
    `deleted` the places of deleted messages, too."""
    chat = Chat.of(chat_id).get_chat(viewer.user_id, viewer.is_staff, before, limit, deleted)
    if chat is None:
        raise ChatNotFound(chat_id=chat_id)
    return chat


def hidden_among(viewer: Person, people: set[str]) -> set[str]:
    """Those of the people whom a block, in either direction, hides; nobody from staff."""
    others = people - {viewer.user_id}
    if viewer.is_staff or not others:
        return set()
    return set(User.of(viewer.user_id).hidden_among(sorted(others)))


def get_message_for(viewer: Person, chat_id: str, message_id: str) -> MessageView:
    """One message of a chat that this viewer may see."""
    get_chat_for(viewer, chat_id, limit=1)
    found = Chat.of(chat_id).get_messages([message_id], viewer.user_id, viewer.is_staff)
    if not found:
        raise MessageNotFound(message_id=message_id)
    return found[0]


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
    if viewer.may_act_for(user_id):
        return page
    return page.seen_by_others().without(
        hidden_among(viewer, {connection.user_id for connection in page.items})
    )


def get_post_refs_for(
    viewer: Person, user_id: str, limit: int, cursor: str | None
) -> UserPostRefPage:
    """A person's posts by id, as far as they are for this viewer."""
    require_visible(viewer, user_id)
    page = UserPosts.of(user_id).get_posts(limit, cursor)
    if viewer.may_act_for(user_id) or all(one.audience == "public" for one in page.items):
        return page
    types = types_of(viewer.user_id, {user_id}).get(user_id, [])
    items = [one for one in page.items if may_read(one.audience, types)]
    return UserPostRefPage(items=items, next_cursor=page.next_cursor)


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
