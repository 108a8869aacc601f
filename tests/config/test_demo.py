"""The command that makes the demo world."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.executor import MigrationExecutor

from config import demo


def test_its_command_refuses_a_database_without_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["something"])
    with pytest.raises(CommandError, match="migrate"):
        call_command("demo_world")


def test_its_command_says_what_it_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "load", lambda **_: None)
    call_command("demo_world")
    said = capsys.readouterr().out
    assert "101 people have written 341 posts." in said
    assert "60 products stand in the shop." in said
