"""What a running command's calls go through. All is recorded for its oplog entry."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import psycopg

from agents_core import clock, oplog, store
from agents_core.answering import call_nested
from agents_core.context import Invocation, Target, Then
from agents_core.drafts import effect_row
from agents_core.errors import AgentError, UploadGone
from agents_core.files import AgentFile, store_blob
from agents_core.frames import QueryFrame, run_query
from agents_core.methods import MethodSpec
from agents_core.store import MessageRow
from agents_core.text import storable_json

if TYPE_CHECKING:
    from agents_core.activation import Activation
    from agents_core.turn import Turn


class CommandFrame(Invocation):
    """What a running command's calls go through: the same turn, recorded."""

    __slots__ = (
        "activation", "calls", "chain", "exits", "mailed_before", "message", "sent", "spec", "turn",
    )  # fmt: skip

    def __init__(
        self,
        turn: Turn,
        activation: Activation,
        caller: str | None,
        moment: int,
        chain: tuple[str, ...],
        mailed_before: int,
        spec: MethodSpec,
        message: MessageRow | None = None,
    ) -> None:
        # spelt out: one is made for every command
        self.moment = moment
        self.caller = caller
        self.seed = random.getrandbits(53)
        self._random = None
        self.mailed_before = mailed_before
        """How many sends the turn's drafts had when the outermost command began."""
        self.turn = turn
        self.spec = spec
        self.activation = activation
        self.chain = chain
        self.message = message
        """What brought the command, unless it was called."""
        self.exits = False
        self.calls: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []

    @property
    def creates(self) -> bool:
        return self.activation.revision == 0

    def as_caller(self) -> str:
        return self.activation.id

    def exit(self) -> None:
        self.exits = True

    def facts(self) -> dict[str, str | None]:
        frames = reversed(self.turn.stack)
        outermost = next(frame for frame in frames if len(frame.chain) == 1)
        invocation = outermost.message or self.turn.call
        return {
            "request_id": self.turn.request_id,
            "agent_id": self.activation.id,
            "method": self.spec.name,
            "invocation_id": invocation.invocation_id if invocation else None,
        }

    def query(self, target: Target, *, fresh: bool) -> Any:
        """Read another agent: as this turn has it, else as it was last committed."""
        if fresh:
            raise TypeError("within a command, await a command of the other agent instead of fresh")
        active = self.turn.activations.get(target.agent_id)
        frame = QueryFrame(self.turn.connection, self.activation.id, self.moment, self)
        try:
            if active is None:
                row = store.read(self.turn.connection, target.agent_id)
                result = run_query(frame, target, row)
            else:
                result = run_query(frame, target, active.as_row(), active.items)
        except Exception as error:
            self._note_error(target, target.agent_id, error)
            raise
        return self._called(target, target.agent_id, result)

    def query_many(self, target: Target, agent_ids: Sequence[str]) -> list[Any]:
        """Read many agents with one statement; those of this turn as it has them."""
        activations = self.turn.activations
        rows = store.read_many(self.turn.connection, [i for i in agent_ids if i not in activations])
        frame = QueryFrame(self.turn.connection, self.activation.id, self.moment, self)
        results = []
        for agent_id in agent_ids:
            one = Target(target.agent_class, agent_id, target.spec, target.args)
            active, row = activations.get(agent_id), rows.get(agent_id)
            try:
                if active is not None:
                    encoded = run_query(frame, one, active.as_row(), active.items)
                else:
                    encoded = run_query(frame, one, row)
            except Exception as error:
                self._note_error(one, agent_id, error)
                raise
            results.append(self._called(one, agent_id, encoded))
        return results

    def command(self, target: Target) -> Any:
        try:
            result = call_nested(self, target)
        except Exception as error:
            self._note_error(target, target.agent_id, error)
            raise
        return self._called(target, target.agent_id, result)

    def _called(self, target: Target, agent_id: str, result: bytes) -> Any:
        self._note(target, agent_id, result=orjson.Fragment(result))
        return target.spec.load_result(result)

    def _note_error(self, target: Target, agent_id: str, error: Exception) -> None:
        """The caller may catch it: then it is part of what the command was told."""
        if isinstance(error, AgentError):
            refusal = orjson.Fragment(storable_json(error.to_json()))
            self._note(target, agent_id, refusal=refusal)
        elif not isinstance(error, psycopg.Error):  # which ends the turn
            self._note(target, agent_id, fault=oplog.fault_entry(error))

    def _note(self, target: Target, agent_id: str, **answer: Any) -> None:
        if self.activation.agent_class.oplog == "full":
            self.calls.append(
                {
                    "agent": agent_id,
                    "method": target.spec.name,
                    "args": orjson.Fragment(target.args),
                    **answer,
                }
            )

    def send(self, target: Target) -> str:
        id_ = self._next_message(target, target.agent_id)
        row = (target.agent_id, id_, self.activation.id, target.spec.name, target.args)
        self.turn.drafts.sent.append(row)
        self._mailed([target.agent_id], target, None)
        return str(id_)

    def send_many(self, target: Target, agent_ids: Sequence[str], lane: str | None) -> None:
        if not agent_ids:
            return
        id_ = self._next_message(target, f"{len(agent_ids)} agents")
        targets = list(dict.fromkeys(agent_ids))
        self.turn.drafts.sent_to_many.append(
            (id_, self.activation.id, target.spec.name, target.args, self.moment, targets)
        )
        self._mailed(targets, target, lane)

    def schedule(self, target: Target, at: datetime, name: str | None) -> str:
        named = {} if name is None else {"name": name}
        id_ = self._next_message(target, target.agent_id, at=at, **named)
        row = (clock.to_micros(at), self.activation.id, target.spec.name, target.args)
        name = name or str(id_)
        self.turn.drafts.schedules.append((target.agent_id, name, row))
        return name

    def unschedule(self, agent_id: str, name: str) -> bool:
        drafts = self.turn.drafts.schedules
        own = [row for id_, known, row in drafts if (id_, known) == (agent_id, name)]
        found = (
            own[-1] is not None
            if own
            else store.hold_schedule(self.turn.connection, agent_id, name)
        )
        drafts.append((agent_id, name, None))
        self.sent.append({"cancelled": name, "to": agent_id, "found": found})
        return found

    def keep_blob(self, file: AgentFile, data: bytes) -> None:
        store_blob(self.activation.id, file, data)

    def hold_blob(self, file: AgentFile) -> None:
        agent_id = self.activation.id
        if not store.hold_blob(self.turn.connection, agent_id, file.blob, file.name):
            raise UploadGone(agent_id=agent_id, name=file.name)

    def ask(self, target: Target, then: Then | None) -> str:
        """Have an effect run once this turn is committed; its id, which a replay finds again."""
        asker = self.activation
        if then is not None and then.agent_id != asker.id:
            raise TypeError(
                f"{asker.id}: .then takes a command of the asking agent, not of {then.agent_id}"
            )
        id_ = clock.message_id(self.moment, len(self.sent), asker.id)
        asked = {"effect": str(id_), "to": target.agent_id, "method": target.spec.name}
        self.sent.append({**asked, "args": orjson.Fragment(target.args)})
        if then is not None:
            self.sent[-1]["then"] = {"method": then.method, "args": orjson.Fragment(then.args)}
        asker.restless = True
        self.turn.drafts.effects.append(
            # due now: an agent's time may be ahead of the clock
            effect_row(asker.id, id_, target, then, asker.revision + 1, clock.micros())
        )
        return str(id_)

    def asked_effect(self) -> bool:
        """Whether it asked for an effect."""
        return any("effect" in sent for sent in self.sent)

    def _mailed(self, agent_ids: Sequence[str], target: Target, lane: str | None) -> None:
        chosen = lane or target.agent_class.lane  # type: ignore[attr-defined]
        self.turn.drafts.mailed.append((agent_ids, chosen, self.turn.request_id))

    def _next_message(self, target: Target, to: str, **more: Any) -> uuid.UUID:
        id_ = clock.message_id(self.moment, len(self.sent), self.activation.id)
        message = {"id": str(id_), "to": to, "method": target.spec.name}
        self.sent.append({**message, "args": orjson.Fragment(target.args), **more})
        return id_
