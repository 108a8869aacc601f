"""How a post travels from its author to everybody's timeline."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from agents_core import Collection, DurableAgent, Parameter, command
from agents_core.agent import Lane

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import user, user_posts
from socialnet.agents.audience import receives
from socialnet.agents.schemas import BACKFILL, Audience, AudienceType, PostRef
from socialnet.agents.user_timeline import UserTimeline

# How many readers one turn tells. More would hold the lock for longer, fewer would commit more
# often; at 2,000 a turn takes tens of milliseconds.
CHUNK = 2_000

# An audience of so many is told in the transaction of the post itself, without a detour over a
# worker; the author waits some milliseconds for it.
AT_ONCE = 1_000

# Of a larger one so many: those of its readers who are draining their mail keep the rest waiting.
FIRST_CHUNK = 100

AUDIENCE_TYPES: tuple[AudienceType, ...] = ("friend", "follower")

INTERACTIVE: Lane = "interactive"
BULK: Lane = "bulk"


class Job(BaseModel):
    """One change to one post on its way; `after` is the last reader who was told."""

    action: Literal["put", "remove"]
    ref: PostRef
    audience: Audience = "public"
    after: str = ""


class TimelinesUpdaterState(BaseModel):
    """The job under way; the others wait in a collection."""

    current: Job | None = None


class TimelinesUpdater(DurableAgent):
    """Tells an author's audience of posts, in chunks. Parameters: the author's user id.

    Jobs run one after another, so two posts of one author arrive in the order they were written.
    The cursor is committed with the messages of its chunk: a fan-out that is killed goes on where
    it was, without a gap and without telling anybody twice. The first readers are told at once; the
    chunks of a larger audience go by the bulk lane, where they keep nobody waiting.

    Whoever joins or leaves the audience hears of it from here too: messages to one timeline keep
    their order, so no post on its way can slip in behind a farewell.
    """

    user_id: Parameter[str]
    state: TimelinesUpdaterState | None
    waiting = Collection(Job)
    oplog = "brief"
    oplog_days = 30

    @command
    def post_changed(
        self, action: Literal["put", "remove"], ref: PostRef, audience: Audience = "public"
    ) -> None:
        """Carry a change to the author's own timeline and the first readers at once; to the rest of
        those it is for in turn.

        A second call carries it again, which changes nothing there but the time of arrival.
        """
        job = Job(action=action, ref=ref, audience=audience)
        self._tell(job, [self.user_id], kind=None)
        if self._current is None:
            self._advance(job)
        else:
            # One job per post is enough: a later change says all that the earlier one said.
            self.waiting.put(ref.post_id, job, sort=self.now())

    @command
    def go_on(self) -> None:
        """Tell the next chunk; when nothing is under way, change nothing."""
        if self._current is not None:
            self._advance(self._current)

    @command
    def audience_changed(self, reader_id: str, kind: AudienceType | None) -> None:
        """Bring the newest posts to somebody who joined; take all from somebody who left.

        A second call changes nothing there.
        """
        timeline = UserTimeline.of(reader_id).trigger
        if kind is None:
            timeline.forget_author(self.user_id)
            return
        posts = user_posts.UserPosts.of(self.user_id).newest_for(kind, BACKFILL)
        newest = [
            PostRef(
                post_id=post.post_id,
                created_by=self.user_id,
                created_by_connection_type=kind,
                created_at=post.created_at,
                updated_at=post.created_at,
            )
            for post in posts
        ]
        timeline.admit_author(self.user_id, kind, newest)

    @property
    def _current(self) -> Job | None:
        return self.state.current if self.state else None

    def _advance(self, job: Job) -> None:
        """Tell one chunk of the job's readers, and see to it that the rest follows."""
        size, lane = (CHUNK, BULK) if job.after else (AT_ONCE, INTERACTIVE)
        readers = user.User.of(self.user_id).audience(job.after, size + 1)
        more = len(readers) > size
        if more:
            readers = readers[: size if job.after else FIRST_CHUNK]
        for kind in AUDIENCE_TYPES:
            if not receives(job.audience, kind):
                continue
            self._tell(job, [key for key, what in readers if what == kind], kind=kind, lane=lane)
        if more:
            following: Job | None = job.model_copy(update={"after": readers[-1][0]})
        else:
            following = self._next_waiting()
        if following is not None or self._current is not None:
            self.state = TimelinesUpdaterState(current=following)
        if following is not None:
            TimelinesUpdater.of_many([self.user_id], lane=BULK).trigger.go_on()

    def _next_waiting(self) -> Job | None:
        if self._current is None:
            return None
        first = self.waiting.page(limit=1, oldest_first=True).items
        if not first:
            return None
        self.waiting.remove(first[0].key)
        return first[0].item

    def _tell(
        self,
        job: Job,
        readers: list[str],
        *,
        kind: AudienceType | None,
        lane: Lane = INTERACTIVE,
    ) -> None:
        if not readers:
            return
        timelines = UserTimeline.of_many(readers, lane=lane).trigger
        if job.action == "remove":
            timelines.remove_reference(job.ref.post_id)
        else:
            timelines.add_reference(job.ref.model_copy(update={"created_by_connection_type": kind}))
