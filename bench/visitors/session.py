"""One session: the site is up, the world grows, visitors come at every size."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from bench.harness import say
from bench.visitors import plan
from bench.visitors.up import site
from bench.visitors.watch import Watch
from config.environment import BASE_DIR

VISITORS = 16
WARM_UP = 6.0
ALONE_SECONDS = 12.0
REPORT_LEFT = 30.0


class Session:
    """What is common to all runs of one session."""

    def __init__(self, given: argparse.Namespace, var: Path) -> None:
        self.given = given
        self.var = var

    def visit(self, subject: str, size: int, visitors: int, seconds: float, **world: int) -> None:
        """Let so many visitors in, and note what they met with."""
        report = self.var / "visit.json"
        report.unlink(missing_ok=True)
        told = {"secret": "visitors", "warm_up": WARM_UP, "report": str(report), **world}
        command = [
            *[sys.executable, "-m", "locust", "--locustfile", f"bench/visitors/{subject}.py"],
            *["--headless", "--users", str(visitors), "--spawn-rate", str(visitors)],
            *["--run-time", f"{seconds + WARM_UP:.0f}s", "--stop-timeout", "10"],
            *["--host", f"http://127.0.0.1:{self.given.port}", "--only-summary"],
        ]
        watch = Watch(self.var)
        done = subprocess.run(
            command,
            cwd=BASE_DIR,
            env=os.environ | {"AGORA_VISIT": json.dumps(told), "PYTHONPATH": str(BASE_DIR)},
            capture_output=True,
            text=True,
            timeout=seconds + WARM_UP + REPORT_LEFT,
            check=False,
        )
        if done.returncode or not report.exists():
            raise RuntimeError(f"Locust ended with {done.returncode}:\n{done.stderr[-3000:]}")
        met = json.loads(report.read_text())
        met["shares"] = watch.shares()
        run = {"subject": subject, "size": size, "visitors": visitors, **met}
        _say_run(run)
        self.report([run], None)

    def report(self, runs: list[dict[str, Any]], held: dict[str, Any] | None) -> None:
        """Keep what was measured at once: a later run may fail."""
        if not self.given.no_report:
            page = import_module("bench.visitors.page")
            page.save(runs, held)
            page.render()


def _say_run(run: dict[str, Any]) -> None:
    say(
        f"  {run['subject']}, {run['size']:,}, {run['visitors']} visitors: "
        f"{run['requests'] / run['seconds']:,.0f}/s, {run['failures']} failures; "
        f"of all cores: {', '.join(f'{k} {v:.0%}' for k, v in run['shares'].items())}"
    )
    for name, route in run["routes"].items():
        say(
            f"    {name:26} {route['per_second']:8.1f}/s  p50 {route['p50']}  p95 {route['p95']}  "
            f"p99 {route['p99']} ms"
        )
    for reason, count in run["reasons"].items():
        say(f"    {count} × {reason}")


def run(given: argparse.Namespace, var: Path) -> None:
    """Measure the subjects asked for and report."""
    django.setup()
    # It imports models, which need the apps.
    sockets = import_module("bench.visitors.sockets")
    session = Session(given, var)
    started = time.monotonic()
    with site(var, given.port):
        if "social" in given.subjects:
            _social(session)
        if "shop" in given.subjects:
            _shop(session)
        if "sockets" in given.subjects:
            session.report([], sockets.measure(given.port, settings.VAR_DIR, given.sockets))
    say(f"measured in {time.monotonic() - started:.0f} s")


def _social(session: Session) -> None:
    world = import_module("bench.visitors.world")
    copies = import_module("bench.visitors.copies")
    database = import_module("bench.database")
    say("founding a town")
    world.open_accounts([0])
    door = world.staff_door(session.given.port)
    world.found_town(door)
    original = world.answers_of(door, 0)
    with database.connect() as connection:
        copies.keep_aside(connection, "town", copies.types_of("socialnet.agents"))
        towns = 1
        for size in session.given.users:
            wanted = size // plan.PEOPLE
            if wanted > towns:
                say(f"growing to {size:,} people")
                world.open_accounts(range(towns, wanted))
                copies.copy(connection, "town", plan.FIRST_MARK, towns, wanted - 1)
                copies.register(connection, range(towns, wanted))
                if world.answers_of(door, wanted - 1) != original:
                    raise RuntimeError("The copies are not as the original.")
                towns = wanted
            session.visit("social", size, VISITORS, session.given.seconds, towns=towns)
            world.wait_for_quiet()
            if size in (session.given.users[0], session.given.users[-1]):
                session.visit("social", size, 1, ALONE_SECONDS, towns=towns)
                world.wait_for_quiet()


def _shop(session: Session) -> None:
    world = import_module("bench.visitors.world")
    copies = import_module("bench.visitors.copies")
    database = import_module("bench.database")
    say("filling a shelf")
    if "social" not in session.given.subjects:
        world.open_accounts([0])
    world.fill_shelf(world.staff_door(session.given.port))
    with database.connect() as connection:
        copies.keep_aside(connection, "shelf", ["product", "pricing"])
        shelves = 1
        for size in session.given.products:
            wanted = size // plan.PRODUCTS
            if wanted > shelves:
                say(f"growing to {size:,} products")
                copies.copy(connection, "shelf", plan.FIRST_SHELF, shelves, wanted - 1)
                shelves = wanted
            session.visit("shop", size, VISITORS, session.given.seconds, shelves=shelves)
            world.wait_for_quiet()
            if size in (session.given.products[0], session.given.products[-1]):
                session.visit("shop", size, 1, ALONE_SECONDS, shelves=shelves)
                world.wait_for_quiet()
