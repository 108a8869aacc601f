"""What others did that concerns the viewer, saying that it was read, and what to hear of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from socialnet.agents.notices import Notification, NotificationSettings
from socialnet.agents.notifications import Notifications
from socialnet.agents.schemas import ProfileView
from socialnet.ids import is_uuid
from socialnet.views.cards import PersonCard, person_cards, profiles_of
from socialnet.views.page import PAGE_SIZE, PageRequest, cursor_of, done, once, page
from socialnet.views.people import me_of

SHOWN_ACTORS = 3

# What one did, and what several did.
DID: dict[str, tuple[str, str]] = {
    "friend_request": ("wants to be your friend", "want to be your friends"),
    "friend_accepted": ("is your friend now", "are your friends now"),
    "follow": ("follows you", "follow you"),
    "mention": ("mentioned you", "mentioned you"),
    "comment": ("commented on your post", "commented on your post"),
    "reply": ("replied to your comment", "replied to your comment"),
    "like": ("reacted to your {thing}", "reacted to your {thing}"),
    "chat_invitation": ("added you to a chat", "added you to a chat"),
    "chat_request": ("wants to talk with you", "want to talk with you"),
}
LABELS: dict[str, tuple[str, str]] = {
    "friend_request": ("Friend requests", "Somebody wants to be your friend."),
    "friend_accepted": ("Accepted requests", "Somebody says yes to yours."),
    "follow": ("New followers", "Somebody begins to read what you post."),
    "mention": ("Mentions", "Somebody writes your @username."),
    "comment": ("Comments", "On what you post."),
    "reply": ("Replies", "To your comments."),
    "like": ("Reactions", "To your posts, comments and messages."),
    "chat_invitation": ("Chats", "Somebody you know adds you to one."),
    "chat_request": ("Message requests", "Somebody you do not know writes to you."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeCard:
    """A notification in words: who, what they did, and where that can be seen."""

    notification_id: str
    kind: str
    people: Sequence[ProfileView]
    others: int
    did: str
    url: str
    text: str
    unread: bool
    updated_at: datetime
    asks: PersonCard | None = None

    @property
    def count(self) -> int:
        """How many people it tells of."""
        return len(self.people) + self.others


@require_GET
@page
def notifications(request: PageRequest) -> HttpResponse:
    """The notifications, the latest news first; for htmx the list alone."""
    cursor = cursor_of(request)
    context = list_of(request, cursor)
    if request.htmx:
        part = "_notice_rows.html" if cursor else "_notices.html"
        return render(request, f"socialnet/{part}", context)
    context |= {"here": "notifications", "suggest": True}
    return render(request, "socialnet/notifications.html", context)


def list_of(request: PageRequest, cursor: str | None = None) -> dict[str, Any]:
    """A page of the notifications, as templates take it."""
    found = Notifications.of(request.caller.user_id).get_notifications(PAGE_SIZE, cursor)
    return {
        "notices": notice_cards(request, found.items),
        "next_cursor": found.next_cursor,
        "unread": found.unread,
        "until": found.items[0].updated_at if found.items else None,
        "older": cursor is not None,
    }


@require_POST
@page
def mark_read(request: PageRequest) -> HttpResponse:
    """One, or all that the page showed, have been read; saying so again changes nothing."""
    one = request.POST.get("notification", "")
    until = moment_of(request.POST.get("until", ""))
    with once(request):
        Notifications.of(request.caller.user_id).mark_read([one] if is_uuid(one) else None, until)
    if not request.htmx:
        return redirect("notifications")
    return render(request, "socialnet/_notices.html", list_of(request))


@require_http_methods(["GET", "POST"])
@page
def settings(request: PageRequest) -> HttpResponse:
    """Choose what to hear of."""
    mine = Notifications.of(request.caller.user_id)
    form = SettingsForm(request.POST or None, initial=mine.get_settings().model_dump())
    if request.method == "POST":
        chosen = {kind: kind in request.POST for kind in LABELS}
        with once(request):
            mine.set_settings(NotificationSettings(**chosen))
        return done(request, redirect("notifications"), "Saved")
    context = {"form": form, "here": "notifications"}
    return render(request, "socialnet/notification_settings.html", context)


class SettingsForm(forms.Form):
    """A box for each kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, (label, help_text) in LABELS.items():
            self.fields[kind] = forms.BooleanField(required=False, label=label, help_text=help_text)


def notice_cards(request: PageRequest, found: Sequence[Notification]) -> list[NoticeCard]:
    """The notifications in words; two statements for all of them."""
    shown = {actor for item in found for actor in item.actors[:SHOWN_ACTORS]}
    profiles = {profile.user_id: profile for profile in profiles_of(sorted(shown))}
    me = me_of(request)
    asking = [
        profiles[item.subject]
        for item in found
        if item.kind == "friend_request" and item.subject in profiles
    ]
    asks = {card.user_id: card for card in person_cards(asking, me)}
    return [
        notice_card(item, profiles, asks.get(item.subject), request.caller.user_id)
        for item in found
    ]


def notice_card(
    item: Notification, profiles: dict[str, ProfileView], asks: PersonCard | None, viewer: str
) -> NoticeCard:
    """One notification in words."""
    people = [profiles[actor] for actor in item.actors[:SHOWN_ACTORS] if actor in profiles]
    one, several = DID[item.kind]
    thing = "post" if item.subject == item.post_id else "comment" if item.post_id else "message"
    return NoticeCard(
        notification_id=item.notification_id,
        kind=item.kind,
        people=people,
        others=max(item.actor_count - len(people), 0),
        did=(one if item.actor_count == 1 else several).format(thing=thing),
        url=url_of(item, viewer),
        text=item.text,
        unread=item.unread,
        updated_at=item.updated_at,
        asks=asks if asks and asks.asks_me else None,
    )


def url_of(item: Notification, viewer: str) -> str:
    """Where one sees what happened."""
    if item.post_id:
        url, comment = reverse("post", args=[item.post_id]), item.event or item.subject
        return url if comment == item.post_id else f"{url}?comment={comment}#comment-{comment}"
    if item.chat_id:
        return reverse("chat", args=[item.chat_id])
    if item.kind == "follow" and item.actor_count > 1:
        return f"{reverse('connections', args=[viewer])}?type=follower"
    return reverse("profile", args=[item.actors[0]])


def moment_of(text: str) -> datetime | None:
    """A time out of a form; None where it is none."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None
