"""Request ids at `live`: one per connection, also where Django is not asked."""

from typing import Any

from agents_core import trace
from config.waiting import Asgi, Receive, Send

HEADER = b"x-request-id"


class NamedConnections:
    """An ASGI application around another; who reads the header there finds the connection's id."""

    def __init__(self, app: Asgi) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(HEADER, b"").decode("latin-1")
        id_ = trace.taken_or_new(given)
        others = [(name, value) for name, value in scope["headers"] if name != HEADER]
        with trace.request(id_):
            await self.app({**scope, "headers": [*others, (HEADER, id_.encode())]}, receive, send)
