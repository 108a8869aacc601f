"""What is read from the environment, and how nonsense in it is refused."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.addresses import broker_url, content_security_policy, database, email
from config.environment import Environment, read_environment
from config.keys import secret_key
from config.middleware import live_url_for


def test_it_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    assert read_environment().database_url is None


@pytest.mark.parametrize(("name", "value"), [("DEBUG", "perhaps"), ("TRUSTED_PROXIES", "-1")])
def test_it_names_a_variable_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read_environment()


def test_it_splits_lists_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example")
    assert read_environment().allowed_hosts == ["a.example", "b.example"]


def test_it_makes_a_key_once_while_developing(tmp_path: Path) -> None:
    environment = Environment(agora_var=tmp_path, debug=True, secret_key=None)
    assert secret_key(environment) == secret_key(environment)
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", [None, "short"])
def test_it_refuses_production_without_a_good_key(tmp_path: Path, key: str | None) -> None:
    environment = Environment.model_validate(
        {"agora_var": tmp_path, "debug": False, "secret_key": key}
    )
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        secret_key(environment)


def test_it_says_when_the_key_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = Environment(agora_var=tmp_path / "file", debug=True, secret_key=None)
    with pytest.raises(ImproperlyConfigured, match="Cannot"):
        secret_key(environment)


def test_it_reads_an_address_with_its_options() -> None:
    found = database(
        "postgresql://ada:s%40fe@db.example:6432/agora?sslmode=require", conn_max_age=5
    )
    assert found["HOST"] == "db.example"
    assert found["PORT"] == "6432"
    assert found["PASSWORD"] == "s@fe"
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_database_host_that_vanishes_is_noticed_unless_the_address_says_otherwise() -> None:
    noticed = database("postgresql://db.example/agora", conn_max_age=0)["OPTIONS"]
    patient = database("postgresql://db.example/agora?tcp_user_timeout=60000", conn_max_age=0)

    assert noticed["tcp_user_timeout"] == 15_000
    seconds = noticed["keepalives_idle"]
    seconds += noticed["keepalives_interval"] * noticed["keepalives_count"]
    assert 0 < seconds < 30
    assert patient["OPTIONS"]["tcp_user_timeout"] == "60000"


@pytest.mark.parametrize("url", ["mysql://db.example/agora", "postgresql://db.example/?nonsense=1"])
def test_it_refuses_an_address_that_is_no_postgresql(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database(url, conn_max_age=0)


def test_celery_gets_its_own_spelling_of_a_unix_socket() -> None:
    assert broker_url("unix:///run/v.sock?db=3") == "redis+socket:///run/v.sock?virtual_host=3"
    assert broker_url("redis://cache.example/1") == "redis://cache.example/1"


def test_it_refuses_a_broker_it_does_not_know() -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        broker_url("amqp://rabbit.example")


def test_pages_may_talk_to_live_and_to_nobody_else() -> None:
    policy = content_security_policy("https://live.example:8443")
    live = ["https://live.example:8443", "wss://live.example:8443"]
    assert policy["connect-src"] == ["'self'", *live]
    assert not any("unsafe" in source for sources in policy.values() for source in sources)


def test_mail_goes_to_the_console_or_to_a_server() -> None:
    assert email(None).backend.endswith("console.EmailBackend")
    found = email("smtp://ada:p%3Aw@mail.example:587?tls=true")
    assert (found.host, found.port, found.password, found.use_tls) == (
        "mail.example",
        587,
        "p:w",
        True,
    )


@pytest.mark.parametrize(
    ("asked", "live", "named"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("localhost:8000", "http://127.0.0.1:8001", "http://localhost:8001"),
        ("localhost", "http://127.0.0.1:8001", "http://localhost:8001"),
        ("[::1]:8000", "http://127.0.0.1:8001", "http://[::1]:8001"),
        ("localhost:8000", "https://agora.example", "https://agora.example"),
    ],
)
def test_a_page_is_told_live_by_the_name_it_was_asked_by(asked: str, live: str, named: str) -> None:
    assert live_url_for(asked, live) == named
