"""The embedded servers: started by the first user, stopped by the last, healed after a kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config.embedded import PostgresServer, ServerRefused, ServerUse, ValkeyServer
from config.environment import BASE_DIR
from tests.waiting import wait_for

USE_UNTIL_TOLD = """
import sys
from pathlib import Path
from config.embedded import {server}, ServerUse
use = ServerUse({server}(Path(sys.argv[1])))
use.start()
print("using", flush=True)
sys.stdin.readline()
use.end()
"""


def someone_else_using(server: str, var: Path) -> "subprocess.Popen[str]":
    """Start another process that uses the server until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USE_UNTIL_TOLD.format(server=server), str(var)],
        cwd=BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "using\n"
    process.stdout.close()
    return process


def answers(server: ValkeyServer) -> bool:
    """Tell whether the Valkey takes connections."""
    return server.is_ready()


@pytest.fixture
def valkey(tmp_path: Path) -> ValkeyServer:
    """A Valkey of this test's own: the sharing is the same for both, and it starts faster."""
    return ValkeyServer(tmp_path / "var")


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL of this test's own, gone at the end whatever happened to it."""
    server = PostgresServer(tmp_path / "var")
    yield server
    wait_for(lambda: not postmasters(server), "PostgreSQL to be gone")


def postmasters(server: PostgresServer) -> list[psutil.Process]:
    """List the server's processes."""
    home = str(server.home)
    found = psutil.process_iter(["name", "cwd"])
    return [p for p in found if p.info["name"] == "postgres" and p.info["cwd"] == home]


def test_it_serves_while_used_and_not_longer(valkey: ValkeyServer) -> None:
    use = ServerUse(valkey)
    use.start()
    assert redis.Redis.from_url(valkey.url).ping()
    use.end()
    assert not answers(valkey)


def test_it_is_shared_and_the_last_user_stops_it(valkey: ValkeyServer) -> None:
    first = someone_else_using("ValkeyServer", valkey.var)
    second = ServerUse(valkey)
    second.start()
    first.communicate()
    assert answers(valkey)
    second.end()
    assert not answers(valkey)


def test_it_stops_when_its_only_user_is_killed(valkey: ValkeyServer) -> None:
    user = someone_else_using("ValkeyServer", valkey.var)
    assert answers(valkey)
    user.kill()
    user.communicate()
    wait_for(lambda: not answers(valkey), "Valkey to stop")


def test_it_starts_again_when_it_dies(valkey: ValkeyServer) -> None:
    use = ServerUse(valkey)
    use.start()
    client = redis.Redis.from_url(valkey.url)
    os.kill(client.info("server")["process_id"], signal.SIGKILL)
    wait_for(lambda: answers(valkey), "Valkey to come back")
    use.end()


def test_it_gets_a_new_keeper_when_that_was_killed(valkey: ValkeyServer) -> None:
    use = ServerUse(valkey)
    use.start()
    server = redis.Redis.from_url(valkey.url).info("server")["process_id"]
    keeper = psutil.Process(server).parent()
    assert keeper is not None
    keeper.kill()
    wait_for(lambda: not answers(valkey), "Valkey to end with its keeper")
    wait_for(use.ensure, "a new keeper")
    assert answers(valkey)
    use.end()


def test_it_creates_a_database_with_what_search_needs(postgres: PostgresServer) -> None:
    use = ServerUse(postgres)
    use.start()
    with psycopg.connect(postgres.url) as connection:
        rows = connection.execute(
            "SELECT current_database(), current_setting('fsync'), "
            "(SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm')"
        ).fetchone()
    use.end()
    assert rows == ("agora", "on", 1)


@pytest.mark.slow
def test_it_keeps_what_was_committed_before_everything_was_killed(
    postgres: PostgresServer,
) -> None:
    user = someone_else_using("PostgresServer", postgres.var)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first = psutil.Process(int((postgres.home / "postmaster.pid").read_text().split()[0]))
    keeper = first.parent()
    assert keeper is not None
    # The keeper sleeps through it, so nobody tidies up after the postmaster, which leaves orphans.
    keeper.suspend()
    first.kill()
    keeper.kill()
    user.kill()
    user.communicate()
    keeper.wait()
    use = ServerUse(postgres)
    use.start()
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
    use.end()


def test_it_starts_although_a_stale_status_file_names_a_living_process(
    postgres: PostgresServer,
) -> None:
    use = ServerUse(postgres)
    use.start()
    use.end()
    stale = f"{os.getpid()}\n{postgres.home}\n0\n5432\n\n\n\nready\n"
    (postgres.home / "postmaster.pid").write_text(stale)
    use.start()
    use.end()


def test_it_begins_again_where_a_first_start_was_killed(postgres: PostgresServer) -> None:
    half_made = postgres.home.with_name("postgres.new")
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    use = ServerUse(postgres)
    use.start()
    use.end()
    assert not half_made.exists()


def test_it_refuses_a_broken_cluster_in_one_line(postgres: PostgresServer) -> None:
    postgres.home.mkdir(parents=True)
    (postgres.home / "PG_VERSION").write_text("18\n")
    with pytest.raises(ServerRefused) as refusal:
        ServerUse(postgres).start()
    assert str(refusal.value).startswith("postgres did not start: ")
    assert "\n" not in str(refusal.value)


def test_it_refuses_a_directory_with_something_else_in_it(postgres: PostgresServer) -> None:
    (postgres.home / "mine").mkdir(parents=True)
    with pytest.raises(ServerRefused, match="holds no PostgreSQL cluster"):
        ServerUse(postgres).start()


def test_it_finds_a_shorter_place_for_a_socket_whose_path_is_too_long(tmp_path: Path) -> None:
    valkey = ValkeyServer(tmp_path / ("long" * 40))
    use = ServerUse(valkey)
    use.start()
    assert answers(valkey)
    use.end()
    assert not valkey.socket.is_relative_to(valkey.var)
    valkey.socket_directory.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may enter other users' directories")
def test_it_lives_in_a_directory_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    postgres = PostgresServer(closed / "var")
    use = ServerUse(postgres)
    use.start()
    use.end()
    assert closed.stat().st_mode & 0o777 == 0o700
