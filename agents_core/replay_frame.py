"""What the calls of a replayed command go through: the record, to which they are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from agents_core import oplog
from agents_core.context import Invocation, Target, Then
from agents_core.errors import AgentError


class Diverged(Exception):
    """A replayed command did something else than it did then."""

    def __init__(self, index: int, what: str, expected: object, got: object) -> None:
        super().__init__(f"entry {index}: {what}: expected {expected!r}, got {got!r}")
        self.index = index
        self.what = what
        """What differs: result, refusal, call, message, method, exit."""
        self.expected = expected
        self.got = got

    def to_json(self) -> dict[str, object]:
        """The difference, for an entry or an operator."""
        return {
            "index": self.index,
            "what": self.what,
            "expected": self.expected,
            "got": self.got,
        }


class ReplayFrame(Invocation):
    """One recorded command run again. Whatever its agent catches, a divergence ends it."""

    __slots__ = ("_agent_id", "_calls", "_diverged", "_index", "_sent", "exits")

    def __init__(self, agent_id: str, index: int, entry: Mapping[str, Any]) -> None:
        super().__init__(entry["time"], entry.get("caller"), entry["seed"])
        self._agent_id = agent_id
        self._index = index
        self._calls = iter(entry.get("calls", ()))
        self._sent = iter(entry.get("sent", ()))
        self._diverged: Diverged | None = None
        self.exits = False

    @property
    def creates(self) -> bool:
        return self._index == 1

    def as_caller(self) -> str:
        return self._agent_id

    def exit(self) -> None:
        self.exits = True

    def expect_no_divergence(self) -> None:
        """Raise what the command may have caught."""
        if self._diverged is not None:
            raise self._diverged

    def expect_end(self) -> None:
        """All that was called and sent then was called and sent now."""
        self.expect_no_divergence()
        for what, rest in (("call", self._calls), ("message", self._sent)):
            left = next(rest, None)
            if left is not None:
                raise self._differs(what, left, None)

    def query(self, target: Target, *, fresh: bool) -> Any:
        if fresh:
            raise TypeError("within a command, await a command of the other agent instead of fresh")
        return self._answer(target, target.agent_id)

    def query_many(self, target: Target, agent_ids: Sequence[str]) -> list[Any]:
        return [self._answer(target, agent_id) for agent_id in agent_ids]

    def command(self, target: Target) -> Any:
        return self._answer(target, target.agent_id)

    def send(self, target: Target) -> str:
        return self._message(target, target.agent_id)

    def send_many(self, target: Target, agent_ids: Sequence[str], lane: str | None) -> None:
        if agent_ids:
            self._message(target, f"{len(agent_ids)} agents")

    def schedule(self, target: Target, at: datetime, name: str | None) -> str:
        named = {} if name is None else {"name": name}
        id_ = self._message(target, target.agent_id, at=orjson.loads(orjson.dumps(at)), **named)
        return name or id_

    def unschedule(self, agent_id: str, name: str) -> bool:
        recorded = next(self._sent, None)
        got = {"cancelled": name, "to": agent_id}
        self._compare("message", recorded, got, ("found",))
        assert recorded is not None
        found: bool = recorded["found"]
        return found

    def ask(self, target: Target, then: Then | None) -> str:
        asked: dict[str, Any] = {}
        if then is not None:
            asked["then"] = {"method": then.method, "args": orjson.loads(then.args)}
        return self._message(target, target.agent_id, id_as="effect", **asked)

    def _answer(self, target: Target, agent_id: str) -> Any:
        recorded = next(self._calls, None)
        got = {
            "agent": agent_id,
            "method": target.spec.name,
            "args": orjson.loads(target.args),
        }
        self._compare("call", recorded, got, ("result", "refusal", "fault"))
        assert recorded is not None
        if "refusal" in recorded:
            raise AgentError.from_json(recorded["refusal"])
        if "fault" in recorded:
            raise oplog.raised(recorded["fault"])
        return target.spec.load_result(orjson.dumps(recorded["result"]))

    def _message(self, target: Target, to: str, *, id_as: str = "id", **more: Any) -> str:
        recorded = next(self._sent, None)
        got = {"to": to, "method": target.spec.name, "args": orjson.loads(target.args), **more}
        self._compare("message", recorded, got, (id_as,))
        assert recorded is not None
        id_: str = recorded[id_as]
        return id_

    def _compare(
        self,
        what: str,
        recorded: dict[str, Any] | None,
        got: dict[str, Any],
        answers: tuple[str, ...],
    ) -> None:
        """Raise where what is asked now is not what was asked then; its answer is not compared."""
        asked = None
        if recorded is not None:
            asked = {name: value for name, value in recorded.items() if name not in answers}
        if asked != got:
            raise self._differs(what, asked, got)

    def _differs(self, what: str, expected: object, got: object) -> Diverged:
        diverged = Diverged(self._index, what, expected, got)
        self._diverged = self._diverged or diverged
        return diverged
