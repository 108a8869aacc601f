"""Chats over HTTP: who sees what, who may do what, and that nothing happens twice."""

from collections.abc import Callable

import pytest

from agents_core.testing import step
from tests.socialnet.api.client import Api, refusal

NOBODY = "01900000-0000-7000-8000-000000000000"
Join = Callable[..., Api]


def open_chat(api: Api, *others: str) -> str:
    answer = api.post(f"/users/{api.name}/chats", {"participants": list(others)})
    assert answer.status_code == 201, answer.content
    chat_id: str = answer.json()["chat_id"]
    return chat_id


def say(api: Api, chat_id: str, content: str = "hello") -> str:
    answer = api.post(f"/chats/{chat_id}/messages", {"content": content})
    assert answer.status_code == 201, answer.content
    message_id: str = answer.json()["message_id"]
    return message_id


def contents(api: Api, chat_id: str, asked: str = "") -> list[str]:
    chat = api.get(f"/chats/{chat_id}{asked}").json()
    return [message["content"] for message in chat["messages"]]


def listed(api: Api) -> list[str]:
    return [ref["chat_id"] for ref in api.get(f"/users/{api.name}/chats").json()["items"]]


def unread(api: Api, chat_id: str) -> int:
    refs = api.get(f"/users/{api.name}/chats").json()["items"]
    count: int = next(ref["unread"] for ref in refs if ref["chat_id"] == chat_id)
    return count


@pytest.fixture
def chat_id(alice: Api, bob: Api) -> str:
    """Alice and bob talk."""
    chat_id = open_chat(alice, "bob")
    step()
    return chat_id


def test_a_chat_is_there_at_once_for_who_opens_it(alice: Api, bob: Api) -> None:
    chat_id = open_chat(alice, "bob")
    assert listed(alice) == [chat_id]
    assert alice.get(f"/chats/{chat_id}").json()["participants"] == ["alice", "bob"]
    step()
    assert listed(bob) == [chat_id]


def test_a_chat_looks_as_the_contract_says(alice: Api, chat_id: str) -> None:
    message_id = say(alice, chat_id)
    chat = alice.get(f"/chats/{chat_id}").json()
    assert {
        "chat_id",
        "created_by",
        "participants",
        "messages",
        "older_messages",
        "created_at",
        "updated_at",
    } <= chat.keys()
    assert chat["messages"][0].keys() == {
        "message_id",
        "content",
        "likes",
        "created_by",
        "created_at",
        "updated_at",
    }
    assert chat["messages"][0]["message_id"] == message_id


@pytest.mark.parametrize("opener", ["alice", "bob"])
def test_two_have_one_chat_whoever_opens_it(
    alice: Api, bob: Api, chat_id: str, opener: str
) -> None:
    who, other = (alice, "bob") if opener == "alice" else (bob, "alice")
    assert open_chat(who, other, who.name, other) == chat_id
    step()
    assert listed(alice) == listed(bob) == [chat_id]


def test_more_than_two_have_as_many_as_they_like(alice: Api, bob: Api, charlie: Api) -> None:
    assert open_chat(alice, "bob", "charlie") != open_chat(alice, "bob", "charlie")


def test_a_pair_that_was_joined_is_none_any_more(
    alice: Api, bob: Api, charlie: Api, chat_id: str
) -> None:
    answer = alice.call("PATCH", f"/chats/{chat_id}/participants", {"participants": ["CHARLIE"]})
    assert answer.json()["participants"] == ["alice", "bob", "charlie"]
    assert open_chat(bob, "alice") != chat_id


@pytest.mark.parametrize("others", [[], ["alice"], ["alice", "ALICE"]])
def test_nobody_talks_alone(alice: Api, others: list[str]) -> None:
    answer = alice.post("/users/alice/chats", {"participants": others})
    assert refusal(answer) == (400, "too_few_participants")
    assert listed(alice) == []


def test_a_chat_has_256_people_at_most(alice: Api) -> None:
    others = [f"u{number}" for number in range(256)]
    answer = alice.post("/users/alice/chats", {"participants": others})
    assert refusal(answer) == (400, "too_many_participants")
    assert refusal(alice.post("/users/alice/chats", {"participants": others[:255]})) == (
        404,
        "user_not_found",
    )


