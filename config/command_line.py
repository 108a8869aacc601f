"""Running a management command with the embedded servers up for as long as it runs."""

import sys
from contextlib import nullcontext

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.embedded import ServerRefused, servers_running
from config.environment import read_environment

# These touch no data. `up` starts the servers itself, and says so.
WITHOUT_SERVERS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "findstatic",
        "help",
        "makemessages",
        "up",
        "version",
    }
)


def needs_servers(argv: list[str]) -> bool:
    """Tell whether a command line may touch the database."""
    if any(argument in ("-h", "--help", "--version") for argument in argv):
        return False
    if "--database" in argv:
        return True
    return len(argv) > 1 and argv[1] not in WITHOUT_SERVERS


def run(argv: list[str]) -> None:
    """Run one command; what cannot be started is one line on standard error and exit code 1."""
    try:
        needed = needs_servers(argv)
        with servers_running(read_environment()) if needed else nullcontext():
            execute_from_command_line(argv)
    except (ServerRefused, ImproperlyConfigured) as refusal:
        sys.exit(f"{refusal}")
