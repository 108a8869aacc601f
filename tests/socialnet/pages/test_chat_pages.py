"""What the pages of chats answer without a browser: who sees what, and what is refused."""

import re

import pytest
from django.test import Client

from agents_core.testing import step
from socialnet import presence
from socialnet.agents.chat import Chat
from socialnet.agents.chat_schemas import ChatSettings, ChatView
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from tests.browsing import HTMX, signed_in

NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def names(clean_world: None) -> None:
    for user_id in ("alice", "bob", "charlie"):
        User.of(user_id).set_name(user_id.title())


@pytest.fixture
def chat_id(alice: Client, bob: Client) -> str:
    """Alice and bob are friends, and talk."""
    User.of("alice").connect("bob", "friend", staff=True)
    step()
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    step()
    return chat_id


def seen(chat_id: str, viewer: str = "alice") -> ChatView:
    chat = Chat.of(chat_id).get_chat(viewer)
    assert chat is not None
    return chat


def titles(client: Client, query: str = "") -> list[str]:
    return [row.title for row in client.get(f"/chats/?q={query}").context["rows"]]


def test_strangers_find_nothing_and_change_nothing(
    alice: Client, charlie: Client, chat_id: str
) -> None:
    message_id = Chat.of(chat_id).send("alice", "Private").message_id
    before = seen(chat_id)
    here, message = f"/chats/{chat_id}", f"/chats/{chat_id}/messages/{message_id}"
    for path in (f"{here}/", f"{here}/details/", f"{here}/leave/", f"{here}/messages/"):
        assert charlie.get(path).status_code == 404, path
        assert alice.get(path).status_code == 200, path
    for path in (f"{message}/edit/", f"{message}/delete/", f"{message}/reactions/"):
        assert charlie.get(path).status_code == 404, path
        assert alice.get(path).status_code == 200, path
    for path, form in (
        (f"{here}/send/", {"content": "Mine"}),
        (f"{here}/name/", {"name": "Mine"}),
        (f"{here}/people/", {"usernames": "charlie"}),
        (f"{here}/people/alice/remove/", {}),
        (f"{here}/leave/", {}),
        (f"{here}/mute/", {}),
        (f"{here}/read/", {}),
        (f"{message}/edit/", {"content": "Mine"}),
        (f"{message}/delete/", {}),
        (f"{message}/unread/", {}),
        (f"{message}/react/", {"like_type": "love"}),
    ):
        assert charlie.post(path, form).status_code == 404, path
        assert alice.get(path).status_code in (200, 405), path
    assert seen(chat_id) == before
    assert titles(charlie) == []


def test_nobody_changes_what_another_said(alice: Client, bob: Client, chat_id: str) -> None:
    message_id = Chat.of(chat_id).send("alice", "Mine").message_id
    path = f"/chats/{chat_id}/messages/{message_id}"
    assert bob.post(f"{path}/edit/", {"content": "His"}).status_code == 403
    assert bob.post(f"{path}/delete/").status_code == 403
    assert [message.content for message in seen(chat_id).messages] == ["Mine"]
    assert alice.post(f"{path}/edit/", {"content": "Hers"}).status_code == 302
    assert alice.post(f"{path}/delete/").status_code == 302
    assert seen(chat_id).messages == []


def test_a_deletion_in_the_page_can_be_undone(alice: Client, bob: Client, chat_id: str) -> None:
    message_id = Chat.of(chat_id).send("alice", "Lemons").message_id
    path = f"/chats/{chat_id}/messages/{message_id}"
    assert f"{path}/restore/" in alice.post(f"{path}/delete/", **HTMX).content.decode()
    for client, offers in ((alice, True), (bob, False)):
        page = client.get(f"/chats/{chat_id}/").content.decode()
        assert "Message deleted" in page
        assert "Lemons" not in page
        assert (f"{path}/restore/" in page) is offers
    assert bob.post(f"{path}/restore/").status_code == 404
    assert "Lemons" in alice.post(f"{path}/restore/", **HTMX).content.decode()
    assert "Lemons" in bob.get(f"/chats/{chat_id}/").content.decode()
    assert alice.post(f"{path}/delete/").status_code == 302
    assert alice.post(f"{path}/restore/", **HTMX).status_code == 409


