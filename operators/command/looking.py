"""`types`, `list`, `show`, `oplog`, `messages`, `operations`: nothing here changes anything."""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType

from agents_core import operators, registry
from agents_core.oplog_search import OplogEntry, search_oplog
from agents_core.shown import MailPage, TypeView
from operators.command.output import Output, document, facts, in_short, one_line, table


def types(given: Namespace, out: Output) -> None:
    """Every type, or one with its methods."""
    found = operators.types()
    if given.type is not None:
        registry.find(given.type)
        found.items = [one for one in found.items if one.type == given.type]
        out.give(found, *_type(found.items[0]))
        return
    rows = [
        (
            one.type,
            one.kind,
            ", ".join(map(str, one.versions)),
            ", ".join(parameter.name for parameter in one.parameters),
            " ".join(method.name for method in one.methods),
        )
        for one in found.items
    ]
    out.give(found, table(["TYPE", "KIND", "VERSIONS", "PARAMETERS", "METHODS"], rows))


def _type(one: TypeView) -> list[RenderableType]:
    rows = [
        (
            method.name,
            method.kind,
            ", ".join(
                f"{name}: {_kind_of(schema)}"
                for name, schema in method.arguments.get("properties", {}).items()
            ),
            _kind_of(method.result),
            method.description.split("\n")[0],
        )
        for method in one.methods
    ]
    pairs = [
        ("type", one.type),
        ("kind", one.kind),
        ("versions", ", ".join(map(str, one.versions))),
        ("parameters", ", ".join(p.name for p in one.parameters)),
        ("collections", ", ".join(one.collections)),
        ("about", one.description.split("\n\n")[0]),
    ]
    return [facts(pairs), "", table(["METHOD", "KIND", "ARGUMENTS", "RESULT", "ABOUT"], rows)]


def _kind_of(schema: dict[str, object]) -> str:
    """A schema in a word or two; `--json` has all of it."""
    match schema:
        case {"type": str(kind)}:
            return kind
        case {"$ref": str(reference)}:
            return reference.rsplit("/", 1)[-1]
        case {"anyOf": list(options)}:
            return " or ".join(_kind_of(option) for option in options)
        case {"enum": list(values)}:
            return " or ".join(map(str, values))
        case _:
            return "anything"


def list_(given: Namespace, out: Output) -> None:
    """Agents that pass the filters."""
    page = operators.list_agents(
        type=given.type,
        status=given.status,
        query=given.query or "*",
        version=given.version,
        older_than=given.older_than,
        waiting=given.waiting,
        cursor=given.cursor,
        limit=given.limit,
    )
    rows = [
        (
            one.agent_id,
            one.status,
            one.version,
            one.revision,
            one.pending,
            f"{one.updated_at:%F %T}",
        )
        for one in page.items
    ]
    headings = ["AGENT", "STATUS", "VERSION", "REVISION", "PENDING", "UPDATED (UTC)"]
    out.give(page, table(headings, rows))
    out.more(page.next_cursor)


def show(given: Namespace, out: Output) -> None:
    """One agent, its document and its collections."""
    agent = operators.show(given.agent)
    collections = [
        (one.name, f"{one.items}{' or more' if one.at_least else ''} items")
        for one in operators.collections(given.agent)
    ]
    pairs = [(name, value) for name, value in agent if name not in ("state", "parameters")]
    pairs += [(name, value) for name, value in agent.parameters.items()]
    out.give(agent, facts([*pairs, *collections]), "", document(agent.state))


def oplog(given: Namespace, out: Output) -> None:
    """What an agent did, the newest first."""
    operators.expect(given.agent)
    agent_id = operators.identify(given.agent).id
    page = search_oplog(agent_id, given.query, limit=given.limit, cursor=given.cursor)
    rows = [
        (one.index, f"{one.recorded_at:%F %T}", one.kind, _who(one), _told(one))
        for one in page.items
    ]
    headings = ["INDEX", "RECORDED (UTC)", "KIND", "WHO", "ENTRY"]
    out.give(asdict(page), table(headings, rows))
    out.more(page.next_cursor)


def _who(one: OplogEntry) -> str | None:
    """Who called, or which operator it was."""
    return one.entry.get("caller") or one.entry.get("by")


def _told(one: OplogEntry) -> str:
    """The call and its outcome; of other kinds, what is recorded. `--json` shortens nothing."""
    entry = one.entry
    if "args" not in entry or "method" not in entry:
        return in_short(entry)
    outcome = next(
        (f"{name} {in_short(entry[name])}" for name in ("refusal", "fault") if name in entry),
        in_short(entry.get("result")),
    )
    return f"{_call(entry['method'], entry['args'])} → {outcome}"


def _call(method: str, args: Any) -> str:
    given = args.items() if isinstance(args, dict) else ()
    return f"{method}({', '.join(f'{name}={in_short(value)}' for name, value in given)})"


def messages(given: Namespace, out: Output) -> None:
    """An agent's mail; without an agent, the dead letters of all."""
    if given.agent is None:
        page = operators.dead_letters(type=given.type, cursor=given.cursor, limit=given.limit)
    else:
        kinds = operators.KINDS if given.kind is None else (given.kind,)
        page = operators.messages(given.agent, kinds=kinds, cursor=given.cursor, limit=given.limit)
    out.give(page, _mail(page))
    out.more(page.next_cursor)


def _mail(page: MailPage) -> RenderableType:
    rows = [
        (
            one.agent_id,
            one.kind,
            one.message_id,
            _call(one.method, one.args),
            one.attempts,
            f"{one.at:%F %T}" if one.at else None,
            one.last_error,
        )
        for one in page.items
    ]
    headings = ["AGENT", "KIND", "MESSAGE", "CALL", "ATTEMPTS", "AT (UTC)", "LAST ERROR"]
    return table(headings, rows)


def operations(given: Namespace, out: Output) -> None:
    """Who did what to an agent, even a deleted one; without an agent, to all."""
    agent_id = None if given.agent is None else operators.identify(given.agent).id
    page = operators.operations(agent_id, cursor=given.cursor, limit=given.limit)
    rows = [
        (f"{one.at:%F %T}", one.who, one.operation, one.agent_id, one_line(one.details))
        for one in page.items
    ]
    out.give(page, table(["AT (UTC)", "WHO", "OPERATION", "AGENT", "DETAILS"], rows))
    out.more(page.next_cursor)
