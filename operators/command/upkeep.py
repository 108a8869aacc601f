"""`rebuild` and `prune`: what changes nothing that an agent has or did, and so is not recorded."""

from argparse import Namespace

from agents_core import mailbox, operations
from operators.command.asking import counted, needs
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
    """Delete what is past its time now, not only when the clock says."""
    deleted = mailbox.prune()
    out.give({"deleted": deleted}, f"{counted(deleted, 'row')} deleted.")
