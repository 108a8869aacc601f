"""`live`: what stays open, by Daphne. It answers everything else too, only slower."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: it loads the apps, which the routing below imports from.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from config.routing import waiting, websockets  # noqa: E402
from config.static_files import around_asgi  # noqa: E402

application = ProtocolTypeRouter({"http": around_asgi(waiting(http)), "websocket": websockets})
