"""Avatars out of the pictures that people bring."""

from __future__ import annotations

from accounts.images import re_encoded

SIDE = 384  # the largest it is shown, on a screen with four pixels for one


def make_avatar(data: bytes) -> bytes:
    """A square WebP of at most 384 pixels a side: the middle of the picture, and nothing else that
    came with it. Refuses what is no picture, or too large a one."""
    return re_encoded(data, SIDE, square=True)
