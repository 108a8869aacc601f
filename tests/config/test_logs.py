"""Log records: which request, agent, method and invocation they are about, and how they look."""

from __future__ import annotations

import io
import logging
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client

from agents_core import Caller, calling, trace
from agents_core.models import Message
from agents_core.testing import step
from config import programs
from config import settings as real_settings
from config.environment import BASE_DIR
from config.logs import Facts, JsonLines, Lines
from tests.agents_core.racing import together
from tests.config.talking.agents import Talker
from tests.waiting import wait_for

FORMAT = "{asctime} {levelname} {name}: {message}"
Record = dict[str, Any]


class Log:
    """What was written since it began."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.written = io.StringIO()
        self.handler = logging.StreamHandler(self.written)
        self.handler.addFilter(Facts())
        self.handler.setFormatter(formatter)

    def records(self) -> list[Record]:
        return [orjson.loads(line) for line in self.written.getvalue().splitlines()]

    def one(self, text: str) -> Record:
        """The one record whose message has the text."""
        (found,) = [record for record in self.records() if text in record["message"]]
        return found


@pytest.fixture
def log() -> Iterator[Log]:
    """JSON lines."""
    log = Log(JsonLines())
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for logger in loggers:
        logger.addHandler(log.handler)
    yield log
    for logger in loggers:
        logger.removeHandler(log.handler)


@pytest.fixture
def site(settings: Any) -> Client:
    """A site with pages that call talkers."""
    settings.ROOT_URLCONF = "tests.config.talking.urls"
    return Client(headers={"X-Request-ID": "r-1"}, raise_request_exception=False)


def facts(record: Record) -> tuple[Any, ...]:
    return tuple(record.get(name) for name in ("request_id", "agent_id", "method"))


def test_a_record_of_a_command_says_whose_it_is(site: Client, log: Log) -> None:
    site.get("/call/ada/say?text=hello")

    record = log.one("ada says hello")
    assert facts(record) == ("r-1", "talker:ada", "say")
    assert (record["level"], record["logger"]) == ("WARNING", "tests.talking")
    assert {"time", "process", "invocation_id"} <= record.keys()
    documentation = (BASE_DIR / "docs" / "operations.md").read_text()
    (shown,) = [line for line in documentation.splitlines() if line.startswith('{"level"')]
    assert orjson.loads(shown).keys() == record.keys()


def test_records_of_one_invocation_share_its_id_and_name_who_spoke(site: Client, log: Log) -> None:
    site.get("/call/ada/have_said?other=bob&text=hello")

    inner, outer = log.one("bob says"), log.one("ada heard")
    assert facts(inner) == ("r-1", "talker:bob", "say")
    assert facts(outer) == ("r-1", "talker:ada", "have_said")
    assert inner["invocation_id"] == outer["invocation_id"]


def test_an_idempotency_key_is_its_calls_invocation(log: Log) -> None:
    with calling(Caller("me"), key="k-1"):
        Talker.of("ada").say("hello")

    assert log.one("ada says")["invocation_id"] == "k-1"


def test_a_query_in_a_command_is_the_commands_invocation(site: Client, log: Log) -> None:
    site.get("/call/ada/ask?other=bob")
    site.get("/call/bob/muse")

    asked, alone = [record for record in log.records() if "muses" in record["message"]]
    assert facts(asked) == facts(alone) == ("r-1", "talker:bob", "muse")
    assert asked["invocation_id"]
    assert "invocation_id" not in alone


def test_a_fault_is_logged_with_what_failed(site: Client, log: Log) -> None:
    for method in ("stumble", "stumble_reading"):
        answer = site.get(f"/call/ada/{method}")
        assert answer.status_code == 500

        record = log.records()[-1]
        assert facts(record) == ("r-1", "talker:ada", method)
        assert "RuntimeError: it fell" in record["trace"]
        assert record["status_code"] == 500


def test_a_record_of_a_message_has_its_id(site: Client, log: Log) -> None:
    site.get("/send/ada/say?text=hello")
    message = Message.objects.get()
    step()

    record = log.one("ada says hello")
    assert record["invocation_id"] == str(message.id)
    assert (record["agent_id"], record["method"]) == ("talker:ada", "say")


def test_a_parked_message_is_logged_with_what_failed(site: Client, log: Log) -> None:
    site.get("/send/ada/stumble")
    message = Message.objects.get()
    step()

    record = log.one("given up")
    assert facts(record) == (None, "talker:ada", "stumble")
    assert record["invocation_id"] == str(message.id)


def test_calls_that_go_together_keep_their_own_requests(log: Log) -> None:
    def say(name: str) -> None:
        with trace.request(f"r-{name}"):
            Talker.of(name).say("hello")

    names = [str(number) for number in range(20)]
    together(*[partial(say, name) for name in names])

    said = {record["agent_id"]: record["request_id"] for record in log.records()}
    assert said == {f"talker:{name}": f"r-{name}" for name in names}


@pytest.fixture
def mail_is_run_here(settings: Any) -> None:
    settings.AGENTS = {"HINTS": True, "LIVE": False}


def test_mail_run_nearby_belongs_to_its_request(
    mail_is_run_here: None, site: Client, log: Log
) -> None:
    site.get("/call/ada/pass_far?over=bob&other=eve&text=hello")

    record = wait_for(lambda: log.records(), "the message")[0]
    assert facts(record) == ("r-1", "talker:eve", "say")


def test_nothing_is_left_of_a_request_after_it(site: Client, log: Log) -> None:
    site.get("/call/ada/say?text=hello")
    logging.getLogger("tests").warning("after")

    assert facts(log.one("after")) == (None, None, None)


def test_what_the_caller_of_the_logger_says_holds(log: Log) -> None:
    with trace.request("r-1"):
        logging.getLogger("tests").warning("x", extra={"agent_id": "a:b", "shop": "eve"})

    assert (facts(log.one("x")), log.one("x")["shop"]) == (("r-1", "a:b", None), "eve")


def test_a_message_of_any_shape_is_one_line_of_json(log: Log) -> None:
    logging.getLogger("tests").warning("two\nlines %s", {"é": object})

    (record,) = log.records()
    assert record["message"].startswith("two\nlines")


def test_readable_lines_end_with_the_facts() -> None:
    log = Log(Lines(FORMAT, style="{"))
    logging.getLogger().addHandler(log.handler)
    with trace.request("r-1"), calling(Caller("me"), key="k-1"):
        Talker.of("ada").say("hello")
    logging.getLogger("tests").warning("bare")
    logging.getLogger().removeHandler(log.handler)

    said, bare = log.written.getvalue().splitlines()
    facts = "request_id=r-1 agent_id=talker:ada method=say invocation_id=k-1"
    assert said.endswith(f"WARNING tests.talking: ada says hello [{facts}]")
    assert bare.endswith("WARNING tests: bare")


@pytest.mark.slow
def test_a_request_reaches_the_logs_of_workers(
    server_environment: dict[str, str], tmp_path: Path, settings: Any
) -> None:
    settings.AGENTS = {"HINTS": True, "LIVE": False, "NEARBY_AGENTS": 0}
    environment = server_environment | {
        "DJANGO_SETTINGS_MODULE": "tests.config.talking.settings",
        "REDIS_URL": real_settings.REDIS_URL,  # the broker of this very process
        "AGORA_LOG": "json",
    }
    path = tmp_path / "worker.log"
    with path.open("w") as output:
        worker = subprocess.Popen(
            programs.worker("talking", ["interactive"], threads=1),
            cwd=BASE_DIR,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with trace.request("r-1"):
            Talker.of("ada").pass_on(["bob"], "hello")
        with trace.request("r-2"):
            Talker.of("ada").pass_far("over", "eve", "hello")
        wait_for(lambda: path.read_text().count(" says ") == 2, "the worker to run the messages")
    finally:
        worker.terminate()
        worker.wait(20)
    lines = path.read_text().splitlines()  # Celery prints some of its own
    records = [orjson.loads(line) for line in lines if line.startswith("{")]
    said = {facts(record) for record in records if " says " in record["message"]}
    assert said == {("r-1", "talker:bob", "say"), ("r-2", "talker:eve", "say")}
