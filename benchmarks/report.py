"""What a measurement prints: one JSON object a line, with the ratio to what it was measured against in the same run."""

import sys
from collections.abc import Callable, Sequence
from statistics import median

import orjson


def tell(
    benchmark: str,
    value: float,
    unit: str,
    *,
    against: str = "",
    ratio: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    **more: object,
) -> None:
    """One line of the report; where a ratio is wanted, what it should be and whether it is met."""
    line = {"benchmark": benchmark, "value": round(value, 3), "unit": unit, "against": against or None}
    line["ratio"] = None if ratio is None else round(ratio, 3)
    if ratio is not None and (at_least is not None or at_most is not None):
        line["wanted"] = f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}"
        line["met"] = ratio >= at_least if at_least is not None else ratio <= (at_most or 0)
    sys.stdout.write(orjson.dumps(line | more).decode() + "\n")
    sys.stdout.flush()


def paired(runs: int, ways: Sequence[Callable[[], float]]) -> list[list[float]]:
    """Run every way in turn, `runs` times, the order turned round each time; the figures of each way."""
    figures: list[list[float]] = [[] for _ in ways]
    for run in range(runs):
        order = list(range(len(ways)))
        for number in order if run % 2 == 0 else reversed(order):
            figures[number].append(ways[number]())
    return figures


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of paired runs."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def progress(text: str) -> None:
    """What is going on, for people; programs read standard output."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
