"""A post."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from agents_core import DurableAgent, Parameter, command, query
from agents_core.search import SearchFields, parse_query

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import text, user_posts
from socialnet.agents.errors import NotTheAuthor, PostNotFound, TimeNotValid
from socialnet.agents.schemas import PostView


class PostState(BaseModel):
    """What was written. Of a deleted post only the tombstone stays, so that it cannot come back."""

    content: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


class Post(DurableAgent):
    """One post. Parameters: the post's id."""

    post_id: Parameter[str]
    state: PostState | None
    live = True

    @query
    def get_post(self) -> PostView | None:
        """The post; None when there is none or none any more."""
        if self.state is None or self.state.deleted_at is not None:
            return None
        return PostView(
            post_id=self.post_id,
            content=self.state.content,
            created_by=self.state.created_by,
            created_at=self.state.created_at,
            updated_at=self.state.updated_at,
        )

    @query
    def get_post_if_match(self, query: str, connection_type: str | None = None) -> PostView | None:
        """The post if it fits the query; on a timeline `connection_type` is a field too."""
        post = self.get_post()
        if post is None or not parse_query(query).matches(fields_of(post, connection_type)):
            return None
        return post

    @command
    def create(
        self, created_by: str, content: str, created_at: AwareDatetime | None = None
    ) -> PostView:
        """Come into being; a second call changes nothing, not even after deletion.

        `created_at` is for imports: a time in the past.
        """
        if self.state is None:
            if created_at is not None and created_at > self.now():
                raise TimeNotValid(time=created_at.isoformat())
            written_at = created_at or self.now()
            self.state = PostState(
                content=text.clean_post(content),
                created_by=created_by,
                created_at=written_at,
                updated_at=written_at,
            )
        return self._existing()

    @command
    def delete(self, by: str, staff: bool = False) -> None:
        """Vanish from everywhere; only its author and staff may. A second call finds no post."""
        post = self._existing()
        if by != post.created_by and not staff:
            raise NotTheAuthor(post_id=self.post_id)
        assert self.state is not None
        now = self.now()
        self.state = self.state.model_copy(
            update={"content": "", "updated_at": now, "deleted_at": now}
        )
        user_posts.UserPosts.of(post.created_by).trigger.remove_post(self.post_id)

    def _existing(self) -> PostView:
        post = self.get_post()
        if post is None:
            raise PostNotFound(post_id=self.post_id)
        return post


def fields_of(post: PostView, connection_type: str | None) -> SearchFields:
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
        },
    )
