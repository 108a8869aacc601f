"""Whom a post tells of what is done to it: those it concerns, and whoever is named."""

from __future__ import annotations

from collections.abc import Collection, Iterable

# Agents that write to each other import each other: as modules, so that any may come first.
from socialnet.agents import notifications, user
from socialnet.agents.audience import receives
from socialnet.agents.notices import EXCERPT, Notice, NoticeKind
from socialnet.agents.post_state import Comment, PostState


def tell_of_mentions(
    post_id: str,
    state: PostState,
    by: str,
    names: Iterable[str],
    *,
    comment: Comment | None = None,
    but: Collection[str] = (),
) -> None:
    """Tell those named in the post or comment who may read it, but for these."""
    told = [name for name in names if name != by and name not in but]
    if state.audience != "public" and told:
        readers = user.User.of(state.created_by).connections_among(told)
        told = [
            name
            for name in told
            if name == state.created_by
            or (name in readers and _reads(state, readers[name].connection_types))
        ]
    for name in told:
        _tell(name, "mention", by, post_id, comment=comment, text=(comment or state).content)


def tell_of_comment(
    post_id: str, state: PostState, comment: Comment, parent: Comment | None
) -> set[str]:
    """Tell the author of what is replied to, and of the post, each once; who that was."""
    told = {comment.created_by}
    if parent and parent.created_by not in told:
        told.add(parent.created_by)
        _tell(
            parent.created_by, "reply", comment.created_by, post_id, comment=parent, event=comment
        )
    if state.created_by not in told:
        told.add(state.created_by)
        _tell(state.created_by, "comment", comment.created_by, post_id, event=comment)
    return told


def tell_of_reaction(
    post_id: str, state: PostState, by: str, *, comment: Comment | None, reacts: bool
) -> None:
    """Tell the author of the post or comment, or take it back."""
    subject = comment or state
    if subject.created_by == by:
        return
    if reacts:
        _tell(subject.created_by, "like", by, post_id, comment=comment, text=subject.content)
    else:
        notices = notifications.Notifications.of(subject.created_by).trigger
        notices.withdraw("like", comment.comment_id if comment else post_id, by)


def _reads(state: PostState, types: Collection[str]) -> bool:
    """Whether somebody reads it who is this to its author."""
    if "friend" in types:
        return True
    return "follower" in types and receives(state.audience, "follower")


def _tell(
    user_id: str,
    kind: NoticeKind,
    by: str,
    post_id: str,
    *,
    comment: Comment | None = None,
    event: Comment | None = None,
    text: str = "",
) -> None:
    notice = Notice(
        kind=kind,
        subject=comment.comment_id if comment else post_id,
        actor=by,
        event=event.comment_id if event else "",
        post_id=post_id,
        text=(event.content if event else text)[:EXCERPT],
    )
    notifications.Notifications.of(user_id).trigger.add(notice)
