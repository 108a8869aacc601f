"""What the social network's agents answer with, shaped as the HTTP contract says.

These models cross every border unchanged: agents return them, the API sends them and pages show
them. What only its owner may see is optional and left out of the JSON when it has been taken away
(`UserView.seen_by`), never sent as an empty value.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Acquaintance = Literal["parted", "stranger", "known"]
ConnectionType = Literal["friend", "follower", "following"]
AudienceType = Literal["friend", "follower"]
LikeType = Literal["like", "insightful", "love", "dislike"]
Audience = Literal["public", "followers", "friends"]
Commenting = Literal["everyone", "connections", "nobody"]

CONNECTION_TYPES: tuple[ConnectionType, ...] = ("friend", "follower", "following")

NAME_MAX = 80
BIO_MAX = 300
POST_MAX = 5_000
COMMENT_MAX = 2_000
NEWEST_CONNECTIONS = 100
TIMELINE_MAX = 500
BACKFILL = 20
PAGE_MAX = 200
# So long what was deleted on a page may be taken back.
UNDO_WITHIN = timedelta(seconds=10)
PAGE_DEFAULT = 50

PageLimit = Annotated[int, Field(ge=1, le=PAGE_MAX)]


def _is_absent(value: Any) -> bool:
    return value is None or value is False


def _is_public(value: Any) -> bool:
    return bool(value == "public")


class ConnectionCounts(BaseModel):
    """How many connections of each kind a user has."""

    friend: int = 0
    follower: int = 0
    following: int = 0


class ConnectionView(BaseModel):
    """One connection as its owner holds it: who the other is, and what they are to the owner.

    `requested` says that the owner asked to be friends and waits for an answer; everybody but the
    owner is not shown that.
    """

    user_id: str
    connection_types: list[ConnectionType]
    requested: bool = Field(default=False, exclude_if=_is_absent)
    created_at: datetime
    updated_at: datetime


class ConnectionPage(BaseModel):
    """Connections, newest first."""

    items: list[ConnectionView]
    next_cursor: str | None = None

    def seen_by_others(self) -> ConnectionPage:
        """The same page without what only its owner may know: unanswered requests."""
        return ConnectionPage(
            items=[_without_request(item) for item in self.items if item.connection_types],
            next_cursor=self.next_cursor,
        )

    def without(self, people: set[str]) -> ConnectionPage:
        """The same page without these people."""
        items = [item for item in self.items if item.user_id not in people]
        return ConnectionPage(items=items, next_cursor=self.next_cursor)


class ProfileView(BaseModel):
    """The few facts a page shows beside a person's name; cheap to read for many at once."""

    user_id: str
    name: str | None = None
    avatar: str | None = None
    created_at: datetime

    @property
    def display_name(self) -> str:
        """The name, or the user id of somebody who gave none."""
        return self.name or self.user_id


class UserView(BaseModel):
    """A person as the API shows them.

    `avatar` is the SHA-256 of the picture. `email`, `requests` (who asks to be a friend), `blocks`
    and `mutes` (the newest 100 of each) are the person's own and staff's to see: pass every view
    through `seen_by`.
    """

    user_id: str
    name: str | None = None
    bio: str | None = Field(default=None, exclude_if=_is_absent)
    avatar: str | None = Field(default=None, exclude_if=_is_absent)
    email: str | None = Field(default=None, exclude_if=_is_absent)
    connection_counts: ConnectionCounts = ConnectionCounts()
    connected_users: dict[str, ConnectionView] = {}
    requests: list[str] | None = Field(default=None, exclude_if=_is_absent)
    blocks: list[str] | None = Field(default=None, exclude_if=_is_absent)
    mutes: list[str] | None = Field(default=None, exclude_if=_is_absent)
    created_at: datetime
    updated_at: datetime

    @property
    def display_name(self) -> str:
        """The name, or the user id of somebody who gave none."""
        return self.name or self.user_id

    def seen_by(self, viewer: str | None, staff: bool = False) -> UserView:
        """What this viewer may see of the person; the person and staff see everything."""
        if staff or viewer == self.user_id:
            return self
        connected = {
            other_id: _without_request(connection)
            for other_id, connection in self.connected_users.items()
            if connection.connection_types
        }
        private = dict.fromkeys(("email", "requests", "blocks", "mutes"))
        return self.model_copy(update={**private, "connected_users": connected})

    def without(self, people: set[str]) -> UserView:
        """The same person without these among the connections; the counts stay."""
        connected = {key: one for key, one in self.connected_users.items() if key not in people}
        return self.model_copy(update={"connected_users": connected})


class UserPage(BaseModel):
    """People, by user id."""

    items: list[UserView]
    next_cursor: str | None = None


class ProfilePage(BaseModel):
    """People in few words, by user id."""

    items: list[ProfileView]
    next_cursor: str | None = None


class PostCreated(BaseModel):
    """The answer to writing a post."""

    post_id: str


class UserPostRef(BaseModel):
    """One line of a person's list of posts; `audience` is left out where that is everybody."""

    post_id: str
    audience: Audience = Field(default="public", exclude_if=_is_public)
    created_at: datetime


class UserPostRefPage(BaseModel):
    """A person's posts by name only, newest first."""

    items: list[UserPostRef]
    next_cursor: str | None = None


class LikeCounts(BaseModel):
    """How many reactions of each kind something has."""

    like: int = 0
    insightful: int = 0
    love: int = 0
    dislike: int = 0


