"""A directory with servers and data of its own: what is there already is not ours to fill."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def apart(kept: str | None, *, settings: str) -> Iterator[Path]:
    """Have settings that are imported from now on find that directory, or one made for the run,
    and be as in production, but for TLS."""
    var = Path(kept or tempfile.mkdtemp(prefix="agora-bench-")).absolute()
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {
        "AGORA_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": settings,
        "DEBUG": "false",
        "HTTPS_ONLY": "false",
        "SECRET_KEY": "only-for-benchmarks-" * 3,
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "RATE_LIMITS": "false",  # one visitor of ours does the work of a thousand
    }
    try:
        yield var
    finally:
        if kept is None:
            shutil.rmtree(var, ignore_errors=True)
