"""Ephemeral types with one method, called as serverless functions are: by request."""

from __future__ import annotations

from agents_core import EphemeralAgent, Parameter, Rejected, command
from tests.agents_core.counter import Counter
from tests.callers import Api, refusal


class NothingToCount(Rejected):
    """The request names nobody."""

    code = "nothing_to_count"


class CountIn(EphemeralAgent):
    """Adds one to counters. Parameters: the id of the request."""

    request_id: Parameter[str]

    @command
    def run(self, names: list[str]) -> dict[str, int]:
        if not names:
            raise NothingToCount
        return {name: Counter.of(name).add() for name in names}


def call(api: Api, request_id: str, *names: str) -> object:
    path = f"/count-in:{request_id}/invoke/run"
    answer = api.post(path, {"args": {"names": names}}, key=request_id)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_request_that_comes_again_is_answered_again_and_does_nothing(root: Api) -> None:
    first = call(root, "r-1", "a", "b")
    Counter.of("a").add(10)

    assert call(root, "r-1", "a", "b") == first == {"a": 1, "b": 1}
    assert (Counter.of("a").get(), Counter.of("b").get()) == (11, 1)


def test_another_request_is_another_call(root: Api) -> None:
    call(root, "r-1", "a")

    assert call(root, "r-2", "a") == {"a": 2}


def test_a_request_that_is_refused_is_refused_again(root: Api) -> None:
    for _ in range(2):
        answer = root.post("/count-in:r-1/invoke/run", {"args": {"names": []}}, key="r-1")
        assert refusal(answer) == (400, "nothing_to_count")


def test_nothing_is_left_of_it(root: Api) -> None:
    call(root, "r-1", "a")

    assert refusal(root.get("/count-in:r-1")) == (404, "agent_not_found")
    assert root.get("/?type=count-in").json()["items"] == []
    assert root.get("/?type=counter").json()["items"] != []
