from agents_core.testing import step
from tests.agents_core.agents import Counter


def test_it_counts() -> None:
    assert Counter.of("a").get() is None
    assert Counter.of("a").add(2) == 2
    assert Counter.of("a").add(3) == 5
    assert Counter.of("a").get() == 5
    Counter.of("a").trigger.add(1)
    assert Counter.of("a").get() == 5
    assert Counter.of("a").fresh.get() == 6
    Counter.of("a").send("b", 4, 3)
    step()
    assert Counter.of("b").get() == 12
    assert Counter.of("b").get_seen() == ["a0", "a1", "a2"]
    assert Counter.of("b").add_to("c", 3) == 3
    assert Counter.of("a").sum_of(["b", "c", "nobody"]) == 18