@pytest.mark.parametrize("path", ["nothing", NOBODY])
def test_what_is_not_there_is_a_page_that_says_so(alice: Client, path: str) -> None:
    answer = alice.get(f"/chats/{path}/")
    assert answer.status_code == 404
    assert "Nothing stands here" in answer.content.decode()


def test_reading_changes_nothing(bob: Client, alice: Client, chat_id: str) -> None:
    Chat.of(chat_id).send("alice", "Unread")
    step()
    bob.get(f"/chats/{chat_id}/")
    assert UserChats.of("bob").get_unread() == 1
    bob.post(f"/chats/{chat_id}/read/")
    assert UserChats.of("bob").get_unread() == 0


def test_one_form_sends_one_message(alice: Client, chat_id: str) -> None:
    form = {"content": "Once", "idempotency_key": "the-key-of-this-form"}
    answers = [alice.post(f"/chats/{chat_id}/send/", form, **HTMX) for _ in range(2)]
    [message] = seen(chat_id).messages
    for answer in answers:
        assert f'id="message-{message.message_id}"' in answer.content.decode()


@pytest.mark.parametrize("content", ["", "  ", "x" * 2_001])
def test_a_message_that_cannot_be_is_given_back(alice: Client, chat_id: str, content: str) -> None:
    answer = alice.post(f"/chats/{chat_id}/send/", {"content": content})
    assert answer.status_code == 422
    assert content in answer.content.decode()
    assert seen(chat_id).messages == []


def test_taking_back_a_reaction_that_is_no_like_leaves_none(
    alice: Client, bob: Client, chat_id: str
) -> None:
    message_id = Chat.of(chat_id).send("alice", "hello").message_id
    path = f"/chats/{chat_id}/messages/{message_id}"
    bob.post(f"{path}/react/", {"like_type": "love"}, **HTMX)
    assert seen(chat_id).messages[0].likes == {"bob": "love"}
    who = alice.get(f"{path}/reactions/").content.decode()
    assert "@bob" in who
    bob.post(f"{path}/react/", {"like_type": "none"}, **HTMX)
    assert seen(chat_id).messages[0].likes == {}


def test_ones_own_name_is_not_in_the_title(alice: Client, bob: Client, chat_id: str) -> None:
    assert titles(alice) == ["Bob"]
    assert titles(bob) == ["Alice"]


def test_a_new_chat_is_on_the_list_at_once(alice: Client, bob: Client, charlie: Client) -> None:
    answer = alice.post("/chats/new/", {"people": ["bob", "charlie"], "name": "Three"})
    assert answer.status_code == 302
    assert titles(alice) == ["Three"]


def test_message_on_a_profile_finds_a_chat_that_no_page_has_loaded(
    alice: Client, bob: Client, charlie: Client, chat_id: str
) -> None:
    for _ in range(25):
        group = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
        Chat.of(group).send("alice", "hello")
    step()
    assert chat_id not in alice.get("/chats/").content.decode()
    assert alice.post("/u/bob/message/")["Location"] == f"/chats/{chat_id}/"
    assert bob.post("/u/alice/message/")["Location"] == f"/chats/{chat_id}/"
    assert alice.post("/u/alice/message/").status_code == 404


def test_a_list_reads_only_the_last_message_of_each_chat(alice: Client, chat_id: str) -> None:
    for number in range(5):
        Chat.of(chat_id).send("bob", f"Number {number}")
    page = alice.get("/chats/").content.decode()
    assert "Number 4" in page
    assert "Number 3" not in page


def test_the_list_is_searched(alice: Client, bob: Client, charlie: Client, chat_id: str) -> None:
    group = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
    Chat.of(group).send("charlie", "About tomatoes")
    step()
    assert titles(alice, "TOMATOES") == ["Bob, Charlie"]
    assert titles(alice, "participants:bob") == ["Bob, Charlie", "Bob"]
    assert titles(alice, "nothing") == []


def test_who_blocks_cannot_be_written_to(alice: Client, bob: Client, chat_id: str) -> None:
    User.of("bob").block("alice")
    step()
    assert titles(alice) == titles(bob) == []
    assert alice.get(f"/chats/{chat_id}/").status_code == 404
    assert alice.post(f"/chats/{chat_id}/send/", {"content": "x"}).status_code == 404
    assert alice.post("/u/bob/message/").status_code == 404
    assert alice.post("/chats/new/", {"usernames": "bob"}).status_code == 422


