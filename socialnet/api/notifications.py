"""Notifications: a person's own, nobody else's but for staff."""

from uuid import UUID

from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from accounts.http import CallerRequest, PageQuery, acting_for
from socialnet.agents.notices import (
    NOTIFICATIONS_MAX,
    NotificationNews,
    NotificationPage,
    NotificationSettings,
)
from socialnet.agents.notifications import Notifications
from socialnet.api.params import UserId

router = Router(tags=["notifications"])


class ReadIn(Schema):
    """Which notifications have been read: all, unless some are named.

    What has had news after `until` stays unread.
    """

    notification_ids: list[UUID] | None = Field(None, max_length=NOTIFICATIONS_MAX)
    until: AwareDatetime | None = None


@router.get("/users/{user_id}/notifications", response=NotificationPage)
def get_notifications(request: CallerRequest, user_id: UserId, page: PageQuery) -> NotificationPage:
    """What others did that concerns this person, the latest news first."""
    notifications = Notifications.of(acting_for(request, user_id))
    return notifications.get_notifications(page.limit, page.cursor)


@router.put("/users/{user_id}/notifications/read", response=NotificationNews)
def mark_read(request: CallerRequest, user_id: UserId, body: ReadIn) -> NotificationNews:
    """Say what has been read; saying so again changes nothing."""
    ids = None if body.notification_ids is None else [str(one) for one in body.notification_ids]
    return Notifications.of(acting_for(request, user_id)).mark_read(ids, body.until)


@router.get("/users/{user_id}/notifications/settings", response=NotificationSettings)
def get_settings(request: CallerRequest, user_id: UserId) -> NotificationSettings:
    """Which kinds this person wants to hear of."""
    return Notifications.of(acting_for(request, user_id)).get_settings()


@router.put("/users/{user_id}/notifications/settings", response=NotificationSettings)
def set_settings(
    request: CallerRequest, user_id: UserId, body: NotificationSettings
) -> NotificationSettings:
    """Choose the kinds to hear of; those that are not named are heard of."""
    return Notifications.of(acting_for(request, user_id)).set_settings(body)
