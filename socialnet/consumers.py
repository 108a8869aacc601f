"""What the social network tells on a user's socket."""

from datetime import UTC, datetime
from typing import Any

from accounts.user_socket import UserSocket
from agents_core import NotFound
from socialnet.access import get_post_for
from socialnet.agents.post import Post
from socialnet.agents.schemas import PostRef
from socialnet.agents.user_timeline import UserTimeline
from socialnet.agents.views import UserTimelineUpdates
from socialnet.ids import is_uuid

MAX_SUBSCRIPTIONS = 1_000  # far more posts than a page shows
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class UpdatesConsumer(UserSocket):
    """`/ws/v1/updates`: news of the user's timeline, and of posts subscribed to."""

    async def begin(self, since: datetime | None) -> None:
        self.timeline = UserTimeline.of(self.user_id)
        self.posts: dict[str, str] = {}  # agent id: post id
        await self.watch(self.timeline.id)
        newest = await self.read(newest_arrival, self.user_id)
        # A time that lies ahead (the client's clock) must not silence what comes before it.
        self.since = min(since or newest, newest)
        self.look_at(self.timeline.id)

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        updates = UserTimelineUpdates.of(self.user_id)
        if self.timeline.id in changed:
            await self.say_posts(await self.read(updates.get_updates, self.since))
        elif self.timeline.id in put:
            refs = [PostRef.model_validate_json(ref) for ref in put[self.timeline.id]]
            news = [ref for ref in refs if ref.updated_at > self.since]
            await self.say_posts(await self.read(updates.get_visible, news))
        for agent_id in changed & self.posts.keys():
            await self.tell_post(self.posts[agent_id])

    async def say_posts(self, posts: list[PostRef]) -> None:
        if posts:
            self.since = max(post.updated_at for post in posts)
            frames = [post.model_dump() for post in posts]
            await self.say({"type": "timeline.posts", "posts": frames})

    async def tell_post(self, post_id: str) -> None:
        try:
            post = await self.read(get_post_for, self.person, post_id)
        except NotFound:
            return  # deleted, or hidden by now
        await self.say({"type": "post.updated", "post_id": post_id, "updated_at": post.updated_at})

    async def hear(self, frame: Any) -> bool:
        match frame:
            case {"type": "subscribe", "post_id": str(post_id)} if is_uuid(post_id):
                await self.subscribe(post_id)
            case {"type": "unsubscribe", "post_id": str(post_id)} if is_uuid(post_id):
                self.posts.pop(Post.of(post_id).id, None)
                await self.unwatch(Post.of(post_id).id)
            case _:
                return False
        return True

    async def subscribe(self, post_id: str) -> None:
        """Tell of this post from now on, if this user may see it."""
        try:
            await self.read(get_post_for, self.person, post_id)
        except NotFound as refusal:
            return await self.say({"type": "error", "code": refusal.code, "post_id": post_id})
        if len(self.posts) >= MAX_SUBSCRIPTIONS:
            return await self.say({"type": "error", "code": "too_many_subscriptions"})
        agent_id = Post.of(post_id).id
        self.posts[agent_id] = post_id
        await self.watch(agent_id)


def newest_arrival(user_id: str) -> datetime:
    """When the timeline last changed: what is told begins after it."""
    refs = UserTimeline.of(user_id).get_references().items
    return max((ref.updated_at for ref in refs), default=BEGINNING)
