"""The README: every test it names exists, every example runs, every file and setting is real."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import agents_core
from agents_core import DurableAgent, EphemeralAgent
from agents_core.lifecycle import ALLOWED, Status

PACKAGE = Path(agents_core.__file__).parent
README = (PACKAGE / "README.md").read_text()
NAMED_TESTS = re.findall(r"`((?:\.\./[\w/]+/)?test_\w+\.py)::(test_\w+)`", README)
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.S)


@pytest.mark.parametrize(("file", "name"), NAMED_TESTS, ids=lambda part: part)
def test_it_names_tests_that_exist(file: str, name: str) -> None:
    assert f"\ndef {name}(" in (Path(__file__).parent / file).read_text()


@pytest.fixture
def examples(definitions: None) -> Iterator[ModuleType]:
    """The README's examples, run one after the other as one module."""
    module = ModuleType("readme_examples")
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_its_examples_run(examples: ModuleType) -> None:
    for example in EXAMPLES:
        exec(compile(example, "README.md", "exec"), vars(examples))
    tests = [value for name, value in vars(examples).items() if name.startswith("test_")]

    for test in tests:
        test()

    assert len(EXAMPLES) == 6
    assert len(tests) == 5


def test_it_tells_of_all_that_authors_use() -> None:
    inherited = {name for name in {*dir(DurableAgent), *dir(EphemeralAgent)} if name[0] != "_"}
    told = set(re.findall(r"\w+", README.split("## What it promises")[0]))

    assert {"snapshot_every", "now", "idempotency_key"} <= inherited
    assert {*agents_core.__all__, *inherited} - told == {"bounds", "live_collection"}


def test_it_says_where_each_file_is() -> None:
    table = README.split("## Where things are")[1]
    files = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py", "apps.py"}

    assert set(re.findall(r"`(\w+\.py)`", table)) == files


def test_it_shows_what_is_allowed_in_which_status() -> None:
    table = [row.strip("| ").split(" | ") for row in README.splitlines() if row.startswith("| ")]
    shown = {row[0]: row[1:] for row in table}

    assert shown["operation"] == [status.value for status in Status]
    for operation, rules in ALLOWED.items():
        assert shown[operation.value] == [rules[status].value for status in Status]


def test_it_explains_the_words_of_the_code() -> None:
    words = README.split("## Words")[1].split("## Where")[0].lower()

    for word in (
        "agent", "key", "command", "query", "trigger", "turn", "activation", "mailbox", "oplog",
        "refusal", "fault", "hint", "sweeper", "lane", "dead letter", "ledger", "collection",
        "schedule", "incarnation", "revision", "lease", "environment", "blob", "effect", "answer",
        "claim",
    ):  # fmt: skip
        assert word in words
