"""What is asked of the person at the terminal, or of the command line."""

import sys
from argparse import Namespace


class Declined(Exception):
    """Somebody at the terminal said no."""


def needs(given: Namespace, holds: bool, way_out: str) -> None:
    """Wrong usage, exit code 2, unless it holds."""
    if not holds:
        given.parser.error(way_out)


def confirm(given: Namespace, question: str) -> None:
    """Go on if `--yes` was given or somebody at the terminal says so."""
    if given.yes:
        return
    needs(given, sys.stdin.isatty(), f"{question} Nobody is there to ask: add --yes.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise Declined


def counted(number: int, what: str) -> str:
    """So many of it: `1 agent`, `2 agents`."""
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {what if number == 1 else many}"
