"""What a person has written."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from agents_core import Collection, DurableAgent, Parameter, command, query
from agents_core.collections import encode_cursor

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import post, timelines_updater, user
from socialnet.agents.audience import receives
from socialnet.agents.errors import UserNotFound
from socialnet.agents.schemas import (
    PAGE_DEFAULT,
    PAGE_MAX,
    Audience,
    AudienceType,
    Commenting,
    Placed,
    PostCreated,
    PostRef,
    PostView,
    UserPostRef,
    UserPostRefPage,
)


class UserPosts(DurableAgent):
    """A person's posts by name. Parameters: the user id."""

    user_id: Parameter[str]
    posts = Collection(UserPostRef)

    @query
    def get_posts(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> UserPostRefPage:
        """The posts by name, newest first."""
        page = self.posts.page(limit=limit, cursor=cursor)
        return UserPostRefPage(
            items=[entry.item for entry in page.items], next_cursor=page.next_cursor
        )

    @query
    def get_stretch(self, limit: int, cursor: str | None = None) -> list[Placed]:
        """The same, each with the cursor that goes on behind it; for views that leave some out."""
        page = self.posts.page(limit=limit, cursor=cursor)
        return [
            Placed(post_id=entry.key, cursor=encode_cursor(entry.sort, entry.key))
            for entry in page.items
        ]

    @query
    def newest_for(self, kind: AudienceType, limit: int) -> list[UserPostRef]:
        """The newest that travel to readers of this kind, of the newest 200."""
        page = self.posts.page(limit=limit)
        if any(not receives(entry.item.audience, kind) for entry in page.items):
            page = self.posts.page(limit=PAGE_MAX)
        found = [entry.item for entry in page.items if receives(entry.item.audience, kind)]
        return found[:limit]

    @query
    def count(self) -> int:
        """How many posts there are."""
        return self.posts.count()

    @command
    def create_post(
        self, content: str, audience: Audience = "public", commenting: Commenting = "everyone"
    ) -> PostCreated:
        """Write a post and send it on its way; every call writes another."""
        return self._add(self.new_id(), content, audience=audience, commenting=commenting)

    @command
    def import_post(self, post_id: str, content: str, created_at: AwareDatetime) -> PostCreated:
        """Take in a post that was written in the past; a known id changes nothing. Staff only."""
        if self.posts.get(post_id) is not None:
            return PostCreated(post_id=post_id)
        return self._add(post_id, content, created_at=created_at)

    @command
    def remove_post(self, post_id: str) -> None:
        """Take a deleted post off the list and off every timeline; a second call changes nothing.

        Delete posts by `Post.delete`, which comes here.
        """
        known = self.posts.get(post_id)
        if known is None:
            return
        self.posts.remove(post_id)
        self._spread("remove", known)

    @command
    def move_post_up(self, post_id: str, at: AwareDatetime) -> None:
        """Put a post that has news on top of the timelines it is on; a deleted one stays away.

        A second call carries it again, which changes nothing there but the time of arrival.
        """
        known = self.posts.get(post_id)
        if known is not None:
            self._spread("put", known, at=at)

    def _add(
        self,
        post_id: str,
        content: str,
        *,
        created_at: datetime | None = None,
        audience: Audience = "public",
        commenting: Commenting = "everyone",
    ) -> PostCreated:
        if not user.User.of(self.user_id).is_registered():
            raise UserNotFound(user_id=self.user_id)
        written: PostView = post.Post.of(post_id).create(
            self.user_id, content, created_at, audience, commenting
        )
        ref = UserPostRef(post_id=post_id, audience=audience, created_at=written.created_at)
        self.posts.put(post_id, ref, sort=written.created_at)
        self._spread("put", ref)
        return PostCreated(post_id=post_id)

    def _spread(
        self, action: Literal["put", "remove"], known: UserPostRef, *, at: datetime | None = None
    ) -> None:
        ref = PostRef(
            post_id=known.post_id,
            created_by=self.user_id,
            created_at=known.created_at,
            updated_at=at or known.created_at,
        )
        updater = timelines_updater.TimelinesUpdater.of(self.user_id)
        updater.post_changed(action, ref, known.audience)
