"""Which agents and dead letters are meant: those named, or all that the filters find."""

from argparse import Namespace
from collections.abc import Iterator

from agents_core import bulk, operators
from agents_core.shown import MailView
from operators.command.asking import confirm, counted, needs

FILTERS = ("type", "status", "query", "version", "older_than", "waiting")


def named_agents(given: Namespace) -> list[str]:
    """The agents that are named, as their types spell them."""
    return [operators.identify(one).id for one in given.agents]


def chosen_agents(given: Namespace, deed: str, *, destroys: bool = False) -> list[str]:
    """The agents that are named, or that the filters find. These are counted and asked about
    before anything happens; those named only if it `destroys`."""
    wanted = {name: value for name in FILTERS if (value := getattr(given, name))}
    way_out = "name agents, or choose them by --type, --status, --query, …"
    needs(given, bool(given.agents) != bool(wanted), way_out)
    found = named_agents(given) if given.agents else [a.agent_id for a in bulk.agents(**wanted)]
    if found and (wanted or destroys):
        confirm(given, f"{deed} {counted(len(found), 'agent')}?")
    return found


def chosen_letters(given: Namespace, deed: str, *, destroys: bool = False) -> Iterator[MailView]:
    """The dead letters of an agent, of a type, or all; asked about as agents are."""
    picked = sum((given.agent is not None, given.type is not None, given.all))
    needs(given, picked == 1, "name an agent, or take those of a --type, or --all")
    number = sum(1 for _ in _letters(given))
    if number and (given.agent is None or destroys):
        confirm(given, f"{deed} {counted(number, 'dead letter')}?")
    return _letters(given)


def _letters(given: Namespace) -> Iterator[MailView]:
    if given.agent is not None:
        return bulk.messages(given.agent, ("dead_letter", "failed_effect"))
    return bulk.dead_letters(type=given.type)
