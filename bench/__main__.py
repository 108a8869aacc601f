"""`python -m bench [NAME ...] [--quick]`: measure, write bench/results.json, render the page.

Everything is measured on an embedded PostgreSQL and Valkey in a directory made for the run.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from bench.apart import apart

SUBJECTS = (
    *("commands", "mailbox", "queries", "http", "fanout", "live"),
    *("replay", "updates", "oplog_search", "steps"),
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help="short runs, for a look")
    parser.add_argument("--no-report", action="store_true", help="print; write no file")
    parser.add_argument("--var", metavar="DIR", help="a directory to keep and use again")
    given = parser.parse_args()
    if unknown := set(given.subjects) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    given.subjects = given.subjects or list(SUBJECTS)
    return given


def main() -> None:
    """Have the servers up, measure, report."""
    given = arguments()
    with apart(given.var, settings="bench.settings"):
        # Settings read the environment when they are first imported.
        import_module("bench.session").run(given)


if __name__ == "__main__":
    main()
