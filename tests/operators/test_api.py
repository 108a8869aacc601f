"""Agents for operators over HTTP: who comes in, what is seen, what is called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User
from agents_core import clock, operations, operators
from agents_core.testing import freeze, step
from tests.agents_core.agents import Fragile, Plumbing
from tests.agents_core.counter import Counter
from tests.callers import Api, refusal
from tests.operators.conftest import BASE

ROUTES = [
    ("GET", "/types"),
    ("GET", "/"),
    ("GET", "/dead-letters"),
    ("POST", "/dead-letters/retry"),
    ("POST", "/dead-letters/discard"),
    ("GET", "/operations"),
    ("GET", "/counter:a"),
    ("DELETE", "/counter:a"),
    ("POST", "/counter:a/invoke/get"),
    ("POST", "/counter:a/trigger/add"),
    ("GET", "/counter:a/oplog"),
    ("GET", "/counter:a/messages"),
    ("GET", "/counter:a/operations"),
    ("GET", "/counter:a/collections"),
    ("GET", "/counter:a/collections/notes"),
    ("POST", "/counter:a/interrupt"),
    ("POST", "/counter:a/resume"),
    ("POST", "/counter:a/revert"),
    ("POST", "/counter:a/update"),
    ("POST", "/counter:a/messages/x/cancel"),
    ("POST", "/counter:a/messages/x/retry"),
    ("POST", "/counter:a/messages/x/discard"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_staff_may_come_in(method: str, path: str, alice: Api, visitor: Api) -> None:
    Counter.of("a").add()

    assert refusal(alice.call(method, path)) == (403, "staff_only")
    assert refusal(visitor.call(method, path)) == (401, "not_signed_in")
    assert operators.show("counter:a").revision == 1


def test_a_staff_session_comes_in_and_needs_its_csrf_token() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_user("root", is_staff=True))

    assert browser.get(f"{BASE}/types").status_code == 200
    answer = browser.post(f"{BASE}/counter:a/trigger/add")
    assert refusal(answer) == (403, "csrf_failed")  # type: ignore[arg-type]


# looking


def test_it_lists_types_with_their_schemas(root: Api) -> None:
    found = {one["type"]: one for one in root.get("/types").json()["items"]}

    plumbing = found["plumbing"]
    assert (plumbing["kind"], plumbing["versions"]) == ("durable", [1])
    assert plumbing["parameters"][0] == {"name": "number", "schema": {"type": "integer"}}
    note = next(one for one in plumbing["methods"] if one["name"] == "note")
    assert note["kind"] == "command"
    assert note["arguments"]["properties"]["text"]["type"] == "string"
    assert found["view"]["kind"] == "ephemeral"


def test_it_lists_agents(root: Api) -> None:
    Counter.of("a").add()
    Plumbing.of(3, "here").note("x")
    Plumbing.of(3, "here").trigger.note("y")

    (agent,) = root.get("/?type=plumbing").json()["items"]

    shown = operators.show("plumbing:3/here").model_dump(mode="json")
    assert shown.items() >= agent.items()
    assert agent.keys() == {
        "agent_id", "type", "parameters", "version", "status", "revision", "pending",
        "created_at", "updated_at",
    }  # fmt: skip
    assert (agent["status"], agent["pending"]) == ("running", 1)
    assert agent["created_at"].endswith("Z")


def test_its_lists_are_paged(root: Api) -> None:
    for name in "abc":
        Counter.of(name).add()

    first = root.get("/?type=counter&limit=2").json()
    second = root.get(f"/?type=counter&limit=2&cursor={first['next_cursor']}").json()

    assert [one["agent_id"] for one in first["items"]] == ["counter:c", "counter:b"]
    assert [one["agent_id"] for one in second["items"]] == ["counter:a"]
    assert second["next_cursor"] is None


def test_it_takes_every_filter(root: Api) -> None:
    with freeze("2026-03-01T12:00:00Z"):
        Counter.of("old").add()
    Counter.of("young").add()
    Counter.of("stopped").add()
    operations.interrupt("counter:stopped", by="test")
    Counter.of("young").trigger.add()

    def ids(filters: str) -> set[str]:
        return {one["agent_id"] for one in root.get(f"/?type=counter&{filters}").json()["items"]}

    assert ids("query=ung") == {"counter:young"}
    assert ids("status=interrupted") == {"counter:stopped"}
    assert ids("status=running") == {"counter:young"}
    assert ids("query=status:idle") == {"counter:old"}
    assert ids("older_than=2026-03-02T00:00:00Z") == {"counter:old"}
    assert ids("waiting=true") == {"counter:young"}
    assert ids("version=2") == set()
    assert refusal(root.get("/?status=asleep"))[0] == 422
    assert refusal(root.get("/?older_than=yesterday"))[0] == 422
    assert refusal(root.get("/?cursor=x")) == (422, "cursor_not_valid")


def test_filters_left_empty_are_none(root: Api) -> None:
    Counter.of("a").add()

    everything = root.get("/").json()

    assert "counter:a" in {one["agent_id"] for one in everything["items"]}
    for path in ("/?query=", "/?type=&status=&query=&version=&older_than="):
        assert root.get(path).json() == everything
    assert refusal(root.get("/?status=asleep"))[0] == 422


def test_it_shows_an_agent_with_its_state(root: Api) -> None:
    Counter.of("a").add(4)

    shown = root.get("/counter:a").json()

    assert shown["state"] == {"count": 4, "seen": []}
    assert shown["status"] == "idle"


def test_there_is_nothing_to_see_of_an_agent_that_never_ran(root: Api) -> None:
    for path in ("", "/oplog", "/messages", "/collections"):
        assert refusal(root.get(f"/counter:nobody{path}")) == (404, "agent_not_found")
    assert refusal(root.get("/nothing:a")) == (404, "agent_not_found")
    assert refusal(root.get("/nonsense")) == (400, "agent_id_not_valid")
    assert refusal(root.get("/plumbing:3")) == (400, "agent_id_not_valid")


def test_what_waits_is_seen_before_the_agent_exists(root: Api) -> None:
    Counter.of("a").trigger.add(2)

    (mail,) = root.get("/counter:a/messages").json()["items"]

    assert (mail["kind"], mail["method"], mail["args"]["amount"]) == ("message", "add", 2)
    assert (mail["attempts"], mail["last_error"]) == (0, None)


def test_messages_of_one_kind(root: Api) -> None:
    Fragile.of("a").trigger.fail()
    step()
    Fragile.of("a").trigger.add()

    kinds = [one["kind"] for one in root.get("/fragile:a/messages").json()["items"]]
    (dead,) = root.get("/fragile:a/messages?kind=dead_letter").json()["items"]

    assert kinds == ["message", "dead_letter"]
    assert "broken" in dead["last_error"]


def test_it_searches_the_oplog(root: Api) -> None:
    Counter.of("a").add(1, "apple")
    Counter.of("a").add(2, "pear")

    everything = root.get("/counter:a/oplog").json()["items"]
    (found,) = root.get("/counter:a/oplog?query=args.label:apple").json()["items"]

    assert [one["index"] for one in everything] == [2, 1]
    assert (found["kind"], found["entry"]["args"]["label"]) == ("command", "apple")
    assert refusal(root.get("/counter:a/oplog?query=(")) == (422, "query_not_valid")


def test_it_shows_collections(root: Api) -> None:
    Counter.of("a").put_note("k", "hello", 1)

    names = {one["name"] for one in root.get("/counter:a/collections").json()["items"]}
    (item,) = root.get("/counter:a/collections/notes").json()["items"]

    assert names == {"notes", "newest"}
    assert item == {"key": "k", "sort": 1, "item": "hello"}
    assert refusal(root.get("/counter:a/collections/x")) == (404, "collection_not_found")


# ids in addresses


IDS = [
    ("counter", ["u001"]),
    ("counter", ["a/b"]),
    ("counter", ["oplog"]),
    ("counter", ["a/oplog"]),
    ("counter", ["50%"]),
    ("counter", ["%2F"]),
    ("counter", ["J\u00fcrgen \u00df?&#;=+"]),
    ("counter", ["a:b"]),
    ("counter", [".."]),
    ("plumbing", [1, "oplog"]),
    ("plumbing", [2, "b/c"]),
    ("plumbing", [3, "invoke/get"]),
    ("plumbing", [4, "%252F/%"]),
    ("plumbing", [-5, " x\ty\n"]),
]


@pytest.mark.parametrize("safe", ["", "/:"])
@pytest.mark.parametrize(("type_name", "parameters"), IDS)
def test_every_id_can_be_in_an_address(
    root: Api, type_name: str, parameters: list[Any], safe: str
) -> None:
    agent_class: Any = {"counter": Counter, "plumbing": Plumbing}[type_name]
    agent_id = agent_class.id_of(*parameters)
    agent = agent_class.of(*parameters)
    agent.add() if type_name == "counter" else agent.note("x")
    address = f"/{quote(agent_id, safe)}"
    query = "get" if type_name == "counter" else "where"

    assert root.get(address).json()["agent_id"] == agent_id
    assert len(root.get(f"{address}/oplog").json()["items"]) == 1
    assert root.post(f"{address}/invoke/{query}").json() in (1, parameters)
    assert root.post(f"{address}/interrupt").json()["agent_id"] == agent_id
    assert root.delete(address).status_code == 204
    assert refusal(root.get(address)) == (404, "agent_not_found")


@pytest.mark.parametrize("key", ["u001", "a%2Fb", "J%C3%BCrgen"])
def test_an_id_of_one_parameter_need_not_be_quoted_again(root: Api, key: str) -> None:
    root.post(f"/counter:{key}/invoke/add")

    assert root.get(f"/counter:{key}").json()["agent_id"] == f"counter:{key}"


def test_numbers_in_ids_have_one_spelling(root: Api) -> None:
    Plumbing.of(3, "x").note("y")

    assert root.get("/plumbing:03/x").json()["agent_id"] == "plumbing:3/x"


# calling


def test_it_invokes_commands_and_queries(root: Api) -> None:
    answer = root.post("/counter:a/invoke/add", {"args": {"amount": 4}})

    assert (answer.status_code, answer.json()) == (200, 4)
    assert root.post("/counter:a/invoke/get", {}).json() == 4
    assert root.post("/counter:a/invoke/get_state").json() == {"count": 4, "seen": []}
    assert root.post("/counter:a/invoke/forget").json() is None


def test_the_agent_knows_who_called(root: Api) -> None:
    assert root.post("/counter:a/invoke/facts").json()["caller"] == "root"


def test_refusals_of_agents_are_problems(root: Api) -> None:
    answer = root.post("/counter:a/invoke/refuse", {"args": {"amount": 3}})

    assert refusal(answer) == (400, "too_much")
    assert answer.json()["amount"] == 3


def test_what_cannot_be_called(root: Api) -> None:
    assert refusal(root.post("/counter:a/invoke/nothing")) == (404, "unknown_method")
    assert refusal(root.post("/nothing:a/invoke/get")) == (404, "unknown_agent_type")
    assert refusal(root.post("/counter:a/trigger/get")) == (404, "unknown_method")
    assert refusal(root.post("/view:v/trigger/facts")) == (404, "unknown_method")
    assert refusal(root.get("/counter:a/invoke/get")) == (405, "method_not_allowed")


def test_arguments_that_do_not_fit_are_named(root: Api) -> None:
    answer = root.post("/counter:a/invoke/add", {"args": {"amount": "many"}})

    assert refusal(answer) == (422, "arguments_not_valid")
    assert [one["field"] for one in answer.json()["errors"]] == ["amount"]
    assert refusal(root.post("/counter:a/invoke/add", {"args": [1]}))[0] == 422
    assert refusal(root.post("/counter:a/trigger/add", {"at": "2026-03-01T12:00:00"}))[0] == 422
    assert operators.messages("counter:a").items == []


def test_it_sends(root: Api) -> None:
    answer = root.post("/counter:a/trigger/add", {"args": {"amount": 2}})

    assert answer.status_code == 202
    (mail,) = root.get("/counter:a/messages").json()["items"]
    assert answer.json() == {"message_id": mail["message_id"]}
    step()
    assert Counter.of("a").get() == 2


def test_it_sends_for_later(root: Api) -> None:
    at = clock.now() + timedelta(hours=1)

    answer = root.post("/counter:a/trigger/add", {"at": at.isoformat()})

    (planned,) = root.get("/counter:a/messages").json()["items"]
    assert (planned["kind"], planned["message_id"]) == ("schedule", answer.json()["message_id"])


# exactly once


def test_each_write_happens_once_per_key(root: Api) -> None:
    for path, body in (
        ("/counter:a/invoke/add", {"args": {"amount": 1}}),
        ("/counter:a/trigger/add", {"args": {"amount": 10}}),
        ("/counter:a/trigger/add", {"args": {"amount": 100}, "at": "2026-03-01T12:00:00Z"}),
        ("/view:v/invoke/count_in", {"args": {"name": "a"}}),
        ("/counter:a/invoke/get", {}),
        ("/counter:a/interrupt", None),
        ("/counter:a/resume", None),
    ):
        key = f"{path} {body}"
        first, again = (root.post(path, body, key=key) for _ in range(2))
        step()
        assert first.status_code in (200, 202)
        assert "Idempotency-Replayed" not in first.headers
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert Counter.of("a").get() == 1 + 10 + 100 + 1


def test_an_agent_is_deleted_once_per_key(root: Api) -> None:
    Counter.of("a").add()
    assert root.delete("/counter:a", key="k").status_code == 204
    Counter.of("a").add()

    again = root.delete("/counter:a", key="k")

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (204, "true")
    assert Counter.of("a").get() == 1
    assert root.delete("/counter:a").status_code == 204
    assert Counter.of("a").get() is None


def test_a_refused_operation_is_refused_again(root: Api) -> None:
    assert refusal(root.delete("/counter:a", key="k")) == (404, "agent_not_found")
    Counter.of("a").add()

    again = root.delete("/counter:a", key="k")

    assert refusal(again) == (404, "agent_not_found")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Counter.of("a").get() == 1


def test_the_same_key_for_something_else_is_refused(root: Api) -> None:
    root.post("/view:v/invoke/total", {"args": {"names": []}}, key="k")

    answer = root.post("/view:v/invoke/total", {"args": {"names": ["a"]}}, key="k")

    assert refusal(answer) == (422, "idempotency_key_reused")
