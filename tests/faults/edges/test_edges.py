"""Every commit edge: a process is killed right before and right after it, and nothing is lost."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from agents_core import store
from config.environment import BASE_DIR
from tests.faults.edges.acts import SAUCERS
from tests.faults.edges.cases import CASES, CLIENT, Case
from tests.faults.edges.killing import STORE, Killed, Order, Side, look, read_killed
from tests.faults.world import PATIENCE, World
from tests.waiting import wait_for

FLEET = ("interactive", "effects", "beat")
SOON = {"FAULTS_EFFECT_LEASE_MS": "2000", "FAULTS_ROLLOUT_CLAIM_MS": "2000"}
NOT_KILLED = {
    "forget_delays": "tests alone use it",
    "add_sample": "a gap in a plot",
    "add_backlog": "a gap in a plot",
}
"""Functions that commit and have no case, and why."""
DOCS = (BASE_DIR / "docs" / "testing.md").read_text()


class Stage:
    """A world with workers, in which one process can be told to die at an edge."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.directory = world.var / "edges"
        self.directory.mkdir(exist_ok=True)

    def start_dead(self) -> None:
        """Start whatever of the fleet does not run, as the supervisor does."""
        for name in FLEET:
            if name not in self.world.processes or not self.world.processes[name].runs():
                self.world.start_worker(name, FAULTS_EDGES=name, **SOON)

    def begin(self, act: str, name: str) -> str:
        """Have a client do something; the name of its process."""
        process = f"{name}.{act}"
        self.world.log(process).unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.faults.edges.client", act, name]
        self.world.run(process, command, FAULTS_EDGES=CLIENT)
        return process

    def have_done(self, act: str, name: str) -> None:
        """Have a client do something, and wait for it."""
        process = self.begin(act, name)
        self.world.processes.pop(process).wait_for_end()
        complaints = self.world.log(process).read_text()
        assert "Traceback" not in complaints, complaints

    def give_order(self, case: Case, side: Side, agent_id: str) -> None:
        """From now on that process dies at that edge."""
        (self.directory / "killed").unlink(missing_ok=True)
        url = self.world.servers["postgres"].url
        Order(case.process, case.edge, side, agent_id, url, case.traces).write(
            self.directory / "order"
        )

    def wait_for_kill(self, case: Case, client: str) -> Killed:
        """Until it is carried out; workers that die of something else before are started again."""
        victim = client if case.process == CLIENT else case.process

        def killed() -> Killed | None:
            found = read_killed(self.directory)
            if found is None and not self.world.processes[victim].runs():
                self._see_to_dead(case, victim)
            return found

        found = wait_for(killed, f"a kill at {case.edge}", patience=PATIENCE)
        assert found.pid == self.world.processes[victim].pid
        self.world.processes.pop(victim).wait_for_end()
        return found

    def _see_to_dead(self, case: Case, victim: str) -> None:
        if read_killed(self.directory) is not None:
            return
        assert case.process != CLIENT, self.world.log(victim).read_text()
        if case.breaks_postgres:
            self.world.stop_server("postgres")
            self.world.start_server("postgres")
        self.start_dead()

    def settle(self) -> None:
        """Return once no rollout is under way and nothing waits."""
        under_way = "SELECT count(*) FROM agents_core_rollout WHERE status <> 'done'"
        wait_for(
            lambda: self.world.number(under_way) == 0, "rollouts to be done", patience=PATIENCE
        )
        self.world.settle()

    def found(self, name: str) -> dict[str, tuple[int, int]]:
        """Drops and version of each agent of a test, by the end of its name."""
        rows = self.world.ask(
            "SELECT split_part(id, ':', 2), (state->>'drops')::int, version "
            "FROM agents_core_agent WHERE starts_with(split_part(id, ':', 2), %s)",
            name,
        )
        return {key.removeprefix(name): (drops, version) for key, drops, version in rows}

    def rollouts(self, by: str) -> list[tuple[int, int]]:
        """Of each rollout somebody began: how many agents it updated, and how many it could not."""
        return self.world.ask('SELECT updated, failed FROM agents_core_rollout WHERE "by" = %s', by)

    def oplog(self, agent_id: str) -> str:
        """The kinds of its entries, in order."""
        rows = self.world.ask(
            "SELECT kind FROM agents_core_oplog WHERE agent_id = %s ORDER BY index", agent_id
        )
        return " ".join(kind for (kind,) in rows)


@pytest.fixture(scope="module")
def running(servers_and_tables: World) -> Iterator[Stage]:
    """Workers for all cases; a case starts those it killed again."""
    stage = Stage(servers_and_tables)
    yield stage
    stage.world.end_fleet()


@pytest.fixture
def stage(running: Stage) -> Iterator[Stage]:
    """All workers run, and nothing waits."""
    running.start_dead()
    yield running
    (running.directory / "order").unlink(missing_ok=True)
    running.world.forget_mail()
    running.world.take_dead_letters()


@pytest.mark.slow
@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_a_process_killed_at_a_commit_loses_and_repeats_nothing(
    stage: Stage, case: Case, side: Side
) -> None:
    """Right before it nothing was committed, right after it all was; in the end both are one."""
    name = f"{re.sub('[^a-z]', '-', case.name)}.{side}"
    agent_id = f"{case.agent_type}:{name}"
    act = case.act.__name__
    if case.before is not None:
        stage.have_done(case.before.__name__, name)

    stage.give_order(case, side, agent_id)
    if case.process == CLIENT:
        killed = stage.wait_for_kill(case, stage.begin(act, name))
    else:
        stage.have_done(act, name)
        killed = stage.wait_for_kill(case, "")

    assert (killed.edge, killed.side) == (case.edge, side)
    now = look(stage.world.servers["postgres"].url, case.traces, agent_id)
    changed = [old != new for old, new in zip(killed.found, now, strict=True)]
    assert changed == [side == "after" and case.commits] * len(case.traces), (killed.found, now)

    (stage.directory / f"{name}.over").touch()
    stage.start_dead()
    if case.process == CLIENT:
        stage.have_done(act, name)
    stage.settle()
    if case.then is not None:
        stage.have_done(case.then.__name__, name)
        stage.settle()
    assert stage.found(name) == {end: (drops, case.version) for end, drops in case.drops.items()}
    assert stage.rollouts(agent_id) == ([(SAUCERS, 0)] if case.agent_type == "saucer" else [])
    assert stage.world.take_dead_letters() == []
    if case.oplog is not None:
        assert stage.oplog(agent_id) == case.oplog


def test_every_commit_of_the_store_has_a_case() -> None:
    commits = {
        name
        for name in store.__all__
        if re.match(r"(Commit|Write everything and commit)\b", getattr(store, name).__doc__ or "")
    }

    assert {case.edge for case in CASES} - {"load"} == commits - NOT_KILLED.keys()
    assert STORE.keys() == commits - NOT_KILLED.keys()
    assert NOT_KILLED.keys() < commits


def test_the_documentation_has_every_case() -> None:
    table = DOCS.split("## Commit edges")[1].split("\n## ")[0]

    rows = re.findall(r"^\| ([a-z][^|]*) \| .* \| `(\w+)` \|$", table, re.M)
    assert rows == [(case.name, case.edge) for case in CASES]
