"""`manage.py up`: one command that starts everything, and leaves nothing behind."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.environment import BASE_DIR
from tests.config.sites import START_PATIENCE, Site, environment, free_ports, manage
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


def test_commands_work_alone_and_two_at_once(var: Path) -> None:
    commands = [(sys.executable, "manage.py", "showmigrations", "--var", str(var))] * 2
    both = [
        subprocess.Popen(command, cwd=BASE_DIR, env=environment(), stdout=subprocess.DEVNULL)
        for command in commands
    ]
    assert [process.wait(START_PATIENCE) for process in both] == [0, 0]
    assert [p for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == str(var / "postgres")] == []


def test_it_names_a_busy_port_and_starts_nothing(tmp_path: Path) -> None:
    port = free_ports()
    with socket.socket() as busy:
        # The port of `live`, which nobody has named.
        busy.bind(("127.0.0.1", port + 1))
        busy.listen()
        run = manage("up", "--port", str(port), "--var", str(tmp_path / "var"))
    assert run.returncode == 1
    assert f"Port {port + 1} on 127.0.0.1 is in use" in run.stderr
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "var" / "postgres").exists()


def test_it_names_a_database_it_cannot_reach(tmp_path: Path) -> None:
    nowhere = "postgresql://agora@127.0.0.1:1/agora"
    port = str(free_ports())
    run = manage("up", "--port", port, "--var", str(tmp_path), DATABASE_URL=nowhere)
    assert run.returncode == 1
    assert "PostgreSQL at 127.0.0.1" in run.stderr
    assert run.stderr.count("\n") == 1


def test_it_will_not_run_in_production_without_a_key(tmp_path: Path) -> None:
    run = manage("up", "--var", str(tmp_path), DEBUG="false")
    assert run.returncode == 1
    assert "SECRET_KEY is not set" in run.stderr
    assert run.stderr.count("\n") == 1
