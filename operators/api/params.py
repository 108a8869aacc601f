"""How an agent's id is read off a path.

An id is the type and the quoted parameters: `plumbing:3/a%2Fb`. In an address it is text like any
other and quoted as such, `plumbing:3/a%252Fb`; its own slashes and colon may stay as they are. So
what follows an id is told from it by the number of parameters its type takes.
"""

from typing import Annotated

from django.urls import register_converter
from ninja import Path
from pydantic import AfterValidator

from agents_core import operators, registry


class AnyIdConverter:
    """Whatever is written there."""

    regex = ".+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class AgentIdConverter(AnyIdConverter):
    """An id with as many parameters as its type takes, so that what follows is no part of it."""

    def to_python(self, value: str) -> str:
        type_name, _, key = value.partition(":")
        agent_class = registry.known(type_name)
        expected = len(agent_class.parameters) if agent_class else 1
        if expected > 1 and key.count("/") != expected - 1:
            raise ValueError(f"{type_name} takes {expected} parameters")
        return value


register_converter(AnyIdConverter, "any_agent")
register_converter(AgentIdConverter, "agent")


def _spelled(agent_id: str) -> str:
    """The id as its type spells it; a parameter alone may have come with its slashes bare."""
    type_name, _, key = agent_id.partition(":")
    agent_class = registry.known(type_name)
    if agent_class is not None and len(agent_class.parameters) == 1:
        agent_id = f"{type_name}:{key.replace('/', '%2F')}"
    return operators.identify(agent_id).id


AgentId = Annotated[
    str,
    Path(description="The type and the URL-quoted parameters, such as `user-timeline:u001`."),
    AfterValidator(_spelled),
]
