"""`rebuild` and `prune`. What only does what would happen anyway is not recorded."""

from argparse import Namespace
from dataclasses import asdict

from agents_core import mailbox, operations, registry, retention
from agents_core.retention import Pruned
from operators.command.asking import confirm, counted, needs
from operators.command.choosing import named_agents
from operators.command.output import Output


def rebuild(given: Namespace, out: Output) -> None:
    """Find status, version and revision of agents anew from their oplogs."""
    needs(given, given.all != bool(given.agents), "name agents, or take --all")
    if given.all:
        wrong = operations.rebuild_all()
    else:
        wrong = sum(map(operations.rebuild, named_agents(given)))
    out.give({"wrong": wrong}, f"{counted(wrong, 'agent')} had other columns than its oplog says.")


def prune(given: Namespace, out: Output) -> None:
    """Delete what is past its time now; with --type and --days, what agents did before that."""
    needs(given, (given.type is None) == (given.days is None), "--type and --days go together")
    if given.type is None:
        rows = mailbox.prune()
        _tell(retention.prune_all(), out, rows)
        return
    registry.find(given.type)
    question = f"Delete what {given.type} agents did more than {given.days:g} days ago, for good?"
    confirm(given, question)
    _tell(operations.prune(given.type, given.days, by=given.by), out)


def _tell(pruned: Pruned, out: Output, rows: int | None = None) -> None:
    others = "" if rows is None else f", and {counted(rows, 'row')} of other things"
    told = f"{counted(pruned.entries, 'entry')} of {counted(pruned.agents, 'agent')}"
    out.give(asdict(pruned) | ({} if rows is None else {"rows": rows}), f"Deleted {told}{others}.")
    if pruned.left:
        out.say(f"{counted(pruned.left, 'agent')} busy: run it again for them.")
