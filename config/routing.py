"""What `live` serves besides plain requests: sockets, and reads that wait for news."""

import re

from channels.routing import URLRouter
from django.urls import path

from accounts.user_socket import UserSocket
from config.waiting import Asgi, WaitForNews
from shop.streams import CartStream, OrderStream, PriceStream, RecommendationStream
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_timeline import UserTimeline
from socialnet.chat_stream import ChatStream
from socialnet.streams import NotificationsStream, PostStream, TimelineStream


class UpdatesConsumer(UserSocket):
    """`/ws/v1/updates`: one socket per page, for everything that concerns its user."""

    streams = (
        TimelineStream,
        PostStream,
        ChatStream,
        NotificationsStream,
        CartStream,
        OrderStream,
        RecommendationStream,
        PriceStream,
    )


websockets = URLRouter([path("ws/v1/updates", UpdatesConsumer.as_asgi())])

USERS = r"/api/v1/social-net/users/(?P<user_id>[A-Za-z0-9_.-]{1,64})"


def waiting(app: Asgi) -> Asgi:
    """The application, with `updates?wait=` answered when there is something to answer."""
    routes = {
        re.compile(rf"{USERS}/timeline/posts/updates"): UserTimeline,
        re.compile(rf"{USERS}/chats/updates"): UserChats,
    }
    return WaitForNews(app, routes)
