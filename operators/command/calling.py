"""`invoke` and `trigger`: call any method of any agent."""

from argparse import Namespace

from agents_core import operators
from operators.command.output import Output, document
from operators.command.values import arguments


def invoke(given: Namespace, out: Output) -> None:
    """Call a method and print its result."""
    result = operators.invoke(given.agent, given.method, arguments(given.arguments, given.whole))
    out.give(result, document(result))


def trigger(given: Namespace, out: Output) -> None:
    """Send a command."""
    args = arguments(given.arguments, given.whole)
    message_id = operators.trigger(given.agent, given.method, args, at=given.at)
    out.give({"message_id": message_id}, message_id)
