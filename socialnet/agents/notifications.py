"""What others did that concerns a person."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel

from agents_core import Collection, DurableAgent, Parameter, command, query

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import user
from socialnet.agents.notices import (
    ACTORS_MAX,
    EXCERPT,
    NOTIFICATIONS_MAX,
    Notice,
    NoticeKind,
    Notification,
    NotificationNews,
    NotificationPage,
    NotificationSettings,
)
from socialnet.agents.schemas import PAGE_DEFAULT

# So many acts are remembered, and not told of again: several for each notification there can be.
_ACTS_MAX = 4 * NOTIFICATIONS_MAX


class NotificationsState(BaseModel):
    """How many there are, and what their owner wants to hear of."""

    total: int = 0
    unread: int = 0
    settings: NotificationSettings = NotificationSettings()
    updated_at: datetime | None = None


class Act(BaseModel):
    """What somebody did last of one kind about one subject, and where that is shown."""

    event: str
    notification_id: str


class Notifications(DurableAgent):
    """Everything one person is notified of, the newest 500. Parameters: the user id.

    Tell somebody by `Notifications.of(user_id).trigger.add(notice)`. What they do not want to hear
    of is left out here: their own doings, people whom a block hides or whom they have muted, kinds
    they have switched off.
    """

    user_id: Parameter[str]
    state: NotificationsState | None

    # By id, those with the latest news first.
    items = Collection(Notification)
    # The id of the one that still collects, by kind and subject: it is unread.
    collecting = Collection(str)
    acts = Collection(Act, newest=_ACTS_MAX)
    oplog = "brief"
    oplog_days = 30
    live = True

    @query
    def get_notifications(
        self, limit: int = PAGE_DEFAULT, cursor: str | None = None
    ) -> NotificationPage:
        """The notifications, those with the latest news first."""
        page = self.items.page(limit=limit, cursor=cursor)
        return NotificationPage(
            items=[entry.item for entry in page.items],
            unread=self.state.unread if self.state else 0,
            next_cursor=page.next_cursor,
        )

    @query
    def get_news(self) -> NotificationNews:
        """How many are unread, and when that last changed; reads no item."""
        if self.state is None:
            return NotificationNews()
        return NotificationNews(unread=self.state.unread, updated_at=self.state.updated_at)

    @query
    def get_settings(self) -> NotificationSettings:
        """Which kinds are wanted; all, until somebody says otherwise."""
        return self.state.settings if self.state else NotificationSettings()

    @command
    def add(self, notice: Notice) -> None:
        """Tell of something, together with what is unread of the same kind and subject.

        The same act of the same person again changes nothing, whether it was read or not.
        """
        state = self.state or NotificationsState()
        if not getattr(state.settings, notice.kind):
            return
        act_key = _key(notice.kind, notice.subject, notice.actor)
        act = self.acts.get(act_key)
        if act is not None and act.event == notice.event:
            return
        if not user.User.of(self.user_id).hears(notice.actor):
            return
        self.state = state
        known = self._collecting(notice.kind, notice.subject)
        item = known or self._begin(state, notice)
        if act is None or act.notification_id != item.notification_id:
            item.actor_count += 1
        others = [actor for actor in item.actors if actor != notice.actor]
        item.actors = [notice.actor, *others][:ACTORS_MAX]
        item.event, item.text = notice.event, notice.text[:EXCERPT]
        item.post_id, item.chat_id = notice.post_id, notice.chat_id
        self.acts.put(
            act_key,
            Act(event=notice.event, notification_id=item.notification_id),
            sort=self.now(),
        )
        self._put(state, item)

    @command
    def withdraw(self, kind: NoticeKind, subject: str, actor: str) -> None:
        """Take back what was told of somebody, who may do it anew; a second call finds nothing."""
        act_key = _key(kind, subject, actor)
        act = self.acts.get(act_key)
        if act is None or self.state is None:
            return
        self.acts.remove(act_key)
        item = self.items.get(act.notification_id)
        if item is not None:
            self._take_out(self.state, item, actor)

    @command
    def forget_person(self, other_id: str) -> None:
        """Take somebody out of everything that is told; a second call finds nothing."""
        if self.state is None:
            return
        for entry in self.items.page(limit=NOTIFICATIONS_MAX).items:
            if other_id in entry.item.actors:
                self.acts.remove(_key(entry.item.kind, entry.item.subject, other_id))
                self._take_out(self.state, entry.item, other_id)

    @command
    def mark_read(
        self, notification_ids: list[str] | None = None, until: AwareDatetime | None = None
    ) -> NotificationNews:
        """Those, or all, have been read: what follows is told anew. Repeating changes nothing.

        What has had news after `until` stays unread: its reader has not seen that.
        """
        if self.state is None:
            return NotificationNews()
        for item in self._unread(notification_ids):
            if until is None or item.updated_at <= until:
                item.unread = False
                self._stop_collecting(self.state, item)
                self.items.put(item.notification_id, item, sort=item.updated_at)
                self.state.updated_at = self.now()
        return self.get_news()

    @command
    def set_settings(self, settings: NotificationSettings) -> NotificationSettings:
        """Hear of these kinds from now on; what was told stays. Repeating changes nothing."""
        if settings != self.get_settings():
            self.state = self.state or NotificationsState()
            self.state.settings = settings
        return settings

    def _collecting(self, kind: NoticeKind, subject: str) -> Notification | None:
        notification_id = self.collecting.get(_key(kind, subject))
        return self.items.get(notification_id) if notification_id else None

    def _unread(self, notification_ids: list[str] | None) -> list[Notification]:
        if notification_ids is None:
            entries = self.collecting.walk(limit=NOTIFICATIONS_MAX)
            notification_ids = [entry.item for entry in entries]
        found = self.items.get_many(notification_ids)
        return [item for item in found.values() if item.unread]

    def _begin(self, state: NotificationsState, notice: Notice) -> Notification:
        if state.total >= NOTIFICATIONS_MAX:
            for entry in self.items.page(limit=1, oldest_first=True).items:
                self._remove(state, entry.item)
        item = Notification(
            notification_id=self.new_id(),
            kind=notice.kind,
            subject=notice.subject,
            actors=[],
            actor_count=0,
            created_at=self.now(),
            updated_at=self.now(),
        )
        self.collecting.put(
            _key(notice.kind, notice.subject), item.notification_id, sort=self.now()
        )
        state.total += 1
        state.unread += 1
        return item

    def _put(self, state: NotificationsState, item: Notification) -> None:
        item.updated_at = state.updated_at = self.now()
        self.items.put(item.notification_id, item, sort=item.updated_at)

    def _take_out(self, state: NotificationsState, item: Notification, actor: str) -> None:
        """Tell it without one of the actors; where nobody is left there is nothing to tell."""
        item.actors = [other for other in item.actors if other != actor]
        item.actor_count -= 1
        state.updated_at = self.now()
        if item.actors:
            self.items.put(item.notification_id, item, sort=item.updated_at)
        else:
            self._remove(state, item)

    def _remove(self, state: NotificationsState, item: Notification) -> None:
        self.items.remove(item.notification_id)
        state.total -= 1
        if item.unread:
            self._stop_collecting(state, item)

    def _stop_collecting(self, state: NotificationsState, item: Notification) -> None:
        self.collecting.remove(_key(item.kind, item.subject))
        state.unread -= 1


def _key(*parts: str) -> str:
    return "/".join(parts)
