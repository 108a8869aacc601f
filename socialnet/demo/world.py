"""Makes the demo world through the agents' own methods."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from agents_core import Conflict, NotFound, calling, database, hints, mailbox
from agents_core.clock import now, ordered_uuid, to_micros
from socialnet.agents.schemas import UserView
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.demo import chats
from socialnet.demo.people import Person
from socialnet.demo.plan import VISITOR, Plan, PlannedPost, draw

SIGN_IN_AS = VISITOR

Progress = Callable[[int, int, str], None]
"""Told after every step: how many are done, of how many, and what is being done."""

Step = Callable[[], object]

CALLER = "demo-world"
THREADS = 8
# How many steps are taken between two looks at the mail, and two reports of progress.
TOGETHER = 40


def load(progress: Progress | None = None, *, password: str | None = None) -> None:
    """Make the demo world, and wait until every post has arrived.

    Killed half-way it can be called again and goes on; called on a whole world it changes nothing.
    With a password the demo people can sign in with it, else nobody can sign in as them.
    """
    plan = draw()
    chapters = list(_chapters(plan, _began(plan)))
    total = sum(len(steps) for _, steps in chapters)
    done = 0
    with _threads() as pool:
        for what, steps in chapters:
            for some in _batched(steps, TOGETHER):
                # There may be no workers yet, so the mail that the steps cause is run here.
                mailbox.drain(set().union(*pool.map(_take, some)))
                done += len(some)
                if progress is not None:
                    progress(done, total, what)
    mailbox.sweep()
    _open_accounts(plan, password)


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Threads to take steps on: what several do at once shares a turn, and so a commit."""
    all_here = Barrier(THREADS)

    def leave(_: int) -> None:
        all_here.wait()
        database.discard("turn")
        database.discard("ledger")

    with ThreadPoolExecutor(THREADS) as pool:
        try:
            yield pool
        finally:
            # Each thread has connections of its own; the barrier gives each thread one of these.
            list(pool.map(leave, range(THREADS)))


def _take(step: Step) -> set[str]:
    """Take a step; which agents have mail now."""
    with calling(CALLER), hints.collected(User.lane) as here:
        # On a later load people may have blocked each other or deleted what they wrote.
        with suppress(NotFound, Conflict):
            step()
        return set(here.kept)


def _batched(steps: Sequence[Step], size: int) -> Iterator[Sequence[Step]]:
    return (steps[start : start + size] for start in range(0, len(steps), size))


def _began(plan: Plan) -> datetime:
    """When the world was first made: read off the visitor, whom the first call registers.

    A load that goes on after a kill must count from the same moment, or it would write every post
    a second time.
    """
    since_joining = timedelta(days=plan.days_since_joining[VISITOR])
    visitor = next(person for person in plan.people if person.user_id == VISITOR)
    view = _register(visitor, now() - since_joining)
    return min(view.created_at + since_joining, now())


def _chapters(plan: Plan, began: datetime) -> Iterator[tuple[str, list[Step]]]:
    """What to do, in an order in which everything finds what it needs."""
    yield (
        "People arrive",
        [
            partial(
                _register, person, began - timedelta(days=plan.days_since_joining[person.user_id])
            )
            for person in plan.people
        ],
    )
    befriend = [
        partial(User.of(one).connect, other, "friend", staff=True)
        for one, other in plan.friendships
    ]
    follow = [partial(User.of(one).connect, other, "following") for one, other in plan.followings]
    ask = [partial(User.of(one).connect, other, "friend") for one, other in plan.requests]
    yield "Friends meet", [*befriend, *follow, *ask]
    yield "Stories are told", [partial(_write, post, began) for post in plan.posts]
    # One after the other: whose last message is the newest stands on top of the list.
    for talk in chats.talks():
        yield "Neighbours talk", [partial(chats.hold, talk, began)]
    yield "Neighbours listen", [partial(chats.read, talk, began) for talk in chats.talks()]


def _register(person: Person, joined_at: datetime) -> UserView:
    email = f"{person.user_id}@example.org"
    return User.of(person.user_id).register(person.name, email, joined_at)


def _write(post: PlannedPost, began: datetime) -> None:
    at = began - post.age
    digest = hashlib.blake2b(post.content.encode(), digest_size=7).digest()
    # The same id on every load: a post that is there already is not written again.
    post_id = str(ordered_uuid(to_micros(at), int.from_bytes(digest)))
    UserPosts.of(post.user_id).import_post(post_id, post.content, at)


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
