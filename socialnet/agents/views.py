"""Posts as pages show them: lists of references, made into posts that the viewer may see."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import AwareDatetime

from accounts.hidden import hidden_of
from agents_core import EphemeralAgent, Parameter, query
from agents_core.collections import decode_cursor, encode_cursor
from agents_core.merging import get_of_many, newest_of_many
from agents_core.search import parse_query
from socialnet.agents.audience import may_read
from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.post import Post
from socialnet.agents.schemas import (
    PAGE_DEFAULT,
    TIMELINE_MAX,
    AudienceType,
    ConnectionType,
    Placed,
    PostPage,
    PostRef,
    PostView,
)
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline

EVERYTHING = "*"
# How many posts a filter reads in one statement, and how many in all before it answers with what
# it has and a cursor: a rare word in a long list costs its reader more pages, not the server more.
_STRETCH = 200
_LOOKED_AT_MOST = 2_000
# What a cursor begins with that points behind the last reference of a full timeline.
_BEYOND = "beyond."

GetStretch = Callable[[int, str | None], list[Placed]]
# Of these authors, those whose posts are left out for the viewer.
LeftOut = Callable[[str | None, set[str]], set[str]]


class UserPostsView(EphemeralAgent):
    """A person's posts, whole. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_posts(
        self, viewer: str | None = None, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> PostPage:
        """The posts, newest first, that are for the viewer; none if a block hides the two."""
        return self.search(EVERYTHING, viewer, limit, cursor)

    @query
    def search(
        self,
        query: str,
        viewer: str | None = None,
        limit: int = PAGE_DEFAULT,
        cursor: str | None = None,
    ) -> PostPage:
        """Those of them that fit the query. Who comes to read somebody they have muted may."""
        if viewer is not None and User.of(viewer).hides(self.user_id):
            return PostPage(items=[])
        posts = UserPosts.of(self.user_id)
        return _gather(
            posts.get_stretch, query, viewer, limit=limit, cursor=cursor, left_out=_nobody
        )


