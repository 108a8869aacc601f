"""The bench's own arithmetic: what is a median, a ratio, a verdict."""

from bench.harness import Line, alternate, medians, percentile
from bench.report import figure, verdict


def line(ratio: float, *, better: str) -> Line:
    must, aim = (0.5, 1.0) if better == "higher" else (6.0, 3.0)
    return Line(
        name="a",
        what="a thing",
        against="another",
        unit="/s",
        ours=ratio * 100,
        theirs=100,
        must=must,
        aim=aim,
        better=better,  # type: ignore[arg-type]
    )


def test_a_rate_must_be_at_least_what_is_asked() -> None:
    verdicts = [verdict(line(ratio, better="higher")) for ratio in (0.4, 0.5, 1.0)]
    assert verdicts == ["**missed**", "must reached", "aim reached"]


def test_a_time_must_be_at_most_what_is_asked() -> None:
    verdicts = [verdict(line(ratio, better="lower")) for ratio in (7, 6, 3)]
    assert verdicts == ["**missed**", "must reached", "aim reached"]


def test_both_sides_run_by_turns_and_neither_is_always_first() -> None:
    order: list[str] = []

    def run(side: str, figure: float) -> float:
        order.append(side)
        return figure

    runs = alternate(lambda: run("ours", 1), lambda: run("theirs", 2), rounds=2)
    assert order == ["ours", "theirs", "theirs", "ours"]
    assert medians(runs) == {"ours": 1, "theirs": 2}


def test_a_percentile_is_one_of_the_figures() -> None:
    assert percentile([float(number) for number in range(100)], 95) == 95


def test_figures_keep_the_digits_that_matter() -> None:
    assert (figure(12345.6, "/s"), figure(0.01234, "ms")) == ("12,346/s", "0.0123 ms")
