"""docs/first-agent.md: its files are made, its commands run, and they say what the page says."""

from __future__ import annotations

import itertools
import re
import runpy
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from agents_core import registry
from config.environment import BASE_DIR
from tests.agents_core.conftest import definitions
from tests.config.sites import Site, environment
from tests.waiting import wait_for

__all__ = ["definitions"]

PAGE = (BASE_DIR / "docs/first-agent.md").read_text()
BLOCK = re.compile(r"(?:^`([^`\n]+)`\n\n)?^```(\w+)\n(.*?)^```", re.M | re.S)
AGENTS = ".venv/bin/python manage.py agents"
PATIENCE = 180.0
READINGS = {"types", "list", "show", "oplog", "messages", "result", "newest"}
"""What may be asked again until it says what the page says: workers have their own time."""


class Step(NamedTuple):
    """A file to write, or a command to run and what it says."""

    what: str
    text: str
    is_file: bool


def steps() -> Iterator[Step]:
    """What the page asks for, in order. Of commands in one block the last one's output is shown,
    if it matters."""
    found = [*BLOCK.findall(PAGE), ("", "", "")]
    for (path, language, text), (_, next_language, output) in itertools.pairwise(found):
        if path:
            yield Step(path, text, is_file=True)
        elif language == "sh":
            *lines, last = text.replace("\\\n", "").splitlines()
            for line in lines:
                yield Step(line, "", is_file=False)
            yield Step(last, output if next_language == "text" else "", is_file=False)


class Newcomer:
    """Does what the page says, in a folder of its own beside Agora's."""

    def __init__(self, folder: Path, empty: Callable[[], None]) -> None:
        self.folder = folder
        self.empty = empty
        self.site: Site | None = None
        settings = "from config.settings import *\n\nINSTALLED_APPS += ['polls']\n"
        (folder / "newcomers_settings.py").write_text(settings)
        self.variables = {
            "DJANGO_SETTINGS_MODULE": "newcomers_settings",
            "PYTHONPATH": str(folder),
            "AGORA_VAR": str(folder / "var"),
        }
        for name in re.findall(r"empty `([\w/]+\.py)`", PAGE):
            self.write(name, "")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def do(self, command: str, expected: str) -> None:
        match shlex.split(command):
            case ["make", "run"]:
                self.restart()
            case ["make", "test", "ARGS=tests/polls"]:
                self.test()
            case ["alias", alias]:
                assert alias == f"agents={AGENTS}"
            case ["agents", *arguments]:
                self.operate(arguments, expected)
            case _:
                pytest.fail(f"nobody knows how to do {command!r}")

    def restart(self) -> None:
        """Stop what runs and start it with the code there is now."""
        self.stop()
        variables = {name: value for name, value in self.variables.items() if name != "AGORA_VAR"}
        self.site = Site(self.folder / "var", "--no-demo", **variables)
        self.site.says("Agora runs at")

    def stop(self) -> None:
        if self.site is not None:
            assert self.site.stop(signal.SIGINT) == 0
            self.site = None

    def test(self) -> None:
        """Run the page's tests here, on the servers of this session."""
        sys.path.insert(0, str(self.folder))
        try:
            registry.autodiscover("polls")
            tests = runpy.run_path(str(self.folder / "tests/polls/test_poll.py"))
        finally:
            sys.path.remove(str(self.folder))
        found = [value for name, value in tests.items() if name.startswith("test_")]
        assert found
        for test in found:
            test()
            self.empty()

    def operate(self, arguments: list[str], expected: str) -> None:
        said = ""

        def says_so() -> bool:
            nonlocal said
            said, code = self.run(arguments)
            return is_like(said, expected) if expected else code == 0

        patience = PATIENCE if READINGS & set(arguments) else 0
        try:
            wait_for(says_so, f"{arguments}", patience=patience)
        except AssertionError:
            pytest.fail(f"{arguments} said:\n{said}\nand not:\n{expected}")

    def run(self, arguments: list[str]) -> tuple[str, int]:
        run = subprocess.run(
            [sys.executable, "manage.py", "agents", *arguments],
            cwd=BASE_DIR,
            env=environment(**self.variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return run.stdout, run.returncode


def is_like(said: str, expected: str) -> bool:
    """Whether it is the same but for `…`, empty lines, and how wide columns are."""
    pattern = re.escape(squeeze(expected)).replace("…", ".*?")
    return re.fullmatch(pattern, squeeze(said), re.S) is not None


def squeeze(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


@pytest.fixture
def newcomer(tmp_path: Path, emptied: Callable[[], None], definitions: None) -> Iterator[Newcomer]:
    newcomer = Newcomer(tmp_path, emptied)
    yield newcomer
    newcomer.stop()
    for name in [name for name in sys.modules if name.partition(".")[0] == "polls"]:
        del sys.modules[name]


@pytest.mark.slow
def test_the_page_can_be_followed_to_its_end(newcomer: Newcomer) -> None:
    for step in steps():
        if step.is_file:
            newcomer.write(step.what, step.text)
        else:
            newcomer.do(step.what, step.text)
