"""What the shell around every page shows of the person who has signed in."""

from typing import Any

from django import template

from socialnet.agents.notifications import Notifications
from socialnet.agents.schemas import UserView
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
