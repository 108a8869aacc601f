"""The shop's API as one caller uses it."""

from tests import callers
from tests.callers import refusal

__all__ = ["BASE", "Api", "refusal"]

BASE = "/api/v1/shopping"


class Api(callers.Api):
    """Paths are given below the shop's own base."""

    def __init__(self, name: str, token: str | None) -> None:
        super().__init__(name, token, BASE)
