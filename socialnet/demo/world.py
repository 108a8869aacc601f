"""Makes the demo world through the agents' own methods."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from agents_core import calling
from agents_core.clock import ordered_uuid, to_micros
from socialnet.agents.user import User
from socialnet.agents.user_posts import UserPosts
from socialnet.demo.plan import VISITOR, Plan, PlannedPost, draw

SIGN_IN_AS = VISITOR

Progress = Callable[[int, int, str], None]
"""Told after every step: how many are done, of how many, and what is being done."""


def load(progress: Progress | None = None, *, password: str | None = None) -> None:
    """Make the demo world, and wait until every post has arrived.

    Killed half-way it can be called again and goes on; called on a whole world it changes nothing.
    With a password the demo people can sign in with it, else nobody can sign in as them.
    """
    plan = draw()
    steps = list(_steps(plan, password))
    with calling("demo-world"):
        for done, (what, step) in enumerate(steps, start=1):
            step()
            if progress is not None:
                progress(done, len(steps), what)
