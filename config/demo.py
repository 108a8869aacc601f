"""The demo world: a small town, and the shop on its square."""

from __future__ import annotations

import shop.demo
import socialnet.demo
from socialnet.demo import SIGN_IN_AS, Progress
from socialnet.demo.plan import draw

__all__ = ["SIGN_IN_AS", "load"]


def load(progress: Progress | None = None, *, password: str | None = None) -> None:
    """Make it all. Killed half-way it can be called again and goes on; whole, nothing changes.

    With a password the demo people can sign in with it, else nobody can sign in as them.
    """
    shop.demo.stock(progress)
    socialnet.demo.load(progress, password=password)
    shop.demo.place_orders([person.user_id for person in draw().people], progress)
