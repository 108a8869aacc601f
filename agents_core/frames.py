"""Queries: what a running query's calls go through, and how one is run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Never

from agents_core import clock, context, database, registry, store, trace
from agents_core.collections import Row
from agents_core.config import options
from agents_core.context import Invocation, Target, Then
from agents_core.errors import WriteInQuery
from agents_core.identity import split_id
from agents_core.methods import find_method
from agents_core.wire import Connection

if TYPE_CHECKING:
    from agents_core.files import AgentFile


class ItemReader:
    """The committed items of one agent's collections, now or as of a revision that ended a turn."""

    __slots__ = ("agent_id", "as_of", "connection")

    def __init__(self, connection: Connection, agent_id: str, as_of: int | None = None) -> None:
        self.connection = connection
        self.agent_id = agent_id
        self.as_of = as_of

    def get_items(self, name: str, keys: list[str], *, newest: int | None) -> list[Row]:
        return store.get_items(
            self.connection, self.agent_id, name, keys, newest=newest, as_of=self.as_of
        )

    def page_items(
        self,
        name: str,
        *,
        after: tuple[int, str] | None,
        limit: int,
        oldest_first: bool,
        newest: int | None,
    ) -> list[Row]:
        return store.page_items(
            self.connection,
            self.agent_id,
            name,
            after=after,
            limit=limit,
            oldest_first=oldest_first,
            newest=newest,
            floor=None,
            as_of=self.as_of,
        )

    def walk_items(self, name: str, *, after: str, limit: int, newest: int | None) -> list[Row]:
        return store.walk_items(
            self.connection,
            self.agent_id,
            name,
            after=after,
            limit=limit,
            newest=newest,
            floor=None,
            as_of=self.as_of,
        )

    def count_items(self, name: str) -> int:
        return store.count_items(self.connection, self.agent_id, name, floor=None, as_of=self.as_of)

    def put_item(self, name: str, key: str, item: str, sort: int) -> None:
        self._refuse(name)

    def remove_item(self, name: str, key: str) -> None:
        self._refuse(name)

    def trim_items(self, name: str, newest: int) -> None:
        self._refuse(name)

    def clear_items(self, name: str) -> None:
        self._refuse(name)

    def _refuse(self, name: str) -> Never:
        raise WriteInQuery(f"{self.agent_id}: a query cannot change the collection {name}")


class ItemView(ItemReader):
    """The items of an agent as a turn has them, for a query in it: to read, as from anywhere."""

    __slots__ = ("_rows",)

    def __init__(self, rows: ItemReader) -> None:
        super().__init__(rows.connection, rows.agent_id)
        self._rows = rows

    def get_items(self, name: str, keys: list[str], **options: Any) -> list[Row]:
        return self._rows.get_items(name, keys, **options)

    def page_items(self, name: str, **options: Any) -> list[Row]:
        return self._rows.page_items(name, **options)

    def walk_items(self, name: str, **options: Any) -> list[Row]:
        return self._rows.walk_items(name, **options)

    def count_items(self, name: str) -> int:
        return self._rows.count_items(name)


class QueryFrame(Invocation):
    """What a query's calls go through: other queries, on the same connection; nothing else."""

    __slots__ = ("connection", "target", "within")

    def __init__(
        self,
        connection: Connection,
        caller: str | None,
        moment: int,
        within: Invocation | None = None,
    ) -> None:
        super().__init__(moment, caller, moment)
        self.connection = connection
        self.within = within
        """The command that asks."""
        self.target: Target | None = None
        """What is being run."""

    def facts(self) -> dict[str, str | None]:
        outer = self.within.facts() if self.within else {}
        if self.target is None:
            return outer
        return {**outer, "agent_id": self.target.agent_id, "method": self.target.spec.name}

    def query(self, target: Target, *, fresh: bool) -> Any:
        if fresh:
            self._refuse("read with fresh, which runs commands")
        row = store.read(self.connection, target.agent_id)
        return self._result(target, row)

    def query_many(self, target: Target, agent_ids: Sequence[str]) -> list[Any]:
        rows = store.read_many(self.connection, agent_ids)
        results = []
        for agent_id in agent_ids:
            one = Target(target.agent_class, agent_id, target.spec, target.args)
            results.append(self._result(one, rows.get(agent_id)))
        return results

    def _result(self, target: Target, row: store.AgentRow | None) -> Any:
        return target.spec.load_result(run_query(self, target, row))

    def command(self, target: Target) -> Any:
        self._refuse(f"call the command {target.spec.name}")

    def send(self, target: Target) -> str:
        self._refuse(f"trigger {target.spec.name}")

    def send_many(self, target: Target, agent_ids: Sequence[str], lane: str | None) -> None:
        self._refuse(f"trigger {target.spec.name}")

    def schedule(self, target: Target, at: Any, name: str | None) -> str:
        self._refuse(f"schedule {target.spec.name}")

    def unschedule(self, agent_id: str, name: str) -> bool:
        self._refuse(f"unschedule {name}")

    def ask(self, target: Target, then: Then | None) -> str:
        self._refuse(f"ask for the effect {target.spec.name}")

    def keep_blob(self, file: AgentFile, data: bytes) -> None:
        self._refuse(f"write the file {file.name}")

    def hold_blob(self, file: AgentFile) -> None:
        self._refuse(f"take the file {file.name}")

    def _refuse(self, what: str) -> Never:
        raise WriteInQuery(f"a query cannot {what}: make it a command")


def as_stored(target: Target, version: int) -> Target:
    """The same method in the version an agent has."""
    if target.agent_class.version == version:
        return target
    agent_class = registry.find_version(target.agent_class.agent_type, version)
    spec = find_method(
        agent_class.methods,
        f"{agent_class.agent_type}@{version}",
        target.spec.name,
        target.spec.kind,
    )
    return Target(agent_class, target.agent_id, spec, target.args)


def run_query(
    frame: QueryFrame, target: Target, row: store.AgentRow | None, items: ItemReader | None = None
) -> bytes:
    """Run a query on an agent made for it, of its row if it exists; the result as JSON.

    `items` are those of a turn, if the agent is in one.
    """
    if row is not None:
        target = as_stored(target, row.version)
    agent_class: Any = target.agent_class
    agent = agent_class(target.agent_id, split_id(target.agent_id)[1])
    state = None
    if row is not None:
        state = row.state
        if row.env is not None:
            agent.__dict__["_env"] = row.env
    if state is not None:
        agent.state = agent_class.state_adapter.validator.validate_json(state)
    before = agent.state
    agent.__dict__["_frame"] = frame
    agent.__dict__["_rows"] = (
        ItemReader(frame.connection, target.agent_id) if items is None else ItemView(items)
    )
    outer, asking, frame.target = context.swap(frame), frame.target, target
    try:
        result = target.spec.function(agent, **target.spec.decode(target.args))
        encoded = target.spec.dump_result(result)
    except Exception as error:
        trace.mark(error)
        raise
    finally:
        context.swap(outer)
        frame.target = asking
    if agent.state is not before or (
        options().check_queries
        and state is not None
        and agent.state != agent_class.state_adapter.validate_json(state)
    ):
        raise WriteInQuery(f"{target.agent_id}: the query {target.spec.name} changed self.state")
    return encoded


def outside_frame(caller: str | None) -> QueryFrame:
    """The frame of a query called from outside of agents, on this thread's connection."""
    return QueryFrame(database.connection(), caller, clock.micros())