class UserTimelineView(EphemeralAgent):
    """A person's timeline, whole. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_posts(
        self, query: str = EVERYTHING, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> PostPage:
        """The posts that fit the query, in the timeline's order; behind the last reference of a
        full timeline go on what its authors wrote before, by their time.

        Leaves out what is gone or not for this person, and whom a block hides or this person has
        muted, even where the timeline still points.
        """
        return _gather(self._stretch, query, self.user_id, limit=limit, cursor=cursor)

    @query
    def get_these(self, post_ids: list[str]) -> list[PostView]:
        """Those of the posts that this person may see, in that order; `created_by` is looked at
        as anywhere."""
        found = [post for post in Post.of_many(post_ids).get_brief(self.user_id) if post]
        hidden = _unheard_by(self.user_id, {post.created_by for post in found})
        seen = [post for post in found if post.created_by not in hidden]
        return _page(_readable(self.user_id, seen), None, self.user_id).items

    def _stretch(self, limit: int, cursor: str | None) -> list[Placed]:
        if cursor is not None and cursor.startswith(_BEYOND):
            return self._beyond(limit, cursor.removeprefix(_BEYOND))
        places = UserTimeline.of(self.user_id).get_stretch(limit, cursor)
        if len(places) == limit or (cursor is None and len(places) < TIMELINE_MAX):
            return places
        return places + self._beyond(limit - len(places), None)

    def _beyond(self, limit: int, cursor: str | None) -> list[Placed]:
        """What the authors wrote before, without what the timeline still points to."""
        pointed_to = UserTimeline.of(self.user_id).get_stretch(TIMELINE_MAX)
        if len(pointed_to) < TIMELINE_MAX:
            return []
        known = {place.post_id for place in pointed_to}
        authors: dict[str, AudienceType | None] = {self.user_id: None}
        authors |= User.of(self.user_id).authors()
        found: list[Placed] = []
        cursor = cursor or encode_cursor(decode_cursor(pointed_to[-1].cursor)[0], "")
        while len(found) < limit:
            rows = newest_of_many(
                UserPosts, UserPosts.posts, list(authors), limit=limit, cursor=cursor
            )
            for author, row in rows:
                cursor = encode_cursor(row.sort, row.key)
                if row.key not in known:
                    found.append(
                        Placed(
                            post_id=row.key,
                            connection_type=authors[author],
                            cursor=_BEYOND + cursor,
                        )
                    )
            if len(rows) < limit:
                break
        return found[:limit]


class BookmarksView(EphemeralAgent):
    """The posts a person has saved, whole. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_posts(
        self, query: str = EVERYTHING, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> PostPage:
        """Those that fit the query, the last saved first; without what is gone, not for this person
        any more, or hidden by a block. What somebody muted has written was saved on purpose."""
        saved = Bookmarks.of(self.user_id)
        return _gather(
            saved.get_stretch, query, self.user_id, limit=limit, cursor=cursor, left_out=_blocked
        )


class UserTimelineUpdates(EphemeralAgent):
    """What is new on a person's timeline. Parameters: the user id."""

    user_id: Parameter[str]

    @query
    def get_updates(self, since: AwareDatetime) -> list[PostRef]:
        """References that came or moved after `since`, the latest arrival last."""
        return self.get_visible(UserTimeline.of(self.user_id).get_updates(since))

    @query
    def get_visible(self, refs: list[PostRef]) -> list[PostRef]:
        """Those of the references whose authors no block hides, and no mute."""
        hidden = _unheard_by(self.user_id, {ref.created_by for ref in refs})
        return [ref for ref in refs if ref.created_by not in hidden]


def visible_to_many(asked: list[tuple[str, list[PostRef]]]) -> list[list[PostRef]]:
    """For each reader, those of the references whose authors no block hides, and no mute.

    Two statements, however many ask.
    """
    readers = list({reader for reader, _ in asked})
    authors = list({ref.created_by for _, refs in asked for ref in refs})
    connections = get_of_many(User, User.connections, readers, authors)
    mutes = get_of_many(User, User.mutes, readers, authors)
    gone = hidden_of(authors)

    def hears(reader: str, author: str) -> bool:
        if author == reader:
            return True
        connection = connections.get(reader, {}).get(author)
        blocked = connection is not None and connection.relation.is_blocked
        return not blocked and author not in gone and author not in mutes.get(reader, {})

    return [[ref for ref in refs if hears(reader, ref.created_by)] for reader, refs in asked]


def _gather(
    get_stretch: GetStretch,
    query: str,
    viewer: str | None,
    *,
    limit: int,
    cursor: str | None,
    left_out: LeftOut | None = None,
) -> PostPage:
    """The next `limit` posts of a list that fit the query and that the viewer may see.

    Without `left_out` blocks and mutes leave authors out.
    """
    found: list[PostView] = []
    behind_found = cursor
    looked_at = 0
    size = limit + 1 if query.strip() in ("", EVERYTHING) else _STRETCH
    while True:
        stretch = get_stretch(size, cursor)
        posts = _load(stretch, query, viewer, left_out or _unheard_by)
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
    """The posts without what people did there of whom the viewer does not hear."""
    people = set[str]().union(*(post.people - {post.created_by} for post in found))
    hidden = _unheard_by(viewer, people)
    items = [post.without(hidden) for post in found] if hidden else found
    return PostPage(items=items, next_cursor=next_cursor)


def _load(
    places: list[Placed], query: str, viewer: str | None, left_out: LeftOut
) -> dict[str, PostView]:
    """The posts there are, fit the query and are for the viewer, by id."""
    by_kind: dict[tuple[str | None, bool], list[str]] = {}
    # One statement does for all, unless the query asks for the kind of connection too, or for
    # what the viewer has saved.
    wanted = parse_query(query)
    asks_for_kind = bool(wanted.without("connectiontype")[1])
    saved = set[str]()
    if viewer is not None and wanted.without("in")[1]:
        saved = set(Bookmarks.of(viewer).among([place.post_id for place in places]))
    for place in places:
        asked_kind = place.connection_type if asks_for_kind else None
        by_kind.setdefault((asked_kind, place.post_id in saved), []).append(place.post_id)
    posts: list[PostView] = []
    for (kind, is_saved), post_ids in by_kind.items():
        found = Post.of_many(post_ids).get_post_if_match(query, kind, viewer, is_saved)
        posts += [post for post in found if post is not None]
    hidden = left_out(viewer, {post.created_by for post in posts})
    seen = [post for post in posts if post.created_by not in hidden] if hidden else posts
    return {post.post_id: post for post in _readable(viewer, seen)}


def _readable(viewer: str | None, posts: list[PostView]) -> list[PostView]:
    """Those of the posts whose audience the viewer belongs to; asks only where not all are for
    everybody."""
    closed = {one.created_by for one in posts if one.audience != "public"} - {viewer}
    if viewer is None or not closed:
        return posts
    types = types_of(viewer, closed)
    return [
        post
        for post in posts
        if post.created_by == viewer or may_read(post.audience, types.get(post.created_by, []))
    ]


def types_of(viewer: str, authors: set[str]) -> dict[str, list[ConnectionType]]:
    """What these authors are to the viewer, of those who are anything."""
    known = User.of(viewer).connections_among(sorted(authors))
    return {author: connection.connection_types for author, connection in known.items()}


def _unheard_by(viewer: str | None, authors: set[str]) -> set[str]:
    others = authors - {viewer}
    if viewer is None or not others:
        return set()
    return set(User.of(viewer).unheard_among(sorted(others)))


def _blocked(viewer: str | None, authors: set[str]) -> set[str]:
    others = authors - {viewer}
    return set(User.of(viewer).hidden_among(sorted(others))) if viewer and others else set()


def _nobody(viewer: str | None, authors: set[str]) -> set[str]:
    return set()
