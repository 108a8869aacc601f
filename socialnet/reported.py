"""What people of the social network may report: people, posts, comments, messages."""

from django.urls import reverse

from accounts import names
from accounts.caller import Person
from accounts.reports import Found, Subject, register
from agents_core import NotFound
from socialnet.access import get_brief_post_for, get_comment_for, get_user_for
from socialnet.agents.chat import Chat
from socialnet.agents.errors import MessageNotFound
from socialnet.agents.post import Post
from socialnet.ids import is_uuid


class NothingThere(NotFound):
    """There is no such thing, or you may not see it."""

    code = "nothing_there"


def find_person(viewer: Person, path: str) -> Found:
    """Somebody, by user id: their name and what they say of themselves."""
    if not names.is_valid(path):
        raise NothingThere
    user = get_user_for(viewer, path)
    said = [part for part in (user.name, user.bio) if part]
    return Found(
        author=user.user_id,
        text="\n".join(said),
        created_at=user.created_at,
        address=reverse("profile", args=[user.user_id]),
    )


def find_post(viewer: Person, path: str) -> Found:
    """A post, by its id."""
    [post_id] = ids_in(path, 1)
    post = get_brief_post_for(viewer, post_id)
    return Found(
        author=post.created_by,
        text=post.content,
        created_at=post.created_at,
        address=reverse("post", args=[post_id]),
    )


def find_comment(viewer: Person, path: str) -> Found:
    """A comment, by the ids of its post and its own."""
    post_id, comment_id = ids_in(path, 2)
    comment = get_comment_for(viewer, post_id, comment_id)
    return Found(
        author=comment.created_by,
        text=comment.content,
        created_at=comment.created_at,
        address=reverse("post", args=[post_id]),
    )


def find_message(viewer: Person, path: str) -> Found:
    """A message, by the ids of its chat and its own."""
    chat_id, message_id = ids_in(path, 2)
    found = Chat.of(chat_id).get_messages([message_id], viewer.user_id, viewer.is_staff)
    if not found:
        raise MessageNotFound(message_id=message_id)
    return Found(
        author=found[0].created_by,
        text=found[0].content,
        created_at=found[0].created_at,
        address="",
    )


def remove_post(path: str, staff: Person) -> None:
    """Delete the post for everybody."""
    [post_id] = ids_in(path, 1)
    post = Post.of(post_id)
    post.vanish()  # if its author has deleted it a moment ago, that is not undone any more
    post.delete(by=staff.user_id, staff=True)


def remove_comment(path: str, staff: Person) -> None:
    """Delete the comment; what others replied stays."""
    post_id, comment_id = ids_in(path, 2)
    Post.of(post_id).delete_comment(staff.user_id, comment_id, True, True)


def remove_message(path: str, staff: Person) -> None:
    """Take the message away from all who take part."""
    chat_id, message_id = ids_in(path, 2)
    chat = Chat.of(chat_id)
    chat.forget_message(message_id)
    chat.remove(message_id, staff.user_id, True)


def ids_in(path: str, count: int) -> list[str]:
    """So many ids out of an address; what cannot be one is not found, like any other."""
    ids = path.lower().split("/")
    if len(ids) != count or not all(map(is_uuid, ids)):
        raise NothingThere
    return ids


for subject in (
    Subject(kind="person", label="this person", find=find_person),
    Subject(kind="post", label="this post", find=find_post, remove=remove_post),
    Subject(kind="comment", label="this comment", find=find_comment, remove=remove_comment),
    Subject(kind="message", label="this message", find=find_message, remove=remove_message),
):
    register(subject)
