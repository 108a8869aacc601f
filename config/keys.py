"""The key that signs cookies and links."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment

SHORTEST_KEY = 32


def secret_key(environment: Environment) -> str:
    """Take SECRET_KEY; while developing, one made at random once and kept in the var directory."""
    if environment.secret_key is not None:
        key = environment.secret_key.get_secret_value()
        if not environment.debug and len(key) < SHORTEST_KEY:
            raise ImproperlyConfigured(
                f"SECRET_KEY has {len(key)} characters; with DEBUG=false it needs {SHORTEST_KEY}."
            )
        return key
    if not environment.debug:
        raise ImproperlyConfigured(
            "DEBUG is false and SECRET_KEY is not set; give it 50 random characters."
        )
    return kept_secret(environment.agora_var / "secret-key")


def kept_secret(path: Path, length: int = 48) -> str:
    """Read a secret from a file only we may read, making it at first. Safe to race."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(f"Cannot read {path}: {error.strerror}.") from None
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(length))
        with suppress(FileExistsError):
            # Unlike a rename, a link never replaces what another process has just made.
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise ImproperlyConfigured(f"Cannot write {path}: {error.strerror}.") from None
    return path.read_text().strip()