@pytest.mark.parametrize("other", ["nobody", "not an id", ""])
def test_one_talks_with_people_there_are(alice: Api, bob: Api, other: str) -> None:
    answer = alice.post("/users/alice/chats", {"participants": ["bob", other]})
    assert refusal(answer) == (404, "user_not_found")
    assert listed(alice) == []


def test_newcomers_must_be_new(alice: Api, charlie: Api, chat_id: str) -> None:
    path = f"/chats/{chat_id}/participants"
    answer = alice.call("PATCH", path, {"participants": ["bob"]})
    assert refusal(answer) == (400, "no_new_participants")
    answer = alice.call("PATCH", path, {"participants": ["bob", "charlie"]})
    assert answer.status_code == 200


@pytest.mark.parametrize(("shared", "seen"), [(False, ["after"]), (True, ["before", "after"])])
def test_newcomers_see_what_is_theirs_to_see(
    alice: Api, charlie: Api, chat_id: str, shared: bool, seen: list[str]
) -> None:
    say(alice, chat_id, "before")
    body = {"participants": ["charlie"], "share_history": shared}
    alice.call("PATCH", f"/chats/{chat_id}/participants", body)
    say(alice, chat_id, "after")
    assert contents(charlie, chat_id) == seen
    assert contents(alice, chat_id) == ["before", "after"]


def test_history_is_paged_without_end(alice: Api, chat_id: str) -> None:
    ids = [say(alice, chat_id, str(number)) for number in range(5)]
    newest = alice.get(f"/chats/{chat_id}?limit=2").json()
    assert [message["content"] for message in newest["messages"]] == ["3", "4"]
    assert newest["older_messages"] is True
    assert contents(alice, chat_id, f"?limit=2&before={ids[3]}") == ["1", "2"]
    alice.delete(f"/chats/{chat_id}/messages/{ids[1]}")
    last = alice.get(f"/chats/{chat_id}?limit=2&before={ids[1]}").json()
    assert [message["content"] for message in last["messages"]] == ["0"]
    assert last["older_messages"] is False


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("limit=0", (422, None)),
        ("limit=201", (422, None)),
        (f"before={NOBODY}", (404, "message_not_found")),
        ("before=x", (404, "message_not_found")),
    ],
)
def test_a_malformed_stretch_is_refused(
    alice: Api, chat_id: str, asked: str, answer: tuple[int, str | None]
) -> None:
    status, code = refusal(alice.get(f"/chats/{chat_id}?{asked}"))
    assert status == answer[0]
    assert code == answer[1] or answer[1] is None


@pytest.mark.parametrize("content", ["", " ", "\u200b", "x" * 2001])
def test_a_message_says_something(alice: Api, chat_id: str, content: str) -> None:
    answer = alice.post(f"/chats/{chat_id}/messages", {"content": content})
    assert refusal(answer) == (422, "content_not_valid")
    assert contents(alice, chat_id) == []