def test_who_left_is_told_so_and_sees_it_no_more(alice: Client, bob: Client) -> None:
    charlie = signed_in("charlie")
    chat_id = UserChats.of("alice").create_chat(["bob", "charlie"]).chat_id
    step()
    assert charlie.post(f"/chats/{chat_id}/people/bob/remove/").status_code == 403
    assert alice.post(f"/chats/{chat_id}/people/bob/remove/").status_code == 302
    step()
    assert titles(bob) == []
    assert charlie.post(f"/chats/{chat_id}/leave/")["Location"] == "/chats/"
    assert titles(charlie) == []
    assert seen(chat_id).participants == ["alice"]
    assert titles(alice) == ["Only you"]


def test_newcomers_read_what_was_before_only_where_that_was_wanted(
    alice: Client, bob: Client, chat_id: str
) -> None:
    charlie, dora = signed_in("charlie"), signed_in("dora")
    Chat.of(chat_id).send("alice", "Before")
    people = f"/chats/{chat_id}/people/"
    alice.post(people, {"usernames": "@Charlie"})
    alice.post(people, {"people": ["dora"], "share_history": "yes"})
    assert "Before" not in charlie.get(f"/chats/{chat_id}/").content.decode()
    assert "Before" in dora.get(f"/chats/{chat_id}/").content.decode()
    answer = alice.post(people, {"people": ["dora"]})
    assert answer.status_code == 422
    assert "They all take part already" in answer.content.decode()


def test_what_is_shown_has_switches(alice: Client, chat_id: str) -> None:
    path = "/chats/settings/"
    assert f'href="{path}"' in alice.get("/account/").content.decode()
    assert 'data-typing="on"' in alice.get(f"/chats/{chat_id}/").content.decode()
    assert alice.get(path).context["form"].initial == ChatSettings().model_dump()
    alice.post(path, {"presence": "on"})
    assert 'data-typing="off"' in alice.get(f"/chats/{chat_id}/").content.decode()
    assert UserChats.of("alice").get_settings() == ChatSettings(typing=False, receipts=False)
    alice.post(path, {"presence": "on", "receipts": "on", "typing": "on"})
    assert UserChats.of("alice").get_settings() == ChatSettings()


def online(client: Client, chat_id: str, user_id: str) -> list[bool]:
    """Whether they are shown as being here: in the list, and above the conversation."""
    page = client.get(f"/chats/{chat_id}/").content.decode()
    return [not hidden for hidden in re.findall(rf'data-here="{user_id}"( hidden)?', page)]


@pytest.mark.parametrize("shy", ["alice", "bob", None])
def test_who_is_here_is_shown_where_both_show_it(
    alice: Client, bob: Client, chat_id: str, shy: str | None
) -> None:
    assert online(alice, chat_id, "bob") == [False, False]
    presence.stay(["bob"])
    if shy:
        UserChats.of(shy).set_settings(ChatSettings(presence=False))
    assert online(alice, chat_id, "bob") == [shy is None] * 2


def test_a_group_says_how_many_are_here(alice: Client, bob: Client, chat_id: str) -> None:
    dora = signed_in("dora")
    User.of("dora").connect("alice", "following")
    alice.post(f"/chats/{chat_id}/people/", {"usernames": "dora"})
    step()
    for user_id in ("alice", "bob"):
        presence.stay([user_id])
    page = dora.get(f"/chats/{chat_id}/").content.decode()
    assert "<span data-count>2</span> online" in page
    assert "<span data-count>1</span> online" in alice.get(f"/chats/{chat_id}/").content.decode()


def seen_line(client: Client, chat_id: str) -> str:
    """The same, whether it stands on the page or is fetched by itself."""
    page = client.get(f"/chats/{chat_id}/").content.decode()
    alone = client.get(f"/chats/{chat_id}/seen/").content.decode()
    lines = [re.search(r'id="seen".*?(Seen[^<]*)</li>', text, re.S) for text in (page, alone)]
    said = [line[1] if line else "" for line in lines]
    assert said[0] == said[1]
    return said[0]


