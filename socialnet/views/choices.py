"""For whom a post is and who may comment, as forms offer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from socialnet.agents.schemas import Audience, Commenting

T = TypeVar("T", bound=str)

AUDIENCE: dict[Audience, str] = {
    "public": "For everybody",
    "followers": "For followers and friends",
    "friends": "For friends",
}
COMMENTING: dict[Commenting, str] = {
    "everyone": "All may comment",
    "connections": "Connections may comment",
    "nobody": "Nobody may comment",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One of several, and whether it is the present one."""

    value: str
    label: str
    current: bool


def chosen(options: Mapping[T, str], asked: str | None) -> T:
    """What was chosen; the first where that is none of the options."""
    return next((one for one in options if one == asked), next(iter(options)))


def offered(options: Mapping[T, str], current: str | None) -> list[Option]:
    """The options as a form shows them."""
    now = chosen(options, current)
    return [Option(value, label, value == now) for value, label in options.items()]
