"""What a person's timeline points to."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from agents_core import Collection, DurableAgent, Entry, Parameter, command, query
from agents_core.clock import EPOCH, to_micros
from agents_core.collections import encode_cursor

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import post
from socialnet.agents.audience import receives
from socialnet.agents.schemas import (
    PAGE_DEFAULT,
    TIMELINE_MAX,
    AudienceType,
    Placed,
    PostRef,
    PostRefPage,
)

# How long a change may be under way and still be found by those who ask what is new: far beyond
# any fan-out here. References are read in the order of the posts' times, so this bounds the read.
LONGEST_DELIVERY = timedelta(minutes=15)
_STRETCH = 100


class UserTimeline(DurableAgent):
    """References to the posts that reach one person, the newest 500. Parameters: the user id.

    References stand in the order of the posts' own times, whatever order they arrive in;
    `updated_at` is the time of arrival. `add_reference` runs once per post and reader, so it reads
    nothing and writes one row.
    """

    user_id: Parameter[str]
    references = Collection(PostRef, newest=TIMELINE_MAX, live=True)
    oplog = "brief"
    oplog_days = 30
    live = True

    @command
    def add_reference(self, ref: PostRef) -> None:
        """Point to a post, or move it up; a second call with the same changes only the arrival.

        `ref.updated_at` comes in as the time of the change to the post and decides the place.
        """
        self._put(ref, sort=ref.updated_at)

    @command
    def remove_reference(self, post_id: str) -> None:
        """Forget a post; one that is not here is fine."""
        self.references.remove(post_id)

    @command
    def admit_author(self, author_id: str, kind: AudienceType, newest: list[PostRef]) -> None:
        """The author's posts come here from now on: begin with the newest. Repeating is harmless.

        References that are here already keep their place and learn what the author is now; those
        go that are not for such readers.
        """
        self._withdraw(author_id, kind)
        present = {entry.key for entry in self._references_by(author_id)}
        for entry in self._references_by(author_id):
            if entry.item.created_by_connection_type != kind:
                entry.item.created_by_connection_type = kind
                self._put(entry.item, sort=entry.sort)
        for ref in newest:
            if ref.post_id not in present:
                self._put(ref, sort=ref.updated_at)

    @command
    def forget_author(self, author_id: str) -> None:
        """Take out all of an author's posts; a second call finds none."""
        while found := self._references_by(author_id):
            for entry in found:
                self.references.remove(entry.key)

    @query
    def get_references(self, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> PostRefPage:
        """A stretch of the timeline, newest first."""
        page = self.references.page(limit=limit, cursor=cursor)
        return PostRefPage(items=[entry.item for entry in page.items], next_cursor=page.next_cursor)

    @query
    def get_stretch(self, limit: int, cursor: str | None = None) -> list[Placed]:
        """The same, each with the cursor that goes on behind it; for views that leave some out."""
        page = self.references.page(limit=limit, cursor=cursor)
        return [
            Placed(
                post_id=entry.key,
                connection_type=entry.item.created_by_connection_type,
                cursor=encode_cursor(entry.sort, entry.key),
            )
            for entry in page.items
        ]

    @query
    def get_updates(self, since: AwareDatetime) -> list[PostRef]:
        """References that arrived or moved after `since`, the latest arrival last."""
        changed: list[PostRef] = []
        oldest = to_micros(max(since, EPOCH + LONGEST_DELIVERY) - LONGEST_DELIVERY)
        cursor: str | None = None
        while True:
            page = self.references.page(limit=_STRETCH, cursor=cursor)
            changed += [entry.item for entry in page.items if entry.item.updated_at > since]
            cursor = page.next_cursor
            if cursor is None or page.items[-1].sort <= oldest:
                return sorted(changed, key=lambda ref: ref.updated_at)

    def _put(self, ref: PostRef, *, sort: datetime | int) -> None:
        # Arguments and entries are this invocation's own, and a copy would cost more than the put.
        ref.updated_at = self.now()
        self.references.put(ref.post_id, ref, sort=sort)

    def _withdraw(self, author_id: str, kind: AudienceType) -> None:
        if kind == "friend":
            return
        was = [e for e in self._references_by(author_id) if _is_a_friends(e.item)]
        posts = post.Post.of_many([entry.key for entry in was]).get_audience() if was else []
        for entry, audience in zip(was, posts, strict=True):
            if audience is None or not receives(audience, kind):
                self.references.remove(entry.key)

    def _references_by(self, author_id: str) -> list[Entry[PostRef]]:
        page = self.references.page(limit=TIMELINE_MAX)
        return [entry for entry in page.items if entry.item.created_by == author_id]


def _is_a_friends(ref: PostRef) -> bool:
    return ref.created_by_connection_type == "friend"
