"""What the social network tells on a user's socket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.together import Together
from accounts.user_socket import Stream, UserSocket
from agents_core import NotFound
from socialnet.access import get_brief_post_for
from socialnet.agents.notifications import Notifications
from socialnet.agents.post import Post
from socialnet.agents.schemas import PostRef
from socialnet.agents.user_timeline import UserTimeline
from socialnet.agents.views import UserTimelineUpdates, visible_to_many
from socialnet.ids import is_uuid

# A post reaches the sockets of all its readers at the same moment.
_visible = Together(visible_to_many)

MAX_SUBSCRIPTIONS = 1_000  # far more posts than a page shows


class TimelineStream(Stream):
    """News of the user's timeline."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.timeline = UserTimeline.of(self.user_id).id
        self.updates = UserTimelineUpdates.of(self.user_id)

    async def begin(self, since: datetime | None) -> None:
        self.since = await self.begin_with(self.timeline, since)

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        if self.timeline in changed:
            await self.say_posts(await self.socket.read(self.updates.get_updates, self.since))
        elif self.timeline in put:
            refs = [PostRef.model_validate_json(ref) for ref in put[self.timeline]]
            news = [ref for ref in refs if ref.updated_at > self.since]
            await self.say_posts(await _visible.ask((self.user_id, news)))

    async def say_posts(self, posts: list[PostRef]) -> None:
        if posts:
            self.since = max(post.updated_at for post in posts)
            frames = [post.model_dump() for post in posts]
            await self.socket.say({"type": "timeline.posts", "posts": frames})


class PostStream(Stream):
    """Changes of the posts that the client has subscribed to."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.posts: dict[str, str] = {}  # agent id: post id

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        for agent_id in changed & self.posts.keys():
            await self.tell_post(self.posts[agent_id])

    async def tell_post(self, post_id: str) -> None:
        try:
            post = await self.socket.read(get_brief_post_for, self.socket.person, post_id)
        except NotFound:
            return  # deleted, or hidden by now
        frame = {"type": "post.updated", "post_id": post_id, "updated_at": post.updated_at}
        await self.socket.say(frame)

    async def hear(self, frame: Any) -> bool:
        match frame:
            case {"type": "subscribe", "post_id": str(post_id)} if is_uuid(post_id):
                await self.subscribe(post_id)
            case {"type": "unsubscribe", "post_id": str(post_id)} if is_uuid(post_id):
                self.posts.pop(Post.of(post_id).id, None)
                await self.socket.unwatch(Post.of(post_id).id)
            case _:
                return False
        return True

    async def subscribe(self, post_id: str) -> None:
        """Tell of this post from now on, if this user may see it."""
        socket = self.socket
        try:
            await socket.read(get_brief_post_for, socket.person, post_id)
        except NotFound as refusal:
            return await socket.say({"type": "error", "code": refusal.code, "post_id": post_id})
        if len(self.posts) >= MAX_SUBSCRIPTIONS:
            return await socket.say({"type": "error", "code": "too_many_subscriptions"})
        agent_id = Post.of(post_id).id
        self.posts[agent_id] = post_id
        await socket.watch(agent_id)


class NotificationsStream(Stream):
    """How many of the user's notifications are unread, whenever something happened to any."""

    def __init__(self, socket: UserSocket) -> None:
        super().__init__(socket)
        self.notifications = Notifications.of(self.user_id)

    async def begin(self, since: datetime | None) -> None:
        self.since = await self.begin_with(self.notifications.id, since)

    async def tell(self, changed: set[str], put: dict[str, list[str]]) -> None:
        if self.notifications.id not in changed:
            return
        news = await self.socket.read(self.notifications.get_news)
        if news.updated_at is not None and news.updated_at > self.since:
            self.since = news.updated_at
            await self.socket.say({"type": "notifications", "unread": news.unread})
