"""Comments on a post: writing, changing, reacting, taking back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from socialnet.access import (
    get_brief_post_for,
    get_comment_edits_for,
    get_comment_for,
    get_comment_likes_for,
    open_to,
)
from socialnet.agents.errors import (
    CommentNotFound,
    CommentNotYours,
    CommentsClosed,
    ContentNotValid,
)
from socialnet.agents.post import Post
from socialnet.agents.schemas import CommentView, PostView
from socialnet.ids import is_uuid
from socialnet.views.page import (
    PAGE_SIZE,
    PageRequest,
    back,
    cursor_of,
    done,
    once,
    page,
    post_id_of,
)
from socialnet.views.post_cards import CommentCard, comment_cards, post_cards
from socialnet.views.posts import kind_of, show_reactions


@require_http_methods(["GET", "POST"])
@page
def comments(request: PageRequest, post_id: str) -> HttpResponse:
    """A form to comment on the post, or on its comment `parent`; sending it says it once."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    asked = request.POST if request.method == "POST" else request.GET
    parent = parent_of(request, found, asked.get("parent", ""))
    context: dict[str, Any] = {"parent": parent, "in_card": asked.get("place") == "card"}
    if request.method == "POST":
        return say(request, found, context)
    if found.post_id not in open_to(request.caller, [found]):
        raise CommentsClosed(post_id=found.post_id)
    return show_form(request, found, context, 200)


def say(request: PageRequest, found: PostView, context: dict[str, Any]) -> HttpResponse:
    """Comment, and show that where the form stood."""
    viewer, parent = request.caller, context["parent"]
    content = request.POST.get("content", "")
    try:
        with once(request):
            comment_id = (
                Post.of(found.post_id)
                .comment(viewer.user_id, content, parent.comment_id if parent else None)
                .comment_id
            )
    except ContentNotValid as refusal:
        error = refusal.message if content.strip() else "Write something first."
        return show_form(request, found, context | {"said": content, "error": error}, 422)
    if not request.htmx:
        address = reverse("post", args=[found.post_id])
        return redirect(f"{address}?comment={comment_id}#comment-{comment_id}")
    now = get_brief_post_for(viewer, found.post_id)
    [card] = post_cards([now], viewer)
    context |= {"post": card}
    if context["in_card"]:
        return done(request, render(request, "socialnet/_post.html", context), "Comment posted")
    context["comment"] = card_of(request, now, comment_id)
    return done(request, render(request, "socialnet/_said.html", context), "Comment posted")


def show_form(
    request: PageRequest, found: PostView, context: dict[str, Any], status: int
) -> HttpResponse:
    """The form by itself, or on a page with what it is about."""
    [card] = post_cards([found], request.caller)
    template = "socialnet/_say.html" if request.htmx else "socialnet/say.html"
    context |= {"post": card, "focus": True}
    response = render(request, template, context, status=status)
    if status == 422:
        parent: CommentCard | None = context["parent"]
        key = parent.comment_id if parent else found.post_id
        retarget(reswap(response, "outerHTML"), f"#say-form-{key}")
    return response


@require_http_methods(["GET", "POST"])
@page
def edit_comment(request: PageRequest, post_id: str, comment_id: str) -> HttpResponse:
    """Say it differently; only its author may."""
    found, comment = own_comment(request, post_id, comment_id)
    context: dict[str, Any] = {
        "post": found,
        "comment": comment,
        "content": comment.content,
        "limit": 2000,
    }
    if request.method == "GET":
        return render(request, "socialnet/edit.html", context)
    content = request.POST.get("content", "")
    try:
        with once(request):
            Post.of(found.post_id).edit_comment(request.caller.user_id, comment_id, content)
    except ContentNotValid as refusal:
        context |= {"content": content, "error": refusal.message}
        return render(request, "socialnet/edit.html", context, status=refusal.status)
    return done(request, redirect(address_of(found, comment_id)), "Changes saved")


@require_GET
@page
def comment_edits(request: PageRequest, post_id: str, comment_id: str) -> HttpResponse:
    """What the comment said before, the newest first."""
    found, comment = visible_comment(request, post_id, comment_id)
    edits = get_comment_edits_for(
        request.caller, found.post_id, comment_id, PAGE_SIZE, cursor_of(request)
    )
    context = {"now": comment, "edits": edits.items, "next_cursor": edits.next_cursor}
    context["back"] = address_of(found, comment_id)
    return render(request, "socialnet/edits.html", context)


