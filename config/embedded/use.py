"""Sharing one embedded server between processes: the first user starts it, the last one stops it.

Two locks in `var/run`, both released by the kernel however their holder ends:

- `NAME.users` is held shared by every process that uses the server. The keeper, a small process
  that is the server's parent, takes it exclusively when it can: then nobody is left, it stops the
  server and goes.
- `NAME.keeper` is held by the keeper for its whole life, so there is never a second one.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from config.children import open_log
from config.embedded.postgres import PostgresServer
from config.embedded.server import EmbeddedServer, ServerRefused
from config.embedded.valkey import ValkeyServer
from config.polling import until

if TYPE_CHECKING:
    # The keeper imports this module and should start at once: no settings library in it.
    from config.environment import Environment

PROJECT = Path(__file__).resolve().parent.parent.parent
START_PATIENCE = 60.0
STOP_PATIENCE = 20.0


class FileLock:
    """A lock on a file, shared or exclusive, that ends with the process at the latest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Take or convert the lock; without waiting, tell whether that was possible."""
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._descriptor, kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go; releasing twice changes nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_free(self) -> bool:
        """Tell whether nobody holds it exclusively; two who ask at once do not disturb."""
        probe = FileLock(self.path)
        try:
            return probe.take(shared=True)
        finally:
            probe.release()


class ServerUse:
    """This process's use of one embedded server, from `start()` to `end()`."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self._run = server.var / "run"
        self._users = FileLock(self._run / f"{server.name}.users")

    def start(self) -> None:
        """Return once the server takes connections; raise ServerRefused where it cannot."""
        try:
            self._run.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Waits out a keeper that is just stopping the server.
            self._users.take(shared=True, wait=True)
        except OSError as error:
            raise ServerRefused(f"Cannot use {self.server.var}: {error.strerror}.") from None
        try:
            # A keeper that was there may just be starting the server again.
            if not until(self._is_kept_and_ready, patience=START_PATIENCE):
                raise ServerRefused(f"{self.server.name} is not ready; see {self.server.log}.")
        except ServerRefused:
            self._users.release()
            raise

    def ensure(self) -> bool:
        """Start a keeper if there is none; tell whether that was needed. Cheap to ask often."""
        starting = FileLock(self._run / f"{self.server.name}.starting")
        starting.take(wait=True)
        try:
            if not self._keeper_lock().is_free():
                return False
            self._start_keeper()
            return True
        finally:
            starting.release()

    def end(self) -> None:
        """Stop using the server. The last user returns when the server has stopped."""
        self._users.release()
        until(
            lambda: self._keeper_lock().is_free() or self._others_use_it(), patience=STOP_PATIENCE
        )

    def _is_kept_and_ready(self) -> bool:
        self.ensure()
        return self.server.is_ready()

    def _keeper_lock(self) -> FileLock:
        return FileLock(self._run / f"{self.server.name}.keeper")

    def _others_use_it(self) -> bool:
        """A shared lock held elsewhere refuses our exclusive one but not our shared one."""
        probe = FileLock(self._users.path)
        try:
            return not probe.take() and probe.take(shared=True)
        finally:
            probe.release()

    def _start_keeper(self) -> None:
        with open_log(self.server.log) as log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "config.embedded.keeper", self.server.name, self.server.var],
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                # Its own session: it outlives the user that happened to be first.
                start_new_session=True,
            )
        assert keeper.stdout is not None
        with keeper.stdout:
            answer = keeper.stdout.readline().decode().strip()
        if answer != "ready":
            keeper.wait(STOP_PATIENCE)
            raise ServerRefused(answer or f"{self.server.name} could not be started.")
        # It is not ours to wait for; without this Popen warns when it is collected.
        keeper.returncode = 0


def servers_for_environment(environment: "Environment") -> list[EmbeddedServer]:
    """List the servers to run ourselves: those whose address was not given."""
    servers: list[EmbeddedServer] = []
    if environment.database_url is None:
        servers.append(PostgresServer(environment.agora_var))
    if environment.redis_url is None:
        servers.append(ValkeyServer(environment.agora_var))
    return servers


@contextmanager
def servers_running(environment: "Environment") -> Iterator[list[ServerUse]]:
    """Have the needed servers up for the length of a block, shared with whoever else uses them."""
    with ExitStack() as stack:
        uses = [ServerUse(server) for server in servers_for_environment(environment)]
        # Together: each waits for its own program.
        starts = stack.enter_context(ThreadPoolExecutor())
        started = [starts.submit(use.start) for use in uses]
        for use in uses:
            stack.callback(use.end)
        for start in started:
            start.result()
        yield uses
