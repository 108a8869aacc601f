"""One session of measurements, on servers that are up for as long as it takes."""

from __future__ import annotations

import argparse
import time
from importlib import import_module

import django

from bench.harness import Line, Scale, say, say_line
from config.embedded import servers_running
from config.environment import read_environment

ORDER = [
    *["commands", "commands_hot", "mailbox", "mailbox_hot", "query"],
    *["http_command", "http_query"],
    *[f"fanout_{kind}_{size}" for kind in ("durable", "drained") for size in ("1k", "10k", "100k")],
    *["fanout_durable_growth", "fanout_drained_growth", "fanout_neighbour"],
    *["live", "live_timeline"],
    *["replay", "oplog_full_mailbox", "oplog_full_commands"],
    *["updates_manual", "updates_automatic"],
    *["oplog_search", "oplog_search_page", "oplog_search_first", "oplog_search_scan"],
]


def run(given: argparse.Namespace) -> None:
    """Measure the subjects asked for (all, if none) and report."""
    django.setup()
    # They import models, which need the apps.
    database = import_module("bench.database")
    report = import_module("bench.report")
    steps = import_module("bench.steps")
    scale = Scale.quick() if given.quick else Scale()
    started = time.monotonic()
    lines: list[Line] = []
    costs: list[tuple[str, float, float | None]] = []
    with servers_running(read_environment()):
        say("preparing the database")
        database.prepare(scale.rows)
        for name in given.subjects:
            say(name)
            if name == "steps":
                costs = steps.measure(scale)
                continue
            for line in import_module(f"bench.{name}").measure(scale):
                say_line(line)
                lines.append(line)
    say(f"measured in {time.monotonic() - started:.0f} s")
    if not given.no_report:
        report.save(lines, costs, quick=given.quick, order=ORDER)
        report.render()
