"""Agents that say what happens to them, in the log."""

from __future__ import annotations

import logging

from agents_core import DurableAgent, Parameter, RetryPolicy, command, query

logger = logging.getLogger("tests.talking")


class Talker(DurableAgent):
    """Parameters: its name."""

    retry = RetryPolicy(retries=0)
    name: Parameter[str]

    @command
    def say(self, text: str) -> None:
        logger.warning("%s says %s", self.name, text)

    @command
    def have_said(self, other: str, text: str) -> None:
        Talker.of(other).say(text)
        logger.warning("%s heard it", self.name)

    @command
    def pass_on(self, others: list[str], text: str) -> None:
        for other in others:
            Talker.of(other).trigger.say(text)

    @command
    def pass_far(self, over: str, other: str, text: str) -> None:
        Talker.of(over).trigger.pass_on([other], text)

    @command
    def ask(self, other: str) -> None:
        Talker.of(other).muse()

    @command
    def stumble(self) -> None:
        raise RuntimeError("it fell")

    @query
    def muse(self) -> None:
        logger.warning("%s muses", self.name)

    @query
    def stumble_reading(self) -> None:
        raise RuntimeError("it fell")
