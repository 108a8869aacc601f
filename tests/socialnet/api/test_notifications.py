"""Notifications over HTTP."""

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal

PATH = "/users/alice/notifications"


@pytest.fixture(autouse=True)
def followed(alice: Api, bob: Api, charlie: Api) -> None:
    """Bob asks Alice to be friends, and Charlie follows her."""
    bob.put("/users/bob/connections/alice/friend")
    step()
    charlie.put("/users/charlie/connections/alice/following")
    step()


def kinds(api: Api, query: str = "") -> list[tuple[str, bool]]:
    items = api.get(f"{PATH}{query}").json()["items"]
    return [(item["kind"], item["unread"]) for item in items]


def test_they_are_listed_the_latest_first(alice: Api) -> None:
    page = alice.get(PATH).json()
    assert page["unread"] == 2
    assert [item["kind"] for item in page["items"]] == ["follow", "friend_request"]
    assert page["items"][0]["actors"] == ["charlie"]
    assert page["items"][0]["actor_count"] == 1
    assert page["next_cursor"] is None


def test_they_are_paged(alice: Api) -> None:
    first = alice.get(f"{PATH}?limit=1").json()
    assert [item["kind"] for item in first["items"]] == ["follow"]
    assert kinds(alice, f"?limit=1&cursor={first['next_cursor']}") == [("friend_request", True)]


def test_all_are_marked_read(alice: Api) -> None:
    assert alice.put(f"{PATH}/read", {}).json()["unread"] == 0
    assert kinds(alice) == [("follow", False), ("friend_request", False)]


def test_some_are_marked_read_and_once_is_enough(alice: Api) -> None:
    newest = alice.get(PATH).json()["items"][0]["notification_id"]
    for _ in range(2):
        assert alice.put(f"{PATH}/read", {"notification_ids": [newest]}).json()["unread"] == 1
    assert kinds(alice) == [("follow", False), ("friend_request", True)]


def test_news_since_a_moment_stay_unread(alice: Api) -> None:
    seen = alice.get(PATH).json()["items"][1]["updated_at"]
    assert alice.put(f"{PATH}/read", {"until": seen}).json()["unread"] == 1
    assert kinds(alice) == [("follow", True), ("friend_request", False)]


@pytest.mark.parametrize(
    "body", [{"notification_ids": ["x"]}, {"until": "noon"}, {"notification_ids": "all"}]
)
def test_what_is_no_body_is_refused(alice: Api, body: object) -> None:
    assert refusal(alice.put(f"{PATH}/read", body))[0] == 422
    assert alice.get(PATH).json()["unread"] == 2


def test_kinds_are_chosen(alice: Api, bob: Api) -> None:
    assert all(alice.get(f"{PATH}/settings").json().values())
    chosen = alice.put(f"{PATH}/settings", {"follow": False}).json()
    assert chosen == alice.get(f"{PATH}/settings").json()
    assert [kind for kind, wanted in chosen.items() if not wanted] == ["follow"]
    alice.put(f"{PATH}/read", {})
    bob.put("/users/bob/connections/alice/following")
    step()
    assert alice.get(PATH).json()["unread"] == 0


def test_a_kind_is_on_or_off(alice: Api) -> None:
    assert refusal(alice.put(f"{PATH}/settings", {"follow": "sometimes"}))[0] == 422
    assert alice.get(f"{PATH}/settings").json()["follow"] is True
