"""Makes the demo world through the agents' own methods."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from agents_core import calling, hints, mailbox
from agents_core.clock import now, ordered_uuid, to_micros
from socialnet.agents.schemas import UserView
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.demo.people import Person
from socialnet.demo.plan import VISITOR, Plan, PlannedPost, draw

SIGN_IN_AS = VISITOR

Progress = Callable[[int, int, str], None]
"""Told after every step: how many are done, of how many, and what is being done."""

Step = tuple[str, Callable[[], object]]


def load(progress: Progress | None = None, *, password: str | None = None) -> None:
    """Make the demo world, and wait until every post has arrived.

    Killed half-way it can be called again and goes on; called on a whole world it changes nothing.
    With a password the demo people can sign in with it, else nobody can sign in as them.
    """
    plan = draw()
    # There may be no workers yet, so the mail that the steps cause is kept for this process.
    with calling("demo-world"), hints.kept_here(User.lane) as mailed:
        steps = list(_steps(plan, _began(plan), password, partial(_deliver, mailed)))
        for done, (what, step) in enumerate(steps, start=1):
            step()
            if progress is not None:
                progress(done, len(steps), what)


def _began(plan: Plan) -> datetime:
    """When the world was first made: read off the visitor, whom the first call registers.

    A load that goes on after a kill must count from the same moment, or it would write every post
    a second time.
    """
    since_joining = timedelta(days=plan.days_since_joining[VISITOR])
    visitor = next(person for person in plan.people if person.user_id == VISITOR)
    view = _register(visitor, now() - since_joining)
    return min(view.created_at + since_joining, now())


def _steps(
    plan: Plan, began: datetime, password: str | None, deliver: Callable[[], object]
) -> Iterator[Step]:
    for person in plan.people:
        joined = began - timedelta(days=plan.days_since_joining[person.user_id])
        yield "People arrive", partial(_register, person, joined)
    for one, other in plan.friendships:
        yield "Friends meet", partial(User.of(one).connect, other, "friend", staff=True)
    for follower, followed in plan.followings:
        yield "Friends meet", partial(User.of(follower).connect, followed, "following")
    for asking, asked in plan.requests:
        yield "Friends meet", partial(User.of(asking).connect, asked, "friend")
    yield "Friends meet", deliver
    for post in plan.posts:
        yield "Stories are told", partial(_write, post, began)
        yield "Stories are told", deliver
    yield "Stories travel", mailbox.sweep
    yield "Doors open", partial(_open_accounts, plan, password)


def _register(person: Person, joined_at: datetime) -> UserView:
    email = f"{person.user_id}@example.org"
    return User.of(person.user_id).register(person.name, email, joined_at)


def _write(post: PlannedPost, began: datetime) -> None:
    at = began - post.age
    digest = hashlib.blake2b(post.content.encode(), digest_size=7).digest()
    # The same id on every load: a post that is there already is not written again.
    post_id = str(ordered_uuid(to_micros(at), int.from_bytes(digest)))
    UserPosts.of(post.user_id).import_post(post_id, post.content, at)


def _deliver(mailed: dict[str, None]) -> None:
    """Run the mail of these agents, and all that follows from it."""
    agent_ids = list(mailed)
    mailed.clear()
    mailbox.drain(agent_ids)


def _open_accounts(plan: Plan, password: str | None) -> None:
    """Let the people sign in. One hash serves all: a slow one each would take half a minute."""
    accounts = get_user_model()
    hashed = make_password(password)
    accounts.objects.bulk_create(
        [
            accounts(username=user_id, email=f"{user_id}@example.org", password=hashed)
            for user_id in (person.user_id for person in plan.people)
        ],
        ignore_conflicts=True,
    )
