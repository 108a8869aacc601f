"""`live`: what stays open, by Daphne. It answers everything else too, only slower."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: it loads the apps, which the routing below imports from.
http = get_asgi_application()

from typing import Any  # noqa: E402

from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.signals import request_finished  # noqa: E402

from agents_core import database  # noqa: E402
from config import memory  # noqa: E402
from config.named_connections import NamedConnections  # noqa: E402
from config.routing import waiting, websockets  # noqa: E402
from config.static_files import around_asgi  # noqa: E402

application = NamedConnections(
    ProtocolTypeRouter({"http": around_asgi(waiting(http)), "websocket": websockets})
)


def close_agents_connection(**_: Any) -> None:
    """A plain request at `live` has a thread of its own, and with it ends its connection."""
    database.discard()


request_finished.connect(close_agents_connection, sender=ASGIHandler)
memory.settle()
