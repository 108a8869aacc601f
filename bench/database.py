"""The database both sides stand on: our rows, and twins of our tables for the baselines."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections

from bench.agents import BenchCounter, document
from config.embedded.postgres import program

CLIENTS, JOBS = 16, 2
HOT = 1
TWINS = {"bench_agent": "agents_core_agent", "bench_oplog": "agents_core_oplog"}

ENTRY = (
    '{"args":{"amount":1},"seed":4503599627370496,"time":1767225600000000,'
    '"method":"add","result":17}'
)
COMMAND = f"""
BEGIN;
SELECT state::text AS state, revision FROM bench_agent WHERE id = 'bench-counter:' || :n::text FOR NO KEY UPDATE \\gset
UPDATE bench_agent SET state = :state::jsonb, revision = :revision::int8 + 1, updated_at = now() WHERE id = 'bench-counter:' || :n::text;
INSERT INTO bench_oplog (agent_id, index, kind, recorded_at, entry) VALUES ('bench-counter:' || :n::text, :revision::int8 + 1, 'command', now(), '{ENTRY}'::jsonb);
COMMIT;
"""  # noqa: E501
READ = "SELECT * FROM bench_agent WHERE id = 'bench-counter:' || :n::text;\n"


def connect() -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of the bench's own, each statement committed."""
    parameters = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return psycopg.connect(**parameters, autocommit=True)


def prepare(rows: int) -> None:
    """Tables, twins of the same shape and size, and as many counters in both."""
    call_command("migrate", verbosity=0, interactive=False)
    state = document().model_dump_json()
    with connect() as connection:
        for twin, original in TWINS.items():
            make_twin(connection, twin, original)
        for table in ("agents_core_agent", "bench_agent"):
            connection.execute(f"DELETE FROM {table} WHERE type = %s", [BenchCounter.agent_type])
            connection.execute(
                f"INSERT INTO {table} (id, type, version, incarnation, state, revision, "
                "created_at, updated_at) SELECT %s || ':' || n, %s, 1, n, %s::jsonb, 1, now(), "
                "now() FROM generate_series(1, %s) AS n",
                [BenchCounter.agent_type, BenchCounter.agent_type, state, rows],
            )
        connection.execute("DELETE FROM agents_core_oplog WHERE agent_id LIKE 'bench-counter:%'")
        settle(connection)


def make_twin(connection: psycopg.Connection[Any], twin: str, original: str) -> None:
    """An empty table with all that the original has: indexes, storage, fill factor."""
    connection.execute(f"DROP TABLE IF EXISTS {twin}")
    connection.execute(f"CREATE TABLE {twin} (LIKE {original} INCLUDING ALL)")
    row = connection.execute(
        "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [original]
    ).fetchone()
    if row and row[0]:
        connection.execute(f"ALTER TABLE {twin} SET ({', '.join(row[0])})")


def settle(connection: psycopg.Connection[Any], *tables: str) -> None:
    """Leave no vacuum and no checkpoint of what was before to the measurement."""
    connection.execute(f"VACUUM ANALYZE {', '.join(tables)}")
    connection.execute("CHECKPOINT")


def pgbench_commands(rows: int, seconds: float, *, hot: bool = False) -> float:
    """Transactions a second of the script that does what a command does, in five round trips."""
    number = f"\\set n {HOT}" if hot else f"\\set n random(1, {rows})"
    return _pgbench(number + COMMAND, seconds, clients=CLIENTS, jobs=JOBS)


def pgbench_reads(rows: int, seconds: float) -> float:
    """Reads of one row by key a second, by one client."""
    return _pgbench(f"\\set n random(1, {rows})\n{READ}", seconds, clients=1, jobs=1)


def _pgbench(script: str, seconds: float, *, clients: int, jobs: int) -> float:
    parameters = connections["default"].get_connection_params()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "script.sql"
        path.write_text(script.lstrip())
        command = [
            *[str(program("pgbench")), "-n", "-M", "prepared", "-c", str(clients), "-j", str(jobs)],
            *["-T", str(max(1, round(seconds))), "-f", str(path)],
        ]
        for option, name in (("-h", "host"), ("-p", "port"), ("-U", "user")):
            if parameters.get(name):
                command += [option, str(parameters[name])]
        command.append(str(parameters["dbname"]))
        output = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([\d.]+)", output.stdout, re.MULTILINE)
    if output.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench failed: {output.stderr}")
    return float(found[1])
