"""What the shell around every page shows of the person who has signed in."""

from typing import Any

from django import template

from socialnet.agents.notifications import Notifications
from socialnet.agents.schemas import UserView
from socialnet.agents.user_chats import UserChats
from socialnet.views.people import me_of

register = template.Library()


@register.simple_tag(takes_context=True)
def me(context: dict[str, Any]) -> UserView:
    """The viewer, read once per request."""
    return me_of(context["request"])


@register.simple_tag(takes_context=True)
def unread_notifications(context: dict[str, Any]) -> int:
    """How many notifications the viewer has not read."""
    return Notifications.of(context["request"].caller.user_id).get_news().unread


@register.simple_tag(takes_context=True)
def unread_messages(context: dict[str, Any]) -> int:
    """How many messages the viewer has not read, in chats that are not muted."""
    return UserChats.of(context["request"].caller.user_id).get_unread()
