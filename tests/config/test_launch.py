"""The steps of `up` that can be refused, each with one line."""

import socket
from pathlib import Path

import pytest
from django.test import override_settings

from config.embedded.use import FileLock
from config.launch import (
    LaunchRefused,
    base_url,
    host_names,
    own_directory,
    prepare_database,
    reserve_ports,
)
from tests.config.sites import free_ports


def test_it_refuses_a_directory_another_one_runs_in(tmp_path: Path) -> None:
    other = FileLock(tmp_path / "run" / "up")
    assert other.take()
    with (
        pytest.raises(LaunchRefused, match=r"Another `manage\.py up` runs in"),
        own_directory(tmp_path),
    ):
        pass
    other.release()


def test_it_refuses_a_directory_it_cannot_make(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LaunchRefused, match="Cannot use"), own_directory(tmp_path / "file"):
        pass


def test_it_lets_the_directory_go(tmp_path: Path) -> None:
    for _ in range(2):
        with own_directory(tmp_path):
            pass


def test_it_holds_both_ports_until_they_are_needed() -> None:
    port = free_ports()
    reserved = reserve_ports("127.0.0.1", [port, port + 1])
    for holder in reserved:
        holder.listen()
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(holder.getsockname())
        holder.close()


def test_it_lets_go_of_the_first_port_when_the_second_is_busy() -> None:
    port = free_ports()
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", port + 1))
        busy.listen()
        with pytest.raises(LaunchRefused, match=f"Port {port + 1} on 127.0.0.1 is in use"):
            reserve_ports("127.0.0.1", [port, port + 1])
    [first] = reserve_ports("127.0.0.1", [port])
    first.close()


def test_it_refuses_a_host_that_is_not_here() -> None:
    with pytest.raises(LaunchRefused, match="cannot be used"):
        reserve_ports("192.0.2.1", [free_ports()])


@override_settings(REDIS_URL="redis://127.0.0.1:1/0")
def test_it_names_a_redis_it_cannot_reach() -> None:
    with pytest.raises(LaunchRefused, match=r"Redis at 127\.0\.0\.1"):
        prepare_database()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_it_prints_an_address_that_a_browser_takes(host: str, url: str) -> None:
    assert base_url(host, 8000) == url


def test_it_answers_to_the_machines_own_names() -> None:
    assert "localhost" in host_names("0.0.0.0").split(",")
    assert socket.gethostname() in host_names("0.0.0.0").split(",")
    assert "192.168.1.5" in host_names("192.168.1.5").split(",")
