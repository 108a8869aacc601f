"""How two people stand to each other, and the news that passes between them."""

from __future__ import annotations

from typing import Any

from agents_core.models import Message
from socialnet.agents.schemas import ConnectionType, UserView
from socialnet.agents.user import User


def person(user_id: str) -> UserView:
    view = User.of(user_id).get_user()
    assert view is not None
    return view


def types(owner: str, other: str) -> list[ConnectionType]:
    """What the other is to the owner."""
    connection = User.of(owner).get_connection(other)
    return connection.connection_types if connection else []


News = list[dict[str, Any]]


def take_news(user_id: str) -> News:
    """Keep back what waits in somebody's mailbox."""
    waiting = Message.objects.filter(agent_id=f"user:{user_id}")
    news = [message.args for message in waiting.order_by("id")]
    waiting.delete()
    return news


def deliver(user_id: str, news: News) -> None:
    """Let news arrive that were kept back."""
    for args in news:
        User.of(user_id).relation_changed(**args)
