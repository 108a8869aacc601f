"""What an operation is asked with: for most, nothing but yes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from django import forms

from agents_core import registry
from agents_core.shown import AgentView, MailView
from agents_core.updates import Mode

LARGEST = 2**63 - 1
_MODES: Mapping[Mode, str] = {
    "manual": "Manual: by the snapshot that its versions save and load, behind the mail that waits",
    "automatic": "Automatic: what it did is run again on the other version, and must do the same",
}
MODES = list(_MODES.items())


class ArgumentsField(forms.CharField):
    """A JSON object; what is none is refused with the place where it goes wrong."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            found = orjson.loads(text)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise forms.ValidationError(f"This is not JSON: {error.msg} ({place}).") from None
        if not isinstance(found, dict):
            raise forms.ValidationError("Arguments are a JSON object: {…}.")
        return found


class Plain(forms.Form):
    """Nothing to be said but yes. `asked` is the query of the page's address."""

    def __init__(
        self,
        data: Any,
        *,
        asked: Mapping[str, Any],
        agent: AgentView | None,
        mail: MailView | None,
    ) -> None:
        super().__init__(data)
        self.offer(asked, agent, mail)

    def offer(
        self, asked: Mapping[str, Any], agent: AgentView | None, mail: MailView | None
    ) -> None:
        """Set what can be chosen, and what is chosen at first."""


class Retrying(Plain):
    """A dead letter again, with the arguments it had or with others."""

    args = ArgumentsField(
        label="Arguments",
        help_text="JSON. Change them to send other ones.",
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "code"}),
    )
    shown = ArgumentsField(widget=forms.HiddenInput)

    def offer(
        self, asked: Mapping[str, Any], agent: AgentView | None, mail: MailView | None
    ) -> None:
        text = json.dumps(mail.args if mail else {}, indent=2, ensure_ascii=False)
        self.initial.update(args=text, shown=text)

    @property
    def edited(self) -> dict[str, Any] | None:
        """The arguments, if they are others than were shown."""
        args: dict[str, Any] = self.cleaned_data["args"]
        return None if args == self.cleaned_data["shown"] else args


class Reverting(Plain):
    """Back to an entry of the oplog, or by so many commands: one of the two."""

    to_revision = forms.IntegerField(
        label="To what it was after the entry",
        min_value=1,
        max_value=LARGEST,
        required=False,
        help_text="An index of its oplog.",
    )
    last = forms.IntegerField(
        label="Or undo the last so many commands",
        min_value=1,
        max_value=LARGEST,
        required=False,
        help_text="Refusals and faults changed nothing and do not count.",
    )

    def offer(
        self, asked: Mapping[str, Any], agent: AgentView | None, mail: MailView | None
    ) -> None:
        self.initial["to_revision"] = asked.get("to")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        given = [found.get(name) for name in ("to_revision", "last")]
        if not self.errors and given.count(None) != 1:
            raise forms.ValidationError("Give either an entry or a number of commands.")
        return found


class Updating(Plain):
    """To another version of its type, by snapshot or by replay."""

    version = forms.TypedChoiceField(coerce=int, label="To version")
    mode = forms.ChoiceField(choices=MODES, widget=forms.RadioSelect, initial="manual")

    def offer(
        self, asked: Mapping[str, Any], agent: AgentView | None, mail: MailView | None
    ) -> None:
        others = other_versions(agent) if agent else []
        version: Any = self.fields["version"]
        version.choices = [(number, str(number)) for number in reversed(others)]


def other_versions(agent: AgentView) -> list[int]:
    """The versions of its type that it could be updated to."""
    known = registry.versions_of(agent.type)
    return [version for version in known if version != agent.version]