def test_below_the_newest_own_message_stands_who_has_read_it(
    alice: Client, bob: Client, charlie: Client, chat_id: str
) -> None:
    chat = Chat.of(chat_id)
    chat.send("alice", "Read me")
    step()
    assert seen_line(alice, chat_id) == ""
    bob.post(f"/chats/{chat_id}/read/")
    assert (seen_line(alice, chat_id), seen_line(bob, chat_id)) == ("Seen", "")
    # Who comes later has not read it, though it may stand above what they have.
    User.of("charlie").connect("alice", "following")
    chat.add_participants("alice", ["charlie"], True)
    step()
    assert seen_line(alice, chat_id) == "Seen by Bob"
    newest = chat.send("alice", "And me").message_id
    step()
    assert seen_line(alice, chat_id) == ""
    for client in (bob, charlie):
        client.post(f"/chats/{chat_id}/read/", {"message_id": newest})
    assert seen_line(alice, chat_id) == "Seen by everybody"
    UserChats.of("charlie").set_settings(ChatSettings(receipts=False))
    assert seen_line(alice, chat_id) == "Seen by Bob"
    bob.post(f"/chats/{chat_id}/messages/{newest}/unread/")
    assert seen_line(alice, chat_id) == ""
    UserChats.of("bob").mark_read(chat_id)
    UserChats.of("alice").set_settings(ChatSettings(receipts=False))
    assert seen_line(alice, chat_id) == ""


def test_a_request_stands_by_itself_until_it_is_accepted(alice: Client, bob: Client) -> None:
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    Chat.of(chat_id).send("alice", "Carpets?")
    step()
    presence.stay(["bob"])
    front = bob.get("/chats/").content.decode()
    assert "1 message request<" in front
    assert 'id="chats-badge" data-unread="0"' in front
    assert titles(bob) == []
    assert [row.title for row in bob.get("/chats/requests/").context["rows"]] == ["Alice"]
    assert "wants to talk with you" in bob.get("/notifications/").content.decode()
    here = f"/chats/{chat_id}/"
    page = bob.get(here).content.decode()
    assert "Alice wants to talk with you" in page
    assert 'id="chat-form"' not in page
    bob.post(f"{here}read/")
    assert seen_line(alice, chat_id) == ""
    assert online(alice, chat_id, "bob") == []
    assert "Has not answered yet" in alice.get(here).content.decode()
    assert bob.post(f"{here}accept/")["Location"] == here
    step()
    assert titles(bob) == ["Alice"]
    assert 'id="chat-form"' in bob.get(here).content.decode()
    assert seen_line(alice, chat_id) == "Seen"
    assert online(alice, chat_id, "bob") == [True, True]
    assert bob.get("/chats/requests/").context["rows"] == []


def test_a_request_is_deleted_and_only_by_whom_it_asks(
    alice: Client, bob: Client, charlie: Client
) -> None:
    chat_id = UserChats.of("alice").create_chat(["bob"]).chat_id
    step()
    for path in ("accept", "decline"):
        assert charlie.post(f"/chats/{chat_id}/{path}/").status_code == 404
    assert charlie.get(f"/chats/{chat_id}/seen/").status_code == 404
    assert bob.post(f"/chats/{chat_id}/decline/")["Location"] == "/chats/requests/"
    assert "message request<" not in bob.get("/chats/").content.decode()
    assert bob.get(f"/chats/{chat_id}/").status_code == 404
    assert alice.get(f"/chats/{chat_id}/").status_code == 200


def test_the_badge_counts_what_waits_in_chats_that_are_not_muted(
    alice: Client, bob: Client, chat_id: str
) -> None:
    for _ in range(2):
        Chat.of(chat_id).send("alice", "hello")
    step()
    assert 'id="chats-badge" data-unread="2"' in bob.get("/").content.decode()
    bob.post(f"/chats/{chat_id}/mute/")
    assert 'id="chats-badge" data-unread="0"' in bob.get("/").content.decode()
    bob.post(f"/chats/{chat_id}/mute/", {"action": "unmute"})
    assert 'id="chats-badge" data-unread="2"' in bob.get("/").content.decode()
