"""Running `manage.py agents` in this process."""

from __future__ import annotations

import io
import json
from typing import Any

from django.core.management import call_command

from operators.management.commands.agents import Refused


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