@require_http_methods(["GET", "POST"])
@page
def delete_comment(request: PageRequest, post_id: str, comment_id: str) -> HttpResponse:
    """Ask, then take it back: one's own without others' replies, under one's own post with all."""
    viewer = request.caller
    found = get_brief_post_for(viewer, post_id_of(post_id))
    owns_post = viewer.may_act_for(found.created_by)
    comment = comment_of(request, found, comment_id, places=owns_post)
    if not owns_post and not viewer.may_act_for(comment.created_by):
        raise CommentNotYours(post_id=found.post_id, comment_id=comment_id)
    if request.method == "GET":
        context = {
            "title": "Delete this comment?",
            "text": "Its replies go with it."
            if owns_post
            else "What others replied stays, without what you said.",
            "quote": comment.content,
            "button": "Delete comment",
            "back": address_of(found, comment_id),
        }
        return render(request, "socialnet/confirm.html", context)
    with once(request):
        Post.of(found.post_id).delete_comment(
            viewer.user_id, comment_id, viewer.is_staff, keep_replies=not owns_post
        )
    response = HttpResponse() if request.htmx else redirect("post", found.post_id)
    return done(request, response, "Comment deleted")


@require_POST
@page
def react_comment(request: PageRequest, post_id: str, comment_id: str) -> HttpResponse:
    """React as `like_type` says, or not at all; the same again changes nothing."""
    found, _ = visible_comment(request, post_id, comment_id)
    post, kind = Post.of(found.post_id), kind_of(request)
    with once(request):
        if kind:
            post.like_comment(request.caller.user_id, comment_id, kind)
        else:
            post.unlike_comment(request.caller.user_id, comment_id)
    if not request.htmx:
        return back(request, address_of(found, comment_id))
    card = card_of(request, found, comment_id)
    return render(request, "socialnet/_reactions.html", {"r": card.reactions})


@require_GET
@page
def comment_reactions(request: PageRequest, post_id: str, comment_id: str) -> HttpResponse:
    """Who reacted, the newest first; for htmx the next ones alone."""
    found, comment = visible_comment(request, post_id, comment_id)
    likes = get_comment_likes_for(
        request.caller, found.post_id, comment_id, PAGE_SIZE, cursor_of(request)
    )
    card = card_of(request, found, comment_id)
    context = {"r": card.reactions, "post_id": found.post_id, "quote": comment.content}
    return show_reactions(request, likes, context)


def parent_of(request: PageRequest, found: PostView, comment_id: str) -> CommentCard | None:
    """The comment that is replied to, if it is one."""
    if not comment_id:
        return None
    return card_of(request, found, comment_id)


def card_of(request: PageRequest, found: PostView, comment_id: str) -> CommentCard:
    """One comment as the page shows it."""
    comment = comment_of(request, found, comment_id)
    [card] = comment_cards([comment], found, request.caller)
    return card


def visible_comment(
    request: PageRequest, post_id: str, comment_id: str
) -> tuple[PostView, CommentView]:
    """The comment and its post, if the viewer may see them."""
    found = get_brief_post_for(request.caller, post_id_of(post_id))
    return found, comment_of(request, found, comment_id)


def comment_of(
    request: PageRequest, found: PostView, comment_id: str, *, places: bool = False
) -> CommentView:
    """A comment on that post, or with `places` the one that a deleted comment has left."""
    if is_uuid(comment_id):
        comment = get_comment_for(request.caller, found.post_id, comment_id)
        if places or comment.deleted_at is None:
            return comment
    raise CommentNotFound(post_id=found.post_id, comment_id=comment_id[:36])


def own_comment(
    request: PageRequest, post_id: str, comment_id: str
) -> tuple[PostView, CommentView]:
    """A comment of the viewer's; nobody changes what another has said."""
    found, comment = visible_comment(request, post_id, comment_id)
    if comment.created_by != request.caller.user_id:
        raise CommentNotYours(post_id=found.post_id, comment_id=comment_id)
    return found, comment


def address_of(found: PostView, comment_id: str) -> str:
    """Where a comment stands on the post's page."""
    address = reverse("post", args=[found.post_id])
    return f"{address}?comment={comment_id}#comment-{comment_id}"
