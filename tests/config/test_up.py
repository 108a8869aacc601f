"""`manage.py up`: one command that starts everything, and leaves nothing behind."""

import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded.use import FileLock
from tests.config.sites import Site, free_ports, manage
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

READY = "Agora runs at"
Start = Callable[..., Site]


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for the module: what a test finds there, an earlier one left as users do."""
    return tmp_path_factory.mktemp("site") / "var"


@pytest.fixture
def start(var: Path) -> Iterator[Start]:
    """Start sites that do not outlive the test."""
    sites: list[Site] = []

    def start_site(*options: str, ready: bool = True, **changes: str) -> Site:
        site = Site(var, "--no-demo", *options, **changes)
        sites.append(site)
        if ready:
            site.says(READY)
        return site

    yield start_site
    for site in sites:
        site.stop(signal.SIGKILL)
        wait_for(lambda site=site: not site.children(), "children to end")  # type: ignore[misc]


def test_it_serves_beside_commands_until_ctrl_c(start: Start) -> None:
    site = start()
    assert site.get("/accounts/login/") == 200
    assert site.get("/api/v1/", live=True) == 200
    token = manage("api_token", "ada", "--create", AGORA_VAR=str(site.var))
    assert token.returncode == 0, token.stderr
    assert len(token.stdout.split()) == 1
    assert manage("showmigrations", "--var", str(site.var)).returncode == 0
    assert site.get("/api/v1/") == 200
    assert site.stop(signal.SIGINT) == 0
    assert site.children() == []
    assert site.servers() == []


def test_it_recovers_from_a_kill_and_sigterm_stops_it(start: Start) -> None:
    killed = start()
    before = killed.children()
    assert before
    killed.process.kill()
    killed.process.wait()
    # Without waiting for what is left of the first: that is the second one's business.
    site = start()
    assert site.get("/api/v1/") == 200
    assert [child for child in before if child.is_running()] == []
    assert site.stop(signal.SIGTERM) == 0
    assert site.children() == []
    assert site.servers() == []


@pytest.mark.parametrize("offset", [0, 1])
def test_it_names_a_busy_port_and_starts_nothing(tmp_path: Path, offset: int) -> None:
    port = free_ports()
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", port + offset))
        busy.listen()
        run = manage("up", "--port", str(port), "--var", str(tmp_path / "var"))
    assert run.returncode == 1
    assert f"Port {port + offset} on 127.0.0.1 is in use" in run.stderr
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "var" / "postgres").exists()


def test_it_names_a_directory_in_use(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "run" / "up")
    assert lock.take()
    run = manage("up", "--port", str(free_ports()), "--var", str(tmp_path))
    lock.release()
    assert run.returncode == 1
    assert "Another `manage.py up` runs in" in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "address", "complaint"),
    [
        ("DATABASE_URL", "postgresql://agora@127.0.0.1:1/agora", "PostgreSQL at 127.0.0.1"),
        ("DATABASE_URL", "mysql://agora", "DATABASE_URL must start with postgresql://"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "Redis at 127.0.0.1"),
    ],
)
def test_it_names_a_server_it_cannot_reach(
    var: Path, name: str, address: str, complaint: str
) -> None:
    run = manage("up", "--port", str(free_ports()), "--var", str(var), **{name: address})
    assert run.returncode == 1
    assert complaint in run.stderr
    assert run.stderr.count("\n") == 1


def test_it_will_not_run_in_production_without_a_key(tmp_path: Path) -> None:
    run = manage("up", "--var", str(tmp_path), DEBUG="false")
    assert run.returncode == 1
    assert "SECRET_KEY is not set" in run.stderr
    assert run.stderr.count("\n") == 1
