"""What the social network keeps of a person: handed out, or erased."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from accounts.personal import Exported, Keeper, as_json, register
from agents_core import operations
from agents_core.errors import NoSuchAgent
from agents_core.files import open_file
from agents_core.operators import messages
from socialnet.agents.bookmarks import Bookmarks
from socialnet.agents.chat import Chat
from socialnet.agents.notifications import Notifications
from socialnet.agents.post import Post
from socialnet.agents.timelines_updater import TimelinesUpdater
from socialnet.agents.user import User
from socialnet.agents.user_chats import UserChats
from socialnet.agents.user_posts import UserPosts
from socialnet.agents.user_timeline import UserTimeline

PAGE = 200
OWN = (UserTimeline, TimelinesUpdater, UserChats, UserPosts, Notifications, Bookmarks, User)
ERASING = "erasing"
"""Who does it, in the journal of operations."""


def export(user_id: str) -> Iterator[Exported]:
    """Profile, connections, posts, bookmarks, chats, notifications, picture."""
    user = User.of(user_id).get_user()
    if user is None:
        return
    yield "profile.json", as_json(user.model_dump())
    picture = User.of(user_id).get_avatar()
    if picture is not None:
        with open_file(picture) as file:
            yield picture.name, file.read()
    yield "connections.json", as_json(list(_paged(User.of(user_id).get_connections, None)))
    yield "notifications.json", as_json(list(_paged(Notifications.of(user_id).get_notifications)))
    yield "bookmarks.json", as_json(list(_paged(Bookmarks.of(user_id).get_bookmarks)))
    for ref in _paged(UserPosts.of(user_id).get_posts):
        post = Post.of(ref["post_id"]).get_post(user_id)
        if post is not None:
            yield f"posts/{post.post_id}.json", as_json(post.model_dump())
    for ref in _paged(UserChats.of(user_id).get_chats):
        yield from _chat(user_id, ref["chat_id"])


def _chat(user_id: str, chat_id: str) -> Iterator[Exported]:
    """What this person sees of a chat, a file for each stretch."""
    before: str | None = None
    number = 1
    while True:
        chat = Chat.of(chat_id).get_chat(user_id, False, before, PAGE)
        if chat is None:
            return
        yield f"chats/{chat_id}/{number:05}.json", as_json(chat.model_dump())
        if not chat.older_messages:
            return
        before, number = chat.next_before, number + 1


def erase(user_id: str) -> bool:
    """Leave everybody and take down every post; when all have heard of it, forget the rest."""
    while User.of(user_id).leave_everybody():
        pass
    for ref in list(_paged(UserPosts.of(user_id).get_posts)):
        post = Post.of(ref["post_id"])
        if post.get_brief() is not None:
            post.delete(user_id)
        post.vanish()  # one that was deleted a moment ago, too
        _delete(post.id)  # what it sent to take itself off everybody's timeline stays sent
    for ref in list(_paged(UserChats.of(user_id).get_chats)):
        chat = Chat.of(ref["chat_id"]).get_chat(user_id)
        if chat is not None and user_id in chat.participants:
            Chat.of(ref["chat_id"]).remove_participant(user_id, user_id)
    own = [agent.id_of(user_id) for agent in OWN]
    if any(messages(agent_id, kinds=["message"]).items for agent_id in own):
        return False
    for agent_id in own:
        _delete(agent_id)
    return True


def _delete(agent_id: str) -> None:
    """With its history and its files; what is gone already is fine."""
    with suppress(NoSuchAgent):
        operations.delete(agent_id, by=ERASING)


def _paged(read: Callable[..., Any], *given: Any) -> Iterator[dict[str, Any]]:
    """All of a list, page by page."""
    cursor: str | None = None
    while True:
        page = read(*given, PAGE, cursor)
        for item in page.items:
            yield item.model_dump()
        cursor = page.next_cursor
        if cursor is None:
            return


register(Keeper("the social network", export, erase))
