"""docs/operations.md, "Operating agents": its commands are run, and name all there is."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator

import pytest
from django.core.management import get_commands, load_command_class

from agents_core.testing import step
from config.api import api
from config.environment import BASE_DIR
from socialnet.agents.user import User
from tests.operators.running import Run

SECTION = re.search(
    r"^## Operating agents\n(.*?)^## ", (BASE_DIR / "docs/operations.md").read_text(), re.M | re.S
)
assert SECTION is not None
TEXT = SECTION[1]
ROWS = [
    [re.findall(r"`([^`]+)`", cell) for cell in row.split("|")]
    for row in re.findall(r"^\|(.*)\|$", TEXT, re.M)
]


def examples() -> Iterator[tuple[str, str]]:
    """Commands, and what each is said to print."""
    blocks = [*re.findall(r"^```(sh|text)\n(.*?)^```", TEXT, re.M | re.S), ("", "")]
    for (language, text), (next_language, output) in itertools.pairwise(blocks):
        if language == "sh":
            *before, last = text.splitlines()
            yield from ((line, "…") for line in before)
            yield last, output if next_language == "text" else "…"


def is_like(said: str, expected: str) -> bool:
    """Whether it is the same but for `…`, and for how wide columns are."""
    pattern = re.escape(_squeezed(expected)).replace("…", ".*?")
    return re.fullmatch(pattern, _squeezed(said), re.S) is not None


def _squeezed(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def test_its_examples_say_what_it_shows() -> None:
    User.of("ada").register(name="Ada")
    run = 0
    for line, expected in examples():
        match shlex.split(line):
            case ["alias", alias]:
                assert alias == "agents=.venv/bin/python manage.py agents"
            case ["agents", *arguments]:
                done = Run(*arguments)
                said = done.out or f"Refused: {done.err}"
                assert is_like(said, expected), f"{line} said:\n{said}\nand not:\n{expected}"
                run += 1
            case _:
                pytest.fail(f"nobody knows how to do {line!r}")
        step()
    assert run > 10
    assert User.of("ada").get_user().name == "Ada"


def test_its_table_has_every_subcommand() -> None:
    named = {word for row in ROWS for word in row[1]}
    assert named == set(_subcommands())


def _subcommands() -> list[str]:
    command = load_command_class(get_commands()["agents"], "agents")
    parser = command.create_parser("manage.py", "agents")
    (added,) = (action for action in parser._actions if action.dest == "subcommand")
    assert added.choices is not None
    return list(added.choices)


def test_its_table_has_every_route() -> None:
    base = "/api/v1/agents"
    named = {route for row in ROWS for route in row[2]}
    routes = {
        f"{method.upper()} {re.sub(r'{[a-z_]+:', '{', path.removeprefix(base))}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        if path.startswith(f"{base}/")
        for method in methods
    }
    assert named == routes
