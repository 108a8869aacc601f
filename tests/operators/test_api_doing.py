"""Agents for operators over HTTP: what is done to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents_core import clock, operations
from agents_core.testing import step
from tests.agents_core.agents import Fragile
from tests.agents_core.counter import Counter
from tests.agents_core.jugs import Jug, jug2
from tests.callers import Api, refusal

# operations


def test_an_agent_is_interrupted_and_resumed(root: Api) -> None:
    Counter.of("a").add()

    assert root.post("/counter:a/interrupt").json()["status"] == "interrupted"
    refused = root.post("/counter:a/invoke/add")
    assert refusal(refused) == (503, "agent_interrupted")
    assert refused.headers["Retry-After"]
    assert root.post("/counter:a/invoke/get").json() == 1
    assert root.post("/counter:a/resume").json()["status"] == "idle"
    assert root.post("/counter:a/invoke/add").json() == 2


def test_an_interrupted_agent_does_not_keep_its_refusal_for_a_key(root: Api) -> None:
    Counter.of("a").add()
    operations.interrupt("counter:a", by="test")
    assert refusal(root.post("/view:v/invoke/count_in", {"args": {"name": "a"}}, key="k"))[0] == 503
    operations.resume("counter:a", by="test")

    answer = root.post("/view:v/invoke/count_in", {"args": {"name": "a"}}, key="k")

    assert answer.json() == 2


def test_nothing_is_done_to_an_agent_that_never_ran(root: Api) -> None:
    for operation in ("interrupt", "resume"):
        assert refusal(root.post(f"/counter:a/{operation}")) == (404, "agent_not_found")


def test_waiting_messages_and_schedules_can_be_cancelled(root: Api) -> None:
    Counter.of("a").add()
    sent = root.post("/counter:a/trigger/add").json()["message_id"]
    at = (clock.now() + timedelta(hours=1)).isoformat()
    planned = root.post("/counter:a/trigger/add", {"at": at}).json()["message_id"]

    for message_id in (sent, planned):
        answer = root.post(f"/counter:a/messages/{message_id}/cancel")
        assert (answer.status_code, answer.json()) == (200, {"cancelled": True})
    assert root.get("/counter:a/messages").json()["items"] == []
    unknown = root.post("/counter:a/messages/nothing/cancel")
    assert refusal(unknown) == (404, "invocation_not_found")


def test_what_has_run_is_not_cancelled(root: Api) -> None:
    sent = root.post("/counter:a/trigger/add").json()["message_id"]
    step()

    answer = root.post(f"/counter:a/messages/{sent}/cancel")

    assert answer.json() == {"cancelled": False}


def test_dead_letters_are_tried_again_or_thrown_away(root: Api) -> None:
    for _ in range(2):
        Fragile.of("a").trigger.fail_oddly("zz")
    step()
    first, second = (one["message_id"] for one in root.get("/dead-letters").json()["items"])

    retried = root.post(f"/fragile:a/messages/{first}/retry", {"args": {"message": "aa"}})
    discarded = root.post(f"/fragile:a/messages/{second}/discard")

    assert (retried.status_code, discarded.status_code) == (202, 204)
    (mail,) = root.get("/fragile:a/messages").json()["items"]
    assert (mail["kind"], mail["args"]) == ("message", {"message": "aa"})
    gone = root.post(f"/fragile:a/messages/{second}/discard")
    assert refusal(gone) == (404, "invocation_not_found")


def test_dead_letters_of_a_type_are_tried_again_together(root: Api) -> None:
    for name in "ab":
        Fragile.of(name).trigger.fail()
    Counter.of("c").trigger.fail()
    step()

    first, again = (
        root.post("/dead-letters/retry", {"type": "fragile"}, key="k") for _ in range(2)
    )

    assert first.json() == {"done": 2, "refused": 0, "refusals": []}
    assert again.content == first.content
    assert [one["agent_id"] for one in root.get("/dead-letters").json()["items"]] == ["counter:c"]
    assert len(root.get("/fragile:b/messages").json()["items"]) == 1


def test_a_refusal_stops_none_of_the_others(root: Api) -> None:
    for name in "abc":
        Counter.of(name).trigger.fail()
        step()
    Counter.of("b").end()

    answer = root.post("/dead-letters/retry").json()

    assert (answer["done"], answer["refused"]) == (2, 1)
    (refused,) = answer["refusals"]
    assert (refused["agent_id"], refused["code"]) == ("counter:b", "operation_not_allowed")
    assert [one["agent_id"] for one in root.get("/dead-letters").json()["items"]] == ["counter:b"]


def test_all_dead_letters_are_thrown_away_together(root: Api) -> None:
    for name in "ab":
        Fragile.of(name).trigger.fail()
    step()

    assert root.post("/dead-letters/discard").json()["done"] == 2
    assert root.get("/dead-letters").json()["items"] == []


# going back


def test_an_agent_is_reverted_once_per_key(root: Api) -> None:
    for _ in range(3):
        Counter.of("a").add()

    first, again = (root.post("/counter:a/revert", {"last": 1}, key="k") for _ in range(2))

    assert (first.status_code, first.json()["revision"]) == (200, 4)
    assert again.content == first.content
    assert Counter.of("a").get() == 2
    assert root.post("/counter:a/revert", {"to_revision": 3}).json()["revision"] == 5
    assert Counter.of("a").get() == 3
    newest = root.get("/counter:a/oplog").json()["items"][0]
    assert (newest["kind"], newest["entry"]["by"], newest["entry"]["to"]) == ("revert", "root", 3)


def test_a_revert_may_be_refused(root: Api) -> None:
    Counter.of("a").add()

    refused = root.post("/counter:a/revert", {"to_revision": 9})

    assert refusal(refused) == (409, "revert_refused")
    for body in ({}, {"to_revision": 1, "last": 1}, {"last": 0}, {"to_revision": "x"}):
        assert refusal(root.post("/counter:a/revert", body))[0] == 422
    assert root.get("/counter:a").json()["revision"] == 1


# versions


@pytest.mark.usefixtures("definitions")
def test_an_agent_is_updated_once_per_key(root: Api) -> None:
    Jug.of("a").pour(3)
    jug2()
    body = {"version": 2, "mode": "manual"}

    first, again = (root.post("/jug:a/update", body, key="k") for _ in range(2))

    assert first.json()["update"] == {"what": "queued", "reason": "", "diff": None}
    assert again.content == first.content
    assert len(root.get("/jug:a/messages").json()["items"]) == 1
    step()
    assert root.get("/jug:a").json()["version"] == 2
    assert root.get("/jug:a").json()["state"] == {"decilitres": 30}


@pytest.mark.usefixtures("definitions")
def test_an_update_may_be_refused(root: Api) -> None:
    Jug.of("a").pour(3)

    refused = root.post("/jug:a/update", {"version": 7, "mode": "manual"})

    assert refusal(refused) == (409, "update_refused")
    assert refusal(root.post("/jug:a/update", {"version": 1, "mode": "magic"}))[0] == 422


@pytest.mark.usefixtures("definitions")
def test_methods_are_those_of_the_version_an_agent_has(root: Api) -> None:
    Jug.of("a").pour(3)
    jug2()

    assert root.post("/jug:a/invoke/old_only").json() == "old"
    assert refusal(root.post("/jug:a/invoke/new_only")) == (404, "unknown_method")
    assert root.post("/jug:b/invoke/new_only").json() == "new"
    assert refusal(root.post("/jug:b/invoke/old_only")) == (404, "unknown_method")


# who did what


def test_who_did_what_is_told(root: Api) -> None:
    Counter.of("a").add()
    Counter.of("b").add()
    for name in "ab":
        root.post(f"/counter:{name}/interrupt")
    root.delete("/counter:a")

    everything = root.get("/operations").json()["items"]
    of_one = root.get("/counter:a/operations").json()["items"]

    assert [(one["operation"], one["agent_id"]) for one in everything] == [
        ("delete", "counter:a"),
        ("interrupt", "counter:b"),
        ("interrupt", "counter:a"),
    ]
    assert [one["operation"] for one in of_one] == ["delete", "interrupt"]
    assert {one["who"] for one in everything} == {"root"}
    first = root.get("/operations?limit=2").json()
    rest = root.get(f"/operations?cursor={first['next_cursor']}").json()
    assert first["items"] + rest["items"] == everything
    assert refusal(root.get("/operations?cursor=x")) == (422, "cursor_not_valid")
    assert refusal(root.get("/nonsense/operations"))[1] == "agent_id_not_valid"
