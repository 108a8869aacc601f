"""What the tests' settings and processes need to know about the servers they run on."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

TEST_REDIS_DATABASE = "15"


def redis_url_for_tests(url: str) -> str:
    """Move an address to the database number that tests may empty."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query)) | {"db": TEST_REDIS_DATABASE}
        return f"unix://{parts.path}?{urlencode(query)}"  # urlunsplit drops the empty host's `//`
    return urlunsplit(parts._replace(path=f"/{TEST_REDIS_DATABASE}"))


def database_url(entry: Mapping[str, Any]) -> str:
    """Write one of Django's DATABASES entries as the address it came from."""
    named = {
        "host": entry["HOST"],
        "port": entry["PORT"],
        "user": entry["USER"],
        "password": entry["PASSWORD"],
    }
    query = urlencode({key: value for key, value in named.items() if value})
    return f"postgresql:///{entry['NAME']}?{query}"
