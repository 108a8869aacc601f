"""`manage.py agents`: look at agents, call them, and change their lives."""

from argparse import ArgumentParser, Namespace
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents_core import AgentError, Caller, calling
from agents_core.errors import OutcomeUnknown
from operators.command.arguments import add_subcommands
from operators.command.asking import Declined
from operators.command.doing import SomeRefused
from operators.command.output import Output


class Refused(CommandError):
    """An answer that says no: exit code 1. (2 is for a command line that was not understood.)"""


class Command(BaseCommand):
    """Wiring: the command line, the printer, and what errors are."""

    help = "Look at agents, call them, stop, mend and delete them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_subcommands(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        given = Namespace(**options)
        out = Output(self.stdout, self.stderr, as_json=given.as_json)
        by = options.get("by")
        try:
            with calling(Caller(by), key=options.get("key")) if by else nullcontext():
                given.run(given, out)
        except AgentError as refusal:
            raise Refused(_sentence(refusal)) from refusal
        except OutcomeUnknown as doubt:
            raise Refused(
                "The connection to the database was lost while committing. Look what became of it "
                "before you do it again, or give it a --key where there is one."
            ) from doubt
        except Declined:
            raise Refused("Nothing was done.") from None
        except SomeRefused:
            raise SystemExit(1) from None


def _sentence(refusal: AgentError) -> str:
    """What is wrong and the way out; of arguments, each."""
    wrong = [
        f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}"
        for one in refusal.facts.get("errors") or []
    ]
    return " ".join([refusal.message, *wrong])
