"""README.md: every command in it is run here, every file and variable in it exists."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from config.environment import BASE_DIR, Environment
from tests.config.sites import STOP_PATIENCE, Site, environment, manage

README = (BASE_DIR / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
INLINE = re.findall(r"`([^`\n]+)`", README)
COMMANDS = {line for block in BLOCKS for line in block.splitlines()} | {
    code for code in INLINE if code.startswith("make ")
}

RUN_AND_LOOK = {"make run", 'make run ARGS="--port 9000"'}
RUN_TO_THE_END = {
    # The suite does not run itself within itself.
    "make test": ("test", "ARGS=--collect-only --quiet tests/test_layers.py"),
    "make help": ("help",),
    # Their steps are what continuous integration runs, and take long.
    "make check": ("--dry-run", "check"),
    "make bench": ("--dry-run", "bench"),
    "make load": ("--dry-run", "load"),
    "make chaos": ("--dry-run", "chaos"),
    "make llm": ("--dry-run", "llm"),
}
OTHERS = {
    ".venv/bin/python manage.py api_token ada --create",
    "export DATABASE_URL=postgresql://agora:secret@db.example/agora",
    "export REDIS_URL=redis://cache.example:6379/0",
    ".venv/bin/python manage.py up",
}


def test_every_command_is_known_here() -> None:
    assert RUN_AND_LOOK | RUN_TO_THE_END.keys() | OTHERS == COMMANDS


@pytest.mark.slow
def test_make_run_makes_a_world_and_says_how_to_sign_in(tmp_path: Path) -> None:
    site = Site(tmp_path / "var", make=True)
    try:
        site.says("Agora runs at")
        assert re.search(r"Sign in as \S+ with the password \S+", site.said())
        assert site.get("/api/v1/docs") == 200
    finally:
        # As a terminal does it: make hears it too, and ends with a code of its own.
        os.killpg(site.process.pid, signal.SIGINT)
        site.process.wait(STOP_PATIENCE)
    assert site.children() == []
    assert site.servers() == []


@pytest.mark.slow
@pytest.mark.parametrize("arguments", RUN_TO_THE_END.values(), ids=RUN_TO_THE_END.keys())
def test_make_does_it(arguments: tuple[str, ...]) -> None:
    run = subprocess.run(
        ["make", *arguments],
        cwd=BASE_DIR,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_api_token_prints_a_token_without_a_running_site(
    tmp_path: Path, server_environment: dict[str, str]
) -> None:
    addresses = {name: server_environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
    run = manage("api_token", "ada", "--create", AGORA_VAR=str(tmp_path), **addresses)
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.split()) == 1


@pytest.mark.slow
def test_up_uses_your_servers_and_starts_none(
    tmp_path: Path, server_environment: dict[str, str]
) -> None:
    addresses = {name: server_environment[name] for name in ("DATABASE_URL", "REDIS_URL")}
    site = Site(tmp_path / "var", "--no-demo", **addresses)
    try:
        site.says("Agora runs at")
        assert site.get("/api/v1/") == 200
        assert site.servers() == []
        assert not (site.var / "postgres").exists()
    finally:
        assert site.stop() == 0


def test_up_takes_the_options_it_names() -> None:
    shown = manage("up", "--help").stdout
    named = {word for code in INLINE for word in re.findall(r"--[a-z-]+", code)} - {"--create"}
    assert named
    assert [option for option in named if option not in shown] == []


def test_the_variables_it_names_are_read() -> None:
    named = {code.split("=")[0] for code in INLINE if re.fullmatch(r"[A-Z_]{5,}(=\S+)?", code)}
    named |= set(re.findall(r"export ([A-Z_]+)=", README))
    assert named
    assert {name.lower() for name in named} <= Environment.model_fields.keys()


def test_the_files_it_names_exist() -> None:
    named = {code for code in INLINE if re.fullmatch(r"[a-z_]+/[a-z_/.]*", code)}
    named |= set(re.findall(r"\]\(([^)]+)\)", README))
    assert named
    assert [name for name in sorted(named) if not (BASE_DIR / name).exists()] == []
