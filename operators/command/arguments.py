"""The command line of `manage.py agents`."""

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import Any, get_args

from django.core.management.base import CommandParser

from agents_core.lifecycle import Status
from agents_core.shown import MailKind
from operators.command import calling, doing, looking, updating, upkeep
from operators.command.values import ago, ahead, argument, json_object, operator, share

ID = "the agent's id, such as user-timeline:u001"
LIMIT, MOST = 50, 200


class Mixed(CommandParser):
    """A parser that takes options between arguments: `invoke jar:a fill --by ann biscuits=3`."""

    mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What argparse does, and for options in between what it can only do for a whole line."""
        if self.mixing:
            return super().parse_known_args(args, namespace)
        self.mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.mixing = False


def add_subcommands(parser: ArgumentParser) -> None:
    """Every subcommand: looking, calling, doing."""
    added = parser.add_subparsers(
        dest="subcommand", required=True, metavar="SUBCOMMAND", parser_class=Mixed
    )

    def add(name: str, run: Callable[..., None]) -> Any:
        about = (run.__doc__ or "").strip()
        one = added.add_parser(
            name, help=about, description=about, formatter_class=RawDescriptionHelpFormatter
        )
        one.set_defaults(run=run, parser=one)
        one.add_argument("--json", action="store_true", dest="as_json", help="print JSON")
        return one

    _add_looking(add)
    _add_calling(add)
    _add_lives(add)
    _add_mail(add)
    _add_versions(add)
    _add_upkeep(add)


def _add_looking(add: Callable[..., Any]) -> None:
    types = add("types", looking.types)
    types.add_argument("type", nargs="?", help="only this one, with its methods")
    listing = add("list", looking.list_)
    _filters(listing)
    _page(listing)
    add("show", looking.show).add_argument("agent", help=ID)
    oplog = add("oplog", looking.oplog)
    oplog.add_argument("agent", help=ID)
    oplog.add_argument("query", nargs="?", default="", help="such as 'args.to:bob AND NOT fault'")
    _page(oplog)
    messages = add("messages", looking.messages)
    messages.add_argument("agent", nargs="?", help=f"{ID}; without: the dead letters of all")
    messages.add_argument("--kind", choices=get_args(MailKind))
    messages.add_argument("--type", help="dead letters of agents of this type")
    _page(messages)
    operations = add("operations", looking.operations)
    operations.add_argument("agent", nargs="?", help=ID)
    _page(operations)


def _add_calling(add: Callable[..., Any]) -> None:
    for name, run in (("invoke", calling.invoke), ("trigger", calling.trigger)):
        one = add(name, run)
        one.add_argument("agent", help=ID)
        one.add_argument("method")
        one.add_argument(
            "arguments",
            nargs="*",
            type=argument,
            metavar="NAME=VALUE",
            help="arguments; values as JSON or plain text",
        )
        one.add_argument(
            "--args", type=json_object, dest="whole", metavar="JSON", help="all of them as JSON"
        )
        one.add_argument("--key", help="an idempotency key: the same again does nothing")
        _by(one)
        if name == "trigger":
            one.add_argument("--at", type=ahead, metavar="TIME", help="when; a time, or 10m")


def _add_lives(add: Callable[..., Any]) -> None:
    lives = (
        ("interrupt", doing.interrupt),
        ("resume", doing.resume),
        ("delete", doing.delete),
    )
    for name, run in lives:
        one = add(name, run)
        one.add_argument("agents", nargs="*", metavar="AGENT", help=ID)
        _filters(one)
        _by(one)
        _yes(one)

    revert = add("revert", doing.revert)
    revert.add_argument("agent", help=ID)
    back = revert.add_mutually_exclusive_group(required=True)
    back.add_argument("--to", type=_number, metavar="REVISION", help="an index of its oplog")
    back.add_argument("--last", type=_number, metavar="N", help="take back the last N commands")
    _by(revert)


def _add_mail(add: Callable[..., Any]) -> None:
    cancel = add("cancel", doing.cancel)
    cancel.add_argument("agent", nargs="?", help=ID)
    cancel.add_argument("message", nargs="?", help="a message's id, or a schedule's name")
    _filters(cancel)
    _by(cancel)
    _yes(cancel)
    for name, run in (("retry", doing.retry), ("discard", doing.discard)):
        one = add(name, run)
        one.add_argument("agent", nargs="?", help=ID)
        one.add_argument("message", nargs="?", help="the dead letter's id")
        one.add_argument("--type", help="the dead letters of agents of this type")
        one.add_argument("--all", action="store_true", help="the dead letters of all agents")
        _by(one)
        _yes(one)
        if name == "retry":
            one.add_argument(
                "--args", type=json_object, dest="whole", metavar="JSON", help="other arguments"
            )


def _add_versions(add: Callable[..., Any]) -> None:
    update = add("update", updating.update)
    update.add_argument("agents", nargs="*", metavar="AGENT", help=ID)
    update.add_argument("--to", type=int, required=True, metavar="VERSION")
    update.add_argument("--mode", choices=("automatic", "manual"), default="automatic")
    update.add_argument("--type", help="all agents of this type, a share of them first")
    update.add_argument("--version", type=int, help="with --type: those of this version")
    update.add_argument("--status", choices=[one.value for one in Status if one != "running"])
    update.add_argument("--canary", type=share, default=0.01, help="the share that goes first: 1%%")
    update.add_argument(
        "--max-failures", type=share, default=0.05, help="the share of failures to pause at: 5%%"
    )
    _by(update)
    _yes(update)
    rollout = add("rollout", updating.rollout)
    rollout.add_argument("rollout", metavar="ROLLOUT", help="its id")
    which = rollout.add_mutually_exclusive_group()
    which.add_argument("--pause", action="store_true", help="stop after the present agents")
    which.add_argument("--resume", action="store_true", help="go on where it was paused")
    _by(rollout)
    add("rollouts", updating.list_rollouts).add_argument(
        "--limit", type=_limit, default=LIMIT, metavar="N"
    )


def _add_upkeep(add: Callable[..., Any]) -> None:
    rebuild = add("rebuild", upkeep.rebuild)
    rebuild.add_argument("agents", nargs="*", metavar="AGENT", help=ID)
    rebuild.add_argument("--all", action="store_true", help="every agent")
    prune = add("prune", upkeep.prune)
    prune.add_argument("--type", help="what agents of this type did")
    prune.add_argument("--days", type=_days, metavar="N", help="more than so many days ago")
    _by(prune)
    _yes(prune)


def _filters(parser: Any) -> None:
    group = parser.add_argument_group("which agents")
    group.add_argument("--type", help="of this type")
    group.add_argument("--status", type=Status, choices=list(Status), metavar="STATUS")
    group.add_argument("--query", default="", help="words of their ids")
    group.add_argument("--version", type=int, help="of this version of their type")
    group.add_argument(
        "--older-than", type=ago, metavar="TIME", help="that did nothing since; a time, or 30d"
    )
    group.add_argument("--waiting", action="store_true", help="for which mail waits")


def _page(parser: Any) -> None:
    parser.add_argument("--limit", type=_limit, default=LIMIT, metavar="N", help=f"at most {MOST}")
    parser.add_argument("--cursor", help="go on where the last page ended")


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to {MOST}")
    return int(text)


def _number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < 100_000:
        raise ArgumentTypeError(f"{text!r} is no number of days")
    return days


def _by(parser: Any) -> None:
    parser.add_argument("--by", default=operator(), metavar="NAME", help="who: %(default)s")


def _yes(parser: Any) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
