"""The social network's API as one caller uses it."""

from tests import callers
from tests.callers import refusal

__all__ = ["BASE", "Api", "refusal"]

BASE = "/api/v1/social-net"


class Api(callers.Api):
    """Paths are given below the social network's own base."""

    def __init__(self, name: str, token: str | None) -> None:
        super().__init__(name, token, BASE)

    def write(self, content: str = "hello") -> str:
        """Write a post; its id."""
        answer = self.post(f"/users/{self.name}/posts", {"content": content})
        assert answer.status_code == 201, answer.content
        post_id: str = answer.json()["post_id"]
        return post_id
