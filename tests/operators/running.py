"""Running `manage.py agents` in this process, and something for it to find."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from agents_core import operators
from agents_core.testing import step
from operators.management.commands.agents import Refused
from tests.agents_core.agents import Fragile


class Run:
    """What a command printed, and its exit code."""

    def __init__(self, *arguments: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code = 0
        try:
            call_command("agents", *arguments, stdout=out, stderr=err)
        except Refused as refused:
            self.code = refused.returncode
            err.write(str(refused))
        except SystemExit as end:
            self.code = int(end.code or 0)
        self.out, self.err = out.getvalue(), err.getvalue()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def usage_error(*arguments: str) -> str:
    """What is said of a command line that is not understood; a process exits with 2."""
    with pytest.raises(CommandError) as refused:
        call_command("agents", *arguments)
    assert not isinstance(refused.value, Refused)
    return str(refused.value)


def dead_letter(name: str = "a") -> str:
    """A message of an agent that could not be applied; its id."""
    Fragile.of(name).trigger.fail()
    step()
    (letter,) = operators.messages(f"fragile:{name}", kinds=["dead_letter"]).items
    return letter.message_id
