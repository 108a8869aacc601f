"""`web`: pages and the API, by any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# First: it loads the settings.
django = get_wsgi_application()

from config import memory  # noqa: E402
from config.static_files import around_wsgi  # noqa: E402

application = around_wsgi(django)
memory.settle()
