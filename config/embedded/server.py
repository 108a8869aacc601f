"""What an embedded server is to the rest: an address, a command line, and a way to be ready."""

import hashlib
import os
import signal
import stat
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from config.children import RunAs

# Linux allows 108 bytes with the closing zero, macOS 104; PostgreSQL puts a lock file beside it.
LONGEST_SOCKET_PATH = 102


class ServerRefused(Exception):
    """An embedded server cannot start; the text is one line that says what to do."""


class EmbeddedServer(ABC):
    """One server program with its directory below `var`. Its address follows from `var` alone."""

    name: str
    """Also the name of its directory, log and locks."""
    socket_name: str
    stop_signal: signal.Signals
    run_as: RunAs | None = None

    def __init__(self, var: Path) -> None:
        self.var = var.absolute()
        self.home = self.var / self.name
        self.log = self.var / "log" / f"{self.name}.log"

    @property
    def socket_directory(self) -> Path:
        """`var/run`, or a short stand-in where a socket's path would become too long."""
        usual = self.var / "run"
        if len(os.fsencode(usual / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH:
            return usual
        digest = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"agora-{os.getuid()}-{digest}"

    @property
    def socket(self) -> Path:
        """The unix socket; its directory is closed to other users, so it needs no password."""
        return self.socket_directory / self.socket_name

    @property
    @abstractmethod
    def url(self) -> str:
        """The address, as DATABASE_URL or REDIS_URL would give it."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what the server needs at its first start and clear what a killed one left."""

    @abstractmethod
    def command(self) -> list[str]:
        """The command line that runs the server in the foreground."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Tell whether the server takes connections."""

    def why_it_failed(self) -> str:
        """Name the last thing the log says."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-30:]
        except OSError:
            return f"see {self.log}"
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line] or lines[-1:]
        return f"{telling[-1].strip() if telling else 'it said nothing'} (see {self.log})"


def make_private_directory(path: Path) -> None:
    """Make a directory that only we can enter, and refuse one that somebody else prepared."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise ServerRefused(f"Cannot use the directory {path}: {error.strerror}.") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ServerRefused(f"{path} belongs to another user; choose another --var.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
