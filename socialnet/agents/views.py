"""Posts as pages show them: lists of references, made into posts that the viewer may see."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import AwareDatetime

from agents_core import EphemeralAgent, Parameter, query
from agents_core.search import parse_query
from socialnet.agents.post import Post
from socialnet.agents.schemas import PAGE_DEFAULT, Placed, PostPage, PostRef, PostView
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline

EVERYTHING = "*"
# How many posts a filter reads in one statement, and how many in all before it answers with what
# it has and a cursor: a rare word in a long list costs its reader more pages, not the server more.
_STRETCH = 200
_LOOKED_AT_MOST = 2_000

GetStretch = Callable[[int, str | None], list[Placed]]


class UserPostsView(EphemeralAgent):
    """A person's posts, whole. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_posts(
        self, viewer: str | None = None, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> PostPage:
        """The posts, newest first; none to a viewer whom a block hides."""
        return self.search(EVERYTHING, viewer, limit, cursor)

    @query
    def search(
        self,
        query: str,
        viewer: str | None = None,
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
    ) -> PostPage:
        """Those that fit the query, newest first; none to a viewer whom a block hides."""
        posts = UserPosts.of(self.user_id)
        return _gather(posts.get_stretch, query, viewer, limit=limit, cursor=cursor)


class UserTimelineView(EphemeralAgent):
    """A person's timeline, whole. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_posts(
        self, query: str = EVERYTHING, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> PostPage:
        """The posts that fit the query, in the timeline's order.

        Leaves out what is gone, and whom a block hides, even where the timeline still points.
        """
        timeline = UserTimeline.of(self.user_id)
        return _gather(timeline.get_stretch, query, self.user_id, limit=limit, cursor=cursor)


class UserTimelineUpdates(EphemeralAgent):
    """What is new on a person's timeline. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_updates(self, since: AwareDatetime) -> list[PostRef]:
        """References that came or moved after `since`, the latest arrival last."""
        return self.get_visible(UserTimeline.of(self.user_id).get_updates(since))

    @query
    def get_visible(self, refs: list[PostRef]) -> list[PostRef]:
        """Those of the references whose authors no block hides."""
        hidden = _hidden_from(self.user_id, {ref.created_by for ref in refs})
        return [ref for ref in refs if ref.created_by not in hidden]


def _gather(
    get_stretch: GetStretch, query: str, viewer: str | None, *, limit: int, cursor: str | None
) -> PostPage:
    """The next `limit` posts of a list that fit the query and that the viewer may see."""
    found: list[PostView] = []
    behind_found = cursor
    looked_at = 0
    size = limit + 1 if query.strip() in ("", EVERYTHING) else _STRETCH
    while True:
        stretch = get_stretch(size, cursor)
        posts = _load(stretch, query, viewer)
        for place in stretch:
            if place.post_id not in posts:
                continue
            if len(found) == limit:
                return _page(found, behind_found, viewer)
            found.append(posts[place.post_id])
            behind_found = place.cursor
        if len(stretch) < size:
            return _page(found, None, viewer)
        cursor = stretch[-1].cursor
        looked_at += len(stretch)
        if looked_at >= _LOOKED_AT_MOST:
            return _page(found, cursor, viewer)


def _page(found: list[PostView], next_cursor: str | None, viewer: str | None) -> PostPage:
    """The posts without what people did there whom a block hides from the viewer."""
    people = set[str]().union(*(post.people - {post.created_by} for post in found))
    hidden = _hidden_from(viewer, people)
    items = [post.without(hidden) for post in found] if hidden else found
    return PostPage(items=items, next_cursor=next_cursor)


def _load(places: list[Placed], query: str, viewer: str | None) -> dict[str, PostView]:
    """The posts there are, fit the query and are not hidden from the viewer, by id."""
    hidden = _hidden_from(viewer, {place.created_by for place in places})
    by_kind: dict[str | None, list[str]] = {}
    # One statement does for all, unless the query asks for the kind of connection too.
    asks_for_kind = bool(parse_query(query).without("connectiontype")[1])
    for place in places:
        if place.created_by not in hidden:
            asked_kind = place.connection_type if asks_for_kind else None
            by_kind.setdefault(asked_kind, []).append(place.post_id)
    posts: dict[str, PostView] = {}
    for kind, post_ids in by_kind.items():
        for post in Post.of_many(post_ids).get_post_if_match(query, kind, viewer):
            if post is not None:
                posts[post.post_id] = post
    return posts


def _hidden_from(viewer: str | None, authors: set[str]) -> set[str]:
    others = authors - {viewer}
    if viewer is None or not others:
        return set()
    return set(User.of(viewer).hidden_among(sorted(others)))
