"""`manage.py up`: everything Agora needs, until Ctrl-C."""

import argparse
import signal
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from config import counters, demo
from config.embedded import ServerRefused, ServerUse, servers_running
from config.environment import read_environment
from config.keys import kept_secret
from config.launch import (
    LaunchRefused,
    base_url,
    own_directory,
    prepare_database,
    programs_to_run,
    reserve_ports,
    wait_until_ready,
)
from config.supervisor import LOOK_EVERY, Supervisor, end_leftovers

SERVERS_LOOKED_AT_EVERY = 1.0
HIGHEST_PORT = 65534
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Command(BaseCommand):
    """Wiring: take the directory and the ports, start things in order, watch, stop."""

    help = "Run everything: the servers if you have none, web, live, workers and the clock."

    def add_arguments(self, parser: CommandParser) -> None:
        """Four options; the defaults are for a first look."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--port", type=port_number, default=8000, help="port of the pages; live takes the next"
        )
        # Read by manage.py before settings are; here for `--help`.
        parser.add_argument("--var", metavar="DIR", help="where data and logs live (default: var)")
        parser.add_argument("--no-demo", action="store_true", help="start with an empty world")

    def handle(self, *args: Any, host: str, port: int, no_demo: bool, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM; what stands in the way is one line and exit code 1."""
        self.console = Console(highlight=False, soft_wrap=True)
        self.stopping = False
        # While getting ready, a signal interrupts whatever we wait for.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with own_directory(settings.VAR_DIR):
                self.run(host, port, with_demo=not no_demo)
        except (LaunchRefused, ServerRefused) as refusal:
            raise CommandError(str(refusal)) from None
        except KeyboardInterrupt:
            pass
        self.console.print("Stopped.")

    def run(self, host: str, port: int, *, with_demo: bool) -> None:
        """Get ready, run, stop in the opposite order."""
        end_leftovers(settings.VAR_DIR)
        counters.forget(settings.METRICS_DIR)
        reserved = reserve_ports(host, [port, port + 1])
        environment = read_environment()
        if environment.database_url is None or environment.redis_url is None:
            self.console.print(f"Starting servers in {settings.VAR_DIR}")
        with servers_running(environment) as servers:
            prepare_database()
            if not settings.DEBUG:
                call_command("collectstatic", interactive=False, verbosity=0)
            if with_demo:
                self.load_demo_once()
            for holder in reserved:
                holder.close()
            programs = programs_to_run(host, port)
            self.watch(Supervisor(programs, settings.VAR_DIR, self.say), servers, host, port)

    def load_demo_once(self) -> None:
        """Fill an empty world. The note on disk lets a load that was killed go on."""
        note = settings.VAR_DIR / "demo-world"
        state = note.read_text() if note.exists() else ""
        if state == "loaded" or (not state and get_user_model().objects.exists()):
            return
        note.write_text("loading")
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as bar:
            task = bar.add_task("Loading the demo world")

            def show(done: int, total: int, what: str) -> None:
                bar.update(task, completed=done, total=total, description=what)

            demo.load(show, password=demo_password())
        note.write_text("loaded")

    def watch(self, supervisor: Supervisor, servers: list[ServerUse], host: str, port: int) -> None:
        """Run the processes until a signal comes; they stop before the servers do."""
        for number in (signal.SIGINT, signal.SIGTERM):
            # From here on a signal must not interrupt the start of a child half-way.
            signal.signal(number, self.note_signal)
        try:
            supervisor.start()
            wait_until_ready(supervisor, host, port, stopping=lambda: self.stopping)
            if not self.stopping:
                self.greet(host, port)
            looked_at = time.monotonic()
            while not self.stopping:
                supervisor.look()
                if time.monotonic() - looked_at > SERVERS_LOOKED_AT_EVERY:
                    looked_at = time.monotonic()
                    self.look_after(servers)
                time.sleep(LOOK_EVERY)
            self.console.print("Stopping")
        finally:
            supervisor.stop()

    def look_after(self, servers: list[ServerUse]) -> None:
        """Replace a server whose keeper was killed."""
        for use in servers:
            try:
                if use.ensure():
                    self.say(f"{use.server.name} was gone and has been started again")
            except ServerRefused as refusal:
                self.say(str(refusal))

    def note_signal(self, number: int, frame: Any) -> None:
        """Ask the loop to stop."""
        self.stopping = True

    def say(self, line: str) -> None:
        """Print one line of what happens in the processes, as it is."""
        self.console.print(line, markup=False, style="dim")

    def greet(self, host: str, port: int) -> None:
        """Say where to go and how to sign in."""
        self.console.print(f"\nAgora runs at [bold]{base_url(host, port)}/[/bold]")
        if (settings.VAR_DIR / "demo-world").exists():
            self.console.print(
                f"Sign in as [bold]{demo.SIGN_IN_AS}[/bold] "
                f"with the password [bold]{demo_password()}[/bold]",
            )
        elif not get_user_model().objects.exists():
            self.console.print("Nobody is here yet: make an account with Sign up.")
        if settings.DEBUG and host not in LOOPBACK:
            self.console.print("DEBUG is on and shows faults to strangers: not for the internet.")
        self.console.print(f"API at {base_url(host, port)}/api/v1/docs")
        self.console.print(f"Logs in {settings.VAR_DIR / 'log'}. Ctrl-C stops everything.\n")


def demo_password() -> str:
    """Return the demo people's password: random, made once for this var directory."""
    return kept_secret(settings.VAR_DIR / "demo-password", length=9)


def port_number(text: str) -> int:
    """Read a port that leaves room for `live` at the next one."""
    if not text.isdigit() or not 0 < int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {HIGHEST_PORT}")
    return int(text)
