"""Turning the addresses somebody gave us into what Django and its libraries want."""

from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

# A host that vanishes says nothing: without these, who waits for it waits a quarter of an hour.
VANISHED = {
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


def database(url: str, *, conn_max_age: int) -> dict[str, Any]:
    """Make Django's DATABASES entry of a `postgresql://` address, libpq's options included."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must start with postgresql://; nothing else works."
        )
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except ProgrammingError as invalid:
        raise ImproperlyConfigured(f"DATABASE_URL is not valid: {str(invalid).strip()}") from None
    return {
        "ENGINE": "config.database",
        "NAME": parts.pop("dbname", "agora"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": conn_max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "application_name": "agora"} | VANISHED | parts,
    }


def broker_url(redis_url: str) -> str:
    """Write a Redis address the way Celery does; they differ for unix sockets alone."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        if parts.scheme not in ("redis", "rediss"):
            raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://.")
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


def content_security_policy(live_url: str) -> dict[str, list[str]]:
    """Allow a page nothing but what this site serves itself, and the live address to talk to."""
    live = urlsplit(live_url)
    socket = {"http": "ws", "https": "wss"}.get(live.scheme)
    if socket is None or not live.netloc:
        raise ImproperlyConfigured("LIVE_URL must be an http:// or https:// address.")
    return {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", f"{live.scheme}://{live.netloc}", f"{socket}://{live.netloc}"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }


class Email(NamedTuple):
    """Where mail goes."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    use_tls: bool = False


def email(url: str | None) -> Email:
    """Read `smtp://user:password@host:587?tls=true`; without an address mail is printed."""
    if url is None:
        return Email("django.core.mail.backends.console.EmailBackend")
    parts = urlsplit(url)
    if parts.scheme != "smtp" or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp://user:password@host:587.")
    return Email(
        "django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or 25,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=parse_qs(parts.query).get("tls", ["false"])[0] == "true",
    )
