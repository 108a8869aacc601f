"""The programs themselves: varied, small, repeatable, and right about what must come of them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from config.environment import BASE_DIR
from tests.faults.chaos.agents import BriefNode, BulkNode, Node, node_named
from tests.faults.chaos.programs import (
    AT_MOST,
    WEIGHTS,
    Expected,
    Graph,
    Instruction,
    Program,
    layer_of,
    programs_of,
)

GRAPH = Graph("g")
SOME = list(islice(programs_of(GRAPH, 1, "s"), 400))


DOCS = (BASE_DIR / "docs" / "testing.md").read_text()


def add(label: str, times: int = 1, **more: object) -> Program:
    return Program(label=label, instructions=[Instruction(kind="add")] * times, **more)


def expected_of(*instructions: Instruction, ending: str = "done") -> dict[str, int]:
    expected = Expected()
    expected.add("a", Program(label="p", instructions=list(instructions), ending=ending))
    return dict(expected.counts)


def test_the_same_seed_makes_the_same_programs() -> None:
    assert list(islice(programs_of(GRAPH, 1, "s"), 400)) == SOME
    assert list(islice(programs_of(GRAPH, 2, "s"), 400)) != SOME
    assert list(islice(programs_of(GRAPH, 1, "t"), 400)) != SOME


def test_every_kind_of_instruction_and_ending_is_frequent() -> None:
    kinds = Counter(one.kind for _, program in SOME for one in program.walk())
    endings = Counter(
        one.program.ending for _, program in SOME for one in program.walk() if one.program
    )

    assert min(kinds[kind] for kind in WEIGHTS) > 25
    assert min(endings[ending] for ending in ("done", "refused", "faulted")) > 10


def test_the_documentation_has_every_kind() -> None:
    assert re.findall(r"^\| `(\w+)` \|", DOCS, re.M) == list(WEIGHTS)


def test_they_are_bounded_and_some_are_as_large_as_allowed() -> None:
    sizes = [sum(1 for _ in program.walk()) for _, program in SOME]

    assert max(sizes) == AT_MOST
    assert min(sizes) == 1


def test_what_is_awaited_is_in_a_lower_layer() -> None:
    def awaited(agent: str, program: Program) -> int:
        found = 0
        for one in program.instructions:
            for runner in one.runners(agent):
                if one.kind == "call":
                    assert layer_of(runner) > layer_of(agent)
                    found += 1
                found += awaited(runner, one.program)
        return found

    assert sum(awaited(agent, program) for agent, program in SOME) > 200


def test_every_type_of_agent_takes_part() -> None:
    types = {node_named(name)._class for name in GRAPH.all_names}

    assert types == {Node, BulkNode, BriefNode}


def test_what_a_program_and_those_in_it_add_is_expected() -> None:
    assert expected_of(
        Instruction(kind="add"),
        Instruction(kind="stumble", number=2),
        Instruction(kind="call", to=["b"], program=add("p.2", 2)),
        Instruction(kind="send", to=["a"], program=add("p.3")),
        Instruction(kind="spread", to=["b", "c"], program=add("p.4")),
        Instruction(kind="plan", to=["c"], program=add("p.5", 3)),
        Instruction(kind="replan", to=["d", "b"], program=add("p.6")),
        Instruction(kind="revoke", to=["e", "b"], program=add("p.7")),
        Instruction(kind="ask", program=add("p.8", 10)),
        Instruction(kind="dare", program=add("p.9", 10)),
        Instruction(kind="tell", to=["d"], program=add("p.10", 10)),
    ) == {"a": 22, "b": 3, "c": 4, "d": 11}


def test_of_what_does_not_end_in_peace_nothing_is_expected() -> None:
    call = Instruction(kind="call", to=["b"], program=add("p.0", ending="faulted"))

    assert expected_of(call, Instruction(kind="add")) == {"a": 1}
    assert expected_of(Instruction(kind="add"), call, ending="refused") == {}


def test_a_program_given_to_many_may_come_to_one_agent_twice() -> None:
    expected = Expected()
    send = Instruction(kind="send", to=["c"], program=add("p.0.0"))
    given = Program(label="p.0", instructions=[send])
    spread = Instruction(kind="spread", to=["a", "b"], program=given)
    expected.add("a", Program(label="p", instructions=[spread]))

    assert expected.labels["c"] == {"p.0.0": 2}
