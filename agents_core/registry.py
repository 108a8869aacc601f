"""Every agent type by name. Filled by importing the modules in which the types are written."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from agents_core.errors import AgentVersionUnknown, DefinitionError, UnknownAgentType

if TYPE_CHECKING:
    from agents_core.agent import AgentBase

_types: dict[str, type[AgentBase]] = {}
"""The newest version of each."""
_versions: dict[tuple[str, int], type[AgentBase]] = {}


def register(agent_class: type[AgentBase]) -> None:
    """Add a version of a type; two of one name and version stop the start."""
    name, version = agent_class.agent_type, agent_class.version
    known = _versions.get((name, version))
    if known is not None and (known.__module__, known.__qualname__) != (
        agent_class.__module__,
        agent_class.__qualname__,
    ):
        raise DefinitionError(
            f"{agent_class.__module__}.{agent_class.__qualname__} and {known.__module__}."
            f"{known.__qualname__} are both called {name!r}: set `agent_type` in one of them, or "
            "another `version` if they are versions of one type."
        )
    newest = _types.get(name)
    if newest is not None and _is_durable(newest) != _is_durable(agent_class):
        raise DefinitionError(
            f"{agent_class.__module__}.{agent_class.__qualname__}: versions of {name!r} are either "
            "all durable or all ephemeral."
        )
    _versions[name, version] = agent_class
    if newest is None or newest.version <= version:
        _types[name] = agent_class


def _is_durable(agent_class: type[AgentBase]) -> bool:
    return hasattr(agent_class, "state_adapter")


def find(name: str) -> type[AgentBase]:
    """The newest version of that type, or the refusal that there is none."""
    try:
        return _types[name]
    except KeyError:
        raise UnknownAgentType(agent_type=name) from None


def known(name: str) -> type[AgentBase] | None:
    """The newest version of that type, if the code has it."""
    return _types.get(name)


def find_version(name: str, version: int) -> type[AgentBase]:
    """That version of the type, or the refusal that the code has it no more, or not yet."""
    known = _versions.get((name, version))
    if known is None:
        find(name)
        raise AgentVersionUnknown(agent_type=name, version=version)
    return known


def all_types() -> list[type[AgentBase]]:
    """Every type in its newest version, by name."""
    return [_types[name] for name in sorted(_types)]


def versions_of(name: str) -> list[int]:
    """The versions of a type the code has, from the oldest."""
    return sorted(version for known, version in _versions if known == name)


def autodiscover(app: str) -> None:
    """Import every module of the app's `agents` package, so that its types are known."""
    package = importlib.import_module(f"{app}.agents")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
