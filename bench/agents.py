"""The measured agent: a document of 1 KB, a command with one small argument, a query of it all."""

from __future__ import annotations

from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, command, query


class CounterState(BaseModel):
    """A document as applications have them: some fields, some text, a list and a mapping."""

    count: int = 0
    title: str
    text: str
    owner: str
    tags: list[str]
    tallies: dict[str, int]


class BenchCounter(DurableAgent):
    """A counter with ballast. Parameters: its number."""

    number: Parameter[int]
    state: CounterState | None

    @command
    def add(self, amount: int) -> int:
        """Count on; every call counts."""
        if self.state is None:
            self.state = document()
        self.state.count += amount
        return self.state.count

    @query
    def get_counter(self) -> CounterState | None:
        """The whole document."""
        return self.state


def document() -> CounterState:
    """A document of 1,024 bytes of JSON."""
    state = CounterState(
        title="A counter that carries what a document of this size usually carries",
        text="",
        owner="0198c2f4-7a51-7cc3-98c4-dc0c0c07398f",
        tags=["measured", "durable", "ordinary", "kept", "in", "one", "row"],
        tallies={f"2026-{month:02}": month * 1_000 for month in range(1, 13)},
    )
    missing = 1024 - len(state.model_dump_json())
    state.text = ("Words that somebody wrote and others read. " * 24)[:missing]
    return state
