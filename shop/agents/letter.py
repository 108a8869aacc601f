"""How far an e-mail has got."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from agents_core import DurableAgent, Parameter, command, query


class LetterState(BaseModel):
    """When the mail server began to be given the letter, and when it said that it has it."""

    begun_at: datetime | None = None
    sent_at: datetime | None = None


class Letter(DurableAgent):
    """One e-mail, so that it is sent once. Parameters: the idempotency key of its sending.

    A mail server knows no such keys. So it is written down before it is given the letter, and what
    was begun and never answered is not begun again.
    """

    key_of_sending: Parameter[str]
    state: LetterState | None

    @query
    def is_sent(self) -> bool:
        """Whether the mail server has it."""
        return self.state is not None and self.state.sent_at is not None

    @command
    def begin(self) -> bool:
        """Whether it may be given to the mail server now: True once, until it is taken back."""
        if self.state is not None and self.state.begun_at is not None:
            return False
        self.state = LetterState(begun_at=self.now())
        return True

    @command
    def take_back(self) -> None:
        """The mail server would not have it, so it may be begun again; else this does nothing."""
        if self.state is not None and self.state.sent_at is None:
            self.state = LetterState()

    @command
    def arrive(self) -> None:
        """The mail server has it; a second call changes nothing."""
        if self.state is None or self.state.sent_at is None:
            self.state = LetterState(begun_at=self.now(), sent_at=self.now())
