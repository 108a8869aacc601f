"""What both apps refuse."""

from __future__ import annotations

from agents_core import Rejected


class PictureNotValid(Rejected):
    """This picture cannot be used: {reason}."""

    code = "picture_not_valid"
    status = 422
