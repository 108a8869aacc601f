"""The parent of one embedded server: starts it, restarts it if it dies, stops it when unused.

Run as `python -m config.embedded.keeper NAME VAR`; prints `ready`, or why not, and goes quiet.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

from config.children import open_log, spawn
from config.embedded.postgres import PostgresServer
from config.embedded.server import EmbeddedServer, ServerRefused
from config.embedded.use import FileLock
from config.embedded.valkey import ValkeyServer
from config.polling import until

SERVERS: dict[str, type[EmbeddedServer]] = {
    server.name: server for server in (PostgresServer, ValkeyServer)
}
START_PATIENCE = 60.0
STOP_PATIENCE = 15.0
LOCK_PATIENCE = 2.0
LOOK_EVERY = 0.05
BACKOFF_AT_MOST = 5.0


def launch(server: EmbeddedServer) -> subprocess.Popen[bytes]:
    """Start the server and return once it takes connections; one that does not is ended."""
    server.prepare()
    with open_log(server.log) as log:
        process = spawn(
            server.command(),
            output=log,
            run_as=server.run_as,
            on_parent_death=server.stop_signal,
            directory=Path("/"),
        )

    def is_ready() -> bool:
        if process.poll() is not None:
            raise ServerRefused(f"{server.name} did not start: {server.why_it_failed()}")
        return server.is_ready()

    if not until(is_ready, patience=START_PATIENCE, every=LOOK_EVERY / 2):
        stop(server, process)
        raise ServerRefused(f"{server.name} was not ready after {START_PATIENCE:.0f} s")
    return process


def stop(server: EmbeddedServer, process: subprocess.Popen[bytes]) -> None:
    """Stop the server cleanly, or hard where that takes too long."""
    process.send_signal(server.stop_signal)
    try:
        process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def keep(server: EmbeddedServer, process: subprocess.Popen[bytes], users: FileLock) -> None:
    """Watch until nobody uses the server, restarting it with growing pauses if it dies."""
    pause = 0.1
    while not users.take():
        try:
            process.wait(LOOK_EVERY)
        except subprocess.TimeoutExpired:
            continue
        time.sleep(pause)  # what dies as soon as it is started must not keep the machine busy
        pause = min(pause * 2, BACKOFF_AT_MOST)
        try:
            process = launch(server)
        except ServerRefused as refusal:
            with open_log(server.log) as log:
                log.write(f"{refusal}\n".encode())
    if process.poll() is None:
        stop(server, process)


def take_soon(life: FileLock) -> None:
    """Take our lock, which somebody who just asks whether it is free may hold for a moment."""
    if not until(life.take, patience=LOCK_PATIENCE, every=LOOK_EVERY / 10):
        raise ServerRefused(f"{life.path} is held: another keeper runs.")


def main(name: str, var: str) -> None:
    """Keep one server; `users` stays locked until it has stopped, so a next user waits."""
    # Whoever uses the server decides its end; a stray signal must not.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        server = SERVERS[name](Path(var))
        life = FileLock(server.var / "run" / f"{name}.keeper")
        take_soon(life)
        process = launch(server)
    except (ServerRefused, OSError) as refusal:
        print(str(refusal), flush=True)
        sys.exit(1)
    print("ready", flush=True)
    sys.stdout.close()
    keep(server, process, FileLock(server.var / "run" / f"{name}.users"))


if __name__ == "__main__":
    main(*sys.argv[1:])
