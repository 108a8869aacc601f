from collections.abc import Iterator

import pytest

from agents_core import registry
from agents_core.errors import AgentError
from tests.agents_core import agents


@pytest.fixture
def definitions() -> Iterator[None]:
    """Forget the agent types and refusals that a test defines."""
    types, codes = dict(registry._types), dict(AgentError._by_code)
    yield
    registry._types.clear()
    registry._types.update(types)
    AgentError._by_code.clear()
    AgentError._by_code.update(codes)


@pytest.fixture(autouse=True)
def nobody_stalls() -> Iterator[None]:
    agents.stalling.clear()
    agents.go_on.clear()
    yield
    agents.go_on.set()