def test_a_message_under_one_key_is_written_once(alice: Api, chat_id: str) -> None:
    path, body = f"/chats/{chat_id}/messages", {"content": "once"}
    first, second = (alice.post(path, body, key="k1") for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert contents(alice, chat_id) == ["once"]
    other = alice.post(path, {"content": "another"}, key="k1")
    assert refusal(other) == (422, "idempotency_key_reused")


def test_a_chat_under_one_key_is_opened_once(alice: Api, bob: Api, charlie: Api) -> None:
    path, body = "/users/alice/chats", {"participants": ["bob", "charlie"]}
    assert alice.post(path, body, key="k").json() == alice.post(path, body, key="k").json()
    assert len(listed(alice)) == 1


def test_its_author_edits_a_message(alice: Api, bob: Api, chat_id: str) -> None:
    path = f"/chats/{chat_id}/messages/{say(alice, chat_id)}"
    edited = alice.put(path, {"content": "better"}).json()
    assert edited["content"] == "better"
    assert edited["edited_at"] == edited["updated_at"]
    assert refusal(bob.put(path, {"content": "worse"})) == (403, "not_your_message")
    assert contents(bob, chat_id) == ["better"]


def test_its_author_or_staff_deletes_a_message(
    alice: Api, bob: Api, root: Api, chat_id: str
) -> None:
    mine, his = say(alice, chat_id, "mine"), say(bob, chat_id, "his")
    path = f"/chats/{chat_id}/messages/"
    assert refusal(bob.delete(path + mine)) == (403, "not_your_message")
    assert contents(alice, chat_id) == ["mine", "his"]
    assert alice.delete(path + mine).status_code == 204
    assert refusal(alice.delete(path + mine)) == (404, "message_not_found")
    assert root.delete(path + his).status_code == 204
    assert contents(alice, chat_id) == []


def test_a_message_is_liked_otherwise_and_no_more(alice: Api, bob: Api, chat_id: str) -> None:
    path = f"/chats/{chat_id}/messages/{say(alice, chat_id)}/likes/bob"
    assert bob.put(path, {"like_type": "love"}).json()["likes"] == {"bob": "love"}
    assert bob.put(path, {"like_type": "like"}).json()["likes"] == {"bob": "like"}
    assert refusal(alice.put(path, {"like_type": "love"})) == (403, "acting_for_others")
    assert refusal(bob.put(path, {"like_type": "hate"}))[0] == 422
    assert bob.delete(path).json()["likes"] == {}
    assert bob.delete(path).json()["likes"] == {}


def test_unread_counts_until_read(alice: Api, bob: Api, chat_id: str) -> None:
    first, second = say(alice, chat_id), say(alice, chat_id)
    step()
    assert (unread(alice, chat_id), unread(bob, chat_id)) == (0, 2)
    read = f"/users/bob/chats/{chat_id}/read"
    assert bob.put(read, {"message_id": first}).json()["unread"] == 1
    alice.delete(f"/chats/{chat_id}/messages/{second}")
    step()
    assert unread(bob, chat_id) == 0
    say(alice, chat_id)
    step()
    assert unread(bob, chat_id) == 1
    assert bob.put(read, {}).json()["unread"] == 0
    assert refusal(alice.put(read, {})) == (403, "acting_for_others")


def test_reading_on_in_a_window_that_lags_behind_takes_nothing_back(
    alice: Api, bob: Api, chat_id: str
) -> None:
    first, second = say(alice, chat_id), say(alice, chat_id)
    step()
    read = f"/users/bob/chats/{chat_id}/read"
    assert bob.put(read, {"message_id": second}).json()["unread"] == 0
    assert bob.put(read, {"message_id": first}).json()["read_message_id"] == second
    assert bob.put(read, {"message_id": first, "back": True}).json()["unread"] == 1
    assert refusal(bob.put(read, {"message_id": NOBODY, "back": True})) == (
        404,
        "message_not_found",
    )


def test_what_is_shown_of_oneself_is_ones_own_affair(alice: Api, bob: Api) -> None:
    path = "/users/bob/chats/settings"
    everything = {"typing": True, "presence": True, "receipts": True}
    assert bob.get(path).json() == everything
    assert bob.put(path, everything | {"typing": False}).json()["typing"] is False
    assert bob.get(path).json() == everything | {"typing": False}
    assert refusal(alice.put(path, everything)) == (403, "acting_for_others")
    assert refusal(bob.put(path, {"typing": "x"}))[0] == 422


def test_a_request_is_among_the_chats_and_by_itself_until_it_is_accepted(
    alice: Api, bob: Api, chat_id: str
) -> None:
    say(alice, chat_id)
    step()
    assert (listed(bob), unread(bob, chat_id)) == ([chat_id], 1)
    [asked] = bob.get("/users/bob/chats/requests").json()["items"]
    assert (asked["chat_id"], asked["requested_by"]) == (chat_id, "alice")
    assert alice.get(f"/chats/{chat_id}").json()["pending"] == ["bob"]
    path = f"/users/bob/chats/{chat_id}/accept"
    assert refusal(alice.put(path)) == (403, "acting_for_others")
    assert refusal(alice.get("/users/bob/chats/requests")) == (403, "acting_for_others")
    assert refusal(bob.put(f"/users/bob/chats/{NOBODY}/accept")) == (404, "chat_not_found")
    for _ in range(2):
        assert bob.put(path).json()["requested_by"] is None
    step()
    assert bob.get("/users/bob/chats/requests").json()["items"] == []
    assert listed(bob) == [chat_id]
    assert "pending" not in alice.get(f"/chats/{chat_id}").json()


def test_who_has_read_is_told_where_both_show_it(
    alice: Api, bob: Api, charlie: Api, chat_id: str
) -> None:
    path, mine = f"/chats/{chat_id}/receipts", f"/users/bob/chats/{chat_id}"
    message_id = say(alice, chat_id)
    step()
    bob.put(f"{mine}/read", {})
    assert alice.get(path).json() == {}  # it is a request
    bob.put(f"{mine}/accept")
    step()
    assert alice.get(path).json() == {"bob": message_id}
    assert bob.get(path).json() == {"alice": message_id}
    assert refusal(charlie.get(path)) == (404, "chat_not_found")
    alice.put("/users/alice/chats/settings", {"receipts": False})
    assert (alice.get(path).json(), bob.get(path).json()) == ({}, {})


def test_a_chat_is_muted_and_not(alice: Api, bob: Api, chat_id: str) -> None:
    path = f"/users/bob/chats/{chat_id}/mute"
    assert bob.put(path).json()["muted"] is True
    assert bob.delete(path).json()["muted"] is False
    assert refusal(alice.put(path)) == (403, "acting_for_others")
    assert refusal(bob.put(f"/users/bob/chats/{NOBODY}/mute")) == (404, "chat_not_found")


def test_one_leaves_and_the_owner_removes(alice: Api, bob: Api, charlie: Api, root: Api) -> None:
    chat_id = open_chat(alice, "bob", "charlie")
    step()
    path = f"/chats/{chat_id}/participants/"
    assert refusal(bob.delete(path + "charlie")) == (403, "not_the_owner")
    assert alice.delete(path + "charlie").status_code == 204
    assert refusal(alice.delete(path + "charlie")) == (404, "participant_not_found")
    assert refusal(charlie.get(f"/chats/{chat_id}")) == (404, "chat_not_found")
    assert alice.delete(path + "alice").status_code == 204
    chat = bob.get(f"/chats/{chat_id}").json()
    assert (chat["owner"], chat["participants"]) == ("bob", ["bob"])
    step()
    assert (listed(alice), listed(bob), listed(charlie)) == ([], [chat_id], [])


def test_a_chat_has_a_name(alice: Api, bob: Api, charlie: Api, chat_id: str) -> None:
    path = f"/chats/{chat_id}/name"
    assert bob.put(path, {"name": " The  two "}).json()["name"] == "The two"
    assert refusal(bob.put(path, {"name": "x" * 81})) == (422, "name_not_valid")
    assert refusal(charlie.put(path, {"name": "x"})) == (404, "chat_not_found")
    assert alice.put(path, {"name": None}).json()["name"] is None


def test_a_block_hides_the_chat_of_two(alice: Api, bob: Api, chat_id: str) -> None:
    say(alice, chat_id)
    bob.put("/users/bob/blocks/alice")
    step()
    for one, other in ((alice, "bob"), (bob, "alice")):
        assert refusal(one.get(f"/chats/{chat_id}")) == (404, "chat_not_found")
        sent = one.post(f"/chats/{chat_id}/messages", {"content": "x"})
        assert refusal(sent) == (404, "chat_not_found")
        opened = one.post(f"/users/{one.name}/chats", {"participants": [other]})
        assert refusal(opened) == (404, "user_not_found")
    bob.delete("/users/bob/blocks/alice")
    step()
    assert contents(bob, chat_id) == ["hello"]


def test_a_block_hides_two_in_a_group(alice: Api, bob: Api, charlie: Api) -> None:
    chat_id = open_chat(charlie, "alice", "bob")
    step()
    bob.put("/users/bob/blocks/alice")
    step()
    say(alice, chat_id, "from alice")
    say(bob, chat_id, "from bob")
    say(charlie, chat_id, "from charlie")
    assert contents(alice, chat_id) == ["from alice", "from charlie"]
    assert contents(bob, chat_id) == ["from bob", "from charlie"]
    assert contents(charlie, chat_id) == ["from alice", "from bob", "from charlie"]
    assert alice.get(f"/chats/{chat_id}").json()["participants"] == ["charlie", "alice"]


def test_chats_are_found(alice: Api, bob: Api, charlie: Api, chat_id: str) -> None:
    group = open_chat(alice, "bob", "charlie")
    say(alice, group, "about cats")
    step()

    def found(query: str, api: Api = alice) -> list[str]:
        page = api.get(f"/users/{api.name}/chats/search?query={query}").json()
        return [chat["chat_id"] for chat in page["items"]]

    assert found("*") == [group, chat_id]
    assert found("CATS") == [group]
    assert found("participants:charlie") == [group]
    assert found(f"chat-id:{chat_id}") == [chat_id]
    assert found("created_by:alice cats") == [group]
    assert found("dogs") == found("colour:red") == []
    assert found("*", charlie) == [group]
    page = alice.get("/users/alice/chats/search?query=*&limit=1").json()
    rest = alice.get(f"/users/alice/chats/search?query=*&limit=1&cursor={page['next_cursor']}")
    assert [chat["chat_id"] for chat in rest.json()["items"]] == [chat_id]
    assert rest.json()["next_cursor"] is None


def test_updates_say_what_came_since(alice: Api, bob: Api, chat_id: str) -> None:
    [ref] = bob.get("/users/bob/chats/updates").json()
    assert {"chat_id", "created_by", "created_at", "updated_at"} <= ref.keys()
    since = f"/users/bob/chats/updates?since={ref['updated_at']}"
    assert bob.get(since).json() == []
    say(alice, chat_id)
    step()
    assert [new["chat_id"] for new in bob.get(since).json()] == [chat_id]


def test_strangers_find_no_chat(alice: Api, charlie: Api, root: Api, chat_id: str) -> None:
    message_id = say(alice, chat_id)
    before = alice.get(f"/chats/{chat_id}").json()
    message = f"/chats/{chat_id}/messages/{message_id}"
    private = ["", "/search?query=*", "/updates"]
    for path in private:
        assert refusal(charlie.get(f"/users/alice/chats{path}")) == (403, "acting_for_others")
        assert alice.get(f"/users/alice/chats{path}").status_code == 200
    attempts = [
        ("GET", f"/chats/{chat_id}", None),
        ("PATCH", f"/chats/{chat_id}/participants", {"participants": ["charlie"]}),
        ("DELETE", f"/chats/{chat_id}/participants/charlie", None),
        ("DELETE", f"/chats/{chat_id}/participants/alice", None),
        ("PUT", f"/chats/{chat_id}/name", {"name": "x"}),
        ("POST", f"/chats/{chat_id}/messages", {"content": "x"}),
        ("PUT", message, {"content": "x"}),
        ("DELETE", message, None),
        ("PUT", f"{message}/likes/charlie", {"like_type": "like"}),
        ("DELETE", f"{message}/likes/charlie", None),
        ("PUT", f"/users/charlie/chats/{chat_id}/read", {}),
        ("PUT", f"/users/charlie/chats/{chat_id}/mute", None),
    ]
    for method, path, body in attempts:
        assert refusal(charlie.call(method, path, body)) == (404, "chat_not_found"), path
    assert alice.get(f"/chats/{chat_id}").json() == before
    assert root.get(f"/chats/{chat_id}").status_code == 200
    assert refusal(alice.get("/chats/nonsense")) == (404, "chat_not_found")


def test_staff_writes_as_anyone_who_takes_part(alice: Api, root: Api, chat_id: str) -> None:
    path = f"/chats/{chat_id}/messages"
    assert root.post(path, {"content": "x", "user_id": "bob"}).status_code == 201
    assert refusal(root.post(path, {"content": "x"})) == (404, "chat_not_found")
    assert refusal(alice.post(path, {"content": "x", "user_id": "bob"}))[0] == 403
    assert alice.get(f"/chats/{chat_id}").json()["messages"][0]["created_by"] == "bob"
