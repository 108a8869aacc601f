"""Which types there are, with their methods' schemas, and how an agent's id is spelled."""

from __future__ import annotations

import inspect
from typing import NamedTuple

from agents_core import registry
from agents_core.agent import AgentBase, DurableAgent
from agents_core.errors import UnknownAgentType
from agents_core.identity import split_id, split_key
from agents_core.methods import MethodSpec
from agents_core.shown import MethodView, ParameterView, TypePage, TypeView


class Named(NamedTuple):
    """An agent's one spelling. `agent_class` is None for a type the code no longer knows."""

    id: str
    type_name: str
    agent_class: type[AgentBase] | None

    @property
    def known_class(self) -> type[AgentBase]:
        """The class; UnknownAgentType, if the code has none."""
        if self.agent_class is None:
            raise UnknownAgentType(agent_type=self.type_name)
        return self.agent_class


def identify(agent_id: str) -> Named:
    """The agent of an id, spelled as its type spells it; refuses what no agent can be called."""
    type_name, key = split_id(agent_id)
    agent_class = registry.known(type_name)
    if agent_class is None:
        return Named(agent_id, type_name, None)
    return Named(agent_class.id_of(*split_key(key)), type_name, agent_class)


def types() -> TypePage:
    """Every type this process knows."""
    return TypePage(items=[_type_view(agent_class) for agent_class in registry.all_types()])


def _type_view(agent_class: type[AgentBase]) -> TypeView:
    durable = agent_class if issubclass(agent_class, DurableAgent) else None
    return TypeView(
        type=agent_class.agent_type,
        kind="durable" if durable else "ephemeral",
        description=_text_of(agent_class),
        versions=registry.versions_of(agent_class.agent_type),
        parameters=[
            ParameterView(name=parameter, json_schema=adapter.json_schema())
            for parameter, adapter in agent_class.parameters.items()
        ],
        methods=[_method_view(spec) for spec in agent_class.methods.values()],
        collections=sorted(durable.collections) if durable else [],
        state=durable.state_adapter.json_schema() if durable else None,
    )


def _method_view(spec: MethodSpec) -> MethodView:
    return MethodView(description=_text_of(spec.function), **spec.schemas())


def _text_of(thing: object) -> str:
    # an undocumented class would show its base's
    return inspect.cleandoc(getattr(thing, "__doc__", None) or "")
