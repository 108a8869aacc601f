"""Every agent type by name. Filled by importing the modules in which the types are written."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from agents_core.errors import DefinitionError, UnknownAgentType

if TYPE_CHECKING:
    from agents_core.agent import AgentBase

_types: dict[str, type[AgentBase]] = {}


def register(agent_class: type[AgentBase]) -> None:
    """Add a type; two of one name stop the start."""
    name = agent_class.agent_type
    known = _types.get(name)
    if known is not None and (known.__module__, known.__qualname__) != (
        agent_class.__module__,
        agent_class.__qualname__,
    ):
        raise DefinitionError(
            f"{agent_class.__module__}.{agent_class.__qualname__} and {known.__module__}."
            f"{known.__qualname__} are both called {name!r}: set `agent_type` in one of them."
        )
    _types[name] = agent_class


def find(name: str) -> type[AgentBase]:
    """The class of that name, or the refusal that there is none."""
    try:
        return _types[name]
    except KeyError:
        raise UnknownAgentType(agent_type=name) from None


def all_types() -> list[type[AgentBase]]:
    """Every type, by name."""
    return [_types[name] for name in sorted(_types)]


def autodiscover(app: str) -> None:
    """Import every module of the app's `agents` package, so that its types are known."""
    package = importlib.import_module(f"{app}.agents")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