class LikeView(BaseModel):
    """One person's reaction."""

    user_id: str
    like_type: LikeType
    created_at: datetime


class LikePage(BaseModel):
    """Reactions, newest first."""

    items: list[LikeView]
    next_cursor: str | None = None

    def without(self, hidden: set[str]) -> LikePage:
        """The same page without what these people did."""
        items = [like for like in self.items if like.user_id not in hidden]
        return LikePage(items=items, next_cursor=self.next_cursor)


class EditView(BaseModel):
    """What a text said before it was edited, and since when."""

    content: str
    written_at: datetime


class EditPage(BaseModel):
    """Earlier texts, newest first."""

    items: list[EditView]
    next_cursor: str | None = None


class CommentCreated(BaseModel):
    """The answer to writing a comment."""

    comment_id: str


class CommentView(BaseModel):
    """One comment in a post's tree. `likes` are the newest 100, newest first.

    `mentions` are those of the people named in it who exist. `deleted_at` is set where a comment
    was deleted that has replies: nothing of it is left but its place.
    """

    comment_id: str
    parent_comment_id: str | None = None
    content: str
    like_counts: LikeCounts = LikeCounts()
    likes: dict[str, LikeType] = {}
    my_like: LikeType | None = None
    created_by: str
    mentions: list[str] = []
    edited_at: datetime | None = None
    deleted_at: datetime | None = Field(default=None, exclude_if=_is_absent)
    created_at: datetime
    updated_at: datetime

    @property
    def people(self) -> set[str]:
        """Who is named in it."""
        return {self.created_by, *self.likes, *self.mentions}

    def without(self, hidden: set[str]) -> CommentView:
        """The same without the reactions of these people; how many there are stays true."""
        mentions = [user_id for user_id in self.mentions if user_id not in hidden]
        update = {"likes": _without(self.likes, hidden), "mentions": mentions}
        return self.model_copy(update=update)


class CommentPage(BaseModel):
    """Comments, oldest first."""

    items: list[CommentView]
    next_cursor: str | None = None

    @property
    def people(self) -> set[str]:
        """Who is named in it."""
        return set().union(*(comment.people for comment in self.items))

    def without(self, hidden: set[str]) -> CommentPage:
        """The same page without what these people did."""
        return CommentPage(
            items=_comments_without(self.items, hidden), next_cursor=self.next_cursor
        )


class ThreadPage(CommentPage):
    """Comments, each behind what it replies to: thread by thread, within each oldest first.

    `made` counts all comments there ever were: news are those made since.
    """

    made: int = 0

    def without(self, hidden: set[str]) -> ThreadPage:
        """The same page without what these people did."""
        return self.model_copy(update={"items": _comments_without(self.items, hidden)})


class CommentNews(BaseModel):
    """What became of a post's comments: `comments` are new or changed, oldest first; `gone` are
    the ids of those that are not there any more; `made` as for `ThreadPage`."""

    comments: list[CommentView]
    gone: list[str]
    made: int


class PostView(BaseModel):
    """A post as readers see it: alone with its first 200 comments, in lists with its 3 newest.

    Comments stand oldest first, `likes` are the newest 100, newest first. `audience` is who may
    read it, `commenting` who of them may comment. `mentions` are those of the people named in it
    who exist. `edited_at` is when the text was changed last, None: never.
    """

    post_id: str
    content: str
    created_by: str
    audience: Audience = "public"
    commenting: Commenting = "everyone"
    mentions: list[str] = []
    like_counts: LikeCounts = LikeCounts()
    likes: dict[str, LikeType] = {}
    my_like: LikeType | None = None
    comment_count: int = 0
    comments: list[CommentView] = []
    edited_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def people(self) -> set[str]:
        """Who is named in it."""
        people = {self.created_by, *self.likes, *self.mentions}
        return people.union(*(one.people for one in self.comments))

    def without(self, hidden: set[str]) -> PostView:
        """The same without what these people did; how many did it stays true."""
        return self.model_copy(
            update={
                "likes": _without(self.likes, hidden),
                "mentions": [user_id for user_id in self.mentions if user_id not in hidden],
                "comments": _comments_without(self.comments, hidden),
            }
        )


class PostPage(BaseModel):
    """Posts, newest first."""

    items: list[PostView]
    next_cursor: str | None = None


class PostRef(BaseModel):
    """A timeline's pointer to a post.

    `created_by_connection_type` is what the timeline's owner is to the author: `friend` before
    `follower`, None in the author's own timeline. `updated_at` is when this timeline last heard of
    the post, on the timeline's own strictly rising clock: asking for what changed since the newest
    one seen misses nothing and repeats nothing.
    """

    post_id: str
    created_by: str
    created_by_connection_type: AudienceType | None = None
    created_at: datetime
    updated_at: datetime


class PostRefPage(BaseModel):
    """A stretch of a timeline by reference, the most recently written about first."""

    items: list[PostRef]
    next_cursor: str | None = None


class Placed(BaseModel):
    """A post by name within a list, and the cursor that goes on behind it."""

    post_id: str
    connection_type: AudienceType | None = None
    cursor: str


def _without_request(connection: ConnectionView) -> ConnectionView:
    return connection.model_copy(update={"requested": False})


def _without(likes: dict[str, LikeType], hidden: set[str]) -> dict[str, LikeType]:
    return {user_id: like for user_id, like in likes.items() if user_id not in hidden}


def _comments_without(comments: list[CommentView], hidden: set[str]) -> list[CommentView]:
    return [comment.without(hidden) for comment in comments if comment.created_by not in hidden]
