"""Several versions of a type at once: agents keep theirs, new ones get the newest."""

from __future__ import annotations

import logging

import pytest
from django.core.checks import CheckMessage, run_checks

from agents_core import (
    DurableAgent,
    EphemeralAgent,
    operations,
    query,
    registry,
)
from agents_core.errors import AgentVersionUnknown, DefinitionError, UnknownMethod
from agents_core.models import Agent
from agents_core.testing import step
from tests.agents_core.jugs import Jug, jug2
from tests.agents_core.racing import mail, oplog

pytestmark = pytest.mark.usefixtures("definitions")


def found_by_checks() -> list[CheckMessage]:
    found = run_checks(databases=["default"])
    return [message for message in found if (message.id or "").startswith("agents.")]


def test_agents_keep_their_version_and_new_ones_get_the_newest() -> None:
    Jug.of("old").pour(1)
    newest = jug2()

    assert newest.of("old").pour(1) == "2 l"
    assert newest.of("new").pour(1) == "10 dl"
    assert newest.of("old").volume() == "2 l"
    assert newest.of_many(["old", "new"]).volume() == ["2 l", "10 dl"]
    assert dict(Agent.objects.values_list("id", "version")) == {"jug:old": 1, "jug:new": 2}


def test_a_message_runs_in_its_receivers_version() -> None:
    Jug.of("old").pour(1)
    newest = jug2()
    newest.of("old").trigger.pour(1)
    newest.of("new").trigger.pour(1)
    step()

    assert newest.of_many(["old", "new"]).volume() == ["2 l", "10 dl"]


def test_versions_call_each_other() -> None:
    Jug.of("old").pour(1)
    newest = jug2()

    assert newest.of("new").fill("old") == "2 l"
    assert newest.of("old").fill("new") == "10 dl"
    assert newest.of("new").look(["old", "new"]) == ["2 l", "2 l", "10 dl"]


def test_a_method_only_the_other_version_has_is_refused_by_name() -> None:
    Jug.of("old").pour(1)
    newest = jug2()

    with pytest.raises(UnknownMethod, match="jug@1 has no method new_only"):
        newest.of("old").new_only()
    assert newest.of("new").new_only() == "new"


def test_the_oplog_tells_the_version_an_agent_began_with() -> None:
    jug2().of("new").pour(1)

    assert oplog("jug:new")[0][1]["version"] == 2
    Agent.objects.update(version=1)
    assert operations.rebuild_all() == 1
    assert Agent.objects.get().version == 2


def test_a_version_the_code_has_not_refuses_and_keeps_everything(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL, "agents_core")
    Jug.of("a").pour(1)
    Agent.objects.update(version=7)
    Jug.of("a").trigger.pour(1)

    with pytest.raises(AgentVersionUnknown) as refused:
        Jug.of("a").pour(1)
    with pytest.raises(AgentVersionUnknown):
        Jug.of("a").volume()
    assert refused.value.status == 503
    assert mail("jug:a") == [("pour", 0)]

    Agent.objects.update(version=1)
    step()
    assert Jug.of("a").volume() == "2 l"


def test_a_start_is_refused_while_agents_have_a_version_the_code_has_not() -> None:
    Jug.of("a").pour(1)
    jug2().of("b").pour(1)
    assert found_by_checks() == []
    del registry._versions["jug", 1]

    [found] = found_by_checks()

    assert found.id == "agents.E005"
    assert found.is_serious()
    assert "jug version 1" in found.msg


def test_agents_of_a_type_that_is_gone_are_a_warning() -> None:
    Jug.of("a").pour(1)
    Agent.objects.update(type="pot")

    assert [found.id for found in found_by_checks()] == ["agents.W005"]


def test_two_of_one_version_stop_the_start() -> None:
    with pytest.raises(DefinitionError, match="or another `version`"):

        class Other(DurableAgent):
            agent_type = "jug"

            @query
            def get(self) -> None: ...


def test_an_older_version_defined_later_does_not_become_the_newest() -> None:
    newest = jug2()

    class Jug0(DurableAgent):
        agent_type = "jug"
        version = 0

        @query
        def get(self) -> None: ...

    assert registry.find("jug") is newest
    assert registry.versions_of("jug") == [0, 1, 2]


def test_versions_are_of_one_kind() -> None:
    with pytest.raises(DefinitionError, match="durable"):

        class Jug3(EphemeralAgent):
            agent_type = "jug"
            version = 3

            @query
            def get(self) -> None: ...
