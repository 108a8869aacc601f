"""What was deleted can be taken back for ten seconds; at the end all is there, or all is gone."""

from datetime import datetime

import pytest

from agents_core.testing import fault_at, freeze, step
from socialnet.agents.chat import Chat
from socialnet.agents.errors import MessageNotFound, PostNotFound, TooLateToUndo
from socialnet.agents.post import Post
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline
from tests.socialnet.agents.conftest import Befriend, texts, timeline


@pytest.fixture
def post() -> Post:
    """A post of Alice's that people have had much to do with."""
    found = Post.of(UserPosts.of("alice").create_post("Hello").post_id)
    first = found.comment("bob", "Hi").comment_id
    found.comment("charlie", "Hi, Bob", first)
    found.like("bob", "love")
    found.edit("alice", "Hello, all")
    step()
    return found


def test_a_deleted_post_is_gone_for_all_and_comes_back_whole(
    post: Post, befriend: Befriend
) -> None:
    befriend("alice", "bob")
    before, edits = post.get_post("bob"), post.get_edits()
    assert texts(timeline("bob")) == ["Hello, all"]
    post.delete("alice", undoable=True)
    assert (post.get_post("alice"), timeline("alice"), timeline("bob")) == (None, [], [])
    with pytest.raises(PostNotFound):
        post.like("bob", "like")
    with pytest.raises(PostNotFound):
        post.delete("alice", undoable=True)
    for _ in range(2):
        post.restore("alice")
    step()
    assert (post.get_post("bob"), post.get_edits()) == (before, edits)
    assert texts(timeline("bob")) == ["Hello, all"]


def test_after_ten_seconds_nothing_is_left_and_it_is_too_late(post: Post) -> None:
    with freeze(datetime.now().astimezone()) as time:
        post.delete("alice", undoable=True)
        time.tick(9)
        step()
        post.restore("alice")
        assert post.get_post() is not None
        post.delete("alice", undoable=True)
        time.tick(9)
        step()  # the first deletion is not what ends the second
        post.restore("alice")
        post.delete("alice", undoable=True)
        time.tick(11)
        step()
        with pytest.raises(TooLateToUndo):
            post.restore("alice")
    assert post.get_post() is None
    assert UserPosts.of("alice").count() == 0
    assert UserTimeline.of("alice").get_references().items == []


def test_only_who_deleted_it_takes_that_back(post: Post) -> None:
    post.delete("root", staff=True, undoable=True)
    for other in ("alice", "bob", "nobody"):
        with pytest.raises(PostNotFound):
            post.restore(other)
    assert post.get_post() is None
    post.restore("root")
    assert post.get_post() is not None


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_its_end_leaves_it_deleted(post: Post, when: str) -> None:
    with freeze(datetime.now().astimezone()) as time:
        post.delete("alice", undoable=True)
        time.tick(11)
        with fault_at("turn", when):
            step()
        step()
    assert post.get_post() is None
    assert UserPosts.of("alice").count() == 0


@pytest.fixture
def chat() -> Chat:
    return Chat.of(UserChats.of("alice").create_chat(["bob"]).chat_id)


def unread_by_bob() -> list[int]:
    step()
    return [ref.unread for ref in UserChats.of("bob").get_chats().items]


def test_a_deleted_message_is_gone_for_all_and_comes_back_whole(chat: Chat) -> None:
    message_id = chat.send("alice", "Hello").message_id
    chat.like(message_id, "bob", "love")
    [before] = chat.get_messages([message_id], "bob")
    assert unread_by_bob() == [1]
    chat.remove(message_id, "alice", undoable=True)
    assert chat.get_messages([message_id], "bob") == []
    [place] = chat.get_messages([message_id], "bob", deleted=True)
    assert (place.content, place.likes) == ("", {})
    assert unread_by_bob() == [0]
    assert chat.get_restorable([message_id], "alice") == [message_id]
    assert chat.get_restorable([message_id], "bob") == []
    with pytest.raises(MessageNotFound):
        chat.restore(message_id, "bob")
    for _ in range(2):
        chat.restore(message_id, "alice")
    [after] = chat.get_messages([message_id], "bob")
    assert after == before.model_copy(update={"updated_at": after.updated_at})
    assert unread_by_bob() == [1]


def test_after_ten_seconds_nothing_of_a_message_is_left(chat: Chat) -> None:
    message_id = chat.send("alice", "Lemons").message_id
    with freeze(datetime.now().astimezone()) as time:
        chat.remove(message_id, "alice", undoable=True)
        time.tick(11)
        step()
        with pytest.raises(TooLateToUndo):
            chat.restore(message_id, "alice")
    assert chat.get_restorable([message_id], "alice") == []
    assert chat.get_messages([message_id], "bob") == []
