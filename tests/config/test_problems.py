"""The one error map: each thing an endpoint may raise, and the answer it becomes."""

import logging

import orjson
import pytest
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory

from agents_core import Conflict, Forbidden, NotFound, Rejected
from agents_core.errors import AgentUnavailable, MailboxFull, OutcomeUnknown
from config.api import api


class TestItemNotFound(NotFound):
    """There is no item {item_id}."""

    __test__ = False
    code = "test_item_not_found"


def answer_to(error: Exception) -> HttpResponse:
    response: HttpResponse = api.on_exception(RequestFactory().get("/x"), error)
    assert response.headers["Content-Type"] == "application/problem+json"
    return response


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Rejected(), 400, "rejected"),
        (Forbidden(), 403, "forbidden"),
        (NotFound(), 404, "not_found"),
        (Conflict(), 409, "conflict"),
        (MailboxFull(agent_id="user:a", limit=1), 429, "mailbox_full"),
        (AgentUnavailable(agent_id="user:a", reason="x"), 503, "agent_unavailable"),
        (Http404(), 404, "not_found"),
        (OperationalError("gone"), 503, "database_unavailable"),
        (InterfaceError("gone"), 503, "database_unavailable"),
        (OutcomeUnknown("lost"), 503, "outcome_unknown"),
        (RuntimeError("a secret"), 500, "internal_error"),
    ],
)
def test_every_error_is_a_problem(error: Exception, status: int, code: str) -> None:
    problem = orjson.loads(answer_to(error).content)
    assert (problem["status"], problem["code"]) == (status, code)
    assert "secret" not in str(problem)


def test_a_refusal_brings_its_facts() -> None:
    problem = orjson.loads(answer_to(TestItemNotFound(item_id="i1")).content)
    assert problem == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no item i1.",
        "code": "test_item_not_found",
        "item_id": "i1",
    }


def test_a_fact_does_not_replace_what_the_standard_names() -> None:
    problem = orjson.loads(answer_to(Rejected(status="shipped", title="x")).content)
    assert (problem["status"], problem["title"]) == (400, "Bad Request")


@pytest.mark.parametrize("error", [MailboxFull(agent_id="a:b", limit=1), OperationalError("gone")])
def test_what_passes_says_when_to_come_back(error: Exception) -> None:
    assert int(answer_to(error).headers["Retry-After"]) >= 1


def test_a_fault_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    answer_to(RuntimeError("a secret"))
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "a secret" in caplog.text


def test_a_refusal_is_not_logged(caplog: pytest.LogCaptureFixture, client: Client) -> None:
    client.get("/api/v1/social-net/users/me")
    assert caplog.records == []


def test_where_there_is_nothing_there_is_a_problem(client: Client) -> None:
    for answer in (client.get("/api/v1/nothing/here"), client.post("/api/v1/nothing")):
        assert answer.status_code == 404
        assert answer.json()["code"] == "route_not_found"


def test_another_method_is_named_with_those_allowed(client: Client) -> None:
    answer = client.post("/api/v1/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"
