"""The settings of the test suite: the real ones, on servers and directories of its own."""

import os
import tempfile

# Before the real settings read it. A directory given from outside is kept and used again.
os.environ.setdefault("AGORA_VAR", tempfile.mkdtemp(prefix="agora-test-"))

from config.settings import *  # noqa: F403
from config.settings import AGENTS, CACHES, CHANNEL_LAYERS, DATABASES, REDIS_URL, VAR_DIR
from tests.servers import redis_url_for_tests

DEBUG = False
SECRET_KEY = "only-for-tests-only-for-tests-only-for-tests"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

# Beside a running site on the same servers: a database of our own here, a number of our own there.
REDIS_URL = redis_url_for_tests(REDIS_URL)
CACHES["default"]["LOCATION"] = REDIS_URL
CHANNEL_LAYERS["default"]["CONFIG"] |= {"hosts": [REDIS_URL], "prefix": "agora-test"}
DATABASES["default"]["CONN_MAX_AGE"] = 0
AGENTS |= {"HINTS": False, "CHECK_QUERIES": True, "SAMPLES": False}

RATE_LIMITS = False  # those who test them switch them on

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "test-media"
